"""The journal: what an append costs without the disk, short or long; what it costs to verify it; a lock."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from collectors.site import Site
from runbooks.journal import Journal, verify
from runbooks.locks import take
from tests.benchmarks.figure import Figure

RECORDS = 20_000
APPENDS = 300
DATA = {
    "target": "7a1c1c9e-1f1b-4c0e-9d59-0d9b5a0e4f11", "step": "1.1", "text": "live-migrate web-3",
    "call": {"service": "compute", "method": "POST", "path": "/servers/7a1c1c9e/action",
             "body": {"os-migrateLive": {}}},
    "command": "openstack server migrate --live-migration --host cmp02 7a1c1c9e-1f1b-4c0e-9d59-0d9b5a0e4f11",
}  # fmt: skip
PLAN = {"plan": [DATA] * 2000}
"""That of a large operation: about 700 KiB."""


def _appends(own: Journal) -> list[float]:
    times = []
    for _ in range(APPENDS):
        began = time.perf_counter()
        own.append("about", "r1", DATA)
        times.append((time.perf_counter() - began) * 1000)
    return sorted(times)


def figures() -> Iterator[Figure]:
    """Each with what it must not exceed."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "journal.jsonl"
        own = Journal(path, time.time, lambda words: None, sync=lambda descriptor: None)
        short = _appends(own)
        yield Figure("an append to a short journal, without the disk, median", short[APPENDS // 2], "ms", 5)
        for _ in range(RECORDS):
            own.append("about", "r1", DATA)
        long = _appends(own)
        yield Figure(f"  behind {RECORDS:,} records, median", long[APPENDS // 2], "ms", 5)
        yield Figure("  the slowest but two of 300", long[-3], "ms", 5)
        own.append("began", "r1", PLAN)
        began = time.perf_counter()
        own.append("about", "r1", DATA)
        yield Figure("  behind our own plan of 2,000 steps", (time.perf_counter() - began) * 1000, "ms", 5)
        own.append("began", "r1", PLAN)
        other = Journal(path, time.time, lambda words: None, sync=lambda descriptor: None)
        began = time.perf_counter()
        other.append("about", "r1", DATA)
        yield Figure("  behind that of another console, once", (time.perf_counter() - began) * 1000, "ms")
        synced = Journal(path, time.time, lambda words: None)
        yield Figure("an append that waits for this disk, median", _appends(synced)[APPENDS // 2], "ms")
        began = time.perf_counter()
        assert verify(path).ok
        yield Figure(f"verifying {RECORDS:,} records", (time.perf_counter() - began) * 1000, "ms", 4000)
        times = []
        site = Site("prod", lock_dir=Path(folder) / "locks")
        for n in range(APPENDS):
            began = time.perf_counter()
            take(site, "RegionOne", f"host:cmp{n}", "x.y", "r1", 600, time.time)
            times.append((time.perf_counter() - began) * 1000)
        yield Figure(f"a lock beside up to {APPENDS} others, median", sorted(times)[APPENDS // 2], "ms", 50)
