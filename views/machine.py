"""Whose log and shell a row means, from its kind's declaration. Pure."""

from __future__ import annotations

from collectors.snapshot import OddRow
from collectors.table import Table
from views.log_feed import SPANS, Ask


def filled(form: str, row: object) -> str:
    """A format over the row's fields; empty where one of them is not known."""
    try:
        return form.format_map(_Fields(row))
    except KeyError:
        return ""


class _Fields(dict[str, str]):
    def __init__(self, row: object) -> None:
        super().__init__()
        self._row = row

    def __missing__(self, name: str) -> str:
        value = getattr(self._row, name, None)
        if value in (None, ""):
            raise KeyError(name)
        return str(value)


def ask_of(table: Table, indexes: list[int]) -> Ask | None:
    """What to read for these rows; None where their kind has no log, or they do not say where they run."""
    kind = table.kind
    rows = [table.snapshot.rows[index] for index in indexes]
    if kind.runs is None or any(isinstance(row, OddRow) for row in rows) or not rows:
        return None
    if kind.runs.request:
        wanted = filled(kind.runs.request, rows[0])
        return Ask(request=wanted, back=SPANS[1]) if wanted else None
    hosts = [filled(kind.runs.host, row) for row in rows]
    units = [filled(kind.runs.unit, row) for row in rows] if kind.runs.unit else []
    if not all(hosts) or not all(units):
        return None
    return Ask(tuple(dict.fromkeys(units)), tuple(dict.fromkeys(hosts)))


def shell_of(table: Table, index: int) -> tuple[str, str] | None:
    """(host, namespace) where a shell can be opened for the row; None for nowhere."""
    kind, row = table.kind, table.snapshot.rows[index]
    if kind.runs is None or not kind.runs.host or isinstance(row, OddRow):
        return None
    host = filled(kind.runs.host, row)
    return (host, filled(kind.runs.namespace, row) if kind.runs.namespace else "") if host else None
