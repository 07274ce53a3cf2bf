"""Whether a port can be bound on a host: a provider's network only where the switch agent has a bridge to it.

What an agent is configured with it reports to Neutron; the driver refuses to bind where that lacks the port's physical
network, and the agent makes no flows for it. A port whose binding failed is tried again when the agent starts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from runbooks.simulator.model.cloud import Cloud
    from runbooks.simulator.model.network.records import Port

PHYSICAL: Final = "physnet1"
OUTSIDE: Final = "br-ex"
PROVIDED: Final = ("flat", "vlan")
"""Types of networks that a provider's network carries."""


def mappings(cloud: Cloud, host: str) -> dict[str, str]:
    """Physical network → bridge, as the switch agent of the host has it."""
    if "network" not in cloud.hosts[host].machine.roles:
        return {}
    return {cloud.damage.mapped_as.get(host, PHYSICAL): OUTSIDE}


def carried(cloud: Cloud, network_id: str, host: str) -> bool:
    """False for a provider's network that the host has no bridge to."""
    network = cloud.network.networks.get(network_id)
    return network is None or network.kind not in PROVIDED or network.physical in mappings(cloud, host)


def bound(cloud: Cloud, network_id: str, host: str) -> dict[str, str]:
    """What a port becomes when it is bound on a host: `vif_type` and `status`."""
    if cloud.ovn is None and not carried(cloud, network_id, host):
        return {"vif_type": "binding_failed", "status": "DOWN"}
    return {"vif_type": "ovs", "status": "ACTIVE"}


def failed(cloud: Cloud, host: str) -> list[Port]:
    """The ports whose binding on the host failed."""
    return [port for port in cloud.network.ports.on_host(host) if port.vif_type == "binding_failed"]


def retry(cloud: Cloud, host: str) -> None:
    """The switch agent has started: it asks for its ports, and those that could not be bound are tried again."""
    for port in failed(cloud, host):
        cloud.network.ports.change(port, **bound(cloud, port.network_id, host))
