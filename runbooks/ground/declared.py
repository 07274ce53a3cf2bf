"""The declarations of runbooks/faults.yaml: which faults there are, and whether a request for one is right."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec

FILE = Path(__file__).resolve().parent.parent / "faults.yaml"
SHOWN = 12
"""Names of hosts in a complaint."""

_UNIT = re.compile(r"[A-Za-z0-9][A-Za-z0-9@:._-]*")
_QUEUE = re.compile(r"[A-Za-z0-9._:-]+")


class Place(NamedTuple):
    """A ground as far as requests are checked against it."""

    ground: str
    """"simulator" or "lab"."""
    hosts: Mapping[str, Collection[str]]
    """Name → roles."""
    none: str = "none"
    """Said where no host has the role that is wanted."""


class FaultError(Exception):
    """A fault that cannot be injected or undone: what is wrong with the request, and what would be right."""


class Parameter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One parameter of a fault."""

    type: Literal["host", "choice", "queue", "unit", "number", "hosts", "server"]
    title: str
    role: str = ""
    """Of a host: the roles it must have one of, separated by commas; empty for any host."""
    choices: tuple[str, ...] = ()
    default: str | None = None
    simulated: str | None = None
    """The default in the simulator, whose servers have other names than the lab's."""
    least: int = 0
    most: int = 65535


class FaultPlan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A declared fault."""

    title: str
    parameters: dict[str, Parameter]
    effects: dict[str, str]
    """Kind → what can be seen there, in words."""
    grounds: tuple[Literal["simulator", "lab"], ...]


@cache
def _all() -> Mapping[str, FaultPlan]:
    return msgspec.yaml.decode(FILE.read_bytes(), type=dict[str, FaultPlan])


@cache
def plans(ground: str) -> Mapping[str, FaultPlan]:
    """All faults that `ground` ("simulator", "lab") can do, by name."""
    return {name: plan for name, plan in _all().items() if ground in plan.grounds}


def checked(place: Place, name: str, given: Mapping[str, object]) -> dict[str, str]:
    """The parameters of the fault `name` with defaults filled in, as they are used.

    Raises FaultError when anything is wrong, with what would be right.
    """
    known_plans = plans(place.ground)
    plan = known_plans.get(name)
    if plan is None:
        raise FaultError(f"no fault is called {name!r}; there are: {', '.join(known_plans)}")
    unknown = sorted(set(given) - set(plan.parameters))
    if unknown:
        known = ", ".join(plan.parameters) or "none"
        raise FaultError(f"{name} has no parameter {unknown[0]!r}; its parameters: {known}")
    found = {}
    for key, parameter in plan.parameters.items():
        usual = parameter.simulated if place.ground == "simulator" else None
        value = given.get(key, parameter.default if usual is None else usual)
        if value is None:
            raise FaultError(f"{name} needs the parameter {key} ({parameter.title.lower()})")
        if isinstance(value, int) and not isinstance(value, bool) and parameter.type == "number":
            value = str(value)
        if not isinstance(value, str):
            raise FaultError(f"{name}: {key} must be a text, not {value!r}")
        found[key] = _value(place, f"{name}: {key}", parameter, value)
    return found


def _value(place: Place, what: str, parameter: Parameter, value: str) -> str:
    match parameter.type:
        case "choice":
            if value not in parameter.choices:
                raise FaultError(f"{what} must be one of {', '.join(parameter.choices)}, not {value!r}")
        case "host":
            _host(place, what, parameter.role, value)
        case "hosts":
            names = [each.strip() for each in value.split(",") if each.strip()]
            for each in names:
                _host(place, what, parameter.role, each)
            return ",".join(names)
        case "queue":
            if not _QUEUE.fullmatch(value):
                raise FaultError(f"{what}: {value!r} is no name of a queue")
        case "server":
            if not _UNIT.fullmatch(value):
                raise FaultError(f"{what}: {value!r} is no name of a server")
        case "unit":
            value = value.removesuffix(".service")
            if not _UNIT.fullmatch(value):
                raise FaultError(f"{what}: {value!r} is no name of a service")
        case "number":
            least, most = parameter.least, parameter.most
            if not re.fullmatch(r"-?\d{1,9}", value) or not least <= int(value) <= most:
                raise FaultError(f"{what} must be a number from {least} to {most}, not {value!r}")
            return str(int(value))
    return value


def _host(place: Place, what: str, role: str, value: str) -> None:
    roles = {each.strip() for each in role.split(",") if each.strip()}
    fitting = [name for name, own in place.hosts.items() if not roles or roles & set(own)]
    if value not in fitting:
        some = ", ".join(fitting[:SHOWN]) + (" …" if len(fitting) > SHOWN else "") or place.none
        raise FaultError(f"{what}: {value!r} is no {' or '.join(sorted(roles)) or 'known'} host; there are: {some}")
