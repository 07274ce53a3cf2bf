"""Real memcached: each row is what `stats` says, and a server that is cut off is told as such.

One that is killed, stopped or frozen is compared in `test_faults_real`.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.lab.real import RealLab, until

pytestmark = [pytest.mark.lab, pytest.mark.timeout(1800)]

CONTROL = ("ctl01", "ctl02", "ctl03")


def stats(lab: RealLab, host: str, what: str = "stats") -> dict[str, str]:
    """`stats` of the server on `host`, asked there."""
    address = lab.on(host, "hostname -I").split()[0]
    text = lab.on(host, f"printf '{what}\\r\\nquit\\r\\n' | socat - TCP:{address}:11211")
    return dict(line.split()[1:3] for line in text.splitlines() if line.startswith("STAT ") and len(line.split()) > 2)


def rows(lab: RealLab) -> dict[str, dict[str, Any]]:
    return {row["member"]: row for row in lab.get("memcached-servers")}


def test_every_server_says_what_stats_says(lab: RealLab) -> None:
    found = rows(lab)
    assert set(found) == set(CONTROL)
    for host, row in found.items():
        told, settings = stats(lab, host), stats(lab, host, "stats settings")
        assert row["health"] == "ok", row
        assert (row["version"], row["limit"]) == (told["version"], int(told["limit_maxbytes"]))
        assert row["connections_limit"] == int(told["max_connections"])
        assert row["gets"] <= int(told["cmd_get"])
        assert row["items"] > 0, "the services cache their tokens there"
        assert (row["listens"], row["account"], row["everywhere"]) == (settings["inter"], False, False)


def test_one_whose_packets_are_dropped(lab: RealLab) -> None:
    with lab.broken("port-blocked", host="ctl02", port="11211"):
        found = until(lambda: rows(lab), lambda all_: all_["ctl02"]["health"] == "critical")
        assert found["ctl02"]["reason"].startswith("no answer to a connection attempt")
        assert found["ctl01"]["health"] == "ok"
    until(lambda: rows(lab)["ctl02"]["health"], lambda level: level == "ok")
