"""Neutron's configuration files: of the server, of the switch agent, and of the agents of network hosts."""

from __future__ import annotations

from runbooks.lab.lab import Lab
from runbooks.lab.machine import Machine
from runbooks.lab.services.options import (
    AGENT_DOWN_TIME,
    REPORT_INTERVAL,
    Options,
    credentials,
    database,
    ini,
    locks,
    messaging,
    pool,
    service,
)

CONFIG = "/etc/neutron/neutron.conf"
ML2 = "/etc/neutron/plugins/ml2/ml2_conf.ini"
SWITCH = "/etc/neutron/plugins/ml2/openvswitch_agent.ini"
L3, DHCP, METADATA = (f"/etc/neutron/{name}_agent.ini" for name in ("l3", "dhcp", "metadata"))
STATE = "/var/lib/neutron"
PHYSICAL = "physnet1"
"""The external network, as Neutron calls it."""

HELPER = "env"
"""In front of what the agents run as root: they are root."""


def common(lab: Lab, machine: Machine) -> Options:
    """neutron.conf on every host."""
    return {
        "DEFAULT": {
            "host": machine.name,
            "state_path": STATE,
            "core_plugin": "ml2",
            "service_plugins": "router,qos",
            "agent_down_time": AGENT_DOWN_TIME,
            "dhcp_agents_per_network": max(1, len(lab.with_role("network"))),
            "l3_ha": len(lab.with_role("network")) > 1,
            "max_l3_agents_per_router": 2,
            "notify_nova_on_port_status_changes": True,
            "notify_nova_on_port_data_changes": True,
            "rpc_workers": 1,
            "rpc_state_report_workers": 0,
            "api_workers": 1,
        },
        "agent": {"root_helper": HELPER, "report_interval": REPORT_INTERVAL},
        **messaging_of(lab),
    }


def messaging_of(lab: Lab) -> Options:
    """Its DEFAULT section is part of `common`."""
    return {name: values for name, values in messaging(lab).items() if name != "DEFAULT"}


def server(lab: Lab, machine: Machine) -> str:
    """neutron.conf of a controller."""
    own: Options = {
        "DEFAULT": {"api_paste_config": f"{lab.venv}/etc/neutron/api-paste.ini"},
        "database": {"connection": database(lab, "neutron"), **pool()},
        "nova": credentials(lab, "neutron"),
        "placement": credentials(lab, "neutron"),
    }
    return ini(common(lab, machine), own, service(lab, "neutron"))


def ml2() -> str:
    """ml2_conf.ini."""
    return ini(
        {
            "ml2": {
                "type_drivers": "flat,vlan,vxlan",
                "tenant_network_types": "vxlan",
                "mechanism_drivers": "openvswitch,l2population",
                "extension_drivers": "port_security,qos",
            },
            "ml2_type_flat": {"flat_networks": PHYSICAL},
            "ml2_type_vlan": {"network_vlan_ranges": f"{PHYSICAL}:100:199"},
            "ml2_type_vxlan": {"vni_ranges": "1:5000"},
        }
    )


def host(lab: Lab, machine: Machine) -> str:
    """neutron.conf of a network or compute host; its agents know no database."""
    return ini(common(lab, machine), messaging(lab), locks("neutron"))


def switch(machine: Machine) -> str:
    """openvswitch_agent.ini: userspace datapath, VXLAN between the hosts' tunnel addresses."""
    ovs: dict[str, str | int | float | bool] = {
        "datapath_type": "netdev",
        "local_ip": machine.tunnel,
        "integration_bridge": "br-int",
        "tunnel_bridge": "br-tun",
        "ovsdb_connection": "unix:/run/openvswitch/db.sock",
    }
    if "network" in machine.roles:
        ovs["bridge_mappings"] = f"{PHYSICAL}:br-ex"
    return ini(
        {
            "ovs": ovs,
            "agent": {"tunnel_types": "vxlan", "l2_population": True},
            "securitygroup": {"firewall_driver": "openvswitch"},
        }
    )


def interfaces() -> Options:
    """How agents make their ports: with cables, because an internal port in a namespace does not outlive the switch."""
    return {
        "DEFAULT": {"interface_driver": "openvswitch", "ovs_use_veth": True},
        "ovs": {"datapath_type": "netdev", "ovsdb_connection": "unix:/run/openvswitch/db.sock"},
    }


def l3() -> str:
    """l3_agent.ini."""
    return ini(interfaces(), {"DEFAULT": {"agent_mode": "legacy"}})


def dhcp() -> str:
    """dhcp_agent.ini."""
    own: Options = {"DEFAULT": {"dhcp_driver": "neutron.agent.linux.dhcp.Dnsmasq", "enable_isolated_metadata": True}}
    return ini(interfaces(), own)


def metadata(lab: Lab) -> str:
    """metadata_agent.ini."""
    return ini(
        {
            "DEFAULT": {
                "nova_metadata_host": lab.layout.vip,
                "nova_metadata_port": 8775,
                "metadata_proxy_shared_secret": lab.secrets["metadata_proxy"],
                "metadata_workers": 1,
            }
        }
    )
