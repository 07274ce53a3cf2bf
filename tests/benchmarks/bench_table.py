"""260,000 rows: filters, sorting and the longest time the loop is held up by them."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from sys import intern

from collectors.kinds.compute_services import KIND, ComputeService
from collectors.query import parse
from collectors.table import Order, Slices, Table
from tests.benchmarks.figure import Figure
from tests.rows import NOW, service, snapshot

ROWS = 260_000


def _rows() -> list[ComputeService]:
    numbers = random.Random(1)
    hosts = [intern(f"cmp{i:04}") for i in range(1000)]
    return [
        service(
            f"web-{numbers.randrange(10**6)}",
            id=f"{numbers.getrandbits(128):032x}",
            zone=hosts[i % 1000],
            updated_at=NOW - i,
        )
        for i in range(ROWS)
    ]


def _timed(work: Slices) -> tuple[float, float]:
    """(whole time, longest slice), milliseconds."""
    began = last = time.perf_counter()
    longest = 0.0
    for _ in work:
        now = time.perf_counter()
        longest, last = max(longest, now - last), now
    now = time.perf_counter()
    return (now - began) * 1000, max(longest, now - last) * 1000


def figures() -> Iterator[Figure]:
    """Each filter and sort, and its longest slice."""
    table = Table(snapshot(_rows()))
    whole, longest = _timed(table.select(parse(KIND, "first search"), NOW))
    yield Figure("first search (builds the searchable text)", whole, "ms", 600)
    yield Figure("  its longest slice", longest, "ms", 100)
    for name, text, most in (
        ("substring", "web-77", 50.0),
        ("col=value", "zone=cmp0007", 50.0),
        ("regex on a column", "host~^web-1.*9$", 600.0),
        ("regex anywhere", "re:web-1.*9", 600.0),
        ("regex with capitals anywhere", "re:Web-1.*9", 600.0),
        ("age", "heard>5m", 600.0),
        ("fuzzy", "~wb77", 300.0),
    ):
        whole, longest = min(_timed(table.select(parse(KIND, text), NOW)) for _ in range(3))
        yield Figure(f"{name}: {text}", whole, "ms", most)
        yield Figure("  its longest slice", longest, "ms", 100)
    for column in ("host", "zone", "updated_at", "health", "id"):
        whole, longest = _timed(table.ordered(range(ROWS), Order((column,))))
        yield Figure(f"sort by {column}", whole, "ms", 600)
        yield Figure("  its longest slice", longest, "ms", 100)
