"""The store: order of time whatever the order of arrival, bounded memory, and many lines."""

from __future__ import annotations

import random

from collectors.logs.line import LogLine
from collectors.logs.store import BLOCK, LogStore


def line(at: float | None, text: str = "text", **fields: object) -> LogLine:
    values = {"level": "info", "host": "ctl01", "service": "nova-api", "request_id": None, "logger": None,
              "source": "journald"}  # fmt: skip
    return LogLine(time=at, message=text, **(values | fields))  # type: ignore[arg-type]


def texts(store: LogStore) -> list[str]:
    return [found.message for _, found in store.some(store.order)]


def test_lines_of_several_hosts_are_in_order_of_time() -> None:
    store = LogStore()
    numbers = list(range(3 * BLOCK))
    random.Random(7).shuffle(numbers)
    for start in range(0, len(numbers), 100):
        store.add([line(float(n), str(n)) for n in numbers[start : start + 100]])
    assert texts(store) == [str(n) for n in range(3 * BLOCK)]


def test_a_line_comes_back_as_it_was() -> None:
    store = LogStore()
    given = line(
        5.0, "a\x1fb\x1ec \ud800 \u202e", level="error", request_id="req-1", logger="nova.x", host="h", source="/f"
    )
    store.add([given])
    assert store.line(0) == LogLine(
        time=5.0, level="error", host="h", service="nova-api", request_id="req-1", logger="nova.x",
        message="a\x1fb c \ud800 \u202e", source="/f", id="0",
    )  # fmt: skip
    assert store.line(1) is None


def test_a_line_without_a_time_follows_the_one_before() -> None:
    store = LogStore()
    store.add([line(5.0, "one"), line(None, "two"), line(4.0, "zero")])
    assert texts(store) == ["zero", "one", "two"]
    second = store.line(1)
    assert second is not None
    assert second.time is None


def test_too_many_lines_drop_the_first_ones() -> None:
    store = LogStore(most_lines=10 * BLOCK)
    for n in range(25):
        store.add([line(float(n * BLOCK + i), str(n)) for i in range(BLOCK)])
        assert len(store) <= 10 * BLOCK
    assert store.dropped == 15 * BLOCK
    assert texts(store)[0] == "15"
    assert store.line(3) is None
    assert store.numbers[0] == 15 * BLOCK


def test_too_many_bytes_drop_the_first_ones() -> None:
    store, noise = LogStore(most_bytes=200_000), random.Random(1)
    for n in range(20 * BLOCK):
        store.add([line(float(n), noise.randbytes(40).hex())])
    assert store.size <= 200_000 + 60_000
    assert store.dropped
    assert len(store) + store.dropped == 20 * BLOCK


def test_levels_are_known_without_unpacking() -> None:
    store = LogStore()
    levels = ["error", "info", "", "warning", "debug", "critical"]
    store.add([line(float(n), level=level) for n, level in enumerate(levels)])
    assert store.as_bad_as(2, range(6)) == [0, 3, 5]
    assert store.as_bad_as(3, range(6)) == [0, 1, 2, 3, 5]


def test_chosen_numbers_are_arranged() -> None:
    store = LogStore()
    store.add([line(3.0), line(1.0), line(2.0)])
    assert store.arranged([0, 1, 2, 99]) == [1, 2, 0]


def test_a_million_lines_cost_tens_of_megabytes() -> None:
    store = LogStore()
    for start in range(0, 1_000_000, 10_000):
        store.add([line(float(n), f"GET /v2.1/servers/{n * 31337 % 10**9} status: 200", request_id=f"req-{n:032x}")
                   for n in range(start, start + 10_000)])  # fmt: skip
    assert len(store) == 1_000_000
    assert store.size < 30_000_000
    assert [found.time for _, found in store.some(store.order[500_000:500_002])] == [500_000.0, 500_001.0]
