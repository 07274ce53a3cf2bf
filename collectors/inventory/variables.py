"""group_vars/ and host_vars/ beside an inventory: `NAME`, `NAME.yml`, or a folder `NAME/` of such files.

Found as Ansible finds them: the first of name, .yml, .yaml and .json that exists; in a folder all files, sorted,
without hidden ones and back-ups. A file that is encrypted as a whole is left alone, with a note.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from collectors.files import text_of
from collectors.inventory.model import Draft
from collectors.inventory.yaml_text import VAULT_HEAD, variables
from collectors.notes import Note

EXTENSIONS: Final = ("", ".yml", ".yaml", ".json")


def read_variable_folders(folder: Path, draft: Draft) -> None:
    """Add what `folder`/group_vars and `folder`/host_vars say. Raises `BadConfiguration`."""
    groups, hosts = folder / "group_vars", folder / "host_vars"
    if groups.is_dir():
        for name, group in draft.groups.items():
            group.from_files.update(_of(groups, name, draft))
    if hosts.is_dir():
        for name, host in draft.hosts.items():
            host.from_files.update(_of(hosts, name, draft))


def _of(folder: Path, name: str, draft: Draft) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if "/" in name or name in (".", ".."):
        return found
    for path in _files(folder, name):
        text = text_of(path, "file of variables")
        draft.files.append(path)
        if text.startswith(VAULT_HEAD):
            draft.notes.append(Note("ok", str(path), "encrypted as a whole; not read"))
            continue
        found.update(variables(path, text, "a file of variables"))
    return found


def _files(folder: Path, name: str) -> Iterator[Path]:
    for extension in EXTENSIONS:
        path = folder / (name + extension)
        if path.is_dir():
            yield from _files_below(path)
            return
        if path.exists():
            yield path
            return


def _files_below(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.name.endswith("~"):
            continue
        if path.is_dir() and not path.suffix:
            yield from _files_below(path)
        elif path.is_file() and path.suffix in EXTENSIONS:
            yield path
