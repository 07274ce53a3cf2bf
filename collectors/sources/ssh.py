"""Hosts over SSH: named commands in batches, and channels to what only a host reaches.

What is due on a host goes there as one command line (`batch`); what comes back is parsed by each entry's own parser.
One host that hangs costs only its own reading: every host has a connection, a deadline and a circuit breaker.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from collectors.breaker import Breaker
from collectors.deadline import Deadline
from collectors.errors import BadConfiguration, CircuitOpen, Refused, SourceError, TooLate, Unreachable, UsageError
from collectors.kind import Scope
from collectors.request import Request
from collectors.site import Site
from collectors.sources import ssh_config
from collectors.sources.base import Asked, Fact, Page, Where
from collectors.sources.batch import Reply
from collectors.sources.channels import HostConnections
from collectors.sources.entries import Command, command, line_parser
from collectors.sources.findings import SUDO_SAYS, Findings, found_in
from collectors.sources.host_answers import answers, none_done
from collectors.sources.routes import Hop, Routes
from collectors.sources.ssh_run import Arrived, run_commands
from collectors.sources.ssh_stream import DENIED, Stream

_NAMES_SHOWN = 12


def host_of(identity: str) -> str:
    """The host of something on it: ids of such things are `HOST/NAME`."""
    return identity.partition("/")[0]


def _helped(reply: Reply) -> bool:
    """With sudo the command did what it should; one that also looks for what is not there fails all the same."""
    said = reply.err.lower()
    refused = any(words in said for words in DENIED) or any(words.encode() in said for words in SUDO_SAYS)
    return reply.status == 0 or (reply.status in reply.command.entry.accept and not refused)


def _denies(reply: Reply, hop: Hop) -> bool:
    """True when the host says that we may not, and sudo is worth a try."""
    said = reply.err.lower()
    return (
        reply.command.entry.sudo == "when-refused"
        and hop.user != "root"
        and bool(reply.status)
        and any(words in said for words in DENIED)
    )


class SshSource:
    """The hosts of one site."""

    system = "ssh"
    workers = 64

    def __init__(
        self,
        site: Site,
        *,
        home: Path | None = None,
        environment: Mapping[str, str] = os.environ,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.site = site
        self.connections = HostConnections()
        self._home = home or Path.home()
        self._environment = environment
        self._clock = clock
        self._lock = threading.Lock()
        self._routes: Routes | None = None
        self._breakers: dict[str, Breaker] = {}
        self._last: dict[str, str] = {}
        """Why each host did not answer."""
        self._needs_sudo: set[tuple[str, str]] = set()

    # -- where ----------------------------------------------------------------------------------------------------

    @property
    def routes(self) -> Routes:
        """The ways to the hosts; reads ssh_config on first use. Raises `BadConfiguration`."""
        with self._lock:
            if self._routes is None:
                config = ssh_config.read(self.site.ssh.config, self._home)
                agent = self._environment.get("SSH_AUTH_SOCK", "")
                self._routes = Routes(self.site, config, self._home, agent)
            return self._routes

    def hop(self, host: str) -> Hop:
        """The way to `host`. Raises `BadConfiguration`."""
        return self.routes.to(host)

    def targets(self, scope: Scope, where: Where) -> Sequence[str]:
        """The hosts with the scope's roles, or those of them that `where` names; its query may pick one by `host`.

        What is below a host, or below a thing on a host (`net01/qdhcp-…`), is read on that host.
        """
        if where.parent:
            where = replace(where, targets=(host_of(where.parent),))
        fitting = [host.name for host in self.site.with_roles(scope.roles)]
        if not fitting and scope.roles and not where.targets:
            roles = " or ".join(scope.roles)
            hint = f'say in {self.site.origin or "nephoscope.toml"} what the hosts are: roles = ["{scope.roles[0]}"]'
            raise BadConfiguration("hosts", f"none of {self.site.cloud or 'this site'} has the role {roles}", hint)
        if not where.targets and (picked := dict(where.query).get("host")) is not None:
            return [name for name in fitting if name.casefold() == picked.casefold()]
        unknown = [name for name in where.targets if name not in fitting]
        if unknown:
            some = ", ".join(fitting[:_NAMES_SHOWN]) + (" …" if len(fitting) > _NAMES_SHOWN else "")
            known = "has none of the roles " + ", ".join(scope.roles) if unknown[0] in self.site.hosts else "is no host"
            raise UsageError(f"{unknown[0]} {known} of {self.site.cloud or 'this site'}", f"Hosts: {some or 'none'}")
        return where.targets or fitting

    # -- reading --------------------------------------------------------------------------------------------------

    def read(self, request: Request, target: str, deadline: Deadline, where: Where) -> Iterator[Page]:
        """One page: the rows that its commands list, or a host's facts as one item; see `host_answers`."""
        for _, pages in self.read_together(target, [Asked(request, where, deadline)], deadline):
            yield from pages

    def read_together(
        self, target: str, asked: Sequence[Asked], deadline: Deadline
    ) -> Iterator[tuple[int, Iterator[Page]]]:
        """All of `asked` from one batch: (index, pages) as they are answered."""
        return answers(self, target, asked, deadline)

    def findings(self, target: str, commands: Sequence[Command], deadline: Deadline) -> tuple[Findings, int]:
        """Run as `replies` does, and parse. Also for the sources of what runs on hosts."""
        replies, calls = self.replies(target, commands, deadline)
        return found_in(replies, self.hop(target)), calls

    def replies(self, target: str, commands: Sequence[Command], deadline: Deadline) -> tuple[list[Reply], int]:
        """What each command gave, in their order, and the round trips. Raises `SourceError`."""
        found: dict[int, Reply] = {}
        trips = 0
        with closing(self.arriving(target, commands, deadline)) as arriving:
            for arrived in arriving:
                found |= {id(reply.command): reply for reply in arrived.replies}
                trips += arrived.trips
        replies = [found[id(each)] for each in commands]
        if commands and all(reply.status is None and not reply.truncated for reply in replies):
            raise none_done(self, target, commands[0], deadline)
        return replies, trips

    def arriving(self, target: str, commands: Sequence[Command], deadline: Deadline) -> Generator[Arrived, None, None]:
        """Run; replies as they arrive. A command that the host denies us is tried again with sudo.

        Raises `SourceError`.
        """
        hop = self.hop(target)
        if deadline.expired:
            why = f"its turn did not come within {deadline.seconds:g} s"
            raise TooLate(f"ssh {target}", why, "ask fewer hosts at a time: filter by host")
        sudo = {each.name for each in commands if (target, each.name) in self._needs_sudo}
        denied: dict[int, Reply] = {}
        with closing(run_commands(self.connections, hop, commands, sudo, deadline)) as running:
            for arrived in self._admitted(target, running):
                denied |= {id(r.command): r for r in arrived.replies if r.command.name not in sudo and _denies(r, hop)}
                yield arrived._replace(replies=[r for r in arrived.replies if id(r.command) not in denied])
        if not denied:
            return
        again = [reply.command for reply in denied.values()]
        with closing(run_commands(self.connections, hop, again, {each.name for each in again}, deadline)) as running:
            for arrived in running:
                # Only where sudo helped is it used from now on; elsewhere the host's own refusal says more.
                self._needs_sudo |= {(target, r.command.name) for r in arrived.replies if _helped(r)}
                better = [reply if _helped(reply) else denied[id(reply.command)] for reply in arrived.replies]
                yield arrived._replace(replies=better)

    def _admitted(self, target: str, running: Iterator[Arrived]) -> Iterator[Arrived]:
        """`running` unless the host is resting after failures."""
        with self._lock:
            breaker = self._breakers.setdefault(target, Breaker())
        now = self._clock()
        if not breaker.allow(now):
            why = f"{self._last.get(target, 'no answer')} ({breaker.failures} times; it is left alone for a while)"
            raise CircuitOpen(f"ssh {target}", why, "nephoscope doctor", retry_at=breaker.retry_at or now)
        answered = False
        try:
            for arrived in running:
                answered = answered or any(reply.status is not None for reply in arrived.replies)
                yield arrived
            self._last[target] = "did not finish anything in time"
        except Unreachable as error:
            answered, self._last[target] = False, error.why
            raise
        except SourceError:
            answered = True  # that the answer displeases us is no outage
            raise
        except Exception:
            answered = False
            raise
        finally:
            if answered:
                breaker.succeeded()
            else:
                breaker.failed(self._clock())

    # -- logs -----------------------------------------------------------------------------------------------------

    def facts(self, host: str, entries: Sequence[str], deadline: Deadline) -> Findings:
        """What these entries say about one host, outside of any kind. Raises `SourceError`."""
        return self.findings(host, [command(text) for text in entries], deadline)[0]

    def lines(
        self, host: str, text: str, cancel: Deadline, zone: float = 0.0
    ) -> Generator[list[dict[str, Any]], None, None]:
        """Log lines of an entry that gives lines, as they arrive, until `cancel` ends. Raises `SourceError`.

        Where the host denies it, it is tried once more with sudo.
        """
        wanted = command(text)
        hop = self.hop(host)
        denied: SourceError | None = None
        for sudo in (False, True):
            stream, came = Stream(wanted, hop), False
            machine = line_parser(wanted.entry.parser, zone)
            may_more = not sudo and hop.user != "root"
            with closing(stream.lines(self.connections, cancel, sudo=sudo)) as arriving:
                for lines in arriving:
                    found = machine.feed(lines)
                    came = came or bool(found)
                    yield found
                    if may_more and stream.denied and not came:
                        break  # `tail -F` would try for ever
            problem = stream.problem()
            if problem is None or cancel.expired:
                return
            if came or not may_more or not isinstance(problem, Refused):
                raise denied or problem
            denied = problem

    # -- for other sources ----------------------------------------------------------------------------------------

    def open_channel(self, host: str, address: str, port: int, deadline: Deadline) -> socket.socket:
        """A socket whose other end is a TCP connection that `host` makes to `address`. Raises `SourceError`."""
        from collectors.sources.tunnel import tunnelled

        return tunnelled(self.connections, self.hop(host), address, port, deadline)

    def doctor(self, deadline: Deadline) -> Iterator[Fact]:
        """One fact per host: address, login, version, round trip, whether sudo works, what to do next."""
        from collectors.sources.ssh_doctor import facts

        yield from facts(self, deadline)

    def close(self) -> None:
        """Close every connection."""
        self.connections.close()
