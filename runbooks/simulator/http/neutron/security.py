"""Security groups and their rules."""

from __future__ import annotations

import ipaddress
from uuid import uuid4

from runbooks.simulator.http.call import ApiError, Call
from runbooks.simulator.http.neutron import attributes_l3, quotas, views
from runbooks.simulator.http.neutron.errors import conflict, malformed, not_found
from runbooks.simulator.http.neutron.objects import Given, Objects
from runbooks.simulator.http.neutron.query import Row
from runbooks.simulator.http.neutron.sources import Records
from runbooks.simulator.model.cloud import Cloud
from runbooks.simulator.model.network import groups
from runbooks.simulator.model.network.port_search import narrowed
from runbooks.simulator.model.network.records import Rule

_WITH_PORTS = ("tcp", "udp", "udplite", "sctp", "dccp", "6", "17", "33", "132", "136")
_ICMP = ("icmp", "icmpv6", "ipv6-icmp", "1", "58")


def _create_group(call: Call, given: Given) -> str:
    network, now = call.cloud.network, call.cloud.now()
    quotas.check(call, given["project_id"], "security_group")
    if given["name"].lower() == "default":
        raise malformed("Invalid input for name. Reason: Default security group already exists..")
    group = groups.group(
        network, given["project_id"], str(uuid4()), now, name=given["name"], description=given["description"]
    )
    group.stateful = given["stateful"]
    return group.id


def _update_group(call: Call, identity: str, changes: Given) -> None:
    group = call.cloud.network.security_groups[identity]
    if group.name == "default" and changes.get("name", "default") != "default":
        raise conflict("SecurityGroupCannotUpdateDefault", "Updating default security group not allowed.")
    if changes.get("stateful", group.stateful) != group.stateful and _used(call, identity):
        raise conflict("SecurityGroupInUse", f"Security Group {identity} in use.")
    for name in ("name", "description", "stateful"):
        if name in changes:
            setattr(group, name, changes[name])
    group.touch(call.cloud.now())


def _delete_group(call: Call, identity: str) -> None:
    network = call.cloud.network
    if _used(call, identity):
        raise conflict("SecurityGroupInUse", f"Security Group {identity} in use.")
    if network.security_groups[identity].name == "default" and not call.user.is_admin:
        raise conflict("SecurityGroupCannotRemoveDefault", "Insufficient rights for removing default security group.")
    del network.security_groups[identity]


def _used(call: Call, identity: str) -> bool:
    group = call.cloud.network.security_groups[identity]
    ports = narrowed(call.cloud.network.ports, {"project_id": [group.project_id]}) or ()
    return any(identity in port.security_groups for port in ports)


def _create_rule(call: Call, given: Given) -> str:
    network, now = call.cloud.network, call.cloud.now()
    group = network.security_groups.get(given["security_group_id"])
    if group is None:
        raise not_found("security_group", given["security_group_id"])
    quotas.check(call, given["project_id"], "security_group_rule")
    rule = Rule(
        id=str(uuid4()),
        project_id=given["project_id"],
        description=given["description"],
        created=now,
        updated=now,
        group_id=group.id,
        direction=given["direction"],
        ethertype=given["ethertype"],
        protocol=given["protocol"],
        port_min=given["port_range_min"],
        port_max=given["port_range_max"],
        remote_prefix=given["remote_ip_prefix"],
        remote_group=given["remote_group_id"],
        remote_address_group=given["remote_address_group_id"],
        serial=network.next_serial(),
    )
    _check(call, rule)
    same = next((one for one in group.rules if _key(one) == _key(rule)), None)
    if same is not None:
        raise conflict("SecurityGroupRuleExists", f"Security group rule already exists. Rule id is {same.id}.")
    group.rules.append(rule)
    group.touch(now)
    return rule.id


def _key(rule: Rule) -> tuple[object, ...]:
    ports = (rule.port_min, rule.port_max)
    remote = (rule.remote_prefix, rule.remote_group, rule.remote_address_group)
    return (rule.direction, rule.ethertype, rule.protocol, *ports, *remote)


def _check(call: Call, rule: Rule) -> None:
    network = call.cloud.network
    if sum(one is not None for one in (rule.remote_prefix, rule.remote_group, rule.remote_address_group)) > 1:
        raise _invalid(
            "SecurityGroupMultipleRemoteEntites",
            "Only one of remote_ip_prefix or remote_group_id or remote_address_group_id may be provided.",
        )
    if rule.remote_group is not None and rule.remote_group not in network.security_groups:
        raise not_found("security_group", rule.remote_group)
    if rule.remote_address_group is not None and rule.remote_address_group not in network.address_groups:
        raise not_found("address_group", rule.remote_address_group)
    _check_ports(rule)
    if rule.remote_prefix is not None:
        version = ipaddress.ip_network(rule.remote_prefix).version
        if rule.ethertype != f"IPv{version}":
            raise _invalid(
                "SecurityGroupRuleParameterConflict",
                f"Conflicting value ethertype {rule.ethertype} for CIDR {rule.remote_prefix}",
            )


def _check_ports(rule: Rule) -> None:
    low, high, protocol = rule.port_min, rule.port_max, rule.protocol
    if protocol is None:
        if low is not None or high is not None:
            raise _invalid(
                "SecurityGroupProtocolRequiredWithPorts", "Must also specify protocol if port range is given."
            )
    elif protocol in _WITH_PORTS:
        if low == 0 or high == 0:
            raise _invalid("SecurityGroupInvalidPortValue", "Invalid value for port 0")
        if (low is None) != (high is None) or (low is not None and high is not None and low > high):
            raise _invalid(
                "SecurityGroupInvalidPortRange", "For TCP/UDP protocols, port_range_min must be <= port_range_max"
            )
    elif protocol in _ICMP:
        for name, attribute, value in (("type", "port_range_min", low), ("code", "port_range_max", high)):
            if value is not None and value > 255:
                raise _invalid(
                    "SecurityGroupInvalidIcmpValue",
                    f"Invalid value for ICMP {name} ({attribute}) {value}. It must be 0 to 255.",
                )
        if low is None and high is not None:
            raise _invalid(
                "SecurityGroupMissingIcmpType",
                f"ICMP code (port-range-max) {high} is provided but ICMP type (port-range-min) is missing.",
            )
    elif low is not None or high is not None:
        raise _invalid(
            "SecurityGroupInvalidProtocolForPort",
            f"Ports cannot be specified for protocol {protocol}. Ports are only supported for "
            f"{', '.join(_WITH_PORTS[:5])}.",
        )


def _invalid(kind: str, message: str) -> ApiError:
    return ApiError(400, message, kind=kind)


def _delete_rule(call: Call, identity: str) -> None:
    for group in call.cloud.network.security_groups.values():
        kept = [rule for rule in group.rules if rule.id != identity]
        if len(kept) != len(group.rules):
            group.rules = kept
            group.touch(call.cloud.now())


def _rule_row(cloud: Cloud, rule: Rule) -> Row:
    """A rule in a list of its own: without tags and the number of its attributes, but telling whose group it is in."""
    row = views.rule(cloud, rule)
    row["belongs_to_default_sg"] = cloud.network.security_groups[rule.group_id].name == "default"
    return {name: value for name, value in row.items() if name not in ("tags", "standard_attr_id")}


SECURITY_GROUPS = Objects(
    attributes_l3.SECURITY_GROUPS,
    lambda cloud: Records(cloud, cloud.network.security_groups, views.security_group),
    _create_group,
    _update_group,
    _delete_group,
)
RULES = Objects(
    attributes_l3.SECURITY_GROUP_RULES,
    lambda cloud: Records(cloud, {rule.id: rule for rule in cloud.network.rules()}, _rule_row),
    _create_rule,
    None,
    _delete_rule,
)
ROUTES = (*SECURITY_GROUPS.routes(), *RULES.routes())
