"""The declarations of runbooks/faults.yaml: which faults there are, and whether a request for one is right."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Literal

import msgspec

from runbooks.simulator.model.cloud import Cloud

FILE = Path(__file__).resolve().parent.parent / "faults.yaml"


class FaultError(Exception):
    """A fault that cannot be injected or undone: what is wrong with the request, and what would be right."""


class Parameter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One parameter of a fault."""

    type: Literal["host", "choice", "queue", "hosts", "unit", "number"]
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
    """All faults that the simulator can do, by name."""
    found = msgspec.yaml.decode(FILE.read_bytes(), type=dict[str, FaultPlan])
    return {name: plan for name, plan in found.items() if "simulator" in plan.grounds}


def checked(cloud: Cloud, name: str, given: Mapping[str, object]) -> dict[str, str]:
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
        if not isinstance(value, str):
            raise FaultError(f"{name}: {key} must be a text, not {value!r}")
        _check(cloud, f"{name}: {key}", parameter, value)
        found[key] = value
    return found


def _check(cloud: Cloud, what: str, parameter: Parameter, value: str) -> None:
    if parameter.type == "choice" and value not in parameter.choices:
        raise FaultError(f"{what} must be one of {', '.join(parameter.choices)}, not {value!r}")
    if parameter.type == "host":
        roles = {role.strip() for role in parameter.role.split(",") if role.strip()}
        fitting = [host.name for host in cloud.hosts if not roles or roles & set(host.machine.roles)]
        if value not in fitting:
            some = ", ".join(fitting[:12]) + (" …" if len(fitting) > 12 else "")
            raise FaultError(f"{what}: {value!r} is no {' or '.join(sorted(roles)) or 'known'} host; there are: {some}")
