"""OVN's answers, of two versions: cluster/status in all of its states, northd, and the lists of both databases."""

from __future__ import annotations

import pytest

from collectors.sources.parsers import ovn
from tests.collectors.kinds.ovn_recordings import MEMBERS, VERSIONS, parsed, printed

every_version = pytest.mark.parametrize("version", VERSIONS)


def status(version: str, name: str) -> dict[str, object]:
    return ovn.raft(printed(version, f"ovn-southbound-status-{name}").out)


@every_version
def test_a_cluster_that_is_well(version: str) -> None:
    found = [status(version, member) for member in MEMBERS]
    assert sorted(str(each["role"]) for each in found) == ["follower", "follower", "leader"]
    assert {each["status"] for each in found} == {"cluster member"}
    assert len({each["cluster_id"] for each in found}) == len({each["term"] for each in found}) == 1
    leader = next(each for each in found if each["role"] == "leader")
    assert (leader["leader"], leader["name"], leader["election_timer"]) == ("self", "OVN_Southbound", 1.0)
    assert isinstance(leader["elected"], float)
    servers = leader["servers"]
    assert isinstance(servers, list)
    assert len(servers) == 3
    (own,) = (server for server in servers if server["self"])
    assert (own["server_id"], own["address"]) == (leader["server_id"], leader["address"])
    assert all(server["silent"] is not None and server["match_index"] for server in servers if not server["self"])
    follower = next(each for each in found if each["role"] == "follower")
    assert follower["leader"] == leader["server_id"]


@every_version
def test_a_member_without_a_majority(version: str) -> None:
    found = status(version, "ctl01-no-quorum")
    assert (found["role"], found["leader"]) == ("candidate", "unknown")
    assert found["status"] == "disconnected from the cluster (election timeout)"
    servers = found["servers"]
    assert isinstance(servers, list)
    assert all(server["silent"] > 8 for server in servers if not server["self"])


@every_version
def test_who_has_lost_a_member_tells_how_long_it_is_silent(version: str) -> None:
    servers = status(version, "ctl01-member-lost")["servers"]
    assert isinstance(servers, list)
    silent = sorted(server["silent"] for server in servers if not server["self"])
    assert silent[0] < 1 < 5 < silent[1]


@pytest.mark.parametrize("text", [b"", b"bash: cluster/status\n", b"Name: x\nRole: leader\n", b"\xff\xfe"])
def test_what_is_no_status(text: bytes) -> None:
    with pytest.raises(ValueError, match="no status of a cluster"):
        ovn.raft(text)


@every_version
def test_northd(version: str) -> None:
    roles = [ovn.northd(printed(version, f"ovn-northd-status-{member}").out)["northd"] for member in MEMBERS]
    assert sorted(roles) == ["active", "standby", "standby"]
    assert ovn.northd(b"active\n") == {"northd": "active"}
    with pytest.raises(ValueError, match="no status of northd"):
        ovn.northd(b"Status: sleeping\n")


@every_version
def test_chassis(version: str) -> None:
    found = parsed(version, "ovn-chassis")
    (one,) = found["chassis"]
    assert (one["name"], one["hostname"], one["nb_cfg"], found["wanted"]) == ("cmp01", "cmp01", 1, 1)
    assert (one["encaps"], one["addresses"], one["mappings"]) == (["geneve"], ["127.0.0.1"], "physnet1:br-ex")
    assert (one["gateway"], one["ports"], one["gateway_ports"]) == (True, 1, 1)
    assert one["updated"] == pytest.approx(1_795_814_900, abs=100)


@every_version
def test_a_chassis_that_is_gone_leaves_its_private_row(version: str) -> None:
    first, private, *others = printed(version, "ovn-chassis").out.splitlines()
    nothing = first[: first.index(b"[[")] + b"[]" + first[first.index(b',"headings"') :]
    own, _, rest = private.partition(b',["uuid",')
    gone = own + b',["set",[]],' + rest.partition(b"],")[2]
    found = ovn.chassis(b"\n".join([nothing, gone, *others]))["chassis"]
    assert [(one["name"], one["left"]) for one in found] == [("cmp01", True)]


@every_version
def test_switches_and_their_datapaths(version: str) -> None:
    switches = {one["network"]: one for one in parsed(version, "ovn-logical-switches")["switches"]}
    assert set(switches) == {"web", "public"}
    web = switches["web"]
    assert (web["ports"], web["server_ports"], web["wanted"], web["wanted_up"], web["router_ports"]) == (4, 3, 2, 1, 1)
    assert (web["mtu"], web["revision"], switches["public"]["physical"]) == (1442, 3, ["physnet1"])
    keys = parsed(version, "ovn-datapaths")["tunnel_keys"]
    assert keys[web["id"]] > 0


@every_version
def test_routers_and_who_serves_them(version: str) -> None:
    (router,) = parsed(version, "ovn-logical-routers")["routers"]
    assert (router["router"], router["snat"], router["floating"], router["routes"]) == ("edge", 1, 1, 1)
    (gateway,) = router["gateways"]
    assert gateway["candidates"] == [("cmp01", 2), ("cmp02", 1)]
    found = parsed(version, "ovn-gateways")
    assert found == {"serving": {gateway["port"]: "cmp01"}, "hosts": {"cmp01": "cmp01"}}


def test_candidates_of_a_group() -> None:
    """Newer releases of Neutron name them in an HA_Chassis_Group."""
    empty = b'{"data":[],"headings":["_uuid"]}'
    tables = [
        b'{"data":[["r","neutron-r",["uuid","p"]]],"headings":["_uuid","name","ports"]}',
        b'{"data":[["p","lrp-p",["set",[]],["uuid","g"]]],"headings":["_uuid","name","gateway_chassis","ha_chassis_group"]}',
        empty, empty,
        b'{"data":[["g",["set",[["uuid","a"],["uuid","b"]]]]],"headings":["_uuid","ha_chassis"]}',
        b'{"data":[["a","net01",1],["b","net02",9]],"headings":["_uuid","chassis_name","priority"]}',
    ]  # fmt: skip
    (router,) = ovn.logical_routers(b"\n".join(tables))["routers"]
    assert router["gateways"] == [{"port": "lrp-p", "candidates": [("net02", 9), ("net01", 1)]}]


@every_version
def test_port_bindings(version: str) -> None:
    found = parsed(version, "ovn-port-bindings")
    kinds = sorted(one["type"] for one in found["bindings"])
    assert kinds == ["chassisredirect", "localnet", "patch", "patch", "patch", "patch", "vif", "vif", "vif"]
    vifs = {one["name"]: one for one in found["bindings"] if one["type"] == "vif"}
    assert (vifs["web-1"]["host"], vifs["web-1"]["up"], vifs["web-1"]["wanted"]) == ("cmp01", True, ["cmp01"])
    assert (vifs["web-2"]["host"], vifs["web-2"]["up"], vifs["web-2"]["wanted"]) == (None, False, ["cmp02"])
    assert vifs["web-3"]["wanted"] == []
    assert {one["datapath_name"] for one in vifs.values()} == {"web"}
    assert found["chassis_names"] == ["cmp01"]


@pytest.mark.parametrize(
    "parse", [ovn.chassis, ovn.configuration, ovn.logical_switches, ovn.logical_routers, ovn.port_bindings]
)
@pytest.mark.parametrize("text", [b"", b"no json\n", b'{"data":[[1]]}\n'])
def test_what_is_no_list(parse: object, text: bytes) -> None:
    with pytest.raises(ValueError, match=r"expected|no table"):
        parse(text)  # type: ignore[operator]
