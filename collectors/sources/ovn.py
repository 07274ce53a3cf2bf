"""OVN: the northbound and the southbound database, their clusters, and northd, all over SSH with OVN's own programs.

Every member is asked for itself, on its own socket: it answers also when its cluster has no leader. Lists come from the
leader (or from the member that gave them last time), because a follower may be behind. Nothing is opened that listens
on the network, so that no certificate of OVN is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

import msgspec

from collectors.deadline import Deadline
from collectors.errors import BadConfiguration, Refused, SourceError, TooLate, Unreachable, UsageError
from collectors.kind import Scope
from collectors.request import Ovn, Request
from collectors.site import OvnSite, Site
from collectors.sources import ovn_views
from collectors.sources.base import Fact, Page, Where
from collectors.sources.batch import Reply
from collectors.sources.entries import command
from collectors.sources.findings import Findings, problem_of
from collectors.sources.ovn_views import NORTHBOUND, NORTHD, SOUTHBOUND, Told
from collectors.sources.parsers import ovn as parsers
from collectors.untrusted import clipped, neutral

if TYPE_CHECKING:
    from collectors.connections import Connections
    from collectors.sources.ssh import SshSource

WHOLE: Final = "ovn"
"""The target: all members together."""
LONGEST: Final = 8.0
"""Seconds that one host's word for itself may take: a dead one must not hold up what the others know."""
STATUS: Final = {
    NORTHBOUND: ("ovn-northbound-status",),
    SOUTHBOUND: ("ovn-southbound-status",),
    NORTHD: ("ovn-northd-status", "ovn-northd-status-kolla"),
}
"""Program → what tells how it is; the first that answers counts."""
STANDALONE: Final = '"cluster/status" is not a valid command'


class View(msgspec.Struct, frozen=True):
    """The lists that a view is made of, each with the database that has it, and how they are joined."""

    lists: tuple[tuple[str, str], ...]
    join: Callable[..., Iterator[dict[str, Any]]]


VIEWS: Final = {
    "chassis": View(((SOUTHBOUND, "ovn-chassis"), (NORTHBOUND, "ovn-configuration")), ovn_views.chassis),
    "logical-switches": View(((NORTHBOUND, "ovn-logical-switches"), (SOUTHBOUND, "ovn-datapaths")), ovn_views.switches),
    "logical-routers": View(((NORTHBOUND, "ovn-logical-routers"), (SOUTHBOUND, "ovn-gateways")), ovn_views.routers),
    "port-bindings": View(((SOUTHBOUND, "ovn-port-bindings"),), ovn_views.port_bindings),
}
"""The views that are lists; `databases` asks every member for itself."""
SPARED: Final = ("ovn-configuration",)
"""Lists without which a view tells nearly as much: when the configuration was counted up, of chassis."""


class OvnSource:
    """OVN's central part of one site."""

    system = "ovn"
    workers = 4

    def __init__(self, site: Site, connections: Connections | None = None) -> None:
        if site.ovn is None:
            raise BadConfiguration("ovn", "the site says nothing about it", "add [site.NAME.ovn]")
        self.site = site
        self.ovn: OvnSite = site.ovn
        self._ways = connections
        self._last: dict[str, str] = {}
        """Database → the host that gave its lists last time."""

    def targets(self, scope: Scope, where: Where) -> Sequence[str]:
        """All members are one target."""
        if where.targets:
            raise UsageError("OVN's databases are the same on all hosts", "leave the host out")
        return (WHOLE,)

    def read(self, request: Request, target: str, deadline: Deadline, where: Where) -> Iterator[Page]:
        """One page: an item per thing of the view. Raises `SourceError`."""
        assert isinstance(request, Ovn)
        if request.view == "databases":
            yield self._databases(deadline)
            return
        view = VIEWS[request.view]
        facts: list[dict[str, Any]] = []
        calls = 0
        for database, entry in view.lists:
            try:
                found, more = self._list(database, entry, deadline)
            except SourceError:
                if entry not in SPARED:
                    raise
                facts.append({})
                continue
            facts.append(found.facts)
            calls += more
        yield Page(items=list(view.join(*facts)), server_time=_clock(facts[0]), calls=calls)

    def _databases(self, deadline: Deadline) -> Page:
        told, clock = self.asked(deadline)
        if all(one.facts is None and one.answers is None for one in told):
            raise Unreachable("OVN", told[0].trouble, f"ssh {told[0].host} ovn-appctl version")
        configuration: dict[str, Any] = {}
        for member in ovn_views.member_of(told, NORTHBOUND):
            try:
                found = self._from(member.host, "ovn-configuration", deadline)
            except SourceError:
                break  # how far northd is stays unknown; what its members say is known all the same
            configuration = found.facts["configuration"]
            break
        items = list(ovn_views.databases(told, configuration))
        return Page(items=items, server_time=clock, calls=len(self.ovn.hosts) + 1)

    # -- lists ----------------------------------------------------------------------------------------------------

    def _list(self, database: str, entry: str, deadline: Deadline) -> tuple[Findings, int]:
        """What a list of `database` gave, and round trips. Raises `SourceError`."""
        calls = 0
        if (host := self._last.get(database)) is not None:
            try:
                return self._from(host, entry, deadline), 1
            except SourceError:
                self._last.pop(database, None)
                calls = 1
        told, _ = self.asked(deadline, database)
        calls += len(told)
        error: SourceError | None = None
        for member in ovn_views.member_of(told, database):
            try:
                found = self._from(member.host, entry, deadline)
            except SourceError as caught:
                error = error or caught
                continue
            self._last[database] = member.host
            return found, calls + 1
        raise error or _nobody(database, told)

    def _from(self, host: str, entry: str, deadline: Deadline) -> Findings:
        """What `entry` gives on `host`. Raises `SourceError`."""
        found, _ = self._ssh().findings(host, [command("clock"), command(entry)], deadline)
        if (why := found.failed.get(entry)) is not None:
            raise next(error for error in found.errors if error.why == why)
        return found

    # -- members --------------------------------------------------------------------------------------------------

    def asked(self, deadline: Deadline, *programs: str) -> tuple[list[Told], float | None]:
        """What every member says of itself (of `programs` only, if given), and the clock of one that answered."""
        asked = programs or tuple(STATUS)
        by_host: dict[str, list[str]] = {}
        for program in asked:
            for host in self.ovn.of(program):
                by_host.setdefault(host, []).append(program)

        def ask(host: str) -> tuple[list[Told], float | None]:
            own = Deadline(min(LONGEST, deadline.remaining() * 0.6))
            key = deadline.guard(own.end)
            try:
                return self._ask(host, by_host[host], own)
            finally:
                deadline.release(key)

        with ThreadPoolExecutor(max(len(by_host), 1), "ovn") as pool:
            answers = list(pool.map(ask, by_host))
        told = [one for found, _ in answers for one in found]
        order = {program: place for place, program in enumerate(STATUS)}
        clocks = [clock for _, clock in answers if clock is not None]
        return sorted(told, key=lambda one: order[one.database]), clocks[0] if clocks else None

    def _ask(self, host: str, programs: Sequence[str], deadline: Deadline) -> tuple[list[Told], float | None]:
        entries = [("", "clock"), *((program, entry) for program in programs for entry in STATUS[program])]
        ssh = self._ssh()
        try:
            replies, _ = ssh.replies(host, [command(entry) for _, entry in entries], deadline)
        except SourceError as error:
            return [Told(program, host, None, error.why, None) for program in programs], None
        hop, said = ssh.hop(host), dict(zip(entries, replies, strict=True))
        clock = said[entries[0]]
        told = []
        for program in programs:
            each = [_told(program, host, said[program, entry], problem_of(said[program, entry], hop))
                    for entry in STATUS[program]]  # fmt: skip
            told.append(next((one for one in each if one.facts is not None), each[0]))
        return told, float(clock.out) if not clock.status and _is_number(clock.out) else None

    def _ssh(self) -> SshSource:
        if self._ways is None:
            raise BadConfiguration("ovn", "hosts are asked over SSH, and no SSH is at hand", "nephoscope doctor")
        return self._ways.ssh()

    def doctor(self, deadline: Deadline) -> Iterator[Fact]:
        """One fact per member: whether it answers us, and as what."""
        try:
            told, _ = self.asked(deadline)
        except SourceError as error:
            yield Fact("ovn", "", "critical", detail=error.why, next_step=error.hint)
            return
        for one in told:
            role = (one.facts or {}).get("role") or (one.facts or {}).get("northd") or ""
            yield Fact(
                "ovn",
                one.host,
                "critical" if one.facts is None else "ok",
                identity=f"{one.database}, its own socket, over SSH" + (f": {role}" if role else ""),
                detail=one.trouble,
                next_step=f"ssh {one.host}: does {one.database} run there?" if one.facts is None else "",
            )

    def close(self) -> None:
        """Its connections belong to the hosts."""


def _told(program: str, host: str, reply: Reply, problem: SourceError | None) -> Told:
    """The meaning of one reply: a socket that nobody listens on is a program that does not run."""
    said = [line.strip() for line in reply.err.decode("utf-8", "replace").splitlines() if line.strip()]
    if any(STANDALONE in line for line in said):
        return Told(program, host, {"role": "standalone", "status": "not clustered"})
    if problem is None and reply.status == 0:
        try:
            return Told(program, host, parsers.northd(reply.out) if program == NORTHD else parsers.raft(reply.out))
        except ValueError as error:
            return Told(program, host, None, clipped(neutral(str(error)), 160), None)
    last = clipped(neutral(said[-1] if said else ""), 160).removeprefix("ovn-appctl: ")
    if problem is not None and (isinstance(problem, Refused | TooLate) or not last):
        return Told(program, host, None, problem.why, None)
    missing = any(words in last for words in ("No such file", "No such process", "Connection refused"))
    container = "is not running" in last or "o such container" in last
    if missing or container:
        return Told(program, host, None, f"does not run: {_why(last)}", False)
    return Told(program, host, None, last, None)


def _why(last: str) -> str:
    """The cause alone: what stands in the last brackets of `cannot connect to "…" (Connection refused)`."""
    head, bracket, cause = last.rpartition("(")
    return cause.removesuffix(")").lower() if bracket and head else last


def _nobody(database: str, told: Sequence[Told]) -> SourceError:
    """Why no member of `database` can be read."""
    ours = [one for one in told if one.database == database]
    why = f"none of {len(ours)} members takes part in its cluster"
    if all(one.facts is None and one.answers is None for one in ours):
        why = f"{ours[0].host}: {ours[0].trouble}"
    return Unreachable(database, why, "nephoscope get ovn-databases")


def _clock(facts: dict[str, Any]) -> float | None:
    clock = facts.get("clock")
    return clock if isinstance(clock, float) else None


def _is_number(text: bytes) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
