"""One look at the hosts' network: what is asked for several times while nothing changes is made once.

Switches, flows and namespaces follow from Neutron's model each time that somebody asks; a packet's way asks hundreds of
times. A look lasts for one command: the next one sees what has changed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from runbooks.simulator.model.wires.flows import Flow, flows
from runbooks.simulator.model.wires.namespaces import Namespace, namespaces
from runbooks.simulator.model.wires.switch import Switch

if TYPE_CHECKING:
    from runbooks.simulator.model.cloud import Cloud


@dataclass(slots=True)
class Look:
    """What was made so far."""

    cloud: Cloud
    _switches: dict[str, Switch] = field(default_factory=dict)
    _tables: dict[tuple[str, str], dict[int, list[Flow]]] = field(default_factory=dict)
    _namespaces: dict[str, list[Namespace]] = field(default_factory=dict)
    _macs: dict[str, set[str]] = field(default_factory=dict)

    def switch(self, host: str) -> Switch:
        """A host's."""
        if host not in self._switches:
            self._switches[host] = Switch(self.cloud, self.cloud.hosts[host])
        return self._switches[host]

    def tables(self, host: str, bridge: str) -> dict[int, list[Flow]]:
        """The flows of a host's bridge, by table."""
        if (host, bridge) not in self._tables:
            found: dict[int, list[Flow]] = {}
            for flow in flows(self.switch(host), bridge):
                found.setdefault(flow.table, []).append(flow)
            self._tables[host, bridge] = found
        return self._tables[host, bridge]

    def namespaces(self, host: str) -> list[Namespace]:
        """All of a host's."""
        if host not in self._namespaces:
            self._namespaces[host] = namespaces(self.cloud, host)
        return self._namespaces[host]

    def namespace(self, host: str, name: str) -> Namespace | None:
        """A host's by its name."""
        return next((each for each in self.namespaces(host) if each.name == name), None)

    def macs(self, network: str) -> set[str]:
        """Who has been heard on a network: all that are bound somewhere."""
        if network not in self._macs:
            ports = self.cloud.network.ports.on_network(network)
            self._macs[network] = {port.mac for port in ports if port.host}
        return self._macs[network]
