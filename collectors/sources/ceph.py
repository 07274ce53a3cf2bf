"""Ceph, by the best way that answers: the resident program (here, else on a monitor's host), the dashboard, `ceph`.

All ways give the same commands' answers; a view joins them. The way that answered is kept and said; a better one is
tried again after a minute. When none answers, the monitors are asked on their own hosts why.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, Protocol

from collectors.deadline import Deadline
from collectors.errors import BadConfiguration, NotOffered, Refused, SourceError, TooLate, UsageError
from collectors.kind import Scope
from collectors.request import Ceph, Request
from collectors.site import CephSite, Site
from collectors.sources import ceph_mons
from collectors.sources.base import Fact, Keeping, Page, Where
from collectors.sources.ceph_commands import NotThere
from collectors.sources.ceph_views import MONS, VIEWS, View

if TYPE_CHECKING:
    from collectors.connections import Connections

WHOLE: Final = "ceph"
"""The target: the cluster."""
PATIENCE: Final = 7.0
"""Seconds for one way while another could be tried instead."""
AGAIN: Final = 60.0
"""Seconds after which a better way than the one in use is tried again."""


class Way(Protocol):
    """One way to have the commands of Ceph answered."""

    @property
    def title(self) -> str:
        """Which way this is: `rados on ceph01`."""

    def ask(self, names: Sequence[str], deadline: Deadline) -> dict[str, Any]:
        """Command → answer, or the `SourceError` that it alone failed with. Raises `SourceError` for all of them."""

    def facts(self, deadline: Deadline) -> tuple[str, float]:
        """(what it says of the cluster, seconds of one question). Raises `SourceError`."""

    def close(self) -> None:
        """Close what is open."""


class CephSource:
    """The cluster of one site."""

    system = "ceph"
    workers = 4

    def __init__(
        self, site: Site, connections: Connections | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        if site.ceph is None:
            raise BadConfiguration("ceph", "the site says nothing about it", "add [site.NAME.ceph]")
        self.ceph: CephSite = site.ceph
        self._connections = connections
        self._clock = clock
        self._lock = threading.Lock()
        self.ways: Sequence[Way] = self._made()
        self._at = 0
        self._moved = clock()

    def _made(self) -> list[Way]:
        found: list[Way] = []
        if self.ceph.local is not None:
            from collectors.sources.ceph_pipes import LocalPipe
            from collectors.sources.ceph_rados import RadosWay

            found.append(RadosWay([LocalPipe(self.ceph.local)], self.ceph.user))
        if self.ceph.mons and self._connections is not None:
            from collectors.sources.ceph_pipes import SshPipe
            from collectors.sources.ceph_rados import RadosWay

            ssh = self._connections.ssh()
            found.append(RadosWay([SshPipe(ssh, mon, self.ceph.conf) for mon in self.ceph.mons], self.ceph.user))
        if self.ceph.dashboard is not None:
            from collectors.sources.ceph_dashboard import DashboardWay

            found.append(DashboardWay(self.ceph.dashboard, self._connections))
        if self.ceph.mons and self._connections is not None:
            from collectors.sources.ceph_program import ProgramWay

            found.append(ProgramWay(self._connections.ssh(), self.ceph))
        return found

    def targets(self, scope: Scope, where: Where) -> Sequence[str]:
        """The cluster is one target."""
        if where.targets:
            raise UsageError("the daemons of Ceph are not asked one by one", "leave the member out")
        return (WHOLE,)

    # -- reading --------------------------------------------------------------------------------------------------

    def read(self, request: Request, target: str, deadline: Deadline, where: Where) -> Iterator[Page]:
        """One page: what the view makes of its commands' answers. Raises `SourceError`."""
        assert isinstance(request, Ceph)
        if request.view == MONS:
            from collectors.sources.ceph_mon_view import mons

            yield Page(items=mons(self, deadline))
            return
        view = VIEWS[request.view]
        replies, via = self.ask(view, deadline, where.parent)
        items = [item | {"via": via} for item in view.items(replies)]
        yield Page(items=[item for item in items if not view.key or str(item[view.key]) == where.parent])

    def ask(self, view: View, deadline: Deadline, identity: str = "") -> tuple[dict[str, Any], str]:
        """(the answers to the commands of `view`, the way that gave them). Raises `SourceError`.

        `identity` is that of the row that the view is of, if it is of one.
        """
        names = view.of(identity)
        if not self.ways:
            hint = "add mons = […], local = … or [site.NAME.ceph.dashboard]"
            raise BadConfiguration(WHOLE, "the site names neither monitors nor a dashboard nor a ceph.conf here", hint)
        errors: list[SourceError] = []
        alive = False
        order = self._order()
        for number, place in enumerate(order):
            left = len(order) - number
            share = deadline.remaining() if left == 1 else min(PATIENCE, deadline.remaining() * 0.5)
            way = self.ways[place]
            try:
                told = self._asked(way, list(names), Deadline(share), deadline)
            except SourceError as error:
                errors.append(error)
            else:
                found = {names[name]: reply for name, reply in told.items()}
                lacking = [found[name] for name in view.needs if isinstance(found.get(name), SourceError)]
                if not lacking:
                    if not alive:
                        self._keep(place)
                    if view.key:
                        found |= self._rest(names, told, [self.ways[other] for other in order[number + 1 :]], deadline)
                    return found, way.title
                if isinstance(lacking[0], NotThere) or not isinstance(lacking[0], Refused | NotOffered | TooLate):
                    raise lacking[0]  # the cluster itself says no: another way would hear the same
                errors.append(lacking[0])
                alive = True  # it answers, and does not tell this: it stays the way in use
            if deadline.expired:
                break
            if isinstance(errors[-1], TooLate) and (lost := self._without_quorum(errors)) is not None:
                raise lost from errors[-1]  # then no other way would answer either
        # The failure that says most is that of the first way which is there at all.
        there = [error for error in errors if not isinstance(error, NotOffered)]
        raise there[0] if there else errors[0]

    def _rest(
        self, names: Mapping[str, str], told: Mapping[str, Any], ways: Sequence[Way], deadline: Deadline
    ) -> dict[str, Any]:
        """What one way does not offer at all, from the others: of one row everything is wanted."""
        found: dict[str, Any] = {}
        for way in ways:
            missing = [
                name for name, reply in told.items() if isinstance(reply, NotOffered) and names[name] not in found
            ]
            if not missing or deadline.expired:
                break
            with suppress(SourceError):  # then it stays missing
                replies = self._asked(way, missing, Deadline(min(PATIENCE, deadline.remaining())), deadline)
                found |= {names[name]: reply for name, reply in replies.items() if not isinstance(reply, SourceError)}
        return found

    def forget(self) -> None:
        """What was kept to serve several reads is not given again."""
        for way in self.ways:
            if isinstance(way, Keeping):
                way.forget()

    def _asked(self, way: Way, names: Sequence[str], own: Deadline, whole: Deadline) -> dict[str, Any]:
        """What one way answers. Raises `SourceError` when the way itself fails."""
        key = whole.guard(own.end)
        try:
            return way.ask(names, own)
        finally:
            whole.release(key)

    def _order(self) -> list[int]:
        """The ways in the order in which they are tried: the one in use first, from time to time the best again."""
        with self._lock:
            if self._at and self._clock() - self._moved > AGAIN:
                self._moved = self._clock()
                return list(range(len(self.ways)))
            return [self._at, *(place for place in range(len(self.ways)) if place != self._at)]

    def _keep(self, place: int) -> None:
        with self._lock:
            if place != self._at:
                self._at, self._moved = place, self._clock()

    def _without_quorum(self, errors: Sequence[SourceError]) -> SourceError | None:
        """What the monitors say on their hosts when somebody waited in vain for the first time: have they a quorum?"""
        if sum(1 for error in errors if isinstance(error, TooLate)) != 1:
            return None
        return ceph_mons.without_quorum(self.said(Deadline(ceph_mons.PATIENCE)))

    def said(self, deadline: Deadline) -> list[ceph_mons.MonSays]:
        """What each monitor says on its own host; nothing where we know no hosts."""
        if not self.ceph.mons or self._connections is None or not self._connections.has("ssh"):
            return []
        return ceph_mons.asked(self._connections.ssh(), self.ceph.mons, deadline)

    # -- who and how ----------------------------------------------------------------------------------------------

    def doctor(self, deadline: Deadline) -> Iterator[Fact]:
        """One fact per way: which of them answers, as whom, how fast, and what the others lack."""
        used = False
        for way in self.ways:
            try:
                about, took = way.facts(Deadline(min(PATIENCE, deadline.remaining())))
            except NotOffered as error:
                yield Fact("ceph", way.title, "ok", detail=f"not there: {error.why}", next_step=error.hint)
            except SourceError as error:
                yield Fact("ceph", way.title, "warning", detail=f"{error.what}: {error.why}", next_step=error.hint)
            else:
                said = "" if used else "this way is used"
                used = True
                who = f"client.{self.ceph.user}" if "dashboard" not in way.title else self._person()
                yield Fact("ceph", way.title, "ok", identity=who, version=about, round_trip=took, detail=said)
        if not used:
            lost = ceph_mons.without_quorum(self.said(Deadline(ceph_mons.PATIENCE)))
            why = lost.why if lost is not None else "none of the ways to it answers"
            hint = lost.hint if lost is not None else "nephoscope get mons"
            yield Fact("ceph", WHOLE, "critical", detail=why, next_step=hint)

    def _person(self) -> str:
        return self.ceph.dashboard.user if self.ceph.dashboard is not None else ""

    def close(self) -> None:
        """Close every way."""
        for way in self.ways:
            way.close()
