"""Ports: addresses, bindings, and how servers' ones follow the servers."""

from __future__ import annotations

import pytest

from runbooks.simulator.http.nova import API as NOVA
from runbooks.simulator.model.cloud import Cloud
from tests.simulator.calls import Client
from tests.simulator.neutron.helpers import make, network_with_subnet, pass_time, refused, stop

AT = "/v2.0"


def test_ports_get_addresses_until_there_are_none(neutron: Client) -> None:
    network, subnet = network_with_subnet(neutron, "192.168.7.0/29", enable_dhcp=False)
    first = make(neutron, "port", network_id=network, name="first")
    assert first["fixed_ips"] == [{"subnet_id": subnet, "ip_address": "192.168.7.2"}]
    assert (first["status"], first["binding:vif_type"]) == ("DOWN", "unbound")
    assert first["mac_address"].startswith("fa:16:3e:")
    wanted = make(neutron, "port", network_id=network, fixed_ips=[{"ip_address": "192.168.7.5"}])
    assert wanted["fixed_ips"][0]["ip_address"] == "192.168.7.5"
    again = refused(make(neutron, "port", 409, network_id=network, fixed_ips=[{"ip_address": "192.168.7.5"}]))
    assert again == (
        "IpAddressAlreadyAllocated",
        f"IP address 192.168.7.5 already allocated in subnet {subnet}",
    )
    for _ in range(3):
        make(neutron, "port", network_id=network)
    full = refused(make(neutron, "port", 409, network_id=network))
    assert full == ("IpAddressGenerationFailure", f"No more IP addresses available on network {network}.")


@pytest.mark.parametrize(
    ("values", "status", "kind"),
    [
        ({"fixed_ips": [{"ip_address": "1.2.3.4"}]}, 400, "InvalidIpForNetwork"),
        ({"fixed_ips": [{}]}, 400, "InvalidInput"),
        ({"fixed_ips": [{"subnet_id": "00000000-0000-4000-a000-000000000000"}]}, 400, "InvalidInput"),
        ({"fixed_ips": [{"ip_address": "dog"}]}, 400, "HTTPBadRequest"),
        ({"mac_address": "dog"}, 400, "HTTPBadRequest"),
        ({"security_groups": ["00000000-0000-4000-a000-000000000000"]}, 404, "SecurityGroupNotFound"),
        ({"network_id": "00000000-0000-4000-a000-000000000000"}, 404, "NetworkNotFound"),
        ({"binding:vnic_type": "dog"}, 400, "HTTPBadRequest"),
    ],
)
def test_odd_ports_are_refused(neutron: Client, values: dict[str, object], status: int, kind: str) -> None:
    network, _ = network_with_subnet(neutron)
    assert refused(make(neutron, "port", status, **({"network_id": network} | values)))[0] == kind


def test_a_mac_address_is_taken_once(neutron: Client) -> None:
    network, _ = network_with_subnet(neutron)
    make(neutron, "port", network_id=network, mac_address="fa:16:3e:00:00:01")
    found = refused(make(neutron, "port", 409, network_id=network, mac_address="fa:16:3e:00:00:01"))
    assert found == (
        "MacAddressInUse",
        f"Unable to complete operation for network {network}. The mac address fa:16:3e:00:00:01 is in use.",
    )


def test_binding_takes_a_living_agent(neutron: Client, model: Cloud) -> None:
    network, _ = network_with_subnet(neutron)
    fine = make(neutron, "port", network_id=network, **{"binding:host_id": "cmp01"})
    assert (fine["binding:vif_type"], fine["binding:vif_details"]["bridge_name"]) == ("ovs", "br-int")
    stop(model, "cmp01", "neutron_openvswitch_agent")
    pass_time(model, 80)
    failed = make(neutron, "port", network_id=network, **{"binding:host_id": "cmp01"})
    assert (failed["binding:vif_type"], failed["binding:vif_details"]) == ("binding_failed", {})


def test_a_servers_port_follows_the_server(neutron: Client, model: Cloud) -> None:
    server = next(one for one in model.compute.servers.on_host("cmp01") if one.vm_state == "active")
    port_id = server.nics[0].port_id
    shown = neutron.get(f"{AT}/ports/{port_id}")["port"]
    assert (shown["status"], shown["binding:host_id"], shown["device_id"]) == ("ACTIVE", "cmp01", server.id)
    assert shown["fixed_ips"][0]["ip_address"] == server.nics[0].address
    changed = neutron.do("PUT", f"{AT}/ports/{port_id}", {"port": {"name": "kept", "description": "mine"}})["port"]
    assert (changed["name"], changed["revision_number"]) == ("kept", 5)
    edited = model.compute.servers.edit(server.id)
    edited.vm_state, edited.host = "stopped", "cmp03"
    shown = neutron.get(f"{AT}/ports/{port_id}")["port"]
    assert (shown["status"], shown["binding:host_id"], shown["name"]) == ("DOWN", "cmp03", "kept")
    model.compute.servers.remove(server.id)
    neutron.get(f"{AT}/ports/{port_id}", status=404)
    assert port_id not in [row["id"] for row in neutron.get(f"{AT}/ports")["ports"]]


def test_a_new_address_is_seen_by_nova(neutron: Client, model: Cloud) -> None:
    server = next(model.compute.servers.on_host("cmp01"))
    nic = server.nics[0]
    wanted = nic.address.rsplit(".", 2)[0] + ".200.7"
    body = {"port": {"fixed_ips": [{"subnet_id": nic.subnet_id, "ip_address": wanted}]}}
    changed = neutron.do("PUT", f"{AT}/ports/{nic.port_id}", body)["port"]
    assert changed["fixed_ips"] == [{"subnet_id": nic.subnet_id, "ip_address": wanted}]
    shown = Client(model, NOVA).get(f"/v2.1/servers/{server.id}", "2.96")["server"]["addresses"]
    assert wanted in [entry["addr"] for entries in shown.values() for entry in entries]


def test_deleting_a_servers_port_takes_its_interface(neutron: Client, model: Cloud) -> None:
    server = next(model.compute.servers.on_host("cmp01"))
    neutron.do("DELETE", f"{AT}/ports/{server.nics[0].port_id}", status=204)
    found = model.compute.servers.get(server.id)
    assert found is not None
    assert found.nics == ()


def test_a_routers_ports_are_protected(neutron: Client, model: Cloud) -> None:
    for row in neutron.get(f"{AT}/ports?device_id={model.tenants[0].router_id}")["ports"]:
        kind, words = refused(neutron.do("DELETE", f"{AT}/ports/{row['id']}", status=409))
        assert kind == "ServicePortInUse"
        assert words == (
            f"Port {row['id']} cannot be deleted directly via the port API: has device owner {row['device_owner']}."
        )
