"""The hosts' shell: runs syntax trees. Builtins and programs are functions; no process of this machine is started.

Everything is in memory: a pipeline's commands run one after the other, each on the whole output of the one before.
"""

from __future__ import annotations

import io
from collections.abc import Callable

from runbooks.simulator.ssh import files, programs
from runbooks.simulator.ssh.builtins import BUILTINS
from runbooks.simulator.ssh.complaints import complaint, not_found, syntax_words
from runbooks.simulator.ssh.pace import Pace
from runbooks.simulator.ssh.parser import parse
from runbooks.simulator.ssh.program import (
    Call,
    Dialect,
    Discard,
    Place,
    ShellExit,
    Sink,
    UsageError,
    Waiting,
    decode,
    encode,
    find_program,
)
from runbooks.simulator.ssh.streams import RedirectError, Streams
from runbooks.simulator.ssh.syntax import (
    AndOr,
    Command,
    Group,
    Pipeline,
    Redirect,
    Script,
    ShellSyntaxError,
    Simple,
    Text,
    Variable,
    Word,
)

assert programs  # imported for what it installs


_FIRST_JOB = 4300
"""Number of the first process that a shell starts in the background."""


class Shell:
    """One shell on one host. `run` may be called many times: variables and `$?` live on."""

    def __init__(
        self,
        place: Place,
        dialect: Dialect = "bash",
        depth: int = 0,
        *,
        interactive: bool = False,
        pace: Pace | None = None,
    ) -> None:
        self.place = place
        self.pace = pace or Pace()
        self.dialect = dialect
        self.depth = depth
        self.interactive = interactive
        self.followers: list[Callable[[], None]] = []
        """What goes on printing after the line has run (`journalctl -f`); the session calls them now and then."""
        self.terminals: list[Place] | None = None
        """Shells that were begun on the session's terminal (`ip netns exec NAME bash`); None without a terminal."""
        self.status = 0
        self.arguments: list[str] = []
        """`$@`."""
        self.jobs: dict[str, int] = {}
        """Process number → status, of what was started with `&`; the last one is `$!`."""
        self.in_background = False
        self.variables = {
            "HOME": place.account.home,
            "USER": place.account.name,
            "LOGNAME": place.account.name,
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "PWD": place.account.home,
            "SHELL": "/bin/bash",
            "LANG": "C.UTF-8",
            "HOSTNAME": place.host.name,
        }

    def run(self, line: str, out: Sink, err: Sink, stdin: bytes = b"") -> int:
        """Run `line`; returns the status of its last command. Raises ShellExit when it says `exit`."""
        try:
            script = parse(line)
        except ShellSyntaxError as problem:
            err.write(encode(syntax_words(self.dialect, line, problem, interactive=self.interactive)))
            self.status = 2
            return self.status
        return self._script(script, Streams(stdin, {1: out, 2: err}))

    def run_to_end(self, line: str, out: Sink, err: Sink, stdin: bytes = b"") -> int:
        """Run `line` as `sh -c` does: `exit` ends it."""
        try:
            return self.run(line, out, err, stdin)
        except ShellExit as stop:
            return stop.status

    def child(self, dialect: Dialect | None = None, place: Place | None = None) -> Shell:
        """A shell below this one, with copies of its variables."""
        below = Shell(
            place or self.place,
            dialect or self.dialect,
            self.depth + 1,
            interactive=self.interactive and dialect is None,
            pace=self.pace,
        )
        below.followers = self.followers
        below.terminals = self.terminals
        below.in_background = self.in_background
        if place is None:
            below.variables = dict(self.variables)
        below.status = self.status
        return below

    def spawn(self, argv: list[str], streams: tuple[bytes, Sink, Sink], *, builtins: bool = True) -> int:
        """Run one command of already expanded words."""
        stdin, out, err = streams
        call = Call(self, argv, stdin, out, err)
        try:
            if builtins and argv[0] in BUILTINS:
                return BUILTINS[argv[0]](call)
            found = find_program(self.place.host, argv[0])
            if found is None:
                return call.fail(self.complaint(not_found(self.dialect, argv[0])), 127)
            return found.run(call)
        except UsageError as problem:
            return call.fail(problem.text, problem.status)

    def _script(self, script: Script, streams: Streams) -> int:
        for item in script.items:
            self.status = self._begun(item, streams) if item.background else self._and_or(item, streams)
        return self.status

    def _begun(self, item: AndOr, streams: Streams) -> int:
        """Run with `&`: at once, in a shell of its own; one that waits for input stays where it is."""
        below = self.child()
        below.arguments, below.jobs, below.in_background = self.arguments, dict(self.jobs), True
        try:
            status = below._and_or(item, streams)
        except ShellExit as stop:
            status = stop.status
        except Waiting:
            status = 0
        self.jobs[str(_FIRST_JOB + len(self.jobs))] = status
        return 0

    def _and_or(self, item: AndOr, streams: Streams) -> int:
        self.status = self._pipeline(item.first, streams)
        for operator, pipeline in item.rest:
            if (self.status == 0) == (operator == "&&"):
                self.status = self._pipeline(pipeline, streams)
        return self.status

    def _pipeline(self, pipeline: Pipeline, streams: Streams) -> int:
        if len(pipeline.commands) == 1:
            status = self._command(pipeline.commands[0], streams)
        else:
            data = streams.stdin
            status = 0
            last = len(pipeline.commands) - 1
            for index, command in enumerate(pipeline.commands):
                buffer = io.BytesIO()
                sinks = streams.sinks if index == last else {**streams.sinks, 1: buffer}
                try:
                    status = self.child()._command(command, Streams(data, sinks))
                except ShellExit as stop:
                    status = stop.status
                data = buffer.getvalue()
        return int(status == 0) if pipeline.negated else status

    def _command(self, command: Command, streams: Streams) -> int:
        try:
            redirected = self._redirected(command.redirects, streams)
        except RedirectError as problem:
            streams.err.write(encode(f"{problem}\n"))
            return 2 if self.dialect == "sh" else 1
        if isinstance(command, Group):
            return self._group(command, redirected)
        return self._simple(command, redirected)

    def _group(self, group: Group, streams: Streams) -> int:
        if not group.subshell:
            return self._script(group.body, streams)
        try:
            return self.child()._script(group.body, streams)
        except ShellExit as stop:
            return stop.status

    def _simple(self, command: Simple, streams: Streams) -> int:
        status = 0
        argv: list[str] = []
        for word in command.words:
            fields, status = self._expand(word, streams)
            argv += fields
        assigned: dict[str, str] = {}
        for name, word in command.assignments:
            fields, status = self._expand(word, streams, split=False)
            assigned[name] = fields[0]
        if not argv:
            self.variables.update(assigned)
            return status
        before = self.variables
        self.variables = {**before, **assigned} if assigned else before
        try:
            return self.spawn(argv, (streams.stdin, streams.out, streams.err))
        finally:
            if assigned:
                self.variables = before

    def _redirected(self, redirects: tuple[Redirect, ...], streams: Streams) -> Streams:
        stdin, sinks = streams.stdin, dict(streams.sinks)
        for redirect in redirects:
            if redirect.mode == "<" and redirect.copy is not None:
                continue  # there is one input, and `read` alone asks whether it has ended
            if redirect.copy is not None:
                if redirect.copy not in sinks:
                    raise RedirectError(self.complaint(f"{redirect.copy}: Bad file descriptor"))
                sinks[redirect.fd] = sinks[redirect.copy]
                continue
            name = self._expand(redirect.target or Word(()), streams, split=False)[0][0]
            if redirect.mode == "<":
                content = files.read(self.place, name)
                if isinstance(content, str):
                    raise RedirectError(self.complaint(f"{name}: {content}"))
                stdin = content
            elif name == "/dev/null":
                sinks[redirect.fd] = Discard()
            elif name in ("/dev/stdout", "/dev/stderr"):
                sinks[redirect.fd] = sinks[1 if name == "/dev/stdout" else 2]
            else:
                raise RedirectError(self.complaint(f"{name}: Read-only file system"))
        return Streams(stdin, sinks)

    def _expand(self, word: Word, streams: Streams, *, split: bool = True) -> tuple[list[str], int]:
        """The fields that `word` becomes, and the status of its last command substitution."""
        fields: list[str] = []
        current: str | None = None if split else ""
        status = 0
        for part in word.parts:
            if isinstance(part, Text):
                current = (current or "") + part.value
                continue
            if isinstance(part, Variable) and part.name == "@":
                if self.arguments:
                    *whole, last = [(current or "") + self.arguments[0], *self.arguments[1:]]
                    fields, current = [*fields, *whole], last
                continue
            if isinstance(part, Variable):
                value = self._variable(part)
            else:
                buffer = io.BytesIO()
                try:
                    status = self.child()._script(part.body, Streams(streams.stdin, {**streams.sinks, 1: buffer}))
                except ShellExit as stop:
                    status = stop.status
                value = decode(buffer.getvalue().replace(b"\0", b"")).rstrip("\n")
            if part.quoted or not split:
                current = (current or "") + value
                continue
            pieces = value.split()
            if value[:1].isspace() and current is not None:
                fields.append(current)
                current = None
            for index, piece in enumerate(pieces):
                current = (current or "") + piece
                if index < len(pieces) - 1 or value[-1:].isspace():
                    fields.append(current)
                    current = None
        return ([*fields, current] if current is not None else fields), status

    def _variable(self, part: Variable) -> str:
        if part.name == "?":
            value = str(self.status)
        elif part.name == "$":
            value = "4242"
        elif part.name == "#":
            value = str(len(self.arguments))
        elif part.name == "!":
            value = next(reversed(self.jobs), "")
        else:
            value = self.variables.get(part.name, "")
        return str(len(value)) if part.length else value

    def complaint(self, text: str) -> str:
        """`text` behind the shell's name, as it begins its own error messages."""
        return complaint(self.dialect, text, interactive=self.interactive)
