"""Making a security group with the rules that Neutron gives every new one."""

from __future__ import annotations

from runbooks.simulator.model.network import Network
from runbooks.simulator.model.network.records import Rule, SecurityGroup


def group(
    network: Network,
    project: str,
    identity: str,
    at: float,
    *,
    name: str = "default",
    description: str = "Default security group",
    open_to_all: bool = False,
) -> SecurityGroup:
    """A new security group with the rules that Neutron gives it: all out, and in from itself for a default one.

    `open_to_all` adds ping and SSH from anywhere.
    """
    seed = network.cloud.seed
    found = SecurityGroup(
        id=identity, project_id=project, name=name, description=description, created=at, updated=at, revision=1
    )
    plans: list[tuple[str, str, str | None, str | None, bool]] = []
    for ethertype in ("IPv4", "IPv6"):
        if name == "default":
            plans.append(("ingress", ethertype, identity, None, True))
        plans.append(("egress", ethertype, None, None, True))
    if open_to_all:
        plans += [("ingress", "IPv4", None, "icmp", False), ("ingress", "IPv4", None, "tcp", False)]
    for place, (direction, ethertype, remote, protocol, default) in enumerate(plans):
        found.rules.append(
            Rule(
                id=seed.uuid("rule", identity, place),
                project_id=project,
                created=at,
                updated=at,
                group_id=identity,
                direction=direction,
                ethertype=ethertype,
                protocol=protocol,
                port_min=22 if protocol == "tcp" else None,
                port_max=22 if protocol == "tcp" else None,
                remote_prefix="0.0.0.0/0" if protocol else None,
                remote_group=remote,
                default=default,
                serial=network.next_serial(),
            )
        )
    network.security_groups[identity] = found
    return found
