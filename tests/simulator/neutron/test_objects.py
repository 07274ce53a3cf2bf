"""Networks, subnets, ports, security groups, sharing: what may be made, changed and deleted, and what is refused."""

from __future__ import annotations

import json

import pytest

from runbooks.simulator.http.nova import API as NOVA
from runbooks.simulator.model.cloud import Cloud
from tests.simulator.calls import Client
from tests.simulator.neutron.helpers import make, network_with_subnet, pass_time, refused, stop

AT = "/v2.0"


def test_a_network_has_neutrons_defaults(neutron: Client) -> None:
    made = make(neutron, "network", name="new", description="for tests")
    shown = {key: made[key] for key in ("name", "mtu", "status", "shared", "router:external", "provider:network_type")}
    assert shown == {
        "name": "new",
        "mtu": 1450,
        "status": "ACTIVE",
        "shared": False,
        "router:external": False,
        "provider:network_type": "vxlan",
    }
    assert made["project_id"] == made["tenant_id"]
    assert made["subnets"] == made["availability_zones"] == []
    assert (made["created_at"], made["revision_number"]) == ("2026-11-20T22:40:00Z", 1)
    assert neutron.get(f"{AT}/networks/{made['id']}")["network"] == made


def test_a_change_counts_the_revision_up(neutron: Client, model: Cloud) -> None:
    made = make(neutron, "network", name="new")
    pass_time(model, 60)
    changed = neutron.do("PUT", f"{AT}/networks/{made['id']}", {"network": {"name": "newer", "mtu": 1400}})["network"]
    assert (changed["name"], changed["mtu"], changed["revision_number"]) == ("newer", 1400, 2)
    assert changed["updated_at"] == "2026-11-20T22:41:00Z"


def test_a_change_can_be_tied_to_a_revision(neutron: Client) -> None:
    made = make(neutron, "network", name="new")
    at, body = f"{AT}/networks/{made['id']}", {"network": {"name": "mine"}}
    assert neutron.reply("PUT", at, body, If_Match="revision_number=1").status == 200
    late = neutron.reply("PUT", at, body, If_Match="revision_number=1")
    assert late.status == 412
    assert refused(json.loads(late.encoded())) == (
        "RevisionNumberConstraintFailed",
        "Constrained to 1, but current revision is 2",
    )
    assert neutron.reply("DELETE", at, If_Match="revision_number=many").status == 400
    assert neutron.reply("DELETE", at, If_Match="revision_number=2").status == 204


def test_several_are_made_at_once(neutron: Client) -> None:
    made = neutron.do("POST", f"{AT}/networks", {"networks": [{"name": "a"}, {"name": "b"}]}, status=201)["networks"]
    assert [row["name"] for row in made] == ["a", "b"]
    both = {"networks": [{"name": "c"}, {"name": "d", "provider:network_type": "ether"}]}
    refused(neutron.do("POST", f"{AT}/networks", both, status=400))
    assert neutron.get(f"{AT}/networks?name=c")["networks"] == []  # all of them or none


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (None, "Unable to find 'network' in request body"),
        ([], "Body contains invalid data"),
        ({}, "Unable to find 'network' in request body"),
        ({"network": []}, "Object 'network' contains invalid data"),
        ({"networks": []}, "Resources required"),
        ({"network": {"colour": "red"}}, "Unrecognized attribute(s) 'colour'"),
        ({"network": {"status": "DOWN"}}, "Attribute 'status' not allowed in POST"),
        ({"network": {"name": 7}}, "Invalid input for name. Reason: '7' is not a valid string."),
        ({"network": {"mtu": -1}}, "Invalid input for mtu. Reason: '-1' should be non-negative."),
        (
            {"network": {"name": "x" * 256}},
            f"Invalid input for name. Reason: '{'x' * 256}' exceeds maximum length of 255.",
        ),
    ],
)
def test_odd_bodies_are_refused(neutron: Client, body: object, words: str) -> None:
    found = refused(neutron.do("POST", f"{AT}/networks", body, status=400))
    assert found == ("HTTPBadRequest", words)


@pytest.mark.parametrize(
    ("values", "status", "kind", "words"),
    [
        (
            {"provider:network_type": "flat", "provider:physical_network": "physnet1"},
            409,
            "FlatNetworkInUse",
            "Unable to create the flat network. Physical network physnet1 is in use.",
        ),
        (
            {"provider:network_type": "vxlan", "provider:segmentation_id": 1000},
            409,
            "TunnelIdInUse",
            "Unable to create the network. The tunnel ID 1000 is in use.",
        ),
        (
            {"provider:network_type": "ether"},
            400,
            "InvalidInput",
            "Invalid input for operation: network_type value 'ether' not supported.",
        ),
        (
            {"provider:network_type": "vlan"},
            400,
            "InvalidInput",
            "Invalid input for operation: physical_network required for vlan provider network.",
        ),
    ],
)
def test_segments_are_checked(neutron: Client, values: dict[str, object], status: int, kind: str, words: str) -> None:
    assert refused(make(neutron, "network", status, name="x", **values)) == (kind, words)


def test_a_vlan_is_taken_once(neutron: Client) -> None:
    wanted = {"provider:network_type": "vlan", "provider:physical_network": "physnet1", "provider:segmentation_id": 7}
    assert make(neutron, "network", name="seven", **wanted)["provider:segmentation_id"] == 7
    kind, words = refused(make(neutron, "network", 409, name="again", **wanted))
    assert (kind, words) == (
        "VlanIdInUse",
        "Unable to create the network. The VLAN 7 on physical network physnet1 is in use.",
    )


def test_a_network_in_use_stays(neutron: Client, model: Cloud) -> None:
    network, _ = network_with_subnet(neutron)
    port = make(neutron, "port", network_id=network)["id"]
    kind, words = refused(neutron.do("DELETE", f"{AT}/networks/{network}", status=409))
    assert kind == "NetworkInUse"
    assert words == (
        f"Unable to complete operation on network {network}. There are one or more ports still in use on the network, "
        f"id for these ports is: {port}."
    )
    pass_time(model, 3)
    neutron.do("DELETE", f"{AT}/ports/{port}", status=204)
    neutron.do("DELETE", f"{AT}/networks/{network}", status=204)
    assert neutron.get(f"{AT}/ports?network_id={network}")["ports"] == []
    assert network not in str(neutron.get(f"{AT}/subnets"))


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


def test_a_shared_network_is_seen_by_everybody(neutron: Client, owner: Client) -> None:
    network = make(neutron, "network", name="common")["id"]
    owner.get(f"{AT}/networks/{network}", status=404)
    policy = make(
        neutron,
        "rbac_policy",
        object_type="network",
        object_id=network,
        action="access_as_shared",
        target_tenant="*",
    )["id"]
    assert owner.get(f"{AT}/networks/{network}")["network"]["shared"] is True
    again = {"object_type": "network", "object_id": network, "action": "access_as_shared", "target_tenant": "*"}
    assert refused(make(neutron, "rbac_policy", 409, **again)) == (
        "DuplicateRbacPolicy",
        "An RBAC policy already exists with those values.",
    )
    neutron.do("DELETE", f"{AT}/rbac-policies/{policy}", status=204)
    owner.get(f"{AT}/networks/{network}", status=404)


def test_the_external_network_stays_external_while_routers_use_it(neutron: Client, model: Cloud) -> None:
    policy = neutron.get(f"{AT}/rbac-policies")["rbac_policies"][0]["id"]
    assert refused(neutron.do("DELETE", f"{AT}/rbac-policies/{policy}", status=409))[0] == "RbacPolicyInUse"
    body = {"network": {"router:external": False}}
    path = f"{AT}/networks/{model.network.external_id}"
    assert refused(neutron.do("PUT", path, body, status=409))[0] == "ExternalNetworkInUse"


def test_only_admins_set_what_belongs_to_the_cloud(owner: Client) -> None:
    kind, words = refused(make(owner, "network", 403, name="x", shared=True))
    assert (kind, words) == (
        "PolicyNotAuthorized",
        "rule:create_network and rule:create_network:shared is disallowed by policy",
    )
    made = make(owner, "network", name="mine")
    assert "provider:segmentation_id" not in made
    changed = owner.do("PUT", f"{AT}/networks/{made['id']}", {"network": {"router:external": True}}, status=403)
    assert refused(changed)[0] == "PolicyNotAuthorized"


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


def test_quotas_end_what_may_be_made(neutron: Client, owner: Client, model: Cloud) -> None:
    project = model.tenants[0].project_id
    at = f"{AT}/quotas/{project}"
    assert neutron.do("PUT", at, {"quota": {"network": 2}})["quota"]["network"] == 2
    make(owner, "network", name="second")
    assert refused(make(owner, "network", 409, name="third")) == (
        "OverQuota",
        "Quota exceeded for resources: ['network'].",
    )
    details = neutron.get(f"{at}/details")["quota"]
    assert details["network"] == {"limit": 2, "used": 2, "reserved": 0}
    assert details["port"]["used"] == len(neutron.get(f"{AT}/ports?project_id={project}")["ports"])
    assert project in [row["project_id"] for row in neutron.get(f"{AT}/quotas")["quotas"]]
    neutron.do("DELETE", at, status=204)
    assert neutron.get(at)["quota"]["network"] == 100
    assert neutron.get(f"{at}/default")["quota"]["network"] == 100
    assert refused(neutron.do("DELETE", at, status=404))[0] == "TenantQuotaNotFound"
    owner.do("PUT", at, {"quota": {"network": 7}}, status=403)


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


def test_while_the_broker_is_gone_a_post_is_late_but_has_made_the_network(neutron: Client, model: Cloud) -> None:
    for host in ("ctl01", "ctl02", "ctl03"):
        stop(model, host, "rabbitmq")
    reply = neutron.reply("POST", f"{AT}/networks", {"network": {"name": "late"}})
    assert (reply.status, reply.delay) == (500, 60.0)
    assert [row["name"] for row in neutron.get(f"{AT}/networks?name=late")["networks"]] == ["late"]
