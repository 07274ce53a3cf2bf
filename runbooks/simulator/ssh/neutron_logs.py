"""What Neutron's agents and servers, and Nova for metadata, log of faults: the same moments and ids as the model's.

Servers ask for their metadata when they boot, and go on for a minute where they are refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from runbooks.simulator.model.network.bindings import PROVIDED, failed, mappings
from runbooks.simulator.model.wires.metadata import AGENT, agent_of, signatures, wrong
from runbooks.simulator.model.wires.switch import Switch

if TYPE_CHECKING:
    from runbooks.simulator.model.actions import Action
    from runbooks.simulator.model.hosts import Unit
    from runbooks.simulator.model.server import Server
    from runbooks.simulator.ssh.program import Place

BOOTED, EVERY, TRIES = 14.0, 10.0, 6
"""Seconds from the end of an action until the guest asks; how often a guest that is refused asks again."""
_STARTS: Final = ("create", "start", "reboot", "unshelve", "rebuild")
_FORBIDDEN: Final = (
    "The remote metadata server responded with Forbidden. "
    "This response usually occurs when shared secrets do not match."
)
Said = tuple[float, int, str, str]
"""(moment, priority, logger and request, words)."""


def said(place: Place, unit: Unit, actions: Iterable[tuple[Server, Action]]) -> Iterator[Said]:
    """What the unit has logged of bindings, bridges and metadata."""
    if unit.name == "neutron_openvswitch_agent":
        yield from _switch_agent(place, unit)
    elif unit.name == "neutron_server":
        yield from _server(place, unit)
    elif unit.name in (AGENT, "nova_api"):
        yield from _metadata(place, unit, actions)


def _switch_agent(place: Place, unit: Unit) -> Iterator[Said]:
    head = "neutron.plugins.ml2.drivers.openvswitch.agent.ovs_neutron_agent [-] "
    cloud, host = place.cloud, place.host.name
    known = mappings(cloud, host)
    for physical, bridge in known.items():
        yield unit.since + 2.0, 6, head, f"Mapping physical network {physical} to bridge {bridge}"
    for identity in Switch(cloud, place.host).vlans:
        network = cloud.network.networks[identity]
        if network.kind in PROVIDED and network.physical not in known:
            words = f"Cannot provision {network.kind} network for net-id={identity} - no bridge for physical_network "
            yield unit.since + 4.0, 3, head, words + str(network.physical)


def _server(place: Place, unit: Unit) -> Iterator[Said]:
    """Which of the servers was asked to bind a port: always the same one."""
    cloud = place.cloud
    control = cloud.hosts.with_role("control")
    for host in cloud.hosts.with_role("network"):
        for port in failed(cloud, host.name):
            asked = control[cloud.seed.number(len(control), "bind", port.id)]
            if asked is place.host and port.updated >= unit.since:
                network = cloud.network.networks[port.network_id]
                segment = {"id": cloud.seed.uuid("segment", network.id), "network_type": network.kind,
                           "physical_network": network.physical, "segmentation_id": network.segment,
                           "network_id": network.id}  # fmt: skip
                request = cloud.seed.uuid("binding", port.id, int(port.updated))
                yield (
                    port.updated, 3, f"neutron.plugins.ml2.managers [None req-{request} - - - - - -] ",
                    f"Failed to bind port {port.id} on host {host.name} for vnic_type {port.vnic_type} "
                    f"using segments [{segment}]",
                )  # fmt: skip


def _metadata(place: Place, unit: Unit, actions: Iterable[tuple[Server, Action]]) -> Iterator[Said]:
    cloud = place.cloud
    if not cloud.damage.other_secret:
        return
    control = cloud.hosts.with_role("control")
    for server, action in actions:
        finish = max((event.finish or 0.0 for event in action.events), default=0.0)
        if action.action not in _STARTS or not finish or server.vm_state != "active":
            continue
        for port in cloud.network.ports.of_server(server):
            host = agent_of(cloud, port)
            for number in range(TRIES):
                at = finish + BOOTED + EVERY * number
                asked = control[cloud.seed.number(len(control), "metadata", server.id, number)]
                if at > place.now or at < unit.since or not host or not wrong(cloud, host, at):
                    continue
                if unit.name == AGENT and place.host.name == host:
                    yield at, 4, "neutron.agent.metadata.proxy_base [-] ", _FORBIDDEN
                elif unit.name == "nova_api" and asked is place.host:
                    given, expected = signatures(cloud, server.id)
                    request = cloud.seed.uuid("metadata", server.id, int(at))
                    yield (
                        at, 4, f"nova.api.metadata.handler [None req-{request} - - - - - -] ",
                        f"X-Instance-ID-Signature: {given} does not match the expected value: {expected} "
                        f"for id: {server.id}. Request From: {port.fixed_ips[0][1]}",
                    )  # fmt: skip
