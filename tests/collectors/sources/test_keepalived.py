"""Virtual addresses at the wire: what the hosts say is joined by address, and a silent host is named."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from collectors.connections import Connections
from collectors.deadline import Deadline, working
from collectors.errors import BadConfiguration, NotUnderstood, Refused, Unreachable, UsageError
from collectors.kind import Scope
from collectors.request import VirtualAddresses
from collectors.site import KeepalivedSite, Site, SiteHost
from collectors.sources.base import Where
from collectors.sources.findings import Findings
from collectors.sources.keepalived import KeepalivedSource, joined
from tests.scripted_ssh import ScriptedHost, scripted_host
from tests.wire_server import closed_port

WIRE = Path(__file__).parents[2] / "wire"
IP = f"sed '1d;$d' {WIRE}/hosts/ctl01/ip-j-addr.txt"


@pytest.fixture
def host(tmp_path: Path) -> Iterator[ScriptedHost]:
    with scripted_host(tmp_path) as running:
        running.program("ip", f'[ "$2" = neigh ] && echo "[]" || {IP}')
        running.program("ps", f"cat {WIRE}/keepalived/ps-ctl01.txt")
        running.program("journalctl", f"cat {WIRE}/keepalived/journal-ctl01.json")
        yield running


def source_of(host: ScriptedHost, *more: str, **told: Any) -> tuple[KeepalivedSource, Connections]:
    """The scripted host, and further ones that refuse connections."""
    site = host.site()
    dead = {name: SiteHost(name, "127.0.0.1", ("control",), port=closed_port()) for name in more}
    keepalived = KeepalivedSite(("ctl01", *more), **({"config": str(host.folder / "keepalived.conf")} | told))
    ways = Connections(replace(site, hosts={**site.hosts, **dead}, keepalived=keepalived))
    found = ways.source(VirtualAddresses())
    assert isinstance(found, KeepalivedSource)
    return found, ways


def items(source: KeepalivedSource) -> list[dict[str, Any]]:
    with working(Deadline(10)) as deadline:
        return [
            item for page in source.read(VirtualAddresses(), "keepalived", deadline, Where()) for item in page.items
        ]


def configured(host: ScriptedHost, address: str = "10.77.0.10") -> None:
    text = (WIRE / "keepalived" / "lab.conf").read_text().replace("10.78.0.10", address)
    (host.folder / "keepalived.conf").write_text(text + "\nauthentication { \n auth_pass TopSecret\n}\n")


def test_a_host_that_has_the_address(host: ScriptedHost) -> None:
    configured(host)
    source, ways = source_of(host)
    (item,) = items(source)
    assert (item["address"], item["holders"], item["running"]) == ("10.77.0.10", ["ctl01"], ["ctl01"])
    assert (item["balancing"], item["silent"], item["blind"]) == (["ctl01"], {}, {})
    assert item["configured"][0]["virtual_router_id"] == 51
    assert "TopSecret" not in str(item)
    (state,) = item["states"]
    assert (state["host"], state["state"]) == ("ctl01", "MASTER")
    assert len(host.lines) == 1
    ways.close()


def test_one_that_does_not_answer_is_named(host: ScriptedHost) -> None:
    configured(host, "10.77.0.99")
    source, ways = source_of(host, "ctl02")
    (item,) = items(source)
    assert (item["holders"], item["silent"]) == ([], {"ctl02": "connection refused"})
    first, second = source.doctor(Deadline(10))
    assert (first.address, first.level) == ("ctl01", "ok")
    assert (second.address, second.level) == ("ctl02", "critical")
    assert second.next_step
    ways.close()


def test_nobody_answers(host: ScriptedHost) -> None:
    site = replace(host.site(), hosts={"ctl02": SiteHost("ctl02", "127.0.0.1", ("control",), port=closed_port())})
    ways = Connections(replace(site, keepalived=KeepalivedSite(("ctl02",))))
    source = KeepalivedSource(ways.site, ways)
    with pytest.raises(Unreachable, match="connection refused"):
        items(source)
    ways.close()


def test_a_configuration_that_we_may_not_read(host: ScriptedHost) -> None:
    host.program("grep", 'echo "grep: keepalived.conf: Permission denied" >&2; exit 2')
    host.program("sudo", 'echo "sudo: a password is required" >&2; exit 1')
    source, ways = source_of(host, addresses=("10.77.0.10",))
    (item,) = items(source)
    assert item["holders"] == ["ctl01"]
    assert "Permission denied" in item["blind"]["ctl01"]
    (fact,) = source.doctor(Deadline(10))
    assert (fact.level, "Permission denied" in fact.refused) == ("warning", True)
    ways.close()
    source, ways = source_of(host)
    with pytest.raises(Refused):
        items(source)
    ways.close()


def test_no_virtual_address_at_all(host: ScriptedHost) -> None:
    (host.folder / "keepalived.conf").write_text("include conf.d/*.conf\n")
    source, ways = source_of(host)
    with pytest.raises(NotUnderstood, match="names no virtual address, and the files that it includes are not read"):
        items(source)
    ways.close()


def test_an_ip_without_json(host: ScriptedHost) -> None:
    configured(host)
    host.program("ip", 'echo \'Option "-j" is unknown, try "ip -help".\' >&2; exit 255')
    source, ways = source_of(host)
    with pytest.raises(Unreachable, match="is unknown"):
        items(source)
    ways.close()


def said(address: str, *instances: dict[str, Any], running: bool = True) -> Findings:
    """What one host says that has this address."""
    return Findings({"addresses": [address], "keepalived": running, "haproxy": True, "vrrp": list(instances)})


def instance(name: str, number: int, *addresses: str, interface: str = "eth0") -> dict[str, Any]:
    return {"instance": name, "virtual_router_id": number, "interface": interface, "addresses": list(addresses)}


def test_what_keepalived_says_is_told_by_our_clock_and_only_where_it_runs() -> None:
    api = instance("api", 51, "10.0.0.10")
    facts = {"clock": 1000.0, "heard": 1010.0}
    journal = {"in_journal": {"api": {"state": "MASTER", "since": 900.0}, "VR_1": {"state": "BACKUP", "since": 999.0}}}
    container = {"in_container": {"api": {"state": "BACKUP", "since": 950.0, "priority": 50}}}
    told = {
        "ctl01": replace(said("10.0.0.10", api), facts=said("10.0.0.10", api).facts | facts | journal),
        "ctl02": replace(said("", api), facts=said("", api).facts | facts | journal | container),
        "ctl03": replace(said("", api), facts=said("", api, running=False).facts | facts | journal),
    }
    (item,) = joined(KeepalivedSite(("ctl01", "ctl02", "ctl03")), told, {})
    assert item["states"] == [
        {"host": "ctl01", "state": "MASTER", "since": 910.0},
        {"host": "ctl02", "state": "BACKUP", "since": 960.0, "priority": 50},
    ]


def test_a_split_is_two_holders() -> None:
    site = KeepalivedSite(("ctl01", "ctl02", "ctl03"))
    api = instance("api", 51, "10.0.0.10")
    told = {"ctl01": said("10.0.0.10", api), "ctl02": said("10.0.0.10", api, running=False), "ctl03": said("", api)}
    (item,) = joined(site, told, {})
    assert (item["holders"], item["stopped"]) == (["ctl01", "ctl02"], ["ctl02"])
    assert [each["host"] for each in item["configured"]] == ["ctl01", "ctl02", "ctl03"]


@pytest.mark.parametrize(
    ("second", "shared"),
    [
        (instance("b", 51, "10.0.0.20"), ["10.0.0.20"]),
        (instance("b", 52, "10.0.0.20"), []),
        (instance("b", 51, "10.0.0.20", interface="eth1"), []),
        (instance("a", 51, "10.0.0.20"), []),
    ],
)
def test_another_instance_with_the_same_router_id(second: dict[str, Any], shared: list[str]) -> None:
    told = {"ctl01": said("10.0.0.10", instance("a", 51, "10.0.0.10"), second)}
    first, _ = joined(KeepalivedSite(("ctl01",)), told, {})
    assert first["shared_ids"] == shared


def test_who_answers_for_the_address_and_is_none_of_ours() -> None:
    site, api = KeepalivedSite(("ctl01", "ctl02")), instance("api", 51, "10.0.0.10")
    told = {"ctl01": said("10.0.0.11", api), "ctl02": said("10.0.0.12", api)}
    told["ctl01"].facts |= {"macs": ["52:54:00:00:00:01"], "neighbours": {"10.0.0.10": "52:54:00:00:00:99"}}
    told["ctl02"].facts |= {"macs": ["52:54:00:00:00:02"], "neighbours": {"10.0.0.10": "52:54:00:00:00:01"}}
    (item,) = joined(site, told, {})
    assert item["strangers"] == {"ctl01": "52:54:00:00:00:99"}
    (item,) = joined(site, told, {"ctl03": Unreachable("ctl03", "no route")})
    assert item["strangers"] == {}, "it may be the one that does not answer us"


def test_it_is_asked_as_a_whole() -> None:
    source = KeepalivedSource(Site("t", keepalived=KeepalivedSite(("ctl01",))))
    assert source.targets(Scope(), Where()) == ("keepalived",)
    with pytest.raises(UsageError):
        source.targets(Scope(), Where(targets=("ctl01",)))
    with pytest.raises(BadConfiguration):
        items(source)
    with pytest.raises(BadConfiguration):
        KeepalivedSource(Site("t"))
