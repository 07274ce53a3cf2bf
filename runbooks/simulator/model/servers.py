"""All servers of a region: the first ones computed from seed and number, changed and new ones held.

Server number i (0-based) runs on compute `i % computes`, belongs to tenant `i % tenants` and was created before number
i+1. So a page, the servers of one host or of one project are ranges of numbers, and 260,000 servers take no memory.
A server that changes is held from then on (`edit`); `order` is newest first, as Nova lists by default.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from runbooks.simulator.clock import Clock
from runbooks.simulator.ids import Seed
from runbooks.simulator.layout import Layout
from runbooks.simulator.model import server as states
from runbooks.simulator.model.flavors import Flavor
from runbooks.simulator.model.hypervisors import Taken
from runbooks.simulator.model.server import Failure, Nic, Server
from runbooks.simulator.model.tenants import Tenants

DAY = 86400.0
OLDEST = 200 * DAY
ROLES = ("web", "db", "worker", "cache", "build", "batch", "app")
NO_HOST = "No valid host was found. There are not enough hosts available."
IMAGES = ("debian-12", "ubuntu-24.04", "rocky-9", "cirros-0.6.2")
"""Names of the public images that servers were built from; ids are `seed.uuid("image", name)`."""

_FLAVOR_BY_NUMBER = (1, 2, 1, 3, 2, 0, 1, 4, 2, 5)


class Servers:
    """The servers of one region."""

    def __init__(
        self, seed: Seed, layout: Layout, tenants: Tenants, flavors: list[Flavor], count: int, clock: Clock
    ) -> None:
        self._series = seed.numbered("server", layout.region)
        self._ports = seed.numbered("port of server", layout.region)
        self._volumes = seed.numbered("volume of server", layout.region)
        self._layout = layout
        self._tenants = tenants
        self._flavors = flavors
        self._images = [seed.uuid("image", name) for name in IMAGES]
        self.count = count
        """How many were there at the beginning."""
        self._start = clock.now()
        self._step = OLDEST / max(count, 1)
        self._held: dict[int, Server | None] = {}
        """Changed ones by number; None for those that are gone."""
        self._made: dict[str, Server] = {}
        """New ones, oldest first."""
        self._numbers = count

    def __len__(self) -> int:
        return self.count + len(self._made) - sum(server is None for server in self._held.values())

    # One

    def at(self, number: int) -> Server | None:
        """The server that had this number at the beginning, as it is now; None when it is gone."""
        if number in self._held:
            return self._held[number]
        return self._computed(number)

    def get(self, server_id: str) -> Server | None:
        """The server with this id, for reading only."""
        if server_id in self._made:
            return self._made[server_id]
        number = self._number_of(server_id)
        return None if number is None else self.at(number)

    def edit(self, server_id: str) -> Server:
        """The server with this id, to be changed. Raises KeyError when there is none."""
        if server_id in self._made:
            return self._made[server_id]
        number = self._number_of(server_id)
        found = None if number is None else self.at(number)
        if number is None or found is None:
            raise KeyError(server_id)
        self._held[number] = found
        return found

    def add(self, server: Server) -> None:
        self._made[server.id] = server

    def remove(self, server_id: str) -> None:
        """Forget it. Raises KeyError when there is none."""
        if server_id in self._made:
            del self._made[server_id]
            return
        number = self._number_of(server_id)
        if number is None or self.at(number) is None:
            raise KeyError(server_id)
        self._held[number] = None

    def next_number(self) -> int:
        """For the name of a new instance."""
        self._numbers += 1
        return self._numbers

    # Of the beginning, without making them

    def born(self, number: int) -> float:
        """When the server that had this number at the beginning was created."""
        return self._start - DAY / 2 - (self.count - 1 - number) * self._step

    def began_as(self, number: int) -> str:
        """The vm_state in which it was then."""
        return _vm_state(number)

    @property
    def changed(self) -> Mapping[int, Server | None]:
        """Those that are no longer as they were, by number; None for the ones that are gone."""
        return self._held

    @property
    def new(self) -> Collection[Server]:
        """Those that were made later, oldest first."""
        return self._made.values()

    # Many

    def newest(self, after: str | None = None, vm_states: frozenset[str] | None = None) -> Iterator[Server]:
        """All (or those in `vm_states`), newest first, from the one after the id `after`.

        Raises KeyError when there is no such server.
        """
        first = self.count - 1
        made = list(reversed(self._made.values()))
        if after is not None:
            if after in self._made:
                made = made[[server.id for server in made].index(after) + 1 :]
            else:
                number = self._number_of(after)
                if number is None:
                    raise KeyError(after)
                made, first = [], number - 1
        yield from made
        yield from self._existing(range(first, -1, -1), vm_states)

    def on_host(self, host: str) -> Iterator[Server]:
        """The servers whose host is `host`, in no particular order."""
        number = self.compute_number(host)
        if number is not None:
            for server in self._existing(range(number, self.count, self._layout.computes)):
                if server.host == host:
                    yield server
        computes = self._layout.computes
        for at, held in self._held.items():
            if held is not None and held.host == host and at % computes != number:
                yield held
        yield from (server for server in self._made.values() if server.host == host)

    def of_project(
        self, project_id: str, after: str | None = None, vm_states: frozenset[str] | None = None
    ) -> Iterator[Server]:
        """The servers of a project, as `newest`."""
        tenant = self._tenants.by_project(project_id)
        first = self.count - 1
        made = [server for server in reversed(self._made.values()) if server.project_id == project_id]
        if after is not None:
            number = self._number_of(after)
            if number is not None:
                made, first = [], number - 1
            elif after in self._made:
                made = made[[server.id for server in made].index(after) + 1 :]
            else:
                raise KeyError(after)
        yield from made
        if tenant is not None:
            first -= (first - tenant.number) % len(self._tenants)
            yield from self._existing(range(first, -1, -len(self._tenants)), vm_states)

    def changed_since(self, moment: float) -> Iterator[Server]:
        """Those whose last change is not older than `moment`, newest first; without looking at most of the others."""
        for server in reversed(self._made.values()):
            if server.updated >= moment:
                yield server
        young = self.count - 1 - int(max(self._start - moment, 0) / self._step) - 1  # older ones were not built since
        for number in range(self.count - 1, -1, -1):
            if number >= young or number in self._held or (number % 40 in _ODD and moment < self._start):
                found = self.at(number)
                if found is not None and found.updated >= moment:
                    yield found

    def _existing(self, numbers: Iterable[int], vm_states: frozenset[str] | None = None) -> Iterator[Server]:
        held = self._held
        for number in numbers:
            if number in held:
                found = held[number]
                if found is not None:
                    yield found
            elif vm_states is None or _vm_state(number) in vm_states:
                yield self._computed(number)

    def taken(self, host: str) -> Taken:
        """What the servers on `host` take."""
        vcpus = ram = disk = count = busy = 0
        number, computes = self.compute_number(host), self._layout.computes
        if number is not None:
            for at in range(number, self.count, computes):
                odd = at % 40
                if at in self._held or odd == 35 or (odd == 13 and at % 400 == 13):
                    continue
                flavor = self._flavors[_FLAVOR_BY_NUMBER[at % 10]]
                vcpus, ram, disk, count = vcpus + flavor.vcpus, ram + flavor.ram, disk + flavor.disk, count + 1
        for server in (*self._held.values(), *self._made.values()):
            if server is not None and server.host == host:
                flavor = server.flavor
                vcpus, ram, disk, count = vcpus + flavor.vcpus, ram + flavor.ram, disk + flavor.disk, count + 1
                busy += server.task_state is not None
        return Taken(vcpus, ram, disk, count, busy)

    # Numbers

    def compute_number(self, host: str) -> int | None:
        """0-based number of a compute by its name; None when there is no such compute."""
        digits = host[len(host.rstrip("0123456789")) :]
        number = int(digits or 0) - 1
        if 0 <= number < self._layout.computes and self._layout.compute(number + 1) == host:
            return number
        return None

    def _number_of(self, server_id: str) -> int | None:
        number = self._series.index(server_id)
        return number if number is not None and number < self.count else None

    def _computed(self, number: int) -> Server:
        raw = self._series.raw(number)
        tenants = self._tenants
        tenant = tenants[number % len(tenants)]
        flavor = self._flavors[_FLAVOR_BY_NUMBER[number % 10]]
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
        odd = number % 40
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
        server.updated = server.created + (self._start - server.created) / 2
        server.vm_state, server.power_state = _ODD[odd]
        if server.vm_state == "shelved_offloaded":
            server.host = None


_ODD = {
    7: ("stopped", states.SHUTDOWN),
    13: ("error", states.NOSTATE),
    23: ("stopped", states.SHUTDOWN),
    30: ("paused", states.PAUSED),
    35: ("shelved_offloaded", states.SHUTDOWN),
}


def _vm_state(number: int) -> str:
    """The state in which the server with this number began."""
    odd = number % 40
    if odd not in _ODD or (odd == 13 and number % 400 != 13):
        return "active"
    return _ODD[odd][0]


_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


def _reservation(raw: bytes) -> str:
    return "".join([_LETTERS[byte % 36] for byte in raw])
