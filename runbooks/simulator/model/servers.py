"""All servers of a region: those of the beginning computed, changed and new ones held.

A server that changes is held from then on (`edit`). Lists are newest first, as Nova's are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from runbooks.simulator.clock import Clock
from runbooks.simulator.ids import Seed
from runbooks.simulator.layout import Layout
from runbooks.simulator.model.first_servers import FirstServers
from runbooks.simulator.model.flavors import Flavor
from runbooks.simulator.model.hypervisors import Taken
from runbooks.simulator.model.server import Server
from runbooks.simulator.model.tenants import Tenants


class Servers:
    """The servers of one region."""

    def __init__(
        self, seed: Seed, layout: Layout, tenants: Tenants, flavors: list[Flavor], count: int, clock: Clock
    ) -> None:
        self._first = FirstServers(seed, layout, tenants, flavors, count, clock.now())
        self._tenants = tenants
        self.count = count
        """How many were there at the beginning."""
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
        return self._first.make(number)

    def get(self, server_id: str) -> Server | None:
        """The server with this id, for reading only."""
        if server_id in self._made:
            return self._made[server_id]
        number = self._first.number(server_id)
        return None if number is None else self.at(number)

    def edit(self, server_id: str) -> Server:
        """The server with this id, to be changed. Raises KeyError when there is none."""
        if server_id in self._made:
            return self._made[server_id]
        number = self._first.number(server_id)
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
        number = self._first.number(server_id)
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
        return self._first.born(number)

    def began_as(self, number: int) -> str:
        """The vm_state in which it was then."""
        return self._first.vm_state(number)

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
                number = self._first.number(after)
                if number is None:
                    raise KeyError(after)
                made, first = [], number - 1
        yield from made
        yield from self._existing(range(first, -1, -1), vm_states)

    def on_host(self, host: str) -> Iterator[Server]:
        """The servers whose host is `host`, in no particular order."""
        number = self._first.compute_number(host)
        own = range(0) if number is None else self._first.on_compute(number)
        yield from (server for server in self._existing(own) if server.host == host)
        for at, held in self._held.items():
            if held is not None and held.host == host and at not in own:
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
            number = self._first.number(after)
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
        numbers = {*self._held, *self._first.since(moment), *self._first.aged(moment)}
        for number in sorted(numbers, reverse=True):
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
            elif vm_states is None or self._first.vm_state(number) in vm_states:
                yield self._first.make(number)

    def taken(self, host: str) -> Taken:
        """What the servers on `host` take."""
        vcpus = ram = disk = count = busy = 0
        number = self._first.compute_number(host)
        for at in range(0) if number is None else self._first.on_compute(number):
            if at not in self._held and self._first.placed(at):
                flavor = self._first.flavor(at)
                vcpus, ram, disk, count = vcpus + flavor.vcpus, ram + flavor.ram, disk + flavor.disk, count + 1
        for server in (*self._held.values(), *self._made.values()):
            if server is not None and server.host == host:
                flavor = server.flavor
                vcpus, ram, disk, count = vcpus + flavor.vcpus, ram + flavor.ram, disk + flavor.disk, count + 1
                busy += server.task_state is not None
        return Taken(vcpus, ram, disk, count, busy)

    def compute_number(self, host: str) -> int | None:
        """0-based number of a compute by its name; None when there is no such compute."""
        return self._first.compute_number(host)
