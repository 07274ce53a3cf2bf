"""RBAC policies (who else may use an object) and address groups (named ranges for rules)."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import msgspec

from runbooks.simulator.http.api import Route
from runbooks.simulator.http.call import ApiError, Call, Reply
from runbooks.simulator.http.neutron import attributes_l3, quotas, values, views
from runbooks.simulator.http.neutron.errors import conflict, invalid_input, malformed, not_found
from runbooks.simulator.http.neutron.objects import Given, Objects
from runbooks.simulator.http.neutron.sources import Records
from runbooks.simulator.model.network.records import AddressGroup, RbacPolicy

_ACTIONS = {
    "network": ("access_as_external", "access_as_shared"),
    "qos_policy": ("access_as_shared",),
    "security_group": ("access_as_shared",),
    "address_group": ("access_as_shared",),
    "address_scope": ("access_as_shared",),
    "subnetpool": ("access_as_shared",),
}


def _create_policy(call: Call, given: Given) -> str:
    network = call.cloud.network
    quotas.check(call, given["project_id"], "rbac_policy")
    kind, target = given["object_type"], given["object_id"]
    if kind not in _ACTIONS:
        valid = ", ".join(f"'{name}'" for name in sorted(_ACTIONS))
        raise invalid_input(f"'{kind}' is not a valid RBAC object type. Valid types: {valid}")
    if given["action"] not in _ACTIONS[kind]:
        raise invalid_input(
            f"Invalid action '{given['action']}' for object type '{kind}'. Valid actions: {', '.join(_ACTIONS[kind])}"
        )
    homes: dict[str, Any] = {
        "network": network.networks,
        "security_group": network.security_groups,
        "address_group": network.address_groups,
    }
    if target not in homes.get(kind, {}):
        raise (
            not_found(kind, target)
            if kind in homes
            else ApiError(404, "The resource could not be found.", kind="HTTPNotFound")
        )
    policy = RbacPolicy(
        id=str(uuid4()),
        project_id=given["project_id"],
        object_type=kind,
        object_id=target,
        action=given["action"],
        target=given["target_tenant"],
    )
    if any(_key(one) == _key(policy) for one in network.rbac_policies.values()):
        raise conflict("DuplicateRbacPolicy", "An RBAC policy already exists with those values.")
    network.rbac_policies[policy.id] = policy
    _apply(call, policy, True)
    return policy.id


def _key(policy: RbacPolicy) -> tuple[str, str, str, str]:
    return policy.object_type, policy.object_id, policy.action, policy.target


def _update_policy(call: Call, identity: str, changes: Given) -> None:
    policy = call.cloud.network.rbac_policies[identity]
    policy.target = changes.get("target_tenant", policy.target)


def _delete_policy(call: Call, identity: str) -> None:
    network = call.cloud.network
    policy = network.rbac_policies[identity]
    if policy.action == "access_as_external" and any(
        port.device_owner == "network:router_gateway" for port in network.ports.on_network(policy.object_id)
    ):
        raise conflict(
            "RbacPolicyInUse",
            f"RBAC policy on object {policy.object_id} cannot be removed because other objects depend on it.\n"
            f"Details: Network {policy.object_id} has existing gateway ports.",
        )
    del network.rbac_policies[identity]
    _apply(call, policy, False)


def _apply(call: Call, policy: RbacPolicy, on: bool) -> None:
    """A network that everybody may use is `shared`, or `router:external`."""
    record = call.cloud.network.networks.get(policy.object_id)
    if record is not None and policy.target == "*":
        setattr(record, "external" if policy.action == "access_as_external" else "shared", on)


def _create_address_group(call: Call, given: Given) -> str:
    now = call.cloud.now()
    group = AddressGroup(
        id=str(uuid4()),
        project_id=given["project_id"],
        name=given["name"],
        description=given["description"],
        created=now,
        updated=now,
        addresses=tuple(dict.fromkeys(given["addresses"])),
    )
    call.cloud.network.address_groups[group.id] = group
    return group.id


def _update_address_group(call: Call, identity: str, changes: Given) -> None:
    group = call.cloud.network.address_groups[identity]
    group.name = changes.get("name", group.name)
    group.description = changes.get("description", group.description)
    group.touch(call.cloud.now())


def _delete_address_group(call: Call, identity: str) -> None:
    network = call.cloud.network
    if any(rule.remote_address_group == identity for rule in network.rules()):
        raise conflict("AddressGroupInUse", f"Address group {identity} is in use on one or more security group rules.")
    del network.address_groups[identity]


def _change_addresses(call: Call) -> Reply:
    """`add_addresses` and `remove_addresses`."""
    identity = call.args["id"]
    ADDRESS_GROUPS.find(call, identity)
    group = call.cloud.network.address_groups[identity]
    try:
        body = msgspec.json.decode(call.data)
        given = [values.cidr(one) for one in body["address_group"]["addresses"]]
    except (msgspec.DecodeError, KeyError, TypeError):
        raise malformed("Body contains invalid data") from None
    if call.path.rstrip("/").endswith("add_addresses"):
        known = [one for one in given if one in group.addresses]
        if known:
            raise conflict("AddressesAlreadyExist", f"Addresses {known} already exist in the address group {identity}.")
        group.addresses += tuple(given)
    else:
        absent = [one for one in given if one not in group.addresses]
        if absent:
            raise ApiError(
                404, f"Addresses {absent} not found in the address group {identity}.", kind="AddressesNotFound"
            )
        group.addresses = tuple(one for one in group.addresses if one not in given)
    group.touch(call.cloud.now())
    return Reply({"address_group": views.address_group(call.cloud, group)})


RBAC_POLICIES = Objects(
    attributes_l3.RBAC_POLICIES,
    lambda cloud: Records(cloud, cloud.network.rbac_policies, views.rbac_policy),
    _create_policy,
    _update_policy,
    _delete_policy,
)
ADDRESS_GROUPS = Objects(
    attributes_l3.ADDRESS_GROUPS,
    lambda cloud: Records(cloud, cloud.network.address_groups, views.address_group),
    _create_address_group,
    _update_address_group,
    _delete_address_group,
)
ROUTES = (
    *RBAC_POLICIES.routes(),
    *ADDRESS_GROUPS.routes(),
    Route("PUT", "/v2.0/address-groups/{id}/add_addresses", _change_addresses, "member", "add_addresses"),
    Route("PUT", "/v2.0/address-groups/{id}/remove_addresses", _change_addresses, "member", "remove_addresses"),
)
