"""HAProxy and Keepalived of one region: who has the virtual addresses, and what each HAProxy's checks have found.

Keepalived as Kolla configures it: priorities by place in the group, no preemption, unicast or not; a process that is
killed leaves its addresses behind; a host that does not hear the others takes them as well. HAProxy checks every two
seconds: five failures in a row are DOWN, two passes UP. An API whose requests hang or fail still passes, because its
health check touches nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from runbooks.simulator.model.cloud import Cloud
    from runbooks.simulator.model.hosts import Host

KEEPALIVED, HAPROXY = "keepalived", "haproxy"
INTER, RISE, FALL = 2.0, 2, 5
"""`check inter 2000 rise 2 fall 5`."""
ELECTION = 3.6
"""Seconds without adverts after which one takes the addresses."""
ROUTER_ID = 51
INSTANCE = f"kolla_internal_vip_{ROUTER_ID}"

Mode = Literal["http", "tcp"]
Aside = Literal["maint", "drain"]


@dataclass(frozen=True, slots=True)
class Proxy:
    """A service behind HAProxy, in Kolla's names: `NAME_front` and `NAME_back`."""

    name: str
    unit: str
    port: int
    mode: Mode = "http"
    role: str = "control"
    backups: bool = False
    """Only the first server is active."""


PROXIES = (
    Proxy("cinder_api", "cinder_api", 8776),
    Proxy("glance_api", "glance_api", 9292),
    Proxy("heat_api", "heat_api", 8004),
    Proxy("horizon", "horizon", 80),
    Proxy("keystone_internal", "keystone", 5000),
    Proxy("mariadb", "mariadb", 3306, "tcp", backups=True),
    Proxy("neutron_server", "neutron_server", 9696),
    Proxy("nova_api", "nova_api", 8774),
    Proxy("nova_novncproxy", "nova_novncproxy", 6080),
    Proxy("placement_api", "placement_api", 8778),
    Proxy("rabbitmq_management", "rabbitmq", 15672),
    Proxy("barbican_api", "barbican_api", 9311),
    Proxy("designate_api", "designate_api", 9001),
    Proxy("manila_api", "manila_api", 8786),
    Proxy("octavia_api", "octavia_api", 9876),
)
"""In Kolla's order of alphabet, the services last that many clouds do without."""


@dataclass(frozen=True, slots=True)
class Checked:
    """One server as one HAProxy sees it."""

    host: str
    status: str
    since: float
    check: str
    """`L4OK`, `L4CON` …; empty while it is not checked."""
    words: str
    detail: str = ""

    @property
    def serves(self) -> bool:
        return self.status.startswith("UP")


@dataclass(slots=True)
class Balancers:
    """The load balancers of one region."""

    cloud: Cloud
    holder: str = ""
    """The host that those which hear each other have elected; empty when none of them can."""
    deaf: set[str] = field(default_factory=set)
    """Hosts that neither hear the others' advertisements nor are heard."""
    orphans: set[str] = field(default_factory=set)
    """Hosts on which the addresses were left by a Keepalived that was killed."""
    said: dict[str, list[tuple[float, str]]] = field(default_factory=dict)
    """Host → what its Keepalived has entered, and when: MASTER, BACKUP, FAULT; empty for a process that has ended."""
    aside: dict[tuple[str, str, str], tuple[Aside, float]] = field(default_factory=dict)
    """(HAProxy's host, backend, server) → what somebody has set there, and when."""
    weights: dict[tuple[str, str, str], tuple[int, float]] = field(default_factory=dict)
    """The same for weights."""

    @property
    def proxies(self) -> list[Proxy]:
        """The services that this region has."""
        return [proxy for proxy in PROXIES if any(proxy.unit in host.names for host in self.hosts)]

    @property
    def hosts(self) -> list[Host]:
        return self.cloud.hosts.with_role("control")

    def addresses(self) -> tuple[str, str]:
        """The virtual addresses; one VRRP instance has both."""
        return self.cloud.layout.internal_vip, self.cloud.layout.vip

    def has(self, host: str) -> bool:
        """True while the host's kernel has the virtual addresses."""
        return host == self.holder or host in self.orphans or (host in self.deaf and self._able(host))

    def _able(self, host: str) -> bool:
        """Keepalived runs there, and its check finds HAProxy alive."""
        found = self.cloud.hosts[host]
        return found.up and all(found.units[unit].state == "running" for unit in (KEEPALIVED, HAPROXY))

    def settle(self, now: float) -> None:
        """Elect again where the one that has the addresses is gone; note what a killed Keepalived leaves behind."""
        for host in self.hosts:
            unit = host.units[KEEPALIVED]
            if not host.up or unit.state in ("running", "stopped"):
                self.orphans.discard(host.name)
            elif unit.state in ("failed", "hung") and self.has(host.name):
                self.orphans.add(host.name)
        hearing = [host.name for host in self.hosts if host.name not in self.deaf and self._able(host.name)]
        if self.holder not in hearing:
            # A host that was cut off alone is no part of the group; the highest priority is the last one's.
            heard = [name for name in hearing if self.cloud.hosts[name].reachable] or hearing
            self.holder = heard[-1] if heard else ""
        for host in self.hosts:
            self._note(host, now)

    def _note(self, host: Host, now: float) -> None:
        """A process that hangs or ends says nothing more; one that starts begins as a backup."""
        story, unit = self.said.setdefault(host.name, []), host.units[KEEPALIVED]
        if not host.up or unit.state != "running":
            state = ""
        elif host.units[HAPROXY].state != "running":
            state = "FAULT"
        else:
            state = "MASTER" if host.name == self.holder or host.name in self.deaf else "BACKUP"
        last = story[-1][1] if story else ""
        if state == last:
            return
        if state and not last:
            begun, first = host.started(KEEPALIVED), not story
            story.append((begun, "BACKUP"))
            now = begun + ELECTION if first else max(begun, now)
        if not story or state != story[-1][1]:
            story.append((now, state))

    # -- HAProxy --------------------------------------------------------------------------------------------------

    def started(self, host: str) -> float:
        """When the HAProxy on this host was started."""
        return self.cloud.hosts[host].started(HAPROXY)

    def servers(self, host: str, proxy: Proxy) -> Iterator[Checked]:
        """The servers of a backend as the HAProxy on `host` sees them."""
        for server in self.cloud.hosts.with_role(proxy.role):
            aside = self.aside.get((host, f"{proxy.name}_back", server.name))
            if aside is not None and aside[1] < self.started(host):
                aside = None  # another process: it knows its configuration only
            found = self._checked(host, server, proxy)
            if aside is None:
                yield found
            elif aside[0] == "maint":
                yield Checked(server.name, "MAINT", aside[1], "", "")
            else:
                yield Checked(server.name, "DRAIN", aside[1], found.check, found.words, found.detail)

    def _checked(self, host: str, server: Host, proxy: Proxy) -> Checked:
        now, begun = self.cloud.now(), self.started(host)
        answer, changed = server.answer(proxy.unit), self._changed(server, proxy)
        if proxy.unit == "mariadb" and answer == "answers" and not self.cloud.galera.ready(server.name):
            code, words, detail, passes = "L7STS", "Layer7 wrong status", "Service Unavailable", False
        else:
            code, words, detail, passes = {
                "answers": ("L7OK", "Layer7 check passed", "", True),
                "refuses": ("L4CON", "Layer4 connection problem", "Connection refused", False),
                "hangs": ("L7TOUT", "Layer7 timeout", "", False),
                "unreachable": ("L4TOUT", "Layer4 timeout", "", False),
            }[answer]
        known = changed > begun and changed > server.booted + 60  # what was so at the start had no passage
        checks = int((now - changed) / INTER) if known else FALL + RISE
        need = RISE if passes else FALL
        if checks < need:
            step = f" {checks}/{RISE}" if passes else f" {FALL - checks}/{FALL}"
            status = ("DOWN" if passes else "UP") + (step if checks else "")
            return Checked(server.name, status, max(changed, begun), code, words, detail)
        since = max(changed + need * INTER, begun) if known else begun
        return Checked(server.name, "UP" if passes else "DOWN", since, code, words, detail)

    def _changed(self, server: Host, proxy: Proxy) -> float:
        """When what the check meets last changed."""
        return max(server.started(proxy.unit), server.changed)

    def missing(self, backend: str, server: str) -> str:
        """What HAProxy says of a backend or server that it does not have; empty when it has it."""
        proxy = next((each for each in self.proxies if f"{each.name}_back" == backend), None)
        if proxy is None:
            return "No such backend."
        known = [each.name for each in self.cloud.hosts.with_role(proxy.role)]
        return "" if server in known else "No such server."

    def weight(self, host: str, backend: str, server: str) -> int:
        """The weight of a server at the HAProxy on `host`: 1 unless somebody has set another since its start."""
        value, at = self.weights.get((host, backend, server), (1, 0.0))
        return value if at >= self.started(host) else 1

    def set_aside(self, host: str, backend: str, server: str, state: str) -> bool:
        """`set server BACKEND/SERVER state …`; False when there is no such server."""
        if self.missing(backend, server):
            return False
        if state == "ready":
            self.aside.pop((host, backend, server), None)
        elif state in ("maint", "drain"):
            self.aside[host, backend, server] = ("maint" if state == "maint" else "drain", self.cloud.now())
        return True


def front_names(cloud: Cloud) -> tuple[str, list[str]]:
    """The name of HAProxy's TLS front, and all names of its certificate."""
    name = f"horizon.{cloud.layout.region.lower()}.example"
    return name, [name, cloud.layout.vip]


def build_balancers(cloud: Cloud) -> Balancers:
    """All balancers run; the first controller came first, and has the addresses."""
    made = Balancers(cloud, cloud.hosts.with_role("control")[0].name)
    made.settle(cloud.now())
    cloud.secrets.authority.context(*front_names(cloud))
    cloud.reactions.append(made.settle)
    return made
