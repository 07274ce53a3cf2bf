"""Security groups, their rules, address groups."""

from __future__ import annotations

import pytest

from runbooks.simulator.model.cloud import Cloud
from tests.simulator.calls import Client
from tests.simulator.neutron.helpers import make, network_with_subnet, refused

AT = "/v2.0"


def test_security_group_and_port_security_exclude_each_other(neutron: Client) -> None:
    network, _ = network_with_subnet(neutron)
    group = make(neutron, "security_group", name="g")["id"]
    port = make(neutron, "port", network_id=network, security_groups=[group])["id"]
    found = neutron.do("PUT", f"{AT}/ports/{port}", {"port": {"port_security_enabled": False}}, status=409)
    assert refused(found)[0] == "PortSecurityPortHasSecurityGroup"
    body = {"port": {"port_security_enabled": False, "security_groups": []}}
    assert neutron.do("PUT", f"{AT}/ports/{port}", body)["port"]["port_security_enabled"] is False


def test_a_new_security_group_lets_everything_out(neutron: Client) -> None:
    made = make(neutron, "security_group", name="web", description="for web servers")
    rules = [(rule["direction"], rule["ethertype"]) for rule in made["security_group_rules"]]
    assert sorted(rules) == [("egress", "IPv4"), ("egress", "IPv6")]
    assert made["stateful"] is True


def test_rules_are_listed_in_their_group_and_alone(neutron: Client) -> None:
    group = make(neutron, "security_group", name="web")["id"]
    rule = make(
        neutron,
        "security_group_rule",
        security_group_id=group,
        direction="ingress",
        protocol="TCP",
        port_range_min="80",
        port_range_max=443,
        remote_ip_prefix="10.0.0.7/8",
    )
    shown = (rule["protocol"], rule["port_range_min"], rule["remote_ip_prefix"], rule["normalized_cidr"])
    assert shown == ("tcp", 80, "10.0.0.0/8", "10.0.0.0/8")
    inside = neutron.get(f"{AT}/security-groups/{group}")["security_group"]["security_group_rules"]
    assert rule["id"] in [row["id"] for row in inside]
    found = neutron.get(f"{AT}/security-group-rules?security_group_id={group}&protocol=tcp")["security_group_rules"]
    assert [row["id"] for row in found] == [rule["id"]]
    neutron.do("DELETE", f"{AT}/security-group-rules/{rule['id']}", status=204)
    neutron.get(f"{AT}/security-group-rules/{rule['id']}", status=404)


@pytest.mark.parametrize(
    ("values", "kind", "words"),
    [
        (
            {"port_range_min": 1, "port_range_max": 2},
            "SecurityGroupProtocolRequiredWithPorts",
            "Must also specify protocol if port range is given.",
        ),
        (
            {"protocol": "tcp", "port_range_min": 9, "port_range_max": 2},
            "SecurityGroupInvalidPortRange",
            "For TCP/UDP protocols, port_range_min must be <= port_range_max",
        ),
        (
            {"protocol": "icmp", "port_range_min": 256},
            "SecurityGroupInvalidIcmpValue",
            "Invalid value for ICMP type (port_range_min) 256. It must be 0 to 255.",
        ),
        (
            {"protocol": "icmp", "port_range_max": 1},
            "SecurityGroupMissingIcmpType",
            "ICMP code (port-range-max) 1 is provided but ICMP type (port-range-min) is missing.",
        ),
        (
            {"remote_ip_prefix": "::/0"},
            "SecurityGroupRuleParameterConflict",
            "Conflicting value ethertype IPv4 for CIDR ::/0",
        ),
        ({"protocol": "tcp", "port_range_min": 70000}, "SecurityGroupInvalidPortValue", "Invalid value for port 70000"),
        ({"direction": "up"}, "HTTPBadRequest", "Invalid input for direction. Reason: up is not in valid_values."),
    ],
)
def test_odd_rules_are_refused(neutron: Client, values: dict[str, object], kind: str, words: str) -> None:
    group = make(neutron, "security_group", name="web")["id"]
    given = {"security_group_id": group, "direction": "ingress"} | values
    assert refused(make(neutron, "security_group_rule", 400, **given)) == (kind, words)


def test_an_unknown_protocol_is_refused(neutron: Client) -> None:
    group = make(neutron, "security_group", name="web")["id"]
    found = refused(
        make(neutron, "security_group_rule", 400, security_group_id=group, direction="egress", protocol="x")
    )
    assert found[0] == "SecurityGroupRuleInvalidProtocol"
    assert found[1].startswith("Security group rule protocol x not supported. Only protocol values [None, 'ah'")


def test_the_same_rule_twice_is_a_conflict(neutron: Client) -> None:
    group = make(neutron, "security_group", name="web")["id"]
    rule = make(neutron, "security_group_rule", security_group_id=group, direction="ingress")["id"]
    found = refused(make(neutron, "security_group_rule", 409, security_group_id=group, direction="ingress"))
    assert found == ("SecurityGroupRuleExists", f"Security group rule already exists. Rule id is {rule}.")


def test_groups_in_use_and_default_ones_stay(neutron: Client, owner: Client, model: Cloud) -> None:
    default = model.tenants[0].security_group_id
    assert refused(neutron.do("DELETE", f"{AT}/security-groups/{default}", status=409)) == (
        "SecurityGroupInUse",
        f"Security Group {default} in use.",
    )
    body = {"security_group": {"name": "other"}}
    assert refused(owner.do("PUT", f"{AT}/security-groups/{default}", body, status=409)) == (
        "SecurityGroupCannotUpdateDefault",
        "Updating default security group not allowed.",
    )


def test_address_groups(neutron: Client) -> None:
    group = make(neutron, "address_group", name="offices", addresses=["10.0.0.0/8", "10.0.0.0/8"])
    assert group["addresses"] == ["10.0.0.0/8"]
    at = f"{AT}/address-groups/{group['id']}"
    more = {"address_group": {"addresses": ["192.168.0.0/16"]}}
    assert neutron.do("PUT", f"{at}/add_addresses", more)["address_group"]["addresses"] == [
        "10.0.0.0/8",
        "192.168.0.0/16",
    ]
    assert refused(neutron.do("PUT", f"{at}/add_addresses", more, status=409))[0] == "AddressesAlreadyExist"
    neutron.do("PUT", f"{at}/remove_addresses", more)
    assert refused(neutron.do("PUT", f"{at}/remove_addresses", more, status=404))[0] == "AddressesNotFound"
    neutron.do("DELETE", at, status=204)
