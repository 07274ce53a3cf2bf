"""An expectation: what a row of a kind must say, in the words of the filter language. Data, so that it is journaled.

Every step and every operation says what the cloud must show once it worked. The same expectation answers three
questions: is it done yet, was a call carried out whose answer was lost, and does what we did still stand.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from collectors import registry
from collectors.errors import SourceError
from collectors.kind import AnyKind
from collectors.query import Anywhere, Compares, Fuzzy, Matches, parse
from collectors.snapshot import Snapshot
from collectors.table import Table, finish
from runbooks.cloud import Cloud

State: TypeAlias = Literal["reached", "pending", "failed", "unknown"]


class Expect(msgspec.Struct, frozen=True, omit_defaults=True):
    """The row `row` of `kind` satisfies `where`; see `Look`."""

    kind: str
    row: str = ""
    """Its id; empty: some row of the list satisfies `where`."""
    where: str = ""
    """A filter as behind `/`, all terms of which must hold."""
    fails: str = ""
    """A filter: once the row satisfies it, `where` will never hold (`status=ERROR`)."""
    absent: bool = False
    """No such row, or none that satisfies `where`, must be there any more."""
    most: int = 0
    """With `absent`: so many may satisfy it (of 40 queues a node may lead its share)."""
    target: str = ""
    """The host or member to read; empty: as the kind is read."""
    parent: str = ""
    """Of a kind below another: the parent row's id."""
    sent: tuple[tuple[str, str], ...] = ()
    """Query parameters that let the API look for it, when `row` is empty."""
    never: Expect | None = None
    """Once this is reached, `where` will never hold: of another kind, where the row itself does not tell."""
    name: str = ""
    """What people call the row; where no row is named: what is expected of which of them (`of web-1 are ACTIVE`)."""

    @property
    def words(self) -> str:
        """What is expected, in words: `compute-services 5e1f…: status=disabled`."""
        what = f"{self.kind} {self.name or self.row}".rstrip()
        if self.name and not self.row:
            return what
        if self.absent:
            few = f"at most {self.most}" if self.most else "none"
            if self.row and self.where:
                return f"{what}: gone, or not {self.where}"
            return f"{what}: gone" if not self.where else f"{what}: {few} with {self.where}"
        return f"{what}: {self.where or 'there'}"


class Look(msgspec.Struct, frozen=True):
    """What a look at the cloud says of an expectation."""

    state: State
    words: str = ""
    """What is there instead, or why it could not be read."""
    identity: str = ""
    """Id of the row that satisfies it."""


def exactly(column: str, value: str) -> str:
    """A term of a filter: the column has this very value, whatever characters are in it (but for case)."""
    plain = "".join(f"[{c}]" if c in "*?[" else "?" if c == '"' else c for c in value)
    return f'{column}="{plain}"'


def looked(expect: Expect, cloud: Cloud) -> Look:
    """Read what `expect` is about now, and say how it stands."""
    kind = registry.kind(expect.kind)
    try:
        snapshot = (
            cloud.fresh_row(kind.name, expect.row, target=expect.target, parent=expect.parent, insist=True)
            if expect.row
            else cloud.fresh(kind.name, target=expect.target, parent=expect.parent, query=expect.sent, insist=True)
        )
    except SourceError as error:
        return Look("unknown", str(error))
    look = judged(expect, snapshot)
    if expect.never is not None and look.state == "pending":
        end = looked(expect.never, cloud)
        if end.state == "reached":
            return Look("failed", end.words)
    return look


def judged(expect: Expect, snapshot: Snapshot) -> Look:
    """How `expect` stands in `snapshot`. Pure."""
    table, kind = Table(snapshot), snapshot.kind
    found = _satisfying(table, expect.where)
    if snapshot.errors and not found:
        return Look("unknown", str(snapshot.errors[0]))
    if expect.absent:
        if len(found) > expect.most:
            row, identity = snapshot.rows[found[0]], snapshot.id_at(found[0])
            if expect.name and not expect.row:
                why = snapshot.healths[found[0]].reason or _said(table, found[0], expect.where)
                said = f"{kind.name_of(row) or identity}: {why}"
                return Look("pending", said + (f" (and {len(found) - 1} more)" if len(found) > 1 else ""), identity)
            many = f"{len(found)} {kind.name} are" if expect.most else f"{kind.name} {expect.name or identity} is"
            return Look("pending", f"{many} still there", identity)
        return Look("reached", f"{len(found)} left" if found else "gone")
    if found:
        return Look("reached", _said(table, found[0], expect.where), snapshot.id_at(found[0]))
    if not len(table):
        return Look("pending", f"no {kind.name} {expect.name or expect.row}".rstrip() + " is there")
    if expect.fails and (bad := _satisfying(table, expect.fails)):
        return Look("failed", _said(table, bad[0], expect.fails))
    if expect.row:
        return Look("pending", _said(table, 0, expect.where))
    return Look("pending", f"none of {len(table):,} {kind.name} is as wanted: {expect.where}")


def _satisfying(table: Table, where: str) -> list[int]:
    return finish(table.select(parse(table.kind, where, screen=False), table.snapshot.at))


def _said(table: Table, index: int, where: str) -> str:
    """The values that the filter is about, as they are: `status=disabled, host=cmp01`; the reason of its health."""
    columns = _columns(table.kind, where)
    values = ", ".join(f"{name}={table.cell_text(index, name) or 'nothing'}" for name in columns)
    reason = table.snapshot.healths[index].reason
    return f"{values} ({reason})" if values and reason else values or reason or "there"


def _columns(kind: AnyKind, where: str) -> list[str]:
    found: list[str] = []
    for term in parse(kind, where, screen=False).terms:
        match term:
            case Matches(column=name) | Compares(column=name):
                if name and name not in ("reason", *found):
                    found.append(name)
            case Anywhere() | Fuzzy():
                pass
    return found
