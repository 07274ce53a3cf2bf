"""Files of a host that are changed for a while: the text as it was is kept beside the lab until it is put back.

A file is changed in place, so that owner and mode stay; and also on a host that is off.
"""

from __future__ import annotations

from collections.abc import Callable

from runbooks.ground.declared import FaultError
from runbooks.lab.disk import inside
from runbooks.lab.faults.fault import forget, recall, remember
from runbooks.lab.lab import Lab
from runbooks.lab.machine import Machine


def change(lab: Lab, machine: Machine, key: str, path: str, how: Callable[[str], str]) -> None:
    """Change a file. Raises FaultError when there is no such file, or `how` changes nothing."""
    before = text(machine, path)
    after = how(before)
    if after == before:
        raise FaultError(f"{path} of {machine.name} has nothing to be changed")
    remember(lab, _key(machine, key, path), {"text": before})
    inside(machine.root, path).write_text(after)


def put_back(lab: Lab, machine: Machine, key: str, path: str) -> bool:
    """The file as it was; False when it was not changed."""
    kept = recall(lab, _key(machine, key, path))
    if not kept:
        return False
    inside(machine.root, path).write_text(kept["text"])
    forget(lab, _key(machine, key, path))
    return True


def text(machine: Machine, path: str) -> str:
    """What the file holds. Raises FaultError when there is none."""
    try:
        return machine.read(path)
    except FileNotFoundError:
        raise FaultError(f"{machine.name} has no {path}") from None


def _key(machine: Machine, key: str, path: str) -> str:
    return f"{key}-{machine.name}-{path.strip('/').replace('/', '.')}"
