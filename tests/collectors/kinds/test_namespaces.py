"""Namespaces: rows from recorded output, and what should run in them and does not."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from collectors.health import Health
from collectors.kinds.namespaces import KIND, Namespace, health
from collectors.sources.findings import found_in
from tests.collectors.kinds.host_recordings import HOP, NOW, findings, recorded_rows, replies

NETWORK, ROUTER = "68e4f01b-1df1-4543-b6a8-144d3c607a13", "eb88347f-9276-4a50-aa12-0c0d64d97dc8"
KNOWN: dict[str, Any] = {
    "networks": {NETWORK: SimpleNamespace(name="private")},
    "routers": {ROUTER: SimpleNamespace(name="router", ha=True)},
    "subnets": {"s": SimpleNamespace(network_id=NETWORK, enable_dhcp=True)},
}
INIT = "4026532914       1 Ss   systemd\n"


def named(joins: Any = None, **outputs: Any) -> dict[str, Namespace]:
    found = recorded_rows("net02", KIND, joins, **outputs)
    return {row.name.partition("-")[0]: row for row in found if isinstance(row, Namespace)}


def living(*lines: tuple[str, str, str]) -> bytes:
    """What ps prints: (namespace's prefix, state, program)."""
    inodes = {prefix: row.inode for prefix, row in named().items()}
    return (INIT + "".join(f"{inodes[p]}     100 {state}    {name}\n" for p, state, name in lines)).encode()


def test_recorded_namespaces_are_well() -> None:
    found = named(KNOWN)
    dhcp, router = found["qdhcp"], found["qrouter"]
    assert (dhcp.purpose, dhcp.neutron_name, dhcp.network_id, dhcp.router_id) == ("DHCP", "private", NETWORK, None)
    assert (router.purpose, router.neutron_name, router.router_id) == ("router", "router", ROUTER)
    assert (dhcp.processes, (dhcp.programs or "").split()[0], dhcp.orphan) == (1, "dnsmasq", False)
    assert dhcp.id == f"net02/qdhcp-{NETWORK}"
    assert {health(row, NOW).level for row in found.values()} == {"ok"}


@pytest.mark.parametrize(
    ("lines", "level", "reason"),
    [
        ([("qdhcp", "S", "dnsmasq")], "ok", ""),
        ([], "critical", "no dnsmasq: its network gets no addresses from this host"),
        ([("qdhcp", "S", "haproxy")], "critical", "no dnsmasq: its network gets no addresses from this host"),
        ([("qdhcp", "T", "dnsmasq")], "critical", "frozen: dnsmasq; it is there and answers nobody"),
    ],
)
def test_dhcp(lines: list[tuple[str, str, str]], level: str, reason: str) -> None:
    row = named(KNOWN, namespace_processes=living(*lines))["qdhcp"]
    assert health(row, NOW) == Health(level, reason)  # type: ignore[arg-type]


def test_a_network_without_dhcp_needs_no_server() -> None:
    off = KNOWN | {"subnets": {"s": SimpleNamespace(network_id=NETWORK, enable_dhcp=False)}}
    assert health(named(off, namespace_processes=INIT.encode())["qdhcp"], NOW).level == "ok"


def test_a_router_that_cannot_take_over() -> None:
    row = named(KNOWN, namespace_processes=INIT.encode())["qrouter"]
    assert health(row, NOW) == Health("critical", "no keepalived: the router does not take over here")
    single = KNOWN | {"routers": {ROUTER: SimpleNamespace(name="router", ha=False)}}
    assert health(named(single, namespace_processes=INIT.encode())["qrouter"], NOW).level == "ok"


def test_what_neutron_does_not_know_is_left_over() -> None:
    nothing: dict[str, Any] = {"networks": {}, "routers": {}, "subnets": {}}
    row = named(nothing, namespace_processes=INIT.encode())["qdhcp"]
    assert (row.orphan, health(row, NOW)) == (True, Health("ok", "left over: Neutron knows nothing of this id"))


def test_processes_that_only_root_sees() -> None:
    refused = (1, b"sudo: a password is required\n")
    found = findings("net02", KIND, namespace_processes=refused)
    assert found.refusal is not None
    assert len(found.rows) == 2
    row = named(KNOWN, namespace_processes=refused)["qdhcp"]
    assert health(row, NOW) == Health("unknown", "its processes could not be read")


def test_a_host_without_namespaces_has_none() -> None:
    found = findings("net02", KIND, namespaces=b"", namespace_inodes=(1, b""))
    assert (found.rows, found.errors) == ([], [])


def test_a_servers_namespace_is_nobodys_business() -> None:
    row = named(None, namespaces=b'[{"name":"instance-00000007","id":1},{"name":"qdhcp-nonsense"}]')
    assert {each.purpose for each in row.values()} == {None}
    assert {health(each, NOW).level for each in row.values()} == {"ok"}


def test_the_inside_of_the_one_described() -> None:
    assert KIND.describe is not None
    entries = [text.replace("{parent}", "qrouter") for text in KIND.describe.entries]  # type: ignore[union-attr]
    found = found_in(replies("net02", entries, {}), HOP)
    assert found.failed == {}
    assert set(found.facts) == {"interfaces", "routes", "rules", "neighbours", "nat", "listeners"}
    assert any("DNAT" in rule for rule in found.facts["nat"])


def test_one_that_vanishes_meanwhile_says_so() -> None:
    assert KIND.describe is not None
    entries = [text.replace("{parent}", "qrouter") for text in KIND.describe.entries]  # type: ignore[union-attr]
    gone = (1, b'Cannot open network namespace "qrouter": No such file or directory\n')
    found = found_in(replies("net02", entries, dict.fromkeys(entries, gone)), HOP)
    assert set(found.failed.values()) == {'Cannot open network namespace "qrouter": No such file or directory'}
