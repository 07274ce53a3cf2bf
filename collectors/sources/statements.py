"""The named statements of `statements.yaml`: the only SQL that a read ever sends.

An entry is fixed text with bound parameters. What a request names (`processes`) is looked up here; values come from
filters and are bound, never pasted.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal

import msgspec

from collectors.errors import UsageError
from collectors.shapes import converted

READS = ("SELECT ", "SHOW ")
"""How a statement that only reads begins."""


class Statement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One entry; the fields are explained at the top of statements.yaml."""

    sql: str | tuple[str, ...]
    gives: Literal["facts", "rows"]
    limit: int
    parameters: tuple[str, ...] = ()

    @property
    def texts(self) -> tuple[str, ...]:
        """Its statements, in order."""
        return (self.sql,) if isinstance(self.sql, str) else self.sql


@cache
def statements() -> Mapping[str, Statement]:
    """All entries by name."""
    text = Path(__file__).with_name("statements.yaml").read_bytes()
    found: Mapping[str, Statement] = converted(msgspec.yaml.decode(text), dict[str, Statement])
    return found


def statement(name: str) -> Statement:
    """The entry called `name`. Raises `UsageError` when there is none."""
    found = statements().get(name)
    if found is None:
        raise UsageError(f"no statement of statements.yaml is called {name!r}")
    return found


def bound(entry: Statement, given: Mapping[str, str]) -> dict[str, str | None]:
    """A value for each of the entry's parameters; None where `given` says nothing. Raises `UsageError` for others."""
    strange = sorted(set(given) - set(entry.parameters))
    if strange:
        known = ", ".join(entry.parameters) or "none"
        raise UsageError(f"the statement has no parameter {strange[0]!r}", f"Parameters: {known}")
    return {name: given.get(name) for name in entry.parameters}
