"""The declarations of runbooks/faults.yaml: which faults this ground can do, and whether a request for one is right."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Literal

import msgspec

from runbooks.lab.faults.fault import FaultError
from runbooks.lab.lab import Lab

FILE = Path(__file__).resolve().parent.parent.parent / "faults.yaml"

_UNIT = re.compile(r"[A-Za-z0-9][A-Za-z0-9@:._-]*")
_QUEUE = re.compile(r"[A-Za-z0-9._:-]+")
_OURS = ("systemd-", "dbus", "ssh.", "sshd", "-.", "init.", "user@")
"""Units whose loss would leave no way to take a fault back."""


class Parameter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One parameter of a fault."""

    type: Literal["host", "choice", "queue", "unit", "number", "hosts"]
    title: str
    role: str = ""
    """Of a host: the roles it must have one of, separated by commas; empty for any host."""
    choices: tuple[str, ...] = ()
    default: str | None = None
    least: int = 0
    most: int = 65535


class FaultPlan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A declared fault."""

    title: str
    parameters: dict[str, Parameter]
    effects: dict[str, str]
    """Kind → what can be seen there, in words."""
    grounds: tuple[Literal["simulator", "lab"], ...]


@lru_cache(maxsize=1)
def plans() -> Mapping[str, FaultPlan]:
    """All faults that the lab can do, by name."""
    found = msgspec.yaml.decode(FILE.read_bytes(), type=dict[str, FaultPlan])
    return {name: plan for name, plan in found.items() if "lab" in plan.grounds}


def checked(lab: Lab, name: str, given: Mapping[str, object]) -> dict[str, str]:
    """The parameters of the fault `name` with defaults filled in. Raises FaultError when anything is wrong."""
    plan = plans().get(name)
    if plan is None:
        raise FaultError(f"no fault is called {name!r}; there are: {', '.join(plans())}")
    unknown = sorted(set(given) - set(plan.parameters))
    if unknown:
        known = ", ".join(plan.parameters) or "none"
        raise FaultError(f"{name} has no parameter {unknown[0]!r}; its parameters: {known}")
    found = {}
    for key, parameter in plan.parameters.items():
        value = given.get(key, parameter.default)
        if value is None:
            raise FaultError(f"{name} needs the parameter {key} ({parameter.title.lower()})")
        if isinstance(value, int) and not isinstance(value, bool) and parameter.type == "number":
            value = str(value)
        if not isinstance(value, str):
            raise FaultError(f"{name}: {key} must be a text, not {value!r}")
        found[key] = _check(lab, f"{name}: {key}", parameter, value)
    return found


def _check(lab: Lab, what: str, parameter: Parameter, value: str) -> str:
    """The value as it is used. Raises FaultError."""
    match parameter.type:
        case "choice":
            if value not in parameter.choices:
                raise FaultError(f"{what} must be one of {', '.join(parameter.choices)}, not {value!r}")
        case "host":
            _host(lab, what, parameter.role, value)
        case "hosts":
            names = [each.strip() for each in value.split(",") if each.strip()]
            for each in names:
                _host(lab, what, parameter.role, each)
            return ",".join(names)
        case "queue":
            if not _QUEUE.fullmatch(value):
                raise FaultError(f"{what}: {value!r} is no name of a queue")
        case "unit":
            return _unit(what, value)
        case "number":
            least, most = parameter.least, parameter.most
            if not re.fullmatch(r"-?\d{1,9}", value) or not least <= int(value) <= most:
                raise FaultError(f"{what} must be a number from {least} to {most}, not {value!r}")
            return str(int(value))
    return value


def _host(lab: Lab, what: str, role: str, value: str) -> None:
    roles = {each.strip() for each in role.split(",") if each.strip()}
    fitting = [machine.name for machine in lab.machines.values() if not roles or roles & set(machine.roles)]
    if value not in fitting:
        some = ", ".join(fitting) or f"none in the profile {lab.layout.profile}"
        raise FaultError(f"{what}: {value!r} is no {' or '.join(sorted(roles)) or 'known'} host; there are: {some}")


def _unit(what: str, value: str) -> str:
    value = value.removesuffix(".service")
    if not _UNIT.fullmatch(value):
        raise FaultError(f"{what}: {value!r} is no name of a service")
    if f"{value}.".startswith(_OURS):
        raise FaultError(f"{what}: without {value} nothing could be taken back; choose a service of the cloud")
    return value
