"""A log of 1,000,000 lines: taking it in, showing a screen of it from anywhere, its memory, a filter's slices."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator

from collectors.logs.line import LINES, LogLine, rank
from collectors.logs.sieve import Sieve
from collectors.logs.store import LogStore
from collectors.query import parse
from tests.benchmarks.figure import Figure
from views.glyphs import UNICODE
from views.log_frame import SLICE
from views.log_rows import Widths, runs, widths

LINES_IN_ALL = 1_000_000
SCREEN = 21
LOOKS = 300


def _lines(start: int) -> list[LogLine]:
    return [
        LogLine(
            time=float(n), level="error" if n % 997 == 0 else "info", host=f"ctl0{n % 3 + 1}", service="nova-api",
            request_id=f"req-{n * 7919 % 10**8:08x}-0000-4000-8000-{n:012x}", logger="nova.api.openstack.requestlog",
            message=f'10.0.0.{n % 255} "GET /v2.1/servers/{n * 31337 % 10**9}" status: 200 len: {n % 5000}',
            source="journald",
        )
        for n in range(start, start + 2000)
    ]  # fmt: skip


def _screen(store: LogStore, top: int, before: Widths) -> None:
    found = [line for _, line in store.some(store.order[top : top + SCREEN])]
    sizes = widths(found, before, hosts=True, services=True)
    for line in found:
        runs(line, sizes, UNICODE, cursor=False)


def figures() -> Iterator[Figure]:
    """Each with what it must not exceed."""
    store, took = LogStore(), 0.0
    for start in range(0, LINES_IN_ALL, 2000):
        batch = _lines(start)
        began = time.perf_counter()
        store.add(batch)
        took += time.perf_counter() - began
    yield Figure("1,000,000 lines taken in", took * 1000, "ms", 15_000)
    yield Figure("  packed", store.size / 2**20, "MiB", 40)
    numbers, times = random.Random(1), []
    for _ in range(LOOKS):
        began = time.perf_counter()
        _screen(store, numbers.randrange(LINES_IN_ALL - SCREEN), Widths())
        times.append((time.perf_counter() - began) * 1000)
    yield Figure("a screen of it from anywhere, median", sorted(times)[LOOKS // 2], "ms", 20)
    yield Figure("  the slowest of 300", max(times), "ms", 60)
    began = time.perf_counter()
    store.as_bad_as(rank("error"), range(LINES_IN_ALL))
    yield Figure("which of them are errors", (time.perf_counter() - began) * 1000, "ms", 1000)
    test, slices = Sieve(query=parse(LINES, "servers/12345")).test(0.0), []
    for start in range(0, 50 * SLICE, SLICE):
        began = time.perf_counter()
        [number for number, line in store.some(range(start, start + SLICE)) if test(line)]
        slices.append((time.perf_counter() - began) * 1000)
    yield Figure("a slice of a filter, median", sorted(slices)[25], "ms", 40)
