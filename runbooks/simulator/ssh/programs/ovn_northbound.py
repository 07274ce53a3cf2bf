"""The rows of OVN's northbound database, as Neutron's driver writes them for its networks, ports and routers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from runbooks.simulator.model.network.ovn import Ovn
from runbooks.simulator.model.network.records import NetworkRecord, Port, Router
from runbooks.simulator.model.network.routers import DISTRIBUTED, GATEWAY, INTERFACE
from runbooks.simulator.ssh.programs.ovn_columns import NORTHBOUND
from runbooks.simulator.ssh.programs.ovsdb import EMPTY, NONE, Row, mapping, several

if TYPE_CHECKING:
    from runbooks.simulator.model.cloud import Cloud

ROUTED = (INTERFACE, GATEWAY)


def filled(columns: dict[str, dict[str, Any]], table: str, identity: list[str], **told: Any) -> Row:
    """A row with all columns; what is not told has its empty value."""
    empty = {name: NONE if value == [] else EMPTY if value == {} else value for name, value in columns[table].items()}
    return {"_uuid": identity, **empty, **told}


def uuid(cloud: Cloud, table: str, *words: object) -> list[str]:
    """The UUID of a row."""
    return ["uuid", cloud.seed.uuid("ovn", cloud.layout.region, table, *words)]


def ports(cloud: Cloud) -> Iterator[Port]:
    """Neutron's ports, all of them."""
    return cloud.network.ports.ascending()


def length(cloud: Cloud, subnet_id: str) -> str:
    """The length of a subnet's prefix: `16`."""
    return cloud.network.subnets[subnet_id].cidr.rpartition("/")[2]


class Northbound:
    """The tables of one region's northbound database; made for one look at them."""

    def __init__(self, cloud: Cloud, ovn: Ovn) -> None:
        self.cloud, self.ovn = cloud, ovn

    def rows(self, table: str) -> list[Row]:
        """All rows of a table."""
        make = {
            "NB_Global": self._global,
            "Logical_Switch": self._switches,
            "Logical_Switch_Port": self._ports,
            "Logical_Router": self._routers,
            "Logical_Router_Port": self._router_ports,
            "NAT": self._nats,
            "Gateway_Chassis": self._gateway_chassis,
            "Logical_Router_Static_Route": self._routes,
        }
        return list(make[table]()) if table in make else []

    def _row(self, table: str, *words: object, **told: Any) -> Row:
        return filled(NORTHBOUND, table, uuid(self.cloud, table, *words), **told)

    def _global(self) -> Iterator[Row]:
        now = self.cloud.now()
        at = int(self.ovn.counted(now) * 1000)
        behind = [self.ovn.follows(host.name) for host in self.ovn.chassis()]
        slowest = min(behind, default=(self.ovn.count("sb", now), now))
        yield self._row(
            "NB_Global", nb_cfg=self.ovn.count("nb", now), nb_cfg_timestamp=at, sb_cfg=self.ovn.count("sb", now),
            sb_cfg_timestamp=at + 4, hv_cfg=slowest[0], hv_cfg_timestamp=int(slowest[1] * 1000),
            options=mapping({"mac_prefix": "4e:57:a7", "max_tunid": "16711680",
                             "northd_internal_version": "23.03.1-20.27.0-70.6"}),
        )  # fmt: skip

    def _switches(self) -> Iterator[Row]:
        by_network: dict[str, list[list[str]]] = {}
        for port in ports(self.cloud):
            own = uuid(self.cloud, "Logical_Switch_Port", port.id)
            by_network.setdefault(port.network_id, []).append(own)
        for network in self.cloud.network.networks.values():
            found = by_network.get(network.id, [])
            if network.physical:
                found = [*found, uuid(self.cloud, "Logical_Switch_Port", _provider(network))]
            yield self._row(
                "Logical_Switch", network.id, name=f"neutron-{network.id}", ports=several(found),
                external_ids=mapping({
                    "neutron:availability_zone_hints": "", "neutron:mtu": str(network.mtu),
                    "neutron:network_name": network.name, "neutron:revision_number": str(network.revision),
                }),
                other_config=mapping({"mcast_flood_unregistered": "false", "mcast_snoop": "false",
                                      "vlan-passthru": "false"}),
            )  # fmt: skip

    def _ports(self) -> Iterator[Row]:
        for port in ports(self.cloud):
            yield self._port(port)
        for network in self.cloud.network.networks.values():
            if network.physical:
                name = _provider(network)
                yield self._row(
                    "Logical_Switch_Port", name, name=name, type="localnet", addresses="unknown",
                    options=mapping({"network_name": network.physical}),
                )  # fmt: skip

    def _port(self, port: Port) -> Row:
        routed, kind, options = port.device_owner in ROUTED, "", {}
        if routed:
            kind, options = "router", {"router-port": f"lrp-{port.id}"}
        elif port.device_owner == DISTRIBUTED:
            kind = "localport"
        elif port.host:
            options = {"requested-chassis": port.host}
        address = " ".join([port.mac, *(address for _, address in port.fixed_ips)])
        return self._row(
            "Logical_Switch_Port", port.id, name=port.id, type=kind, options=mapping(options),
            addresses="router" if routed else address, enabled=port.admin_state_up,
            up=routed or (kind == "" and port.status == "ACTIVE"), external_ids=mapping(told(port)),
        )  # fmt: skip

    def _routers(self) -> Iterator[Row]:
        nats: dict[str, list[list[str]]] = {}
        for row, router in self._translations():
            nats.setdefault(router.id, []).append(row["_uuid"])
        for router in self.cloud.network.routers.by_id.values():
            own = [uuid(self.cloud, "Logical_Router_Port", p.id) for p in _of(self.cloud, router)]
            yield self._row(
                "Logical_Router", router.id, name=f"neutron-{router.id}", enabled=router.admin_state_up,
                ports=several(own), nat=several(nats.get(router.id, [])),
                static_routes=uuid(self.cloud, "Logical_Router_Static_Route", router.id)
                if router.gateway_port else NONE,
                external_ids=mapping({
                    "neutron:availability_zone_hints": "", "neutron:router_name": router.name,
                    "neutron:revision_number": str(router.revision),
                }),
                options=mapping({"always_learn_from_arp_request": "false", "dynamic_neigh_routers": "true",
                                 "mac_binding_age_threshold": "0"}),
            )  # fmt: skip

    def _router_ports(self) -> Iterator[Row]:
        for router in self.cloud.network.routers.by_id.values():
            for port in _of(self.cloud, router):
                gateway = port.device_owner == GATEWAY
                names = [name for name, _ in self.ovn.candidates(router.id)] if gateway else []
                yield self._row(
                    "Logical_Router_Port", port.id, name=f"lrp-{port.id}", mac=port.mac,
                    networks=several([f"{address}/{length(self.cloud, subnet)}" for subnet, address in port.fixed_ips]),
                    gateway_chassis=several([uuid(self.cloud, "Gateway_Chassis", port.id, name) for name in names]),
                    external_ids=mapping({"neutron:network_name": f"neutron-{port.network_id}",
                                          "neutron:revision_number": str(port.revision),
                                          "neutron:router_name": router.id}),
                )  # fmt: skip

    def _gateway_chassis(self) -> Iterator[Row]:
        for router in self.cloud.network.routers.by_id.values():
            for port in _of(self.cloud, router):
                for name, priority in self.ovn.candidates(router.id) if port.device_owner == GATEWAY else ():
                    yield self._row(
                        "Gateway_Chassis", port.id, name,
                        name=f"lrp-{port.id}_{name}", chassis_name=name, priority=priority,
                    )  # fmt: skip

    def _routes(self) -> Iterator[Row]:
        for router in self.cloud.network.routers.by_id.values():
            if router.gateway_network and router.gateway_port:
                subnets = self.cloud.network.subnets_of(router.gateway_network)
                yield self._row(
                    "Logical_Router_Static_Route", router.id, ip_prefix="0.0.0.0/0",
                    nexthop=subnets[0].gateway if subnets else "",
                    external_ids=mapping({"neutron:is_ext_gw": "true"}),
                )  # fmt: skip

    def _nats(self) -> Iterator[Row]:
        for row, _ in self._translations():
            yield row

    def _translations(self) -> Iterator[tuple[Row, Router]]:
        network = self.cloud.network
        for router in network.routers.by_id.values():
            own = list(_of(self.cloud, router))
            outside = next((port for port in own if port.device_owner == GATEWAY and port.fixed_ips), None)
            if outside is None or not router.snat:
                continue
            for port in own:
                for subnet, _ in port.fixed_ips if port.device_owner == INTERFACE else ():
                    cidr = network.subnets[subnet].cidr
                    yield self._row(
                        "NAT", "snat", port.id, subnet, type="snat", external_ip=outside.fixed_ips[0][1],
                        logical_ip=cidr,
                    ), router  # fmt: skip
        for floating in network.floating_ips.ascending():
            router_of = network.routers.by_id.get(floating.router_id or "")
            if floating.port_id and router_of is not None:
                yield self._row(
                    "NAT", "floating", floating.id, type="dnat_and_snat", external_ip=floating.address,
                    logical_ip=floating.fixed_address or "", logical_port=floating.port_id,
                    external_ids=mapping({"neutron:fip_id": floating.id}),
                ), router_of  # fmt: skip


def _provider(network: NetworkRecord) -> str:
    return f"provnet-{network.id}"


def _of(cloud: Cloud, router: Router) -> Iterator[Port]:
    """The ports of a router."""
    return (port for port in cloud.network.routers.ports(router.id) if port.device_owner in ROUTED)


def told(port: Port) -> dict[str, str]:
    """What OVN is told of a port (`external_ids`)."""
    return {
        "neutron:cidrs": " ".join(address for _, address in port.fixed_ips),
        "neutron:device_id": port.device_id,
        "neutron:device_owner": port.device_owner,
        "neutron:network_name": f"neutron-{port.network_id}",
        "neutron:port_name": port.name,
        "neutron:project_id": port.project_id,
        "neutron:revision_number": str(port.revision),
    }
