"""keepalived.conf as the lab and as Kolla write it, addresses of a host, processes; broken ones are refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from collectors.sources.parsers.keepalived import (
    addresses,
    config,
    container,
    journal,
    neighbours,
    processes,
)
from tests.collectors.kinds.host_recordings import printed

WIRE = Path(__file__).parents[3] / "wire" / "keepalived"


def instances(text: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = config(text.encode())["vrrp"]
    return found


def test_the_labs_own() -> None:
    (found,) = instances((WIRE / "lab.conf").read_text())
    assert found == {
        "instance": "api", "addresses": ["10.78.0.10"], "state": "BACKUP", "nopreempt": True, "interface": "eth0",
        "virtual_router_id": 51, "priority": 150, "advert_int": 1.0,
    }  # fmt: skip


def test_kollas() -> None:
    (found,) = instances((WIRE / "kolla.conf").read_text())
    assert (found["instance"], found["priority"]) == ("kolla_internal_vip_51", 2)
    assert found["addresses"] == ["192.0.2.10", "203.0.113.10"]


def test_comments_quotes_braces_anywhere_and_several_instances() -> None:
    text = """\
! a comment {
global_defs { router_id "LVS { one }" }   # of its own
vrrp_instance one { state MASTER
  virtual_ipaddress { fd00::10/64 dev eth0 }
}
vrrp_instance "two"
{
  virtual_router_id many
  virtual_ipaddress
  {
    192.0.2.1
  }
  virtual_ipaddress_excluded {
    192.0.2.2/24 dev eth1
  }
}
"""
    one, two = instances(text)
    assert (one["instance"], one["addresses"], one["state"]) == ("one", ["fd00::10"], "MASTER")
    assert (two["instance"], two["addresses"]) == ("two", ["192.0.2.1", "192.0.2.2"])
    assert two["virtual_router_id"] is None


def test_included_files_are_noticed() -> None:
    assert config(b"include conf.d/*.conf\n") == {"vrrp": [], "includes": True}


@pytest.mark.parametrize(
    ("text", "words"), [("vrrp_instance a {\n", "the block vrrp_instance is not closed"), ("}\n", "more braces")]
)
def test_a_broken_file(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        config(text.encode())


def test_the_addresses_of_a_recorded_host() -> None:
    found = addresses(printed("ctl01", "ip-j-addr"))
    assert found["addresses"] == ["10.77.0.11", "10.77.0.10", "fe80::f00a:3aff:feed:4a6f"]
    assert found["macs"] == ["f2:0a:3a:ed:4a:6f"]


def test_neighbours_that_were_heard_just_now() -> None:
    text = b"""[{"dst":"10.0.0.10","dev":"eth0","lladdr":"5A:00:00:00:00:01","state":["REACHABLE"]},
        {"dst":"10.0.0.20","dev":"eth0","lladdr":"5a:00:00:00:00:02","state":["STALE"]},
        {"dst":"10.0.0.30","dev":"eth0","state":["FAILED"]},{"dst":"10.0.0.40"},5]"""
    assert neighbours(text) == {"neighbours": {"10.0.0.10": "5a:00:00:00:00:01"}}
    assert neighbours(b"") == {"neighbours": {}}
    for wrong in (b"{}", b"Object"):
        with pytest.raises(ValueError, match=r"no (JSON|list)"):
            neighbours(wrong)


def test_an_older_ip_leaves_out_what_it_does_not_know() -> None:
    assert addresses(b'[{"ifname":"eth0"},{"ifname":"lo","addr_info":[{"local":"192.0.2.10"}]},{}]') == {
        "addresses": [],
        "macs": [],
    }
    for text in (b'Option "-j" is unknown, try "ip -help".', b"{}"):
        with pytest.raises(ValueError, match=r"no (JSON|list)"):
            addresses(text)


def test_processes() -> None:
    assert processes((WIRE / "ps-ctl01.txt").read_bytes()) == {"keepalived": True, "haproxy": True}
    assert processes(b"") == {"keepalived": False, "haproxy": False}
    with pytest.raises(ValueError, match="not what was asked for"):
        processes(b"1 bash\n")


def test_processes_of_routers_and_metadata_proxies_are_none_of_the_balancers() -> None:
    """Recorded on a network node, whose l3 agent runs both."""
    assert processes((WIRE / "ps-net01.txt").read_bytes()) == {"keepalived": False, "haproxy": False}


def test_the_journal_says_each_instances_state_and_since_when() -> None:
    assert journal((WIRE / "journal-ctl01.json").read_bytes()) == {
        "in_journal": {"api": {"state": "MASTER", "since": 1795814323.601796}}
    }
    routers = journal((WIRE / "journal-net01.json").read_bytes())["in_journal"]
    assert "api" not in routers
    assert set(routers) == {"VR_77"}
    assert journal(b"-- No entries --\n") == {"in_journal": {}}
    with pytest.raises(ValueError, match="no entry of a journal"):
        journal(b"Nov 27 21:18:43 ctl01 Keepalived_vrrp[559]: (api) Entering MASTER STATE\n")


def test_the_log_of_a_container_among_its_other_lines() -> None:
    lines = [
        "2026-11-27T20:00:00.100000000Z + sudo -E kolla_set_configs",
        "2026-11-27T20:00:02.5Z Fri Nov 27 20:00:02 2026: (kolla_internal_vip_51) Entering BACKUP STATE",
        "2026-11-27T20:00:06.123456789Z Fri Nov 27 20:00:06 2026: (kolla_internal_vip_51) Entering MASTER STATE",
        "2026-11-27T20:00:08Z   Priority = 3",
        "2026-11-27T20:00:09Z Fri: VRRP_Instance(kolla_internal_vip_51) Changing effective priority from 150 to 50",
    ]
    assert container("\n".join(lines).encode()) == {
        "in_container": {"kolla_internal_vip_51": {"state": "MASTER", "since": 1795809606.123456, "priority": 50}}
    }
    assert container(b"") == {"in_container": {}}
