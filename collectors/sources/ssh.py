"""Hosts over SSH: named commands in batches, and channels to what only a host reaches.

What is due on a host goes there as one command line (`batch`); what comes back is parsed by each entry's own parser.
One host that hangs costs only its own reading: every host has a connection, a deadline and a circuit breaker.
"""

from __future__ import annotations

import os
import shlex
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
from collectors.request import HostCommands, Request
from collectors.site import Site
from collectors.sources import ssh_config
from collectors.sources.base import Fact, Page, Where
from collectors.sources.batch import Reply
from collectors.sources.channels import HostConnections
from collectors.sources.entries import Command, command, line_parser
from collectors.sources.findings import Findings, found_in
from collectors.sources.routes import Hop, Routes
from collectors.sources.ssh_run import run_commands
from collectors.sources.ssh_stream import DENIED, Stream

_NAMES_SHOWN = 12


def host_of(identity: str) -> str:
    """The host of something on it: ids of such things are `HOST/NAME`."""
    return identity.partition("/")[0]


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
        """One page: the rows that its commands list, each with the facts that were read beside them; without any that
        lists, a host's facts as one item.

        A host whose facts cannot be read is an item too, saying why (`trouble`) and whether anybody there answered
        (`answers`; null when it was too slow to tell); the error follows it.
        """
        assert isinstance(request, HostCommands)
        name = where.parent.partition("/")[2]
        entries = request.inside if name and request.inside else request.entries
        commands = [command(text.replace("{parent}", shlex.quote(name))) for text in entries]
        facts = not any(each.entry.gives == "rows" for each in commands)
        about: dict[str, Any] = {"host": target}
        if not where.parent and (host := self.site.hosts.get(target)) is not None:
            about |= {"address": host.address, "roles": ", ".join(host.roles)}
        try:
            found, calls = self.findings(target, commands, deadline)
        except SourceError as error:
            if facts:
                silent = isinstance(error, Unreachable) and not isinstance(error, TooLate)
                answers = None if isinstance(error, TooLate) else not silent
                yield Page(items=[about | {"trouble": error.why, "answers": answers}])
            raise
        about |= found.facts
        items = [about | {"failed": found.failed}] if facts else [about | row for row in found.rows]
        clock = found.facts.get("clock")
        yield Page(items=items, server_time=clock if isinstance(clock, float) else None, calls=calls)
        if found.errors and not facts:
            raise found.errors[0]
        if found.refusal is not None:
            raise found.refusal

    def findings(self, target: str, commands: Sequence[Command], deadline: Deadline) -> tuple[Findings, int]:
        """Run as `replies` does, and parse. Also for the sources of what runs on hosts."""
        replies, calls = self.replies(target, commands, deadline)
        return found_in(replies, self.hop(target)), calls

    def replies(self, target: str, commands: Sequence[Command], deadline: Deadline) -> tuple[list[Reply], int]:
        """Run; a command that the host denies us is tried again with sudo. Returns round trips as well.

        Raises `SourceError`.
        """
        hop = self.hop(target)
        sudo = {each.name for each in commands if (target, each.name) in self._needs_sudo}
        if deadline.expired:
            why = f"its turn did not come within {deadline.seconds:g} s"
            raise TooLate(f"ssh {target}", why, "ask fewer hosts at a time: filter by host")
        replies = self._admitted(target, lambda: run_commands(self.connections, hop, commands, sudo, deadline))
        denied = [
            reply.command
            for reply in replies
            if reply.command.entry.sudo == "when-refused" and reply.command.name not in sudo
            and hop.user != "root" and reply.status and any(words in reply.err.lower() for words in DENIED)
        ]  # fmt: skip
        if not denied:
            return replies, 1
        names = {each.name for each in denied}
        again = run_commands(self.connections, hop, denied, names, deadline)
        # Only where sudo helped is it used from now on; elsewhere the host's own refusal says more.
        # Two entries may have the same words, and differ in what they are given.
        helped = {(reply.command.name, reply.command.words): reply for reply in again if reply.status == 0}
        self._needs_sudo |= {(target, reply.command.name) for reply in helped.values()}
        return [helped.get((reply.command.name, reply.command.words), reply) for reply in replies], 2

    def _admitted(self, target: str, run: Callable[[], list[Reply]]) -> list[Reply]:
        """`run` unless the host is resting after failures."""
        with self._lock:
            breaker = self._breakers.setdefault(target, Breaker())
        now = self._clock()
        if not breaker.allow(now):
            why = f"{self._last.get(target, 'no answer')} ({breaker.failures} times; it is left alone for a while)"
            raise CircuitOpen(f"ssh {target}", why, "nephoscope doctor", retry_at=breaker.retry_at or now)
        try:
            replies = run()
        except Unreachable as error:
            breaker.failed(self._clock())
            self._last[target] = error.why
            raise
        except SourceError:
            breaker.succeeded()  # it answered; that the answer displeases us is no outage
            raise
        except BaseException:
            breaker.failed(self._clock())
            raise
        breaker.succeeded()
        return replies

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
