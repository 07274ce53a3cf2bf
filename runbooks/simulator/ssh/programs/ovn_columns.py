"""The columns of OVN's tables (23.03), each with its empty value; data only.

`[]` a set, `{}` a map, in the order in which `list` prints them.
"""

from __future__ import annotations

from typing import Any, Final

SOUTHBOUND: Final[dict[str, dict[str, Any]]] = {
    "SB_Global": {
        "connections": [], "external_ids": {}, "ipsec": False, "nb_cfg": 0, "options": {}, "ssl": [],
    },
    "Chassis": {
        "encaps": [], "external_ids": {}, "hostname": "", "name": "", "nb_cfg": 0, "other_config": {},
        "transport_zones": [], "vtep_logical_switches": [],
    },
    "Chassis_Private": {"chassis": [], "external_ids": {}, "name": "", "nb_cfg": 0, "nb_cfg_timestamp": 0},
    "Encap": {"chassis_name": "", "ip": "", "options": {}, "type": ""},
    "Port_Binding": {
        "additional_chassis": [], "additional_encap": [], "chassis": [], "datapath": [], "encap": [],
        "external_ids": {}, "gateway_chassis": [], "ha_chassis_group": [], "logical_port": "", "mac": [],
        "mirror_rules": [], "nat_addresses": [], "options": {}, "parent_port": [], "port_security": [],
        "requested_additional_chassis": [], "requested_chassis": [], "tag": [], "tunnel_key": 0, "type": "",
        "up": False, "virtual_parent": [],
    },
    "Datapath_Binding": {"external_ids": {}, "load_balancers": [], "tunnel_key": 0},
}  # fmt: skip
NORTHBOUND: Final[dict[str, dict[str, Any]]] = {
    "NB_Global": {
        "connections": [], "external_ids": {}, "hv_cfg": 0, "hv_cfg_timestamp": 0, "ipsec": False, "name": "",
        "nb_cfg": 0, "nb_cfg_timestamp": 0, "options": {}, "sb_cfg": 0, "sb_cfg_timestamp": 0, "ssl": [],
    },
    "Logical_Switch": {
        "acls": [], "copp": [], "dns_records": [], "external_ids": {}, "forwarding_groups": [], "load_balancer": [],
        "load_balancer_group": [], "name": "", "other_config": {}, "ports": [], "qos_rules": [],
    },
    "Logical_Switch_Port": {
        "addresses": [], "dhcpv4_options": [], "dhcpv6_options": [], "dynamic_addresses": [], "enabled": [],
        "external_ids": {}, "ha_chassis_group": [], "mirror_rules": [], "name": "", "options": {}, "parent_name": [],
        "port_security": [], "tag": [], "tag_request": [], "type": "", "up": False,
    },
    "Logical_Router": {
        "copp": [], "enabled": [], "external_ids": {}, "load_balancer": [], "load_balancer_group": [], "name": "",
        "nat": [], "options": {}, "policies": [], "ports": [], "static_routes": [],
    },
    "Logical_Router_Port": {
        "enabled": [], "external_ids": {}, "gateway_chassis": [], "ha_chassis_group": [], "ipv6_prefix": [],
        "ipv6_ra_configs": {}, "mac": "", "name": "", "networks": [], "options": {}, "peer": [],
    },
    "NAT": {
        "allowed_ext_ips": [], "exempted_ext_ips": [], "external_ids": {}, "external_ip": "", "external_mac": [],
        "external_port_range": "", "gateway_port": [], "logical_ip": "", "logical_port": [], "options": {}, "type": "",
    },
    "Gateway_Chassis": {"chassis_name": "", "external_ids": {}, "name": "", "options": {}, "priority": 0},
    "HA_Chassis_Group": {"external_ids": {}, "ha_chassis": [], "name": ""},
    "HA_Chassis": {"chassis_name": "", "external_ids": {}, "priority": 0},
    "Logical_Router_Static_Route": {
        "bfd": [], "external_ids": {}, "ip_prefix": "", "nexthop": "", "options": {}, "output_port": [], "policy": [],
        "route_table": "",
    },
}  # fmt: skip
