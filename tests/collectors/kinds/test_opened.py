"""Kinds that are read only where they are opened: flows, forwarding entries, firewall rules, sockets."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from collectors.decode import rows_of
from collectors.health import Health
from collectors.kind import AnyKind, Reading
from collectors.kinds import fdb_entries, firewall_rules, flows, sockets
from collectors.kinds._ovs_tables import meaning
from collectors.request import HostCommands
from collectors.snapshot import AnyRow, OddRow
from collectors.sources.base import Page
from collectors.sources.findings import found_in
from tests.collectors.kinds.host_recordings import HOP, NOW, replies

ROUTER = "qrouter-eb88347f-9276-4a50-aa12-0c0d64d97dc8"


def opened(host: str, kind: AnyKind, name: str = "", joins: Any = None) -> list[AnyRow]:
    """The rows of a host's recordings for the thing called `name` on it."""
    assert isinstance(kind.read, HostCommands)
    entries = kind.read.inside if name and kind.read.inside else kind.read.entries
    found = found_in(replies(host, [text.replace("{parent}", name) for text in entries], {}), HOP)
    assert found.errors == []
    made = rows_of(
        Page(items=[{"host": host} | row for row in found.rows]), kind, Reading(host, NOW, joins=joins or {})
    )
    assert not any(isinstance(row, OddRow) for row in made)
    ids = [kind.key_of(row) for row in made]
    assert len(set(ids)) == len(ids) > 0
    assert {kind.health(row, NOW).level for row in made} == {"ok"}
    return made


def made(kind: AnyKind, joins: Any = None, **fields: Any) -> Any:
    (row,) = rows_of(Page(items=[fields]), kind, Reading("net01", NOW, joins=joins or {}))
    assert not isinstance(row, OddRow), row
    return row


@pytest.mark.parametrize("bridge", ["br-int", "br-tun"])
def test_every_recorded_flow_is_in_a_table_that_neutron_names(bridge: str) -> None:
    for host in ("net02", "cmp03"):
        rows: list[Any] = opened(host, flows.KIND, bridge)
        assert [row.table for row in rows if row.use is None] == []
        assert {(row.bridge, row.switch) for row in rows} == {(bridge, f"{host}/{bridge}")}


def test_tables_are_neutrons() -> None:
    assert meaning("br-int", 23) == "canary: gone when ovs-vswitchd restarted"
    assert meaning("br-tun", 4) == "VXLAN to local VLAN"
    assert meaning("br-ex", 2) == "local VLAN to the provider's"
    assert meaning("br-int", 250) is None


def test_a_flow_that_drops_says_how_much() -> None:
    row = made(flows.KIND, host="cmp01", bridge="br-int", table=93, priority=0, actions="drop", n_packets=1200)
    assert (row.id, row.match) == ("93/0/everything", "everything")
    assert flows.health(row, NOW) == Health("ok", "has dropped 1,200 packets")


def test_addresses_are_behind_named_ports() -> None:
    rows: list[Any] = opened("net02", fdb_entries.KIND, "br-int")
    assert {row.port for row in rows} <= {"int-br-ex", "patch-tun"} | {r.port for r in rows if r.port.startswith("tap")}
    assert all(row.vlan and row.age is not None for row in rows)


def test_rules_of_a_router_and_of_its_host() -> None:
    rows: list[Any] = opened("net02", firewall_rules.KIND, ROUTER)
    assert {row.namespace for row in rows} == {ROUTER}
    assert {row.place for row in rows} == {f"net02/{ROUTER}"}
    assert any(row.target == "DNAT" and "192.168.10." in row.rule for row in rows)
    row = made(firewall_rules.KIND, host="net01", engine="nft", table="filter", chain="input", rule="drop",
               target="drop", packets=5)  # fmt: skip
    assert (row.place, firewall_rules.health(row, NOW)) == ("net01", Health("ok", "has stopped 5 packets"))


def test_sockets_name_the_hosts_they_talk_to() -> None:
    joins = {"hosts": {"ctl02": SimpleNamespace(name="ctl02", address="10.78.0.12")}}
    rows: list[Any] = opened("net02", sockets.KIND, joins=joins)
    talking = {(row.peer_host, row.peer) for row in rows if row.peer_port == "5672"}
    assert ("ctl02", "10.78.0.12") in talking
    listener = next(row for row in rows if row.state == "LISTEN" and row.local_port == "22")
    assert (listener.peer, listener.unsent, listener.limit, listener.process) == (None, None, 128, "sshd")


@pytest.mark.parametrize(
    ("waiting", "level", "reason"),
    [
        (0, "ok", ""),
        (50, "ok", ""),
        (80, "warning", "80 connections wait for uwsgi to accept them, 100 may: it is late or hangs"),
        (101, "critical", "101 connections wait for uwsgi to accept them, 100 may: it hangs, and new ones are lost"),
    ],
)
def test_a_program_that_hangs_accepts_nobody(waiting: int, level: str, reason: str) -> None:
    row = made(sockets.KIND, host="ctl01", protocol="tcp", state="LISTEN", waiting=waiting, unsent=100, local="0.0.0.0",
               local_port="8776", peer="0.0.0.0", peer_port="*", process="uwsgi", pid=7)  # fmt: skip
    assert sockets.health(row, NOW) == Health(level, reason)  # type: ignore[arg-type]


def test_a_connection_with_much_to_read_is_no_fault_of_its_program() -> None:
    row = made(sockets.KIND, host="ctl01", protocol="tcp", state="ESTAB", waiting=5000, unsent=10, local="10.0.0.1",
               local_port="3306", peer="10.0.0.9", peer_port="40000")  # fmt: skip
    assert sockets.health(row, NOW).level == "ok"
