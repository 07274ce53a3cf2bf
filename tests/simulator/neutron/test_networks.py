"""Networks: bodies, segments, deletion, sharing, quotas."""

from __future__ import annotations

import json

import pytest

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


def test_while_the_broker_is_gone_a_post_is_late_but_has_made_the_network(neutron: Client, model: Cloud) -> None:
    for host in ("ctl01", "ctl02", "ctl03"):
        stop(model, host, "rabbitmq")
    reply = neutron.reply("POST", f"{AT}/networks", {"network": {"name": "late"}})
    assert (reply.status, reply.delay) == (500, 60.0)
    assert [row["name"] for row in neutron.get(f"{AT}/networks?name=late")["networks"]] == ["late"]


def test_without_the_database_there_is_no_detail(neutron: Client, model: Cloud) -> None:
    neutron.get(f"{AT}/networks")  # the token is known from here on
    for host in ("ctl01", "ctl02", "ctl03"):
        stop(model, host, "mariadb")
    pass_time(model, 10)
    reply = neutron.reply("GET", f"{AT}/networks")
    assert (reply.status, reply.delay) == (500, 60.0)  # HAProxy loses patience first
    assert refused(json.loads(reply.encoded())) == (
        "HTTPInternalServerError",
        "Request Failed: internal server error while processing your request.",
    )
