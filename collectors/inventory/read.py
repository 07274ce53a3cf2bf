"""Reading an inventory: one file, a folder of files, or several of both, as `ansible -i` takes them.

Nothing is executed: an inventory that is a program is refused, with the command that saves its answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from collectors.files import at, text_of
from collectors.inventory.ini import read_ini
from collectors.inventory.model import Draft, Inventory
from collectors.inventory.variables import read_variable_folders
from collectors.inventory.yaml_text import VAULT_HEAD

_NOT_INVENTORIES: Final = (
    ".pyc", ".pyo", ".swp", ".bak", "~", ".rpm", ".md", ".txt", ".rst", ".orig", ".cfg", ".retry",
)  # fmt: skip
"""Ends of names that Ansible passes over in a folder."""

_YAML_KEY: Final = re.compile(r"(?:---|['\"]?[\w.-]+['\"]?:)(?:\s|$)")


def read_inventory(sources: Sequence[Path]) -> Inventory:
    """Hosts, groups and variables of `sources`, later ones winning. Raises `BadConfiguration` naming file and line."""
    draft = Draft()
    for source in sources:
        if source.is_dir():
            files = list(_files(source))
            if not files:
                raise at(source, 0, "this folder holds no inventory", "name the file itself")
            for path in files:
                _read(path, draft)
        else:
            _read(source, draft)
    for source in sources:
        read_variable_folders(source if source.is_dir() else source.parent, draft)
    return draft.resolved()


def _files(folder: Path) -> Iterator[Path]:
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        raise at(folder, 0, "this folder cannot be listed", "check its permissions") from error
    for path in entries:
        if path.name.startswith(".") or path.name.endswith(_NOT_INVENTORIES):
            continue
        if path.name in ("group_vars", "host_vars", "vars_plugins"):
            continue
        if path.is_dir():
            yield from _files(path)
        else:
            yield path


def _read(path: Path, draft: Draft) -> None:
    text = text_of(path, "inventory")
    draft.files.append(path)
    if text.startswith("#!"):
        raise at(
            path,
            1,
            "this inventory is a program, which is not run",
            f"save its answer as a file: ansible-inventory -i {path} --list --yaml > hosts.yml",
        )
    if text.startswith(VAULT_HEAD):
        raise at(path, 1, "this inventory is encrypted as a whole", "encrypt passwords only; hosts must be readable")
    if path.suffix in (".yml", ".yaml", ".json") or (not path.suffix and _looks_like_yaml(text)):
        # YAML is imported where it is needed: most sites are an INI file or a TOML table.
        from collectors.inventory.yaml_file import read_yaml

        read_yaml(path, text, draft)
    else:
        read_ini(path, text, draft)


def _looks_like_yaml(text: str) -> bool:
    """What the first line says that is no comment: `group:` or `---`, not `[group]` or a host."""
    for line in text.splitlines():
        if line.strip() and line.strip()[0] not in "#;":
            return _YAML_KEY.match(line) is not None or line.startswith("{")
    return False
