"""The servers that a region begins with: computed from seed and number, never held.

Server number i (0-based) runs on compute `i % computes`, belongs to tenant `i % tenants` and was created before number
i+1. So a page, the servers of one host or of one project are ranges of numbers, and 260,000 servers take no memory.
"""

from __future__ import annotations

from runbooks.simulator.ids import Seed
from runbooks.simulator.layout import Layout
from runbooks.simulator.model import server as states
from runbooks.simulator.model.flavors import Flavor
from runbooks.simulator.model.server import Failure, Nic, Server
from runbooks.simulator.model.tenants import Tenants

DAY = 86400.0
OLDEST = 200 * DAY
ROLES = ("web", "db", "worker", "cache", "build", "batch", "app")
NO_HOST = "No valid host was found. There are not enough hosts available."
IMAGES = ("debian-12", "ubuntu-24.04", "rocky-9", "cirros-0.6.2")
"""Names of the public images that servers were built from; ids are `seed.uuid("image", name)`."""

_FLAVOR_BY_NUMBER = (1, 2, 1, 3, 2, 0, 1, 4, 2, 5)
CYCLE = 40
_ODD = {
    7: ("stopped", states.SHUTDOWN),
    13: ("error", states.NOSTATE),
    23: ("stopped", states.SHUTDOWN),
    30: ("paused", states.PAUSED),
    35: ("shelved_offloaded", states.SHUTDOWN),
}
"""Which of every forty are not simply active; of those that would be in error, only every tenth is."""


class FirstServers:
    """The servers of the beginning, by number."""

    def __init__(
        self, seed: Seed, layout: Layout, tenants: Tenants, flavors: list[Flavor], count: int, start: float
    ) -> None:
        self._series = seed.numbered("server", layout.region)
        self._ports = seed.numbered("port of server", layout.region)
        self._volumes = seed.numbered("volume of server", layout.region)
        self._layout = layout
        self._tenants = tenants
        self._flavors = flavors
        self._images = [seed.uuid("image", name) for name in IMAGES]
        self.count = count
        self.start = start
        """When the region began."""
        self._step = OLDEST / max(count, 1)

    def born(self, number: int) -> float:
        """When it was created."""
        return self.start - DAY / 2 - (self.count - 1 - number) * self._step

    def vm_state(self, number: int) -> str:
        """The state in which it began."""
        odd = number % CYCLE
        if odd not in _ODD or (odd == 13 and number % 400 != 13):
            return "active"
        return _ODD[odd][0]

    def flavor(self, number: int) -> Flavor:
        """Its size."""
        return self._flavors[_FLAVOR_BY_NUMBER[number % 10]]

    def placed(self, number: int) -> bool:
        """True when it has a host."""
        odd = number % CYCLE
        return odd != 35 and not (odd == 13 and number % 400 == 13)

    def on_compute(self, number: int) -> range:
        """The numbers of those that were put on the compute with this 0-based number."""
        return range(number, self.count, self._layout.computes)

    def since(self, moment: float) -> range:
        """The numbers of all that were created (or finished building) since `moment`, and a few more, newest first."""
        first = self.count - 2 - int(max(self.start - DAY / 2 - moment, 0) / self._step)
        if moment > self.start - DAY / 2 + 60:
            return range(0)
        return range(self.count - 1, max(first, 0) - 1, -1)

    def aged(self, moment: float) -> list[int]:
        """The numbers of those that were stopped, paused or shelved since `moment`, and a few more."""
        # Each changed half-way between its birth and the beginning, so the younger ones changed last (see `_age`).
        first = self.count - 2 - int(max(2 * (self.start - moment) - DAY / 2, 0) / self._step)
        if moment > self.start - DAY / 4:
            return []
        least = max(first, 0)
        return [number for odd in _ODD for number in range(least + (odd - least) % CYCLE, self.count, CYCLE)]

    def number(self, server_id: str) -> int | None:
        """The number of the server with this id; None when it is none of these."""
        found = self._series.index(server_id)
        return found if found is not None and found < self.count else None

    def compute_number(self, host: str) -> int | None:
        """0-based number of a compute by its name; None when there is no such compute."""
        digits = host[len(host.rstrip("0123456789")) :]
        number = int(digits or 0) - 1
        if 0 <= number < self._layout.computes and self._layout.compute(number + 1) == host:
            return number
        return None

    def make(self, number: int) -> Server:
        """The server with this number, as it began."""
        raw = self._series.raw(number)
        tenants = self._tenants
        tenant = tenants[number % len(tenants)]
        flavor = self.flavor(number)
        created = self.born(number)
        launched = created + 4 + raw[12] % 8
        port = self._ports.raw(number)
        server = Server(
            id=self._series.uuid(number, raw),
            number=number + 1,
            name=f"{tenant.name}-{ROLES[number // len(tenants) % 7]}-{number // len(tenants) + 1:02}",
            project_id=tenant.project_id,
            user_id=tenant.user_id,
            flavor=flavor,
            image_id=self._images[raw[13] % 4],
            created=created,
            updated=launched,
            reservation_id="r-" + _reservation(raw[14:22]),
            host=self._layout.compute(number % self._layout.computes + 1),
            vm_state="active",
            power_state=states.RUNNING,
            launched=launched,
            nics=(
                Nic(
                    port_id=self._ports.uuid(number, port),
                    mac=f"fa:16:3e:{port[20]:02x}:{port[21]:02x}:{port[22]:02x}",
                    address=tenant.address(number // len(tenants)),
                    network_id=tenant.network_id,
                    network_name=tenant.network_name,
                    subnet_id=tenant.subnet_id,
                ),
            ),
            volumes=(self._volumes.uuid(number),) if number % 4 == 0 else (),
            key_name="ops" if raw[23] & 1 else None,
        )
        odd = number % CYCLE
        if odd in _ODD:
            self._age(server, odd, number)
        return server

    def _age(self, server: Server, odd: int, number: int) -> None:
        """Some servers are stopped, paused, shelved; few failed when they were built."""
        if odd == 13:
            if number % 400 != 13:
                return
            server.vm_state, server.power_state, server.host, server.nics = "error", states.NOSTATE, None, ()
            server.volumes, server.launched = (), None
            server.failure = Failure(server.updated, NO_HOST)
            return
        server.updated = server.created + (self.start - server.created) / 2
        server.vm_state, server.power_state = _ODD[odd]
        if server.vm_state == "shelved_offloaded":
            server.host = None


_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


def _reservation(raw: bytes) -> str:
    return "".join([_LETTERS[byte % 36] for byte in raw])
