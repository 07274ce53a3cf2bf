"""Filters, fields, sorting and paging of Neutron's lists."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from runbooks.simulator.http.neutron import API
from runbooks.simulator.model.cloud import Cloud
from tests.simulator.calls import Client, cloud
from tests.simulator.neutron.helpers import make, refused

AT = "/v2.0"


def ids(rows: list[dict[str, Any]]) -> list[str]:
    return [row["id"] for row in rows]


@pytest.mark.parametrize("path", ["ports", "networks", "agents", "floatingips", "routers", "subnets"])
def test_lists_are_sorted_by_id(neutron: Client, path: str) -> None:
    found = ids(neutron.get(f"{AT}/{path}")[path])
    assert found == sorted(found)
    assert len(found) == len(set(found)) > 4


@pytest.mark.parametrize("limit", [1, 7, 20, 500])
def test_pages_together_are_the_whole_list(neutron: Client, limit: int) -> None:
    whole = ids(neutron.get(f"{AT}/ports")["ports"])
    found: list[str] = []
    path = f"{AT}/ports?limit={limit}"
    for _ in range(len(whole) + 1):
        page = neutron.get(path)
        found += ids(page["ports"])
        following = [link["href"] for link in page.get("ports_links", []) if link["rel"] == "next"]
        if not following:
            break
        parts = urlsplit(following[0])
        assert parts.netloc == f"{neutron.cloud.layout.vip}:9696"
        path = f"{parts.path}?{parts.query}"
    assert found == whole


def test_a_full_page_links_to_both_sides(neutron: Client) -> None:
    page = neutron.get(f"{AT}/ports?limit=3&device_owner=compute:nova")
    links = {link["rel"]: parse_qs(urlsplit(link["href"]).query) for link in page["ports_links"]}
    assert links["next"]["marker"] == [page["ports"][-1]["id"]]
    assert links["next"]["device_owner"] == ["compute:nova"]
    assert "page_reverse" not in links["next"]
    assert links["previous"]["marker"] == [page["ports"][0]["id"]]
    assert links["previous"]["page_reverse"] == ["True"]


def test_no_limit_no_links(neutron: Client) -> None:
    assert list(neutron.get(f"{AT}/ports")) == ["ports"]


def test_page_reverse_goes_back(neutron: Client) -> None:
    whole = ids(neutron.get(f"{AT}/ports")["ports"])
    back = neutron.get(f"{AT}/ports?limit=4&marker={whole[10]}&page_reverse=True")
    assert ids(back["ports"]) == whole[6:10]
    assert ids(neutron.get(f"{AT}/ports?limit=4&page_reverse=true")["ports"]) == whole[-4:]


def test_an_unknown_marker_begins_at_the_start(neutron: Client) -> None:
    whole = ids(neutron.get(f"{AT}/networks")["networks"])
    assert ids(neutron.get(f"{AT}/networks?limit=2&marker=nothing")["networks"]) == whole[:2]


def test_paging_with_sort_keys(neutron: Client) -> None:
    whole = ids(neutron.get(f"{AT}/ports?sort_key=mac_address&sort_dir=desc")["ports"])
    first = neutron.get(f"{AT}/ports?sort_key=mac_address&sort_dir=desc&limit=5")["ports"]
    second = neutron.get(f"{AT}/ports?sort_key=mac_address&sort_dir=desc&limit=5&marker={first[-1]['id']}")["ports"]
    assert ids(first) + ids(second) == whole[:10]
    macs = [row["mac_address"] for row in first + second]
    assert macs == sorted(macs, reverse=True)


def test_filters_narrow_and_must_all_hold(neutron: Client, model: Cloud) -> None:
    every = neutron.get(f"{AT}/ports")["ports"]
    server = next(model.compute.servers.on_host("cmp02"))
    for query, fits in (
        (f"device_id={server.id}", lambda row: row["device_id"] == server.id),
        ("binding:host_id=cmp02", lambda row: row["binding:host_id"] == "cmp02"),
        ("device_owner=network:dhcp", lambda row: row["device_owner"] == "network:dhcp"),
        ("status=DOWN", lambda row: row["status"] == "DOWN"),
        ("admin_state_up=True", lambda row: row["admin_state_up"]),
        (f"project_id={model.tenants[1].project_id}", lambda row: row["project_id"] == model.tenants[1].project_id),
        (f"tenant_id={model.tenants[1].project_id}", lambda row: row["project_id"] == model.tenants[1].project_id),
        (f"network_id={model.tenants[2].network_id}", lambda row: row["network_id"] == model.tenants[2].network_id),
        (f"fixed_ips=ip_address={server.nics[0].address}", lambda row: row["device_id"] == server.id),
        (
            "binding:host_id=net01&device_owner=network:dhcp",
            lambda row: (row["binding:host_id"], row["device_owner"]) == ("net01", "network:dhcp"),
        ),
    ):
        wanted = [row["id"] for row in every if fits(row)]
        assert ids(neutron.get(f"{AT}/ports?{query}")["ports"]) == wanted, query
        assert wanted, query


def test_what_servers_ports_were_given_is_found(neutron: Client, model: Cloud) -> None:
    """Filters on names and owners do not look at servers that nobody touched, but at those that somebody did."""
    first, second = (server.nics[0].port_id for server in list(model.compute.servers.on_host("cmp01"))[:2])
    neutron.do("PUT", f"{AT}/ports/{first}", {"port": {"name": "kept"}})
    neutron.do("PUT", f"{AT}/ports/{second}", {"port": {"device_owner": "compute:rack-a"}})
    assert ids(neutron.get(f"{AT}/ports?name=kept")["ports"]) == [first]
    assert ids(neutron.get(f"{AT}/ports?device_owner=compute:rack-a")["ports"]) == [second]
    assert second not in ids(neutron.get(f"{AT}/ports?device_owner=compute:nova")["ports"])
    assert first not in ids(neutron.get(f"{AT}/ports?name=")["ports"])


@pytest.mark.parametrize(
    ("path", "key", "count"),
    [
        ("qos/policies", "policies", 0),
        ("trunks", "trunks", 0),
        ("address-scopes", "address_scopes", 0),
        ("subnetpools", "subnetpools", 0),
        ("metering/metering-labels", "metering_labels", 0),
        ("default-security-group-rules", "default_security_group_rules", 4),
        ("segments", "segments", 12),
    ],
)
def test_loaded_extensions_have_their_lists(neutron: Client, path: str, key: str, count: int) -> None:
    assert len(neutron.get(f"{AT}/{path}")[key]) == count


def test_a_repeated_filter_means_any_of_them(neutron: Client, model: Cloud) -> None:
    names = [model.tenants[0].network_name, model.tenants[1].network_name]
    found = neutron.get(f"{AT}/networks?name={names[0]}&name={names[1]}")["networks"]
    assert sorted(row["name"] for row in found) == sorted(names)


def test_parts_of_addresses_subnets_and_groups(neutron: Client, model: Cloud) -> None:
    tenant = model.tenants[0]
    parts = neutron.get(f"{AT}/ports?fixed_ips=ip_address_substr={tenant.prefix}.0.1")["ports"]
    assert parts
    assert all(tenant.prefix in row["fixed_ips"][0]["ip_address"] for row in parts)
    subnet = neutron.get(f"{AT}/ports?fixed_ips=subnet_id={tenant.subnet_id}")["ports"]
    assert {row["network_id"] for row in subnet} == {tenant.network_id}
    grouped = neutron.get(f"{AT}/ports?security_groups={tenant.security_group_id}")["ports"]
    assert {row["project_id"] for row in grouped} == {tenant.project_id}


def test_fields_are_the_only_ones(neutron: Client) -> None:
    found = neutron.get(f"{AT}/networks?fields=name&fields=status")["networks"]
    assert {tuple(row) for row in found} == {("name", "status")}


def test_tags_filter(neutron: Client, model: Cloud) -> None:
    first, second, third = ids(neutron.get(f"{AT}/networks")["networks"])[:3]
    neutron.do("PUT", f"{AT}/networks/{first}/tags", {"tags": ["red", "blue"]})
    neutron.do("PUT", f"{AT}/networks/{second}/tags/red", status=201)
    assert ids(neutron.get(f"{AT}/networks?tags=red")["networks"]) == sorted([first, second])
    assert ids(neutron.get(f"{AT}/networks?tags=red,blue")["networks"]) == [first]
    assert ids(neutron.get(f"{AT}/networks?tags-any=blue,green")["networks"]) == [first]
    assert third in ids(neutron.get(f"{AT}/networks?not-tags-any=red,blue")["networks"])
    assert second in ids(neutron.get(f"{AT}/networks?not-tags=red,blue")["networks"])
    assert neutron.get(f"{AT}/networks/{first}")["network"]["tags"] == ["red", "blue"]
    neutron.do("DELETE", f"{AT}/networks/{first}/tags/red", status=204)
    assert refused(neutron.do("DELETE", f"{AT}/networks/{first}/tags/red", status=404)) == (
        "TagNotFound",
        "Tag red could not be found.",
    )


@pytest.mark.parametrize(
    ("query", "kind", "words"),
    [
        ("colour=red", "HTTPBadRequest", "['colour'] is invalid attribute for filtering"),
        ("mtu=many", "InvalidInput", "Invalid input for operation: 'many' is not an integer."),
        ("shared=perhaps", "InvalidInput", "Invalid input for operation: 'perhaps' cannot be converted to boolean."),
        ("limit=x", "BadRequest", "Bad limit request: Limit must be an integer 0 or greater and not 'x'."),
        ("limit=-1", "BadRequest", "Bad limit request: Limit must be an integer 0 or greater and not '-1'."),
        ("sort_key=name", "HTTPBadRequest", "The number of sort_keys and sort_dirs must be same"),
        ("sort_key=subnets&sort_dir=asc", "HTTPBadRequest", "['subnets'] is invalid attribute for sort_keys"),
        (
            "sort_key=name&sort_dir=up",
            "HTTPBadRequest",
            "['up'] is invalid value for sort_dirs, valid value is 'asc' and 'desc'",
        ),
    ],
)
def test_odd_queries_are_refused_in_neutrons_words(neutron: Client, query: str, kind: str, words: str) -> None:
    assert refused(neutron.get(f"{AT}/networks?{query}", status=400)) == (kind, words)


@pytest.mark.parametrize(
    ("path", "kind", "words"),
    [
        ("networks/nope", "NetworkNotFound", "Network nope could not be found."),
        ("subnets/nope", "SubnetNotFound", "Subnet nope could not be found."),
        ("ports/nope", "PortNotFound", "Port nope could not be found."),
        ("routers/nope", "RouterNotFound", "Router nope could not be found"),
        ("floatingips/nope", "FloatingIPNotFound", "Floating IP nope could not be found"),
        ("security-groups/nope", "SecurityGroupNotFound", "Security group nope does not exist"),
        ("security-group-rules/nope", "SecurityGroupRuleNotFound", "Security group rule nope does not exist"),
        ("agents/nope", "AgentNotFound", "Agent nope could not be found."),
        ("extensions/nope", "HTTPNotFound", "Extension with alias nope does not exist"),
        ("network-ip-availabilities/nope", "NetworkNotFound", "Network nope could not be found."),
        ("nonsense", "HTTPNotFound", "The resource could not be found."),
        ("routers/nope/l3-agents", "RouterNotFound", "Router nope could not be found"),
    ],
)
def test_what_is_not_there_is_404(neutron: Client, path: str, kind: str, words: str) -> None:
    assert refused(neutron.get(f"{AT}/{path}", status=404)) == (kind, words)


def test_tenants_see_their_own_and_what_is_external(owner: Client, model: Cloud) -> None:
    names = {row["name"] for row in owner.get(f"{AT}/networks")["networks"]}
    assert names == {"web-shop-net", "public"}
    mine = owner.get(f"{AT}/ports")["ports"]
    assert {row["project_id"] for row in mine} == {model.tenants[0].project_id}
    assert "binding:host_id" not in mine[0]
    assert "binding:vnic_type" in mine[0]
    assert "provider:network_type" not in owner.get(f"{AT}/networks")["networks"][0]
    assert owner.get(f"{AT}/agents")["agents"] == []
    other = model.tenants[1].network_id
    kind, words = refused(owner.get(f"{AT}/networks/{other}", status=404))
    assert (kind, words) == ("NetworkNotFound", f"Network {other} could not be found.")


def test_a_reader_may_look_but_not_write(model: Cloud) -> None:
    reader = Client(model, API, "reader", "web-shop")
    assert len(reader.get(f"{AT}/ports")["ports"]) > 3
    kind, words = refused(make(reader, "network", 403, name="x"))
    assert (kind, words) == ("PolicyNotAuthorized", "rule:create_network is disallowed by policy")


def test_at_scale_a_page_does_not_look_at_everything() -> None:
    model = cloud(computes=500, servers=20_000)
    client = Client(model, API)
    made = 0
    real = model.compute.servers.at

    def counting(number: int) -> Any:
        nonlocal made
        made += 1
        return real(number)

    model.compute.servers.at = counting  # type: ignore[method-assign]
    page = client.get(f"{AT}/ports?limit=100")["ports"]
    assert len(page) == 100
    following = client.get(f"{AT}/ports?limit=100&marker={page[-1]['id']}")["ports"]
    assert following[0]["id"] > page[-1]["id"]
    assert made < 1000
    port = next(row for row in page if row["device_owner"] == "compute:nova")
    assert client.get(f"{AT}/ports/{port['id']}")["port"] == port
    assert ids(client.get(f"{AT}/ports?device_id={port['device_id']}")["ports"]) == [port["id"]]
    address = port["fixed_ips"][0]["ip_address"]
    same = client.get(f"{AT}/ports?fixed_ips=ip_address={address}&network_id={port['network_id']}")["ports"]
    assert ids(same) == [port["id"]]
