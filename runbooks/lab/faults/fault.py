"""What a fault is: how it is made, how it is taken back, and how the system itself is asked whether it is there.

`in_effect` never looks at what `inject` wrote down: it asks systemd, the cluster, the kernel or the API that the
fault breaks. So it tells that a fault really works, and that it is really gone after `undo`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from runbooks.ground.declared import FaultError
from runbooks.lab.lab import Lab, write
from runbooks.lab.machine import Machine
from runbooks.lab.shell import LabError

Parameters: TypeAlias = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of `faults.yaml`, as this ground does it."""

    inject: Callable[[Lab, Parameters], None]
    """Break it."""
    undo: Callable[[Lab, Parameters], None]
    """Take it back; also what an interrupted `inject` left. It can be repeated."""
    in_effect: Callable[[Lab, Parameters], bool]
    """True while the system shows it; False only when it is whole again."""
    refuse: Callable[[Lab, Parameters], None] = lambda lab, parameters: None
    """Look first, and raise FaultError where it cannot be done; nothing is changed."""
    seconds: float = 60
    """How long it may take until it shows, or until the system has healed."""


def host(lab: Lab, parameters: Parameters, name: str = "host") -> Machine:
    """The machine that a parameter names. Raises FaultError when it is off."""
    machine = lab.machines[parameters[name]]
    if not machine.running:
        raise FaultError(f"{machine.name} is off: nothing runs there that could break")
    return machine


def mark(fault: str, parameters: Parameters) -> str:
    """A short word for one fault at one place, for the names of what it makes there."""
    known = json.dumps([fault, sorted(parameters.items())])
    return hashlib.sha256(known.encode()).hexdigest()[:10]


# What must be known to take a fault back and cannot be asked from the system


def remember(lab: Lab, key: str, values: Mapping[str, str]) -> None:
    """Keep values beside the lab until `forget`; the first ones stay, so that a repeated inject keeps the originals."""
    path = _note(lab, key)
    if not path.exists():
        path.parent.mkdir(mode=0o700, exist_ok=True)
        write(path, json.dumps(dict(values)) + "\n")


def recall(lab: Lab, key: str) -> dict[str, str]:
    """What is kept; empty when there is nothing."""
    try:
        found = json.loads(_note(lab, key).read_text())
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise LabError(f"{_note(lab, key)}", f"is damaged ({error})") from error
    return {str(name): str(value) for name, value in found.items()}


def forget(lab: Lab, key: str) -> None:
    """Keep it no longer."""
    _note(lab, key).unlink(missing_ok=True)


def _note(lab: Lab, key: str) -> Path:
    return lab.state / "faults" / f"{key}.json"
