"""Caches: the recorded statistics, silence, size, and who may reach them."""

from __future__ import annotations

from typing import Any

import pytest

from collectors.sources.memcached import parsed
from tests.collectors.kinds.cluster_recordings import NOW, one, verdict
from tests.collectors.kinds.host_recordings import printed

KIND = "memcached-servers"
CLOSED = {"inter": "10.0.0.11", "auth_enabled_sasl": "no", "auth_enabled_ascii": "no"}
WELL: dict[str, Any] = {
    "member": "ctl01", "address": "10.0.0.11", "port": 11211, "version": "1.6.18", "uptime": 3600, "curr_items": 500,
    "get_hits": 900, "get_misses": 100, "evictions": 0, "bytes": 16 << 20, "limit_maxbytes": 64 << 20,
    "curr_connections": 50, "max_connections": 1024, "settings": CLOSED,
}  # fmt: skip


def test_the_recorded_statistics() -> None:
    lines = printed("ctl01", "memcached-stats").splitlines()[1:]  # the first one is socat's
    said = parsed(b"VERSION 1.6.18\r\n" + b"\r\n".join(lines) + b"\r\n", "a recording")
    row = one(KIND, member="ctl01", address="10.77.0.11", port=11211, **said)
    assert (row.version, row.items, row.connections, row.connections_limit) == ("1.6.18", 0, 1, 1024)
    assert (row.limit, row.memory_used, row.evictions, row.hit_rate) == (64 << 20, 0.0, 0, None)
    assert row.started == pytest.approx(NOW - 771, abs=10)
    assert (row.listens, row.everywhere, row.account) == (None, None, None)
    assert verdict(KIND, row) == ("ok", "")


def test_a_row() -> None:
    row = one(KIND, **WELL)
    assert (row.address, row.host, row.answers, row.hit_rate, row.memory_used) == (
        "10.0.0.11:11211", "ctl01", True, 90.0, 25.0,
    )  # fmt: skip
    assert (row.listens, row.everywhere, row.account, row.public) == ("10.0.0.11", False, False, False)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ("ok", "")),
        ({"curr_connections": 1000}, ("warning", "1,000 of 1,024 connections used; further ones wait")),
        ({"evictions": 3000}, ("ok", "")),
        (
            {"evictions": 7200, "bytes": 64 << 20},
            ("warning", "throws out 2 items a second before their time, memory 100 % used: it is too small"),
        ),
        (
            {"settings": CLOSED | {"inter": "NULL"}},
            ("warning", "listens on every interface, without an account: whoever reaches the host reads the tokens"),
        ),
        ({"settings": CLOSED | {"inter": "127.0.0.1, ::"}, "address": "localhost"}, None),
        ({"settings": CLOSED | {"inter": "0.0.0.0", "auth_enabled_sasl": "yes"}}, ("ok", "")),
        (
            {"address": "8.8.8.8"},
            ("critical", "answers without an account on a public address: whoever reaches it reads the tokens"),
        ),
        ({"address": "8.8.8.8", "settings": {}}, ("ok", "")),  # an old one does not say whether it wants an account
        ({"version": None}, ("unknown", "says nothing about itself")),
        ({"trouble": "Connection refused", "answers": False}, ("critical", "Connection refused")),
        ({"trouble": "wants an account", "answers": True}, ("unknown", "wants an account")),
    ],
)
def test_health(changes: dict[str, Any], expected: tuple[str, str] | None) -> None:
    found = verdict(KIND, one(KIND, **(WELL | changes)))
    assert found == expected if expected else found[0] == "warning"
