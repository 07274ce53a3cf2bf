"""Subnets: gateways, pools, what is refused, used addresses."""

from __future__ import annotations

import pytest

from runbooks.simulator.model.cloud import Cloud
from tests.simulator.calls import Client
from tests.simulator.neutron.helpers import make, network_with_subnet, refused

AT = "/v2.0"


def test_a_subnet_gets_a_gateway_and_pools(neutron: Client) -> None:
    network, subnet = network_with_subnet(neutron, "192.168.7.9/24")
    found = neutron.get(f"{AT}/subnets/{subnet}")["subnet"]
    assert (found["cidr"], found["gateway_ip"]) == ("192.168.7.0/24", "192.168.7.1")
    assert found["allocation_pools"] == [{"start": "192.168.7.2", "end": "192.168.7.254"}]
    assert neutron.get(f"{AT}/networks/{network}")["network"]["subnets"] == [subnet]
    middle = make(neutron, "subnet", network_id=network, ip_version=4, cidr="192.168.8.0/29", gateway_ip="192.168.8.3")
    assert middle["allocation_pools"] == [
        {"start": "192.168.8.1", "end": "192.168.8.2"},
        {"start": "192.168.8.4", "end": "192.168.8.6"},
    ]
    none = make(neutron, "subnet", network_id=network, ip_version=4, cidr="192.168.9.0/24", gateway_ip=None)
    assert none["gateway_ip"] is None
    six = make(neutron, "subnet", network_id=network, ip_version=6, cidr="2001:db8::/64")
    assert (six["gateway_ip"], six["ip_version"]) == ("2001:db8::1", 6)


@pytest.mark.parametrize(
    ("values", "status", "kind", "words"),
    [
        (
            {"cidr": "192.168.7.128/25"},
            400,
            "InvalidInput",
            "Invalid input for operation: Requested subnet with cidr: 192.168.7.128/25 for network: {network} overlaps "
            "with another subnet.",
        ),
        (
            {"cidr": "2001:db8::/64"},
            400,
            "InvalidInput",
            "Invalid input for operation: cidr '2001:db8::/64' does not match the ip_version '4'.",
        ),
        ({"cidr": "dog"}, 400, "InvalidInput", "Invalid input for operation: dog is not in a CIDR format."),
        ({}, 400, "BadRequest", "Bad subnets request: a subnetpool must be specified in the absence of a cidr."),
        (
            {"cidr": "10.1.0.0/24", "allocation_pools": [{"start": "10.1.0.1", "end": "10.1.0.9"}]},
            409,
            "GatewayConflictWithAllocationPools",
            "Gateway ip 10.1.0.1 conflicts with allocation pool 10.1.0.1-10.1.0.9.",
        ),
        (
            {"cidr": "10.1.0.0/24", "allocation_pools": [{"start": "10.2.0.1", "end": "10.2.0.9"}]},
            409,
            "OutOfBoundsAllocationPool",
            "The allocation pool 10.2.0.1-10.2.0.9 spans beyond the subnet cidr 10.1.0.0/24.",
        ),
        (
            {"cidr": "10.1.0.0/24", "dns_nameservers": ["dog"]},
            400,
            "HTTPBadRequest",
            "Invalid input for dns_nameservers. Reason: 'dog' is not a valid IP address.",
        ),
        (
            {"cidr": "10.1.0.0/31"},
            400,
            "InvalidInput",
            "Invalid input for operation: Subnet has a prefix length that is incompatible with DHCP service enabled.",
        ),
    ],
)
def test_odd_subnets_are_refused(
    neutron: Client, values: dict[str, object], status: int, kind: str, words: str
) -> None:
    network, _ = network_with_subnet(neutron)
    found = refused(make(neutron, "subnet", status, network_id=network, ip_version=4, **values))
    assert found == (kind, words.format(network=network))


def test_a_subnet_in_use_stays(neutron: Client) -> None:
    network, subnet = network_with_subnet(neutron)
    port = make(neutron, "port", network_id=network)["id"]
    kind, words = refused(neutron.do("DELETE", f"{AT}/subnets/{subnet}", status=409))
    assert (kind, words) == (
        "SubnetInUse",
        f"Unable to complete operation on subnet {subnet}: One or more ports have an IP allocation from this subnet.",
    )
    neutron.do("DELETE", f"{AT}/ports/{port}", status=204)
    neutron.do("DELETE", f"{AT}/subnets/{subnet}", status=204)
    neutron.get(f"{AT}/subnets/{subnet}", status=404)


def test_used_addresses_are_counted(neutron: Client, model: Cloud) -> None:
    ports = neutron.get(f"{AT}/ports")["ports"]
    floating = neutron.get(f"{AT}/floatingips")["floatingips"]
    for row in neutron.get(f"{AT}/network-ip-availabilities")["network_ip_availabilities"]:
        used = sum(port["network_id"] == row["network_id"] for port in ports)
        if row["network_id"] == model.network.external_id:
            used += len(floating)
        assert row["used_ips"] == used, row["network_name"]
    network, _ = network_with_subnet(neutron, "192.168.7.0/24", enable_dhcp=False)
    make(neutron, "port", network_id=network)
    path = f"{AT}/network-ip-availabilities/{network}"
    row = neutron.get(path)["network_ip_availability"]
    assert (row["total_ips"], row["used_ips"]) == (253, 1)
