"""The Galera members of one site: one connection each, never through the virtual address.

What is asked are entries of statements.yaml. A member that hangs costs only its own reading: every member has a
connection, a lock, a deadline and a circuit breaker of its own. What is the same everywhere (the databases) is read
from the first member that answers.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from collectors.breaker import Breaker
from collectors.deadline import Deadline
from collectors.errors import BadConfiguration, CircuitOpen, SourceError, TooLate, Unreachable, UsageError
from collectors.kind import Scope
from collectors.request import Request, Sql
from collectors.site import Endpoint, GaleraSite, Site
from collectors.sources.base import Fact, Page, Where
from collectors.sources.galera_failures import understood
from collectors.sources.galera_session import asked, dialled, opened, plain
from collectors.sources.statements import Statement, bound, statement
from collectors.whole import whole

if TYPE_CHECKING:
    from pymysql.connections import Connection

    from collectors.connections import Connections

WHOLE = "galera"
"""The target of what every member would answer alike."""
PATIENCE = 6.0
"""Seconds for one member while another could be asked instead."""


class GaleraSource:
    """The members of one site."""

    system = "galera"
    workers = 6

    def __init__(
        self, site: Site, connections: Connections | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        if site.galera is None:
            raise BadConfiguration("galera", "the site says nothing about it", "add [site.NAME.galera]")
        self.site = site
        self.galera: GaleraSite = site.galera
        self.ways = connections
        self._clock = clock
        self._lock = threading.Lock()
        self._open: dict[str, Connection[Any]] = {}
        self._locks = {member.host: threading.Lock() for member in self.galera.members}
        self._breakers = {member.host: Breaker() for member in self.galera.members}
        self._last: dict[str, SourceError] = {}
        """How each member failed last."""

    # -- where ----------------------------------------------------------------------------------------------------

    def member(self, host: str) -> Endpoint:
        """The member on `host`. Raises `UsageError`."""
        found = next((member for member in self.galera.members if member.host == host), None)
        if found is None:
            some = ", ".join(member.host for member in self.galera.members) or "none"
            raise UsageError(f"{host} is no database member of {self.site.cloud or 'this site'}", f"Members: {some}")
        return found

    def targets(self, scope: Scope, where: Where) -> Sequence[str]:
        """The members, or those that `where` names; one target for what they all answer alike."""
        for name in where.targets:
            self.member(name)
        if scope.per != "member":
            return (WHOLE,)
        return where.targets or [member.host for member in self.galera.members]

    @staticmethod
    def title(member: Endpoint) -> str:
        """`galera ctl01 at 10.0.0.11:3306`."""
        return f"galera {member.host} at {member.address}:{member.port}"

    # -- reading --------------------------------------------------------------------------------------------------

    def read(self, request: Request, target: str, deadline: Deadline, where: Where) -> Iterator[Page]:
        """One page: a member's facts as one item, or rows.

        A member whose facts cannot be read is an item too, saying why (`trouble`) and whether anybody there answered
        (`answers`; null when it was too slow to tell); the error follows it.
        """
        assert isinstance(request, Sql)
        entry = statement(request.statement)
        given = dict(where.query) | ({"parent": where.parent} if "parent" in entry.parameters else {})
        values = bound(entry, given)
        if target == WHOLE:
            yield from self._first(entry, values, deadline)
            return
        member = self.member(target)
        about = {"member": member.host, "address": f"{member.address}:{member.port}"}
        try:
            answers = self.ask(member, entry, values, deadline, insist=where.insist)
        except SourceError as error:
            if entry.gives == "facts":
                yield Page(items=[about | {"trouble": error.why, "answers": self._answers(member.host, error)}])
            raise
        yield Page(items=_items(entry, answers, about))

    def _answers(self, host: str, error: SourceError) -> bool | None:
        """Whether a failure shows that somebody is there: an error with a number came from the server."""
        told = self._last.get(host, error) if isinstance(error, CircuitOpen) else error
        return None if isinstance(told, TooLate) else not isinstance(told, Unreachable) or told.status != 0

    def _first(self, entry: Statement, values: Mapping[str, str | None], deadline: Deadline) -> Iterator[Page]:
        """The answer of the first member that gives one. Raises the first member's error when none does."""
        errors: list[SourceError] = []
        members = self.galera.members
        for place, member in enumerate(members):
            left = len(members) - place
            slice_ = deadline.remaining() if left == 1 else min(PATIENCE, deadline.remaining() / left)
            try:
                answers = self.ask(member, entry, values, deadline, patience=slice_)
            except SourceError as error:
                errors.append(error)
                continue
            yield Page(items=_items(entry, answers, {"member": member.host}), calls=place + 1)
            return
        raise errors[0] if errors else BadConfiguration(WHOLE, "the site names no member", "set members")

    def ask(
        self,
        member: Endpoint,
        entry: Statement,
        values: Mapping[str, str | None],
        deadline: Deadline,
        *,
        patience: float | None = None,
        insist: bool = False,
    ) -> list[tuple[list[str], list[Sequence[Any]]]]:
        """(columns, rows) of each of the entry's statements. Raises `SourceError`."""
        breaker, now = self._breakers[member.host], self._clock()
        what = self.title(member)
        if not insist and not breaker.allow(now):
            last = self._last.get(member.host)
            why = f"{last.why if last else 'no answer'} ({breaker.failures} times; it is left alone for a while)"
            raise CircuitOpen(what, why, "nephoscope doctor", retry_at=breaker.retry_at or now)
        try:
            found = self._asked(member, entry, values, deadline, patience)
        except Unreachable as error:
            breaker.failed(self._clock())
            self._last[member.host] = error
            raise
        except SourceError:
            breaker.succeeded()  # it answered; that the answer displeases us is no outage
            raise
        except BaseException:
            breaker.failed(self._clock())
            raise
        breaker.succeeded()
        return found

    def _asked(
        self,
        member: Endpoint,
        entry: Statement,
        values: Mapping[str, str | None],
        deadline: Deadline,
        patience: float | None,
    ) -> list[tuple[list[str], list[Sequence[Any]]]]:
        what = self.title(member)
        whole("pymysql")
        own = deadline if patience is None else Deadline(min(patience, deadline.remaining()))
        key = deadline.guard(own.end) if own is not deadline else -1  # the whole read may be cancelled
        lock = self._locks[member.host]
        if not lock.acquire(timeout=own.remaining()):
            raise TooLate(what, "another reading of it is still under way", "nephoscope doctor")
        try:
            connection, fresh = self._connection(member, own)
            try:
                return self._run(connection, entry, values, what)
            except Exception as error:
                self._drop(member.host)
                # A kept connection may have died while nobody looked: that says nothing about the member.
                if fresh or own.expired or not _is_lost(error):
                    raise
            connection, _ = self._connection(member, own)
            return self._run(connection, entry, values, what)
        except Exception as error:
            self._drop(member.host, only_broken=True)
            raise understood(error, what, member.host, own) from error
        finally:
            if own is not deadline:
                deadline.release(key)
                own.finish()
            lock.release()

    def _run(
        self, connection: Connection[Any], entry: Statement, values: Mapping[str, str | None], what: str
    ) -> list[tuple[list[str], list[Sequence[Any]]]]:
        return [asked(connection, text, values, entry.limit, what) for text in entry.texts]

    def _connection(self, member: Endpoint, deadline: Deadline) -> tuple[Connection[Any], bool]:
        """The member's connection, and whether it was made just now. Raises what `opened` raises."""
        kept = self._open.get(member.host)
        if kept is not None and kept.open:
            sock: socket.socket = kept._sock  # type: ignore[attr-defined]
            deadline.guard_socket(sock)
            kept._read_timeout = kept._write_timeout = deadline.remaining()  # type: ignore[attr-defined]
            return kept, False
        made = opened(self.galera, member.address, member.port, self.dial, deadline)
        self._open[member.host] = made
        return made, True

    def dial(self, address: str, port: int, deadline: Deadline) -> socket.socket:
        """A socket to a member: from here, or through the host that the site names."""
        way = self.galera.via.partition(":")[2]
        if not way:
            return dialled(address, port, deadline)
        if self.ways is None:
            raise BadConfiguration("galera", f"via {self.galera.via}: no SSH at hand", "use ssh:HOST of this site")
        return self.ways.ssh().open_channel(way, address, port, deadline)

    def _drop(self, host: str, *, only_broken: bool = False) -> None:
        """Forget a member's connection."""
        kept = self._open.get(host)
        if kept is None or (only_broken and kept.open):
            return
        del self._open[host]
        with suppress(Exception):  # it is being thrown away
            kept._force_close()  # type: ignore[attr-defined]

    # -- who and how ----------------------------------------------------------------------------------------------

    def doctor(self, deadline: Deadline) -> Iterator[Fact]:
        """One fact per member: address, who we are, version, round trip, what we may not do, what to do next."""
        from collectors.sources.galera_doctor import facts

        yield from facts(self, deadline)

    def close(self) -> None:
        """Close every connection."""
        for host in list(self._open):
            self._drop(host)


def _is_lost(error: Exception) -> bool:
    """True when the connection broke under a statement."""
    code = error.args[0] if error.args else None
    return isinstance(error, OSError) or code in (0, 2006, 2013, 2014)


def _items(
    entry: Statement, answers: Sequence[tuple[list[str], list[Sequence[Any]]]], about: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """The rows as mappings; facts are folded into one."""
    if entry.gives == "rows":
        return [
            {**about, **{name: plain(value) for name, value in zip(names, row, strict=True)}}
            for names, rows in answers
            for row in rows
        ]
    facts: dict[str, Any] = dict(about)
    for _, rows in answers:
        facts |= {str(row[0]).lower(): plain(row[1]) for row in rows if len(row) == 2}
    return [facts]
