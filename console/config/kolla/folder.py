"""Finding and reading the files of a Kolla folder: globals.yml with globals.d/, and the inventory.

The inventory is not at a fixed place: kolla-ansible takes it by `-i`. So it is looked for under the names that the
Kolla guide uses, unless the site names it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from collectors.files import at, text_of
from collectors.inventory import Inventory, read_inventory
from collectors.inventory.yaml_text import VAULT_HEAD, variables
from collectors.notes import Note

INVENTORY_NAMES: Final = (
    "multinode", "inventory", "hosts",
    "multinode.yml", "multinode.yaml", "inventory.yml", "inventory.yaml", "hosts.yml", "hosts.yaml",
    "multinode.ini", "inventory.ini", "hosts.ini",
    "ansible/inventory/multinode", "ansible/inventory/all-in-one", "all-in-one",
)  # fmt: skip
"""Where an inventory is looked for in a Kolla folder, in this order."""


class KollaFolder(msgspec.Struct, frozen=True):
    """What the files say; `inventory` is None when there is none and the site can do without."""

    path: Path
    variables: dict[str, Any]
    """globals.yml and globals.d/."""
    inventory: Inventory | None
    notes: tuple[Note, ...] = ()


def read_folder(path: Path, inventories: Sequence[Path], *, needed: bool) -> KollaFolder:
    """Read the Kolla folder `path`; `inventories` are those that the site names.

    `needed` says whether hosts must come from an inventory. Raises `BadConfiguration` naming file and line.
    """
    if not path.is_dir():
        raise at(path, 0, "there is no such folder" if not path.exists() else "no folder", "check `kolla` of the site")
    notes: list[Note] = []
    found = list(inventories) or _inventory_in(path, notes)
    if not found and needed:
        names = ", ".join(INVENTORY_NAMES[:3])
        raise at(path, 0, f"holds no inventory ({names}, …)", 'name it: inventory = "/path/of/multinode" in the site')
    inventory = read_inventory(found) if found else None
    return KollaFolder(path, _globals(path, notes), inventory, tuple(notes))


def _inventory_in(path: Path, notes: list[Note]) -> list[Path]:
    there = [path / name for name in INVENTORY_NAMES if (path / name).exists()]
    if len(there) > 1:
        others = ", ".join(other.name for other in there[1:])
        text = f"used as the inventory; there is also {others}"
        notes.append(Note("ok", str(there[0]), text, "name the right one: inventory = … in the site"))
    return there[:1]


def _globals(path: Path, notes: list[Note]) -> dict[str, Any]:
    """globals.yml, then globals.d/*, sorted, as kolla-ansible hands them to Ansible."""
    files = [path / "globals.yml"]
    folder = path / "globals.d"
    if folder.is_dir():
        files += sorted(f for f in folder.iterdir() if f.suffix in (".yml", ".yaml", ".json") and f.is_file())
    found: dict[str, Any] = {}
    for file in files:
        text = text_of(file, "file of Kolla")
        if text.startswith(VAULT_HEAD):
            notes.append(Note("warning", str(file), "encrypted as a whole; not read", "encrypt passwords.yml instead"))
            continue
        found.update(variables(file, text, "a file of Kolla's variables"))
    return found
