"""Operations by name, and by the kind that they act on, importing only what is asked for.

The index (`runbooks/operations/index.py`) is generated from the declarations and tested against them; other
distributions add operations through the entry point group `nephoscope.operations`.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import NamedTuple

from collectors.errors import UsageError
from runbooks.operation import Operation


class Entry(NamedTuple):
    """What is known of an operation without importing it."""

    name: str
    kind: str
    about: str
    risk: str
    module: str
    on: tuple[str, ...] = ()
    """Further kinds whose rows it is offered on."""


@cache
def entries() -> dict[str, Entry]:
    """Every operation of this distribution by name."""
    from runbooks.operations.index import INDEX

    return {row[0]: Entry(*row) for row in INDEX}


@cache
def _foreign() -> dict[str, Operation]:
    from importlib.metadata import entry_points

    return {point.name: point.load() for point in entry_points(group="nephoscope.operations")}


def operation(word: str) -> Operation:
    """The operation called `word`. Raises `UsageError` with what is near."""
    name = word.strip().lower().replace("_", "-")
    entry = entries().get(name)
    if entry is not None:
        found: tuple[Operation, ...] = import_module(entry.module).OPERATIONS
        return next(each for each in found if each.name == name)
    if name in _foreign():
        return _foreign()[name]
    from difflib import get_close_matches

    near = get_close_matches(name, [*entries(), *_foreign()], 3, 0.5)
    hint = f"Did you mean {' or '.join(near)}? " if near else ""
    raise UsageError(f"unknown operation “{word[:60]}”", f"{hint}`nephoscope operations` lists them all")


def of_kind(kind_name: str) -> Iterator[Operation]:
    """The operations that are offered on rows of that kind: first those whose targets they are."""
    for entry in entries_of(kind_name):
        yield operation(entry.name)
    yield from (each for each in _foreign().values() if kind_name in (each.kind, *(x.kind for x in each.offers)))


def entries_of(kind_name: str) -> list[Entry]:
    """What is known of them without importing any."""
    found = [entry for entry in entries().values() if kind_name in (entry.kind, *entry.on)]
    return sorted(found, key=lambda entry: entry.kind != kind_name)


def operations() -> Iterator[Operation]:
    """Every operation, imported."""
    for name in entries():
        yield operation(name)
    yield from _foreign().values()
