"""Real HAProxy and Keepalived: each row is what the socket or the kernel of its host says, healthy and broken."""

from __future__ import annotations

import csv
import json
from typing import Any

import pytest

from tests.lab.real import POLLS, RealLab, until

pytestmark = [pytest.mark.lab, pytest.mark.timeout(1800)]

CONTROL = ("ctl01", "ctl02", "ctl03")


def theirs(lab: RealLab, host: str) -> dict[str, dict[str, str]]:
    """`show stat` of the HAProxy on `host`, asked there, by our names."""
    text = lab.on(host, "echo show stat | socat - UNIX-CONNECT:/run/haproxy/admin.sock")
    lines = csv.DictReader(text.removeprefix("# ").splitlines())
    return {f"{host}/{line['pxname']}/{line['svname']}": line for line in lines if line["pxname"]}


def ours(lab: RealLab, *filters: str) -> dict[str, dict[str, Any]]:
    return {row["id"]: row for row in lab.get("haproxy-backends", *filters)}


def holders(lab: RealLab) -> list[str]:
    """The hosts whose kernel has the virtual address."""
    found = []
    for host in CONTROL:
        links = json.loads(lab.on(host, "ip -j addr show dev eth0"))
        if any(info["local"] == lab.vip for link in links for info in link["addr_info"]):
            found.append(host)
    return found


def _ended(check: str) -> str:
    return check.removeprefix("* ")


def vip(lab: RealLab) -> dict[str, Any]:
    (row,) = lab.get("vips")
    return row


def test_every_proxy_and_server_agrees(lab: RealLab) -> None:
    def both() -> tuple[dict[str, str], dict[str, str]]:
        said = {name: line["status"] for host in CONTROL for name, line in theirs(lab, host).items()}
        return said, {name: row["status"] for name, row in ours(lab).items() if row["type"] != "process"}

    said, found = until(both, lambda both: both[0] == both[1], 20)
    assert len(found) == len(said) > 100
    rows = ours(lab)
    for host in CONTROL:
        process = rows[f"{host}/haproxy"]
        told = lab.on(host, "echo show info | socat - UNIX-CONNECT:/run/haproxy/admin.sock")
        assert f"Version: {process['version']}\n" in told
        assert f"Maxconn: {process['sessions_limit']}\n" in told
        for name, line in theirs(lab, host).items():
            # A check that is under way has a star, and lasts milliseconds: the two readings are not the same moment.
            assert _ended(rows[name]["check_status"] or "") == _ended(line["check_status"]), name
            assert (rows[name]["address"] or "") == line["addr"]
            assert rows[name]["backup"] == {"server": line["bck"] == "1"}.get(rows[name]["type"])
    (holder,) = holders(lab)
    assert {row["host"] for row in rows.values() if row["clients"]} == {holder}


def test_the_virtual_address_is_where_the_kernels_say(lab: RealLab) -> None:
    row = vip(lab)
    assert (row["address"], row["holders"], row["health"]) == (lab.vip, ", ".join(holders(lab)), "ok")
    assert (row["router_id"], row["running"]) == ("51", "ctl01, ctl02, ctl03")
    assert row["priorities"] == "ctl01 150, ctl02 149, ctl03 148"


@pytest.mark.long
def test_a_backend_without_any_server(lab: RealLab) -> None:
    backend = "ctl01/placement/BACKEND"
    first = lab.inject("haproxy-server-down", host="ctl01", service="placement")
    try:
        until(lambda: ours(lab)["ctl01/placement/ctl01"], lambda row: row["status"] == "DOWN")
        assert ours(lab)[backend]["health"] == "ok"
        assert "placement/ctl01: DOWN" in lab.nephoscope("health").stdout
        with lab.broken("haproxy-server-down", host="ctl02", service="placement"):
            row = until(lambda: ours(lab)[backend], lambda row: row["status"] == "DOWN")
            assert row["health"] == "critical"
            assert "no server is up" in row["reason"]
            assert "clients get a 503" in row["reason"]
            assert "placement/BACKEND: no server is up" in lab.nephoscope("health").stdout
    finally:
        lab.ask("undo", id=first)
    until(lambda: ours(lab)[backend], lambda row: row["health"] == "ok", POLLS)


def test_a_server_set_aside_on_purpose(lab: RealLab) -> None:
    socket = "socat - UNIX-CONNECT:/run/haproxy/admin.sock"
    lab.on("ctl03", f"echo set server glance/ctl01 state maint | {socket}")
    try:
        row = ours(lab)["ctl03/glance/ctl01"]
        assert (row["status"], row["health"]) == ("MAINT", "ok")
        assert row["reason"].startswith("MAINT: set by hand")
        assert "1 MAINT on purpose: glance/ctl01" in lab.nephoscope("health").stdout
        lab.on("ctl03", f"echo set server glance/ctl01 state drain | {socket}")
        row = until(lambda: ours(lab)["ctl03/glance/ctl01"], lambda row: row["status"].startswith("DRAIN"))
        assert row["health"] == "ok"
    finally:
        lab.on("ctl03", f"echo set server glance/ctl01 state ready | {socket}")
    until(lambda: ours(lab)["ctl03/glance/ctl01"], lambda row: row["status"] == "UP", 20)


def test_a_stopped_haproxy(lab: RealLab) -> None:
    with lab.broken("unit-stopped", host="ctl03", unit="haproxy"):
        row = until(lambda: ours(lab)["ctl03/haproxy"], lambda row: row["health"] != "ok")
        assert (row["health"], row["answers"]) == ("warning", False)
        assert "ctl03" in lab.nephoscope("health").stdout
    until(lambda: ours(lab)["ctl03/haproxy"], lambda row: row["health"] == "ok")


def test_a_frozen_haproxy(lab: RealLab) -> None:
    with lab.broken("unit-frozen", host="ctl03", unit="haproxy"):
        row = until(lambda: ours(lab)["ctl03/haproxy"], lambda row: row["health"] != "ok")
        assert (row["health"], row["reason"]) == ("warning", "accepts the question and does not answer: it hangs")
    until(lambda: ours(lab)["ctl03/haproxy"], lambda row: row["health"] == "ok")


def test_a_stranger_has_the_address(lab: RealLab) -> None:
    with lab.broken("vip-router-id-taken", host="mon01"):
        # For a few seconds it might be a failover that is under way.
        row = until(lambda: vip(lab), lambda row: (row["held_by"], row["health"]) == (0, "critical"))
        links = json.loads(lab.on("mon01", "ip -j link show dev eth0"))
        assert row["stranger"] == links[0]["address"]
        assert "a stranger answers for it" in row["reason"]
        assert "router id 51" in row["reason"]
    until(lambda: vip(lab), lambda row: (row["held_by"], row["health"]) == (1, "ok"))


def test_a_killed_keepalived_leaves_the_address_behind(lab: RealLab) -> None:
    # A test before this one may have moved it: whoever has it must know by itself that it does.
    row = until(lambda: vip(lab), lambda row: row["health"] == "ok" and f"{row['holders']} MASTER" in row["states"])
    one = row["holders"]
    with lab.broken("unit-killed", host=one, unit="keepalived"):
        row = until(lambda: vip(lab), lambda row: row["held_by"] == 2)
        assert row["health"] == "critical"
        assert f"Keepalived does not run on {one}" in row["reason"]
    until(lambda: vip(lab), lambda row: (row["held_by"], row["health"]) == (1, "ok"))


def test_each_keepalived_says_what_its_journal_says(lab: RealLab) -> None:
    row = vip(lab)
    theirs = []
    for host in CONTROL:
        told = lab.on(host, "journalctl -u keepalived -o cat --no-pager -g 'Entering [A-Z]* STATE' -n 1")
        theirs.append(f"{host} {told.split('Entering ')[1].split()[0]}")
    assert row["states"] == ", ".join(theirs)
    (holder,) = holders(lab)
    assert f"{holder} MASTER" in theirs
    assert row["held_since"] is not None


def test_two_masters_are_told_from_a_failover(lab: RealLab) -> None:
    (holder,) = holders(lab)
    other = next(host for host in CONTROL if host != holder)
    with lab.broken("vip-duplicated", host=other):
        row = until(lambda: vip(lab), lambda row: row["health"] == "critical")
        assert row["held_by"] == 2
        assert row["reason"].startswith("2 masters for ")
        assert "do not hear each other" in row["reason"]
    until(lambda: vip(lab), lambda row: (row["held_by"], row["health"]) == (1, "ok"))
