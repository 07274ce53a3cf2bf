"""The rows of OVN's southbound database: what northd makes of the northbound one, and what hosts have done of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from runbooks.simulator.model.hosts import Host
from runbooks.simulator.model.network.ovn import Ovn
from runbooks.simulator.model.network.records import Port
from runbooks.simulator.model.network.routers import DISTRIBUTED, GATEWAY
from runbooks.simulator.ssh.programs.ovn_columns import SOUTHBOUND
from runbooks.simulator.ssh.programs.ovn_northbound import ROUTED, filled, length, ports, told, uuid
from runbooks.simulator.ssh.programs.ovsdb import NONE, Row, mapping

if TYPE_CHECKING:
    from runbooks.simulator.model.cloud import Cloud

METADATA = "neutron-ovn-metadata-agent"
_FEATURES = {
    "ct-no-masked-label": "true", "datapath-type": "system", "is-interconn": "false", "mac-binding-timestamp": "true",
    "iface-types": "bareudp,erspan,geneve,gre,gtpu,internal,ip6erspan,ip6gre,lisp,patch,stt,system,tap,vxlan",
    "ovn-chassis-mac-mappings": "", "ovn-ct-lb-related": "true", "ovn-enable-lflow-cache": "true",
    "ovn-limit-lflow-cache": "", "ovn-memlimit-lflow-cache-kb": "", "ovn-monitor-all": "false",
    "ovn-trim-limit-lflow-cache": "", "ovn-trim-timeout-ms": "", "ovn-trim-wmark-perc-lflow-cache": "",
    "port-up-notif": "true",
}  # fmt: skip


class Southbound:
    """The tables of one region's southbound database; made for one look at them."""

    def __init__(self, cloud: Cloud, ovn: Ovn) -> None:
        self.cloud, self.ovn = cloud, ovn
        self._chassis = {host.name for host in ovn.chassis()}

    def rows(self, table: str) -> list[Row]:
        """All rows of a table."""
        make = {
            "SB_Global": self._global,
            "Chassis": self._hosts,
            "Chassis_Private": self._private,
            "Encap": self._encaps,
            "Port_Binding": self._bindings,
            "Datapath_Binding": self._datapaths,
        }
        return list(make[table]())

    def _row(self, table: str, *words: object, **given: Any) -> Row:
        return filled(SOUTHBOUND, table, uuid(self.cloud, table, *words), **given)

    def _of(self, host: str) -> list[Any]:
        """A reference to a host's chassis; nothing for a host without one."""
        return uuid(self.cloud, "Chassis", host) if host in self._chassis else NONE

    def _global(self) -> Iterator[Row]:
        count = self.ovn.count("sb", self.cloud.now())
        yield self._row("SB_Global", nb_cfg=count, options=mapping({"mac_prefix": "4e:57:a7"}))

    def _hosts(self) -> Iterator[Row]:
        for host in self.ovn.chassis():
            gateway = "network" in host.machine.roles
            settings = _FEATURES | {
                "ovn-bridge-mappings": "physnet1:br-ex" if gateway else "",
                "ovn-cms-options": "enable-chassis-as-gw,availability-zones=nova" if gateway else "",
            }
            yield self._row(
                "Chassis", host.name, name=host.name, hostname=host.name, other_config=mapping(settings),
                encaps=uuid(self.cloud, "Encap", host.name),
            )  # fmt: skip

    def _private(self) -> Iterator[Row]:
        for host in self.ovn.chassis():
            count, at = self.ovn.follows(host.name)
            yield self._row(
                "Chassis_Private", host.name, name=host.name, chassis=self._of(host.name), nb_cfg=count,
                nb_cfg_timestamp=int(at * 1000), external_ids=mapping(self._metadata(host)),
            )  # fmt: skip

    def _metadata(self, host: Host) -> dict[str, str]:
        if "neutron_ovn_metadata_agent" not in host.names:
            return {}
        agent = self.cloud.network.agents.by_place["OVN Metadata agent", host.name]
        count, _ = self.ovn.follows(host.name, METADATA)
        return {"neutron:ovn-metadata-id": agent.id, "neutron:ovn-metadata-sb-cfg": str(count)}

    def _encaps(self) -> Iterator[Row]:
        for host in self.ovn.chassis():
            yield self._row(
                "Encap", host.name, chassis_name=host.name, ip=host.machine.tunnel, type="geneve",
                options=mapping({"csum": "true"}),
            )  # fmt: skip

    def _datapaths(self) -> Iterator[Row]:
        network, key = self.cloud.network, 0
        for what, named in (("switch", network.networks.values()), ("router", network.routers.by_id.values())):
            for one in named:
                key += 1
                table = f"Logical_{what.capitalize()}"
                yield self._row(
                    "Datapath_Binding", one.id, tunnel_key=key,
                    external_ids=mapping({f"logical-{what}": uuid(self.cloud, table, one.id)[1],
                                          "name": f"neutron-{one.id}", "name2": one.name}),
                )  # fmt: skip

    # -- ports ----------------------------------------------------------------------------------------------------

    def _bindings(self) -> Iterator[Row]:
        keys: dict[str, int] = {}
        for port in ports(self.cloud):
            for binding in self._of_port(port):
                on = str(binding["datapath"][1])
                keys[on] = keys.get(on, 0) + 1
                yield binding | {"tunnel_key": keys[on]}
        for network in self.cloud.network.networks.values():
            if network.physical:
                yield self._binding(
                    f"provnet-{network.id}", network.id, "localnet", mac="unknown", tunnel_key=32_767,
                    options=mapping({"network_name": network.physical}),
                )  # fmt: skip

    def _binding(self, name: str, of: str, kind: str, **given: Any) -> Row:
        datapath = uuid(self.cloud, "Datapath_Binding", of)
        return self._row("Port_Binding", name, logical_port=name, datapath=datapath, type=kind, **given)

    def _of_port(self, port: Port) -> Iterator[Row]:
        outside = {"external_ids": mapping(told(port))}
        address = " ".join([port.mac, *(address for _, address in port.fixed_ips)])
        if port.device_owner in ROUTED:
            yield from self._of_router(port, address, outside)
        elif port.device_owner == DISTRIBUTED:
            yield self._binding(port.id, port.network_id, "localport", mac=address, **outside)
        else:
            bound = self._of(port.host) if port.status == "ACTIVE" else NONE
            options = {"requested-chassis": port.host} if port.host else {}
            yield self._binding(
                port.id, port.network_id, "", mac=address, chassis=bound, up=bound != NONE, options=mapping(options),
                requested_chassis=self._of(port.host), **outside,
            )  # fmt: skip

    def _of_router(self, port: Port, address: str, outside: dict[str, Any]) -> Iterator[Row]:
        router = self.cloud.network.routers.by_id.get(port.device_id)
        if router is None:
            return
        own = f"lrp-{port.id}"
        networks = " ".join([port.mac, *(f"{ip}/{length(self.cloud, subnet)}" for subnet, ip in port.fixed_ips)])
        yield self._binding(port.id, port.network_id, "patch", mac="router", options=mapping({"peer": own}), **outside)
        redirect = {"chassis-redirect-port": f"cr-{own}"} if port.device_owner == GATEWAY else {}
        yield self._binding(own, router.id, "patch", mac=networks, options=mapping({"peer": port.id, **redirect}))
        if redirect:
            yield self._binding(
                f"cr-{own}", router.id, "chassisredirect", mac=networks, up=True,
                chassis=self._of(self.ovn.serves(router.id)),
                options=mapping({"always-redirect": "true", "distributed-port": own}),
            )  # fmt: skip
