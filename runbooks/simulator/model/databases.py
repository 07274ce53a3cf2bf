"""The databases behind the services: their tables with row counts and sizes that follow from the cloud's own size.

`databases.json` gives each table of the services' schemas a row count in terms (`1.6s`: per server, `c`: per compute,
`p`: per project, `d`: per day of the cloud's life, plain: fixed) and the bytes of a row. No rows are held: this is what
information_schema says about them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from runbooks.simulator.model.galera import Galera

SYSTEM = ("information_schema", "mysql", "performance_schema", "sys")
PAGE = 16384
"""InnoDB's page: the least that a table or an index takes."""
DAY = 86400.0


class Table(NamedTuple):
    """One table as information_schema knows it."""

    schema: str
    name: str
    kind: str
    """`BASE TABLE` or `SYSTEM VIEW`."""
    engine: str
    rows: int
    data: int
    """Bytes."""
    keys: int
    """Bytes of its secondary indexes."""
    created: float
    updated: float


@dataclass(frozen=True, slots=True)
class _Spec:
    schema: str
    name: str
    terms: tuple[tuple[float, str], ...]
    """(how many, per what)."""
    row: int

    @property
    def grows(self) -> bool:
        """Rows are written all the time."""
        return any(unit in ("s", "d") for _, unit in self.terms)


@cache
def _specs() -> tuple[_Spec, ...]:
    found = []
    for schema, tables in json.loads(Path(__file__).with_name("databases.json").read_text()).items():
        for name, (rows, size) in tables.items():
            terms = [(term.rstrip("scpd"), term[-1] if term[-1] in "scpd" else "") for term in rows.split("+")]
            found.append(_Spec(schema, name, tuple((float(count), unit) for count, unit in terms), size))
    return tuple(found)


@cache
def schemas() -> tuple[str, ...]:
    """Every database, in the order of SHOW DATABASES."""
    return tuple(sorted({spec.schema for spec in _specs()} | set(SYSTEM)))


def tables(galera: Galera, views: tuple[str, ...] = ()) -> list[Table]:
    """Every table; `views` are information_schema's own, in capitals."""
    cloud, now = galera.cloud, galera.cloud.now()
    weight = {
        "s": cloud.servers,
        "c": len(cloud.hosts.with_role("compute")),
        "p": len(cloud.tenants),
        "d": (now - galera.born) / DAY,
        "": 1.0,
    }
    found = []
    for spec in _specs():
        rows = int(sum(count * weight[unit] for count, unit in spec.terms))
        data = -(-rows * spec.row // PAGE) * PAGE or PAGE
        index = -(-rows * spec.row * 2 // 5 // PAGE) * PAGE
        touched = now - now % 7 if spec.grows else galera.born
        engine = "Aria" if spec.schema == "mysql" else "InnoDB"
        found.append(Table(spec.schema, spec.name, "BASE TABLE", engine, rows, data, index, galera.born, touched))
    for name in views:
        found.append(Table("information_schema", name, "SYSTEM VIEW", "MEMORY", 0, 0, 0, now, now))
    return found
