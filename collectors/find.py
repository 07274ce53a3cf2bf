"""From the words people use to the objects they mean: an id or a unique name, and the scopes in a filter."""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from collectors import registry
from collectors.connections import Connections
from collectors.errors import NoSuchObject, UsageError
from collectors.kind import AnyKind
from collectors.query import Matches, Query
from collectors.read import read
from collectors.snapshot import OddRow, Snapshot
from collectors.sources.base import Where

Clock = Callable[[], float]


def index_of(snapshot: Snapshot, word: str) -> int:
    """The row that `word` (id, else unique name) means.

    Raises `NoSuchObject`, and `UsageError` when several have the name.
    """
    kind = snapshot.kind
    found = snapshot.keys.get(word)
    if found is not None:
        return found
    name_of = kind.name_of
    named = [
        i
        for i, row in enumerate(snapshot.rows)
        if (row.name if isinstance(row, OddRow) else str(name_of(row) or "")) == word
    ]
    if len(named) == 1:
        return named[0]
    if named:
        ids = ", ".join(snapshot.id_at(i) for i in named[:5])
        raise UsageError(f"{len(named)} {kind.name} are called “{word[:60]}”", f"Say which id: {ids}")
    if snapshot.errors:
        raise snapshot.errors[0]
    raise NoSuchObject(kind.name, f"none has the id or name “{word[:60]}”", f"`nephoscope get {kind.name}` lists them")


def parent_id(kind: AnyKind, word: str, connections: Connections, clock: Clock, deadline: float | None) -> str:
    """The id of the parent row that `word` names.

    Things on hosts are `HOST/NAME`: only that host is asked, and what is on a host may stand for the host.
    """
    parent = registry.kind(kind.scope.parent)
    if parent.scope.per == "host" and "/" in word:
        host, _, name = word.partition("/")
        where = Where(targets=(host,))
        snapshot = read(parent, connections, where, clock=clock, deadline=deadline)
        if parent.name == "hosts":
            return f"{snapshot.id_at(index_of(snapshot, host))}/{name}"
        return snapshot.id_at(index_of(snapshot, word))
    query = ((parent.server_filters[parent.name_field], word),) if parent.name_field in parent.server_filters else ()
    snapshot = read(parent, connections, Where(query=query), clock=clock, deadline=deadline)
    if query and word not in snapshot.keys and not snapshot.rows:
        snapshot = read(parent, connections, clock=clock, deadline=deadline)
    return snapshot.id_at(index_of(snapshot, word))


def scoped(
    kind: AnyKind, query: Query, connections: Connections, clock: Clock, deadline: float | None = None
) -> tuple[Where, Query]:
    """Split a query into where to read and what to filter afterwards.

    `server=NAME` names the parent of a kind below servers; an exact `host=` or `member=` limits the targets; what the
    API can filter goes into the request (and is checked again here, as APIs filter by their own rules).
    """
    exact = query.exact()
    where = Where()
    if kind.scope.per == "parent":
        word = exact.get(kind.scope.parameter)
        if word is None:
            raise UsageError(
                f"{kind.name} belong to one of the {kind.scope.parent}",
                f"say which: `nephoscope get {kind.name} {kind.scope.parameter}=NAME`",
            )
        raw = next(t for t in query.terms if isinstance(t, Matches) and t.column == kind.scope.parameter)
        where = replace(where, parent=parent_id(kind, raw.value, connections, clock, deadline))
        query = Query(tuple(t for t in query.terms if t is not raw), query.text)
    if kind.scope.per in ("host", "member") and (target := exact.get(kind.scope.per)) is not None:
        where = replace(where, targets=(target,))
    sent = tuple((kind.server_filters[c], v) for c, v in _values(query).items() if c in kind.server_filters)
    return replace(where, query=sent), query


def _values(query: Query) -> dict[str, str]:
    """Column → value as it was typed, of the plain equality terms."""
    return {t.column: t.value for t in query.terms if isinstance(t, Matches) and t.literal is not None and not t.negate}
