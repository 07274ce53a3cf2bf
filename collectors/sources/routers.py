"""Routers as their namespaces have them: which host has a router's addresses, and what is translated there.

A router is looked at on all of its hosts in the same moment: two readings of different moments would see a router that
moves in both places. To look into a namespace costs its host some milliseconds, and there may be hundreds; so each read
looks into a few of each host, in turns, and again into those that seemed wrong. What was seen is told until its next
turn, with its time. Only network hosts are asked: distributed routers are on computes as well.
"""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

import msgspec

from collectors.deadline import Deadline
from collectors.errors import BadConfiguration, SourceError, UsageError
from collectors.kind import Scope
from collectors.request import Request, RouterInstances
from collectors.router_addresses import floating, holds
from collectors.site import Site
from collectors.sources.base import Fact, Page, Where
from collectors.sources.entries import command

if TYPE_CHECKING:
    from collectors.connections import Connections

WHOLE: Final = "routers"
"""The target: all hosts together."""
PREFIX: Final = "qrouter-"
SHARE: Final = 8
"""Namespaces of one host that one read looks into."""
FIRST: Final = 64
"""The same for the first read: whoever asks once should see all of a usual site."""
LONGEST: Final = 8.0
"""Seconds that one host may take: a dead one must not hold up what the others know."""
LIST: Final = "router-namespaces"


class Seen(msgspec.Struct, frozen=True):
    """One look into one namespace."""

    host: str
    at: float
    addresses: dict[str, list[str]]
    """Interface → its addresses."""
    translated: list[str] | None
    """Destinations that some rule changes; None where its rules could not be read."""


class RoutersSource:
    """The network hosts of one site."""

    system = "routers"
    workers = 2

    def __init__(
        self, site: Site, connections: Connections | None = None, *, clock: Callable[[], float] = time.time
    ) -> None:
        self.site = site
        self._ways = connections
        self._clock = clock
        self._listed: dict[str, tuple[str, ...]] = {}
        """Host → its routers' ids, as it last listed them."""
        self._seen: dict[str, list[Seen]] = {}
        """Router → the last look at each of its instances, all of one moment."""
        self._last = ""
        """The router whose turn it was last."""

    def targets(self, scope: Scope, where: Where) -> Sequence[str]:
        """All hosts are one target."""
        if where.targets:
            raise UsageError("a router is looked for on all network hosts at once", "leave the host out")
        return (WHOLE,)

    def read(self, request: Request, target: str, deadline: Deadline, where: Where) -> Iterator[Page]:
        """One page: an item per router that was looked into so far. Raises the first host's error when none answers."""
        assert isinstance(request, RouterInstances)
        hosts = [host.name for host in self.site.with_roles(("network",))]
        began, calls = not self._listed, 0
        if began:
            told, silent = self._ask(hosts, {}, deadline)
            calls += len(hosts)
            self._note(told, {})
        else:
            silent = {}
        chosen = self._chosen(FIRST if began else SHARE)
        wanted = {host: [one for one in chosen if one in self._listed.get(host, ())] for host in hosts}
        asked = [host for host in hosts if host not in silent]
        told, more = self._ask(asked, wanted, deadline)
        silent |= more
        calls += len(asked)
        if not told:
            raise next(iter(silent.values()))
        self._note(told, {one: [host for host in hosts if one in wanted.get(host, ())] for one in chosen})
        yield Page(items=list(self._items(hosts, silent)), calls=calls)

    # -- whose turn it is -----------------------------------------------------------------------------------------

    def _chosen(self, most: int) -> list[str]:
        """Routers to look into now: those that seemed wrong, then in turns; of no host more than `most`."""
        known = sorted({router for routers in self._listed.values() for router in routers})
        turn = [one for one in known if one > self._last] + [one for one in known if one <= self._last]
        wrong = [one for one in known if one in self._seen and seems_wrong(self._seen[one])]
        room = dict.fromkeys(self._listed, most)
        chosen: list[str] = []
        for one in [*wrong[: most // 2], *turn]:
            hosts = [host for host, routers in self._listed.items() if one in routers]
            if one in chosen or any(not room[host] for host in hosts):
                continue
            chosen.append(one)
            self._last = one if one not in wrong else self._last
            for host in hosts:
                room[host] -= 1
            if not any(room.values()):
                break
        return chosen

    # -- asking ---------------------------------------------------------------------------------------------------

    def _ask(
        self, hosts: Sequence[str], wanted: Mapping[str, Sequence[str]], deadline: Deadline
    ) -> tuple[dict[str, dict[str, Any]], dict[str, SourceError]]:
        """(what each host says, why the others say nothing), side by side; each in one round trip."""
        if self._ways is None:
            raise BadConfiguration("routers", "hosts are asked over SSH, and no SSH is at hand", "nephoscope doctor")
        ssh = self._ways.ssh()

        def ask(host: str) -> dict[str, Any] | SourceError:
            texts = [LIST]
            for one in wanted.get(host, ()):
                namespace = shlex.quote(PREFIX + one)
                texts += [f"{entry} namespace={namespace}" for entry in ("router-addresses", "router-translations")]
            own = Deadline(min(LONGEST, deadline.remaining() * 0.45))
            key = deadline.guard(own.end)
            try:
                found, _ = ssh.findings(host, [command(text) for text in texts], own)
            except SourceError as error:
                return error
            finally:
                deadline.release(key)
            if "routers" not in found.facts:
                return found.errors[0]
            if found.refusal is not None:
                return found.refusal
            return {"routers": found.facts["routers"], "rows": found.rows}

        with ThreadPoolExecutor(max(len(hosts), 1), "routers") as pool:
            said = dict(zip(hosts, pool.map(ask, hosts), strict=True))
        told = {host: each for host, each in said.items() if isinstance(each, dict)}
        return told, {host: each for host, each in said.items() if isinstance(each, SourceError)}

    def _note(self, told: Mapping[str, Mapping[str, Any]], looked: Mapping[str, Sequence[str]]) -> None:
        """Keep what hosts list, and of each router that was looked into what all of its hosts said."""
        now = self._clock()
        for host, said in told.items():
            self._listed[host] = tuple(name.removeprefix(PREFIX) for name in said["routers"])
        rows = {(host, row["namespace"]): row for host, said in told.items() for row in said["rows"]}
        for router, hosts in looked.items():
            found = [(host, rows.get((host, PREFIX + router))) for host in hosts if host in told]
            self._seen[router] = [
                Seen(host, now, row["addresses"], row.get("translated")) for host, row in found if row is not None
            ]
        listed = {router for routers in self._listed.values() for router in routers}
        for gone in set(self._seen) - listed:
            del self._seen[gone]

    def _items(self, hosts: Sequence[str], silent: Mapping[str, SourceError]) -> Iterator[dict[str, Any]]:
        for router, seen in sorted(self._seen.items()):
            yield {
                "id": router,
                "hosts": [host for host in hosts if router in self._listed.get(host, ())],
                "instances": [msgspec.to_builtins(each) for each in seen if each.host not in silent],
                "silent": {host: error.why for host, error in silent.items()},
            }

    def doctor(self, deadline: Deadline) -> Iterator[Fact]:
        """Nothing of its own: the hosts are in the SSH source's words."""
        yield from ()

    def close(self) -> None:
        """Its connections belong to the hosts."""


def seems_wrong(seen: Sequence[Seen]) -> bool:
    """Several instances have the addresses, or one has a floating IP and no rule for it: to be looked at again soon."""
    active = [each for each in seen if holds(each.addresses)]
    lost = any(set(floating(one.addresses)) - set(one.translated) for one in active if one.translated is not None)
    return lost or len(active) != 1
