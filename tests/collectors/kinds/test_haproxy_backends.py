"""Rows of HAProxy: the recorded statistics, and every word that a status may be."""

from __future__ import annotations

from typing import Any

import pytest

from collectors import registry
from collectors.kind import Reading
from collectors.sources.parsers.haproxy import info, stat
from tests.collectors.kinds.cluster_recordings import NOW, decoded, one, verdict
from tests.collectors.kinds.host_recordings import printed

KIND = "haproxy-backends"
SERVER: dict[str, Any] = {
    "host": "ctl01", "proxy": "keystone", "server": "ctl02", "type": "server", "status": "UP", "check_status": "L7OK",
    "lastchg": 3600, "act": 1, "bck": 0,
}  # fmt: skip


def recorded() -> list[Any]:
    items: list[dict[str, Any]] = [
        {"host": "ctl01", "proxy": "haproxy", "server": "", "type": "process", "status": "running", "answers": True}
        | info(printed("ctl01", "haproxy-info"))
    ]
    items += [{"host": "ctl01"} | row for row in stat(printed("ctl01", "haproxy-stat"))]
    return decoded(KIND, items)


def test_the_recorded_statistics() -> None:
    found = {row.id: row for row in recorded()}
    assert len(found) == 43
    process = found["ctl01/haproxy"]
    assert (process.version, process.sessions, process.sessions_limit) == ("2.6.12-1+deb12u4", 1, 2000)
    assert process.since == pytest.approx(NOW - 768, abs=10)
    backup = found["ctl01/mariadb/ctl03"]
    assert (backup.name, backup.backup, backup.times_down, backup.downtime) == ("mariadb/ctl03", True, 1, 18)
    assert verdict(KIND, found["ctl01/mariadb/BACKEND"]) == ("ok", "")
    assert verdict(KIND, found["ctl01/keystone/BACKEND"]) == (
        "critical",
        "no server is up for 12 min: clients get a 503",
    )
    assert verdict(KIND, found["ctl01/keystone/ctl03"]) == (
        "warning", "DOWN for 12 min: the connection failed: Connection refused",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ("ok", "")),
        ({"status": "no check", "check_status": None}, ("ok", "HAProxy does not check it")),
        ({"status": "MAINT", "lastchg": 300}, ("ok", "MAINT: set by hand for 5 min")),
        ({"status": "MAINT (via other/ctl02)", "lastchg": 300}, ("ok", "MAINT: set by hand for 5 min")),
        ({"status": "MAINT (resolution)"}, ("warning", "its name cannot be resolved for 60 min")),
        ({"status": "DRAIN", "lastchg": 300}, ("ok", "DRAIN: set by hand for 5 min")),
        ({"status": "DRAIN 1/3", "lastchg": 2}, ("ok", "DRAIN: set by hand")),
        (
            {"status": "UP 1/3", "check_status": "L4CON", "last_chk": "Connection refused"},
            ("warning", "fails its check, not DOWN yet (1/3): the connection failed: Connection refused"),
        ),
        (
            {"status": "DOWN", "check_status": "* L4TOUT", "lastchg": 120},
            ("warning", "DOWN for 2 min: no answer to the connection attempt"),
        ),
        (
            {"status": "DOWN", "check_status": "L7STS", "check_code": 503, "last_chk": "Service Unavailable"},
            ("warning", "DOWN for 60 min: the check was answered with an error 503: Service Unavailable"),
        ),
        ({"status": "DOWN 1/2"}, ("warning", "DOWN, passes its check again (1/2)")),
        ({"status": "DOWN (agent)", "check_status": None}, ("warning", "DOWN for 60 min by its agent")),
        ({"status": "NOLB", "check_status": "L7OKC"}, ("ok", "takes no new clients: the check passed conditionally")),
        ({"status": "WEIRD"}, ("unknown", "status is WEIRD")),
        ({"status": None}, ("unknown", "status is missing")),
        ({"type": "gateway"}, ("unknown", "a line of the type gateway, which we do not know")),
    ],
)
def test_a_server(changes: dict[str, Any], expected: tuple[str, str]) -> None:
    assert verdict(KIND, one(KIND, **(SERVER | changes))) == expected


BACK: dict[str, Any] = {**SERVER, "server": "BACKEND", "type": "backend", "act": 2, "mode": "http"}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ("ok", "")),
        ({"qcur": 1200}, ("warning", "1,200 requests wait for a server")),
        ({"act": 0, "bck": 1}, ("ok", "runs on a backup server")),
        ({"act": 0, "bck": 0}, ("ok", "")),  # a proxy without servers: the statistics page
        ({"status": "DOWN", "mode": "tcp"}, ("critical", "no server is up for 60 min: clients are cut off")),
        ({"status": "ODD"}, ("unknown", "status is ODD")),
    ],
)
def test_a_backend(changes: dict[str, Any], expected: tuple[str, str]) -> None:
    assert verdict(KIND, one(KIND, **(BACK | changes))) == expected


FRONT: dict[str, Any] = {
    "host": "ctl01", "proxy": "keystone", "server": "FRONTEND", "type": "frontend", "status": "OPEN", "scur": 5,
    "slim": 2000,
}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ("ok", "")),
        ({"scur": 1900}, ("warning", "1,900 of 2,000 sessions used")),
        ({"status": "FULL", "scur": 2000}, ("warning", "full: 2,000 sessions, new clients wait")),
        ({"status": "STOP"}, ("critical", "STOP: takes no clients")),
        ({"type": "listener", "status": "WAITING"}, ("unknown", "status is WAITING")),
    ],
)
def test_a_frontend(changes: dict[str, Any], expected: tuple[str, str]) -> None:
    assert verdict(KIND, one(KIND, **(FRONT | changes))) == expected


@pytest.mark.parametrize(("answers", "level"), [(False, "warning"), (None, "unknown"), (True, "unknown")])
def test_a_silent_one(answers: bool | None, level: str) -> None:
    row = one(KIND, host="ctl01", proxy="haproxy", server="", type="process", trouble="no answer", answers=answers)
    assert verdict(KIND, row) == (level, "no answer")


def test_whom_clients_meet_is_who_has_the_virtual_address() -> None:
    kind = registry.kind(KIND)
    vip = one("vips", address="10.0.0.10", holders=["ctl01", "ctl02"])
    for joins, expected in (({}, None), ({"vips": {"10.0.0.10": vip}}, True)):
        wire = kind.wire(**SERVER)
        assert kind.row(wire, Reading("ctl01", NOW, joins=joins)).clients is expected
    wire = kind.wire(**(SERVER | {"host": "ctl03"}))
    assert kind.row(wire, Reading("ctl03", NOW, joins={"vips": {"10.0.0.10": vip}})).clients is False
