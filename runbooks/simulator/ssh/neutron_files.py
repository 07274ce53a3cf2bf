"""Configuration files of Neutron's agents, and Nova's other end of the metadata: the parts that faults are about.

As Kolla lays them out, readable by root alone. What an agent says to Neutron, how it wires and what it signs with
follow from the same values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from runbooks.simulator.misconfigured_faults import METADATA_CONFIG, SWITCH_CONFIG
from runbooks.simulator.model.network.bindings import mappings
from runbooks.simulator.model.wires.metadata import OTHER_SECRET, wrong

if TYPE_CHECKING:
    from runbooks.simulator.ssh.program import Place

NOVA_CONFIG = "/etc/kolla/nova-api/nova.conf"
_UNITS = {SWITCH_CONFIG: "neutron_openvswitch_agent", METADATA_CONFIG: "neutron_metadata_agent",
          NOVA_CONFIG: "nova_api"}  # fmt: skip


def names(place: Place) -> list[str]:
    """The files that the host has."""
    return [path for path, unit in _UNITS.items() if unit in place.host.names]


def written(place: Place, path: str) -> float:
    """When a file was last written."""
    return place.cloud.damage.rewritten.get((place.host.name, path), place.host.booted)


def content(place: Place, path: str) -> str:
    """The file's text."""
    cloud, host = place.cloud, place.host.name
    if path == SWITCH_CONFIG:
        mapped = ",".join(f"{physical}:{bridge}" for physical, bridge in mappings(cloud, host).items())
        lines = [f"bridge_mappings = {mapped}"] if mapped else []
        lines += ["datapath_type = system", "ovsdb_connection = tcp:127.0.0.1:6640", "ovsdb_timeout = 10"]
        lines.append(f"local_ip = {place.host.machine.tunnel}")
        return (
            "[agent]\ntunnel_types = vxlan\nl2_population = true\narp_responder = true\n\n"
            "[securitygroup]\nfirewall_driver = openvswitch\n\n[ovs]\n" + "".join(f"{line}\n" for line in lines)
        )
    secret = cloud.secrets.metadata
    if path == METADATA_CONFIG:
        secret = OTHER_SECRET if wrong(cloud, host, place.now) else secret
        return (
            f"[DEFAULT]\nnova_metadata_host = {cloud.layout.internal_vip}\n"
            f"metadata_proxy_shared_secret = {secret}\nnova_metadata_port = 8775\n"
            "metadata_proxy_socket = /var/lib/neutron/kolla/metadata_proxy\n"
        )
    return f"[neutron]\nmetadata_proxy_shared_secret = {secret}\nservice_metadata_proxy = true\n"
