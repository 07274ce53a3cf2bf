"""Routers, their interfaces and gateways, and floating IPs."""

from __future__ import annotations

from typing import Any

import pytest

from runbooks.simulator.http.nova import API as NOVA
from runbooks.simulator.model.cloud import Cloud
from tests.simulator.calls import Client
from tests.simulator.neutron.helpers import make, network_with_subnet, pass_time, refused

AT = "/v2.0"
NOTHING = "00000000-0000-4000-a000-000000000000"


def router(neutron: Client, model: Cloud, **more: object) -> dict[str, Any]:
    gateway = {"network_id": model.network.external_id}
    found: dict[str, Any] = make(neutron, "router", name="r", external_gateway_info=gateway, **more)
    return found


def interface(neutron: Client, router_id: str, verb: str, status: int = 200, **body: str) -> Any:
    return neutron.do("PUT", f"{AT}/routers/{router_id}/{verb}_router_interface", body, status=status)


def test_a_new_router_is_ha_on_both_network_nodes(neutron: Client, model: Cloud) -> None:
    made = router(neutron, model)
    assert (made["ha"], made["status"], made["external_gateway_info"]["enable_snat"]) == (True, "ACTIVE", True)
    hosts = neutron.get(f"{AT}/routers/{made['id']}/l3-agents")["agents"]
    assert sorted((row["host"], row["ha_state"]) for row in hosts)[0][0] == "net01"
    assert sorted(row["ha_state"] for row in hosts) == ["active", "standby"]
    owners = sorted(row["device_owner"] for row in neutron.get(f"{AT}/ports?device_id={made['id']}")["ports"])
    assert owners == ["network:router_gateway", "network:router_ha_interface", "network:router_ha_interface"]
    networks = neutron.get(f"{AT}/networks?name=HA network tenant {made['project_id']}")["networks"]
    assert len(networks) == 1


def test_a_router_without_ha_has_one_agent(neutron: Client, model: Cloud) -> None:
    made = router(neutron, model, ha=False)
    agents = neutron.get(f"{AT}/routers/{made['id']}/l3-agents")["agents"]
    assert [row["ha_state"] for row in agents] == [None]


def test_interfaces_come_and_go(neutron: Client, model: Cloud) -> None:
    made = router(neutron, model)
    network, subnet = network_with_subnet(neutron)
    added = interface(neutron, made["id"], "add", subnet_id=subnet)
    assert (added["id"], added["network_id"], added["subnet_ids"]) == (made["id"], network, [subnet])
    port = neutron.get(f"{AT}/ports/{added['port_id']}")["port"]
    assert port["fixed_ips"] == [{"subnet_id": subnet, "ip_address": "192.168.7.1"}]
    assert (port["device_owner"], port["status"]) == ("network:ha_router_replicated_interface", "ACTIVE")
    again = refused(interface(neutron, made["id"], "add", 400, subnet_id=subnet))
    assert again == ("BadRequest", f"Bad router request: Router already has a port on subnet {subnet}.")
    assert refused(neutron.do("DELETE", f"{AT}/routers/{made['id']}", status=409)) == (
        "RouterInUse",
        f"Router {made['id']} still has ports",
    )
    interface(neutron, made["id"], "remove", subnet_id=subnet)
    gone = refused(interface(neutron, made["id"], "remove", 404, subnet_id=subnet))
    assert gone == (
        "RouterInterfaceNotFoundForSubnet",
        f"Router {made['id']} has no interface on subnet {subnet}",
    )
    neutron.do("DELETE", f"{AT}/routers/{made['id']}", status=204)
    assert neutron.get(f"{AT}/ports?device_id={made['id']}")["ports"] == []


def test_an_interface_can_be_a_port_of_ones_own(neutron: Client, model: Cloud) -> None:
    made = router(neutron, model)
    network, _ = network_with_subnet(neutron)
    port = make(neutron, "port", network_id=network)["id"]
    interface(neutron, made["id"], "add", port_id=port)
    assert neutron.get(f"{AT}/ports/{port}")["port"]["device_id"] == made["id"]
    taken = refused(interface(neutron, made["id"], "add", 409, port_id=port))
    assert taken[0] == "PortInUse"
    interface(neutron, made["id"], "remove", port_id=port)
    neutron.get(f"{AT}/ports/{port}", status=404)


@pytest.mark.parametrize(
    ("body", "status", "kind", "words"),
    [
        ({}, 400, "BadRequest", "Bad router request: Either subnet_id or port_id must be specified."),
        (
            {"subnet_id": NOTHING, "port_id": NOTHING},
            400,
            "BadRequest",
            "Bad router request: Cannot specify both subnet-id and port-id.",
        ),
        ({"subnet_id": "dog"}, 400, "BadRequest", "Bad router request: 'dog' is not a valid UUID."),
        ({"subnet_id": NOTHING}, 404, "SubnetNotFound", f"Subnet {NOTHING} could not be found."),
        ({"port_id": NOTHING}, 404, "PortNotFound", f"Port {NOTHING} could not be found."),
    ],
)
def test_odd_interfaces_are_refused(
    neutron: Client, model: Cloud, body: dict[str, str], status: int, kind: str, words: str
) -> None:
    assert refused(interface(neutron, model.tenants[0].router_id, "add", status, **body)) == (kind, words)


def test_overlapping_subnets_do_not_share_a_router(neutron: Client, model: Cloud) -> None:
    tenant = model.tenants[0]
    _, subnet = network_with_subnet(neutron, f"{tenant.prefix}.7.0/24")
    kind, words = refused(interface(neutron, tenant.router_id, "add", 400, subnet_id=subnet))
    assert kind == "BadRequest"
    assert words == (
        f"Bad router request: Cidr {tenant.prefix}.7.0/24 of subnet {subnet} overlaps with cidr {tenant.cidr} of "
        f"subnet {tenant.subnet_id}."
    )


def test_gateways_are_set_and_cleared(neutron: Client, model: Cloud) -> None:
    made = make(neutron, "router", name="inner")
    assert made["external_gateway_info"] is None
    at = f"{AT}/routers/{made['id']}"
    external = model.network.external_id
    body = {"external_gateway_info": {"network_id": external, "enable_snat": False}}
    changed = neutron.do("PUT", at, {"router": body})["router"]
    assert changed["external_gateway_info"]["enable_snat"] is False
    assert changed["external_gateway_info"]["external_fixed_ips"][0]["ip_address"].startswith("198.18.")
    cleared = neutron.do("PUT", at, {"router": {"external_gateway_info": {}}})["router"]
    assert cleared["external_gateway_info"] is None
    wrong = {"router": {"external_gateway_info": {"network_id": model.tenants[0].network_id}}}
    assert refused(neutron.do("PUT", at, wrong, status=400)) == (
        "BadRequest",
        f"Bad router request: Network {model.tenants[0].network_id} is not an external network.",
    )


def test_a_gateway_that_floating_ips_need_stays(neutron: Client, model: Cloud) -> None:
    tenant = model.tenants[0]
    body = {"router": {"external_gateway_info": None}}
    kind, words = refused(neutron.do("PUT", f"{AT}/routers/{tenant.router_id}", body, status=409))
    assert kind == "RouterExternalGatewayInUseByFloatingIp"
    assert words == (
        f"Gateway cannot be updated for router {tenant.router_id}, since a gateway to external network "
        f"{model.network.external_id} is required by one or more floating IPs."
    )
    assert refused(interface(neutron, tenant.router_id, "remove", 409, subnet_id=tenant.subnet_id))[0] == (
        "RouterInterfaceInUseByFloatingIP"
    )


def test_routes_need_a_connected_next_hop(neutron: Client, model: Cloud) -> None:
    tenant = model.tenants[0]
    at = f"{AT}/routers/{tenant.router_id}"
    good = [{"destination": "172.16.0.0/12", "nexthop": f"{tenant.prefix}.0.77"}]
    assert neutron.do("PUT", at, {"router": {"routes": good}})["router"]["routes"] == good
    bad = [{"destination": "172.16.0.0/12", "nexthop": "1.2.3.4"}]
    kind, words = refused(neutron.do("PUT", at, {"router": {"routes": bad}}, status=400))
    assert (kind, words) == (
        "InvalidRoutes",
        f"Invalid format for routes: {bad}, the nexthop is not connected with router",
    )
    assert neutron.get(at)["router"]["routes"] == good


def test_floating_ips_point_at_servers(neutron: Client, model: Cloud) -> None:
    found = [row for row in neutron.get(f"{AT}/floatingips")["floatingips"] if row["port_id"]]
    assert found
    nova = Client(model, NOVA)
    for row in found:
        port = neutron.get(f"{AT}/ports/{row['port_id']}")["port"]
        assert row["fixed_ip_address"] == port["fixed_ips"][0]["ip_address"]
        assert row["port_details"]["device_id"] == port["device_id"]
        server = nova.get(f"/v2.1/servers/{port['device_id']}", "2.96")["server"]
        entries = [entry for entries in server["addresses"].values() for entry in entries]
        kinds = {(entry["OS-EXT-IPS:type"], entry["addr"]) for entry in entries}
        assert kinds == {("fixed", row["fixed_ip_address"]), ("floating", row["floating_ip_address"])}


def test_a_floating_ip_is_made_moved_and_freed(neutron: Client, model: Cloud) -> None:
    servers = [one for one in model.compute.servers.on_host("cmp02") if one.nics]
    ports = [one.nics[0].port_id for one in servers if not model.network.floating_of(one.nics[0].port_id)][:2]
    made = make(neutron, "floatingip", floating_network_id=model.network.external_id)
    assert (made["status"], made["port_id"], made["port_details"]) == ("DOWN", None, None)
    at = f"{AT}/floatingips/{made['id']}"
    for port in ports:
        moved = neutron.do("PUT", at, {"floatingip": {"port_id": port}})["floatingip"]
        assert (moved["status"], moved["port_id"]) == ("ACTIVE", port)
        assert [row["id"] for row in neutron.get(f"{AT}/floatingips?port_id={port}")["floatingips"]] == [made["id"]]
    freed = neutron.do("PUT", at, {"floatingip": {"port_id": None}})["floatingip"]
    assert (freed["status"], freed["router_id"], freed["fixed_ip_address"]) == ("DOWN", None, None)
    neutron.do("DELETE", at, status=204)
    neutron.get(at, status=404)


def test_a_deleted_server_leaves_its_floating_ip_behind(neutron: Client, model: Cloud) -> None:
    row = next(row for row in neutron.get(f"{AT}/floatingips")["floatingips"] if row["port_id"])
    model.compute.servers.remove(row["port_details"]["device_id"])
    after = neutron.get(f"{AT}/floatingips/{row['id']}")["floatingip"]
    assert (after["status"], after["port_id"], after["floating_ip_address"]) == (
        "DOWN",
        None,
        row["floating_ip_address"],
    )


def test_odd_floating_ips_are_refused(neutron: Client, model: Cloud) -> None:
    external, inner = model.network.external_id, model.tenants[0].network_id
    assert refused(make(neutron, "floatingip", 400, floating_network_id=inner)) == (
        "BadRequest",
        f"Bad floatingip request: Network {inner} is not a valid external network.",
    )
    used = neutron.get(f"{AT}/floatingips")["floatingips"][0]
    taken = refused(
        make(
            neutron,
            "floatingip",
            409,
            floating_network_id=external,
            floating_ip_address=used["floating_ip_address"],
        )
    )
    assert taken[0] == "IpAddressAlreadyAllocated"
    tied = next(row for row in neutron.get(f"{AT}/floatingips")["floatingips"] if row["port_id"])
    double = refused(make(neutron, "floatingip", 409, floating_network_id=external, port_id=tied["port_id"]))
    assert double[0] == "FloatingIPPortAlreadyAssociated"
    network, subnet = network_with_subnet(neutron)
    port = make(neutron, "port", network_id=network)["id"]
    lost = refused(make(neutron, "floatingip", 404, floating_network_id=external, port_id=port))
    assert lost == (
        "ExternalGatewayForFloatingIPNotFound",
        f"External network {external} is not reachable from subnet {subnet}.  Therefore, cannot associate Port {port} "
        "with a Floating IP.",
    )


def test_nova_attaches_and_detaches_ports(neutron: Client, model: Cloud) -> None:
    nova = Client(model, NOVA)
    server = next(one for one in model.compute.servers.on_host("cmp01") if one.vm_state == "active")
    network, _ = network_with_subnet(neutron)
    own = make(neutron, "port", network_id=network)["id"]
    at = f"/v2.1/servers/{server.id}/os-interface"
    nova.do("POST", at, {"interfaceAttachment": {"port_id": own}}, "2.96")
    shown = neutron.get(f"{AT}/ports/{own}")["port"]
    assert (shown["device_id"], shown["status"], shown["binding:host_id"]) == (server.id, "ACTIVE", "cmp01")
    assert own in [row["port_id"] for row in nova.get(at, "2.96")["interfaceAttachments"]]
    made = nova.do("POST", at, {"interfaceAttachment": {"net_id": network}}, "2.96")["interfaceAttachment"]["port_id"]
    assert neutron.get(f"{AT}/ports/{made}")["port"]["device_id"] == server.id
    assert {own, made} <= {row["id"] for row in neutron.get(f"{AT}/ports?device_id={server.id}")["ports"]}
    for port in (own, made):
        nova.do("DELETE", f"{at}/{port}", version="2.96", status=202)
    assert neutron.get(f"{AT}/ports/{own}")["port"]["device_id"] == ""
    neutron.get(f"{AT}/ports/{made}", status=404)


def test_a_deleted_server_frees_the_port_that_was_there_before_it(neutron: Client, model: Cloud) -> None:
    nova = Client(model, NOVA)
    server = next(one for one in model.compute.servers.on_host("cmp01") if one.vm_state == "active")
    network, _ = network_with_subnet(neutron)
    own = make(neutron, "port", network_id=network)["id"]
    nova.do("POST", f"/v2.1/servers/{server.id}/os-interface", {"interfaceAttachment": {"port_id": own}}, "2.96")
    nova.do("DELETE", f"/v2.1/servers/{server.id}", status=204)
    pass_time(model, 10)
    shown = neutron.get(f"{AT}/ports/{own}")["port"]
    assert (shown["device_id"], shown["status"], shown["binding:vif_type"]) == ("", "DOWN", "unbound")
    neutron.get(f"{AT}/ports/{server.nics[0].port_id}", status=404)


def test_a_floating_ip_does_not_jump_to_another_port_of_its_server(neutron: Client, model: Cloud) -> None:
    row = next(row for row in neutron.get(f"{AT}/floatingips")["floatingips"] if row["port_id"])
    server = row["port_details"]["device_id"]
    neutron.do("DELETE", f"{AT}/ports/{row['port_id']}", status=204)
    body = {"interfaceAttachment": {"net_id": row["port_details"]["network_id"]}}
    Client(model, NOVA).do("POST", f"/v2.1/servers/{server}/os-interface", body, "2.96")
    assert neutron.get(f"{AT}/floatingips/{row['id']}")["floatingip"]["port_id"] is None
