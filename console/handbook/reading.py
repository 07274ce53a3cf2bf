"""Reading the handbook's data, and what declarations say beside it. Used to write the docs, never while running."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from collectors.shapes import converted

HERE = Path(__file__).resolve().parent
FAULTS = HERE.parent.parent / "runbooks" / "faults.yaml"


class Covered(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the console has for one part of a cloud."""

    kinds: tuple[str, ...] = ()
    by: str = ""
    """Commands, or another way."""
    why: str = ""
    """What is missing, and why."""


class Told(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is said of a system by hand."""

    about: str
    asks: str
    gaps: tuple[str, ...] = ()


class Fault(msgspec.Struct, frozen=True):
    """What the page says of a fault of the grounds."""

    title: str
    effects: dict[str, str]
    grounds: tuple[str, ...]


def _read(path: Path, shape: Any) -> Any:
    return converted(msgspec.yaml.decode(path.read_bytes()), shape)


@cache
def coverage() -> dict[str, Covered]:
    """Part of a cloud → what there is for it, in the order of the file."""
    found: dict[str, Covered] = _read(HERE / "coverage.yaml", dict[str, Covered])
    return found


@cache
def systems() -> dict[str, Told]:
    """System of the overview → what is said of it."""
    found: dict[str, Told] = _read(HERE / "systems.yaml", dict[str, Told])
    return found


@cache
def faults() -> dict[str, Fault]:
    """Every fault of the grounds."""
    found: dict[str, Fault] = _read(FAULTS, dict[str, Fault])
    return found
