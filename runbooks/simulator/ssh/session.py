"""One SSH session: a single command, lines on standard input, or an interactive shell with a prompt."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import asyncssh

from runbooks.simulator.ssh import files
from runbooks.simulator.ssh.feeding import waits_for_input
from runbooks.simulator.ssh.pace import Stamped
from runbooks.simulator.ssh.program import Place, ShellExit, decode, encode
from runbooks.simulator.ssh.shell import Shell

LONGEST_LINE = 131_072
"""Bytes of a command line, as Linux limits one argument."""
FOLLOW_SECONDS = 0.3
"""Between two looks at a log that is followed."""
LARGEST_INPUT = 1 << 20
"""Bytes of standard input that a command gets."""


class _Writer:
    """A sink that writes to a channel."""

    def __init__(self, stream: asyncssh.SSHWriter[str]) -> None:
        self._stream = stream

    def write(self, data: bytes, /) -> object:
        self._stream.write(decode(data))
        return len(data)


async def serve_session(
    process: asyncssh.SSHServerProcess[str], place: Place, mute: Callable[[], Awaitable[None]]
) -> None:
    """Serve it to its end. `mute` returns when the host may answer."""
    try:
        await mute()
        if process.subsystem:
            process.exit(1)
        elif process.command is not None:
            process.exit(await _command(process, place, mute))
        elif process.get_terminal_type() is not None:  # a terminal of unknown type is one
            process.stdout.write(_greeting(place))
            process.exit(await _interactive(process, place, mute))
        else:
            process.exit(await _script(process, place, mute))
    except (asyncssh.BreakReceived, asyncssh.SignalReceived, asyncssh.TerminalSizeChanged):
        process.exit(130)
    except (BrokenPipeError, ConnectionError):
        process.close()


async def _command(process: asyncssh.SSHServerProcess[str], place: Place, mute: Callable[[], Awaitable[None]]) -> int:
    line = process.command or ""
    out, err = _Writer(process.stdout), _Writer(process.stderr)
    if len(line) > LONGEST_LINE:
        err.write(b"bash: Argument list too long\n")
        return 126
    place.cloud.catch_up()
    stdin = encode(await process.stdin.read(LARGEST_INPUT)) if waits_for_input(line) else b""
    shell = Shell(place)
    words = Stamped(shell.pace)
    if process.get_terminal_type() is not None:
        shell.terminals = []
    status = shell.run_to_end(line, words.onto(out), words.onto(err), stdin)
    await _said(words)
    for begun in shell.terminals or ():
        status = await _interactive(process, begun, mute)
    await process.stdout.drain()
    await _follow(process, place, shell, words, mute)
    return status


async def _follow(
    process: asyncssh.SSHServerProcess[str],
    place: Place,
    shell: Shell,
    words: Stamped,
    mute: Callable[[], Awaitable[None]],
) -> None:
    """Go on with what was asked to follow a log, until the client closes the session."""
    while shell.followers and not process.is_closing():
        await asyncio.sleep(FOLLOW_SECONDS)
        await mute()
        place.cloud.catch_up()
        for more in shell.followers:
            more()
        await _said(words)
        await process.stdout.drain()


async def _said(words: Stamped) -> None:
    """Send what was written, each piece at its moment; then nothing has waited any more."""
    passed = 0.0
    for moment, sink, data in words.pieces:
        if moment > passed:
            await asyncio.sleep(moment - passed)
            passed = moment
        sink.write(data)
    if words.pace.waited > passed:
        await asyncio.sleep(words.pace.waited - passed)
    words.pace.waited = 0.0
    words.pieces.clear()


async def _script(process: asyncssh.SSHServerProcess[str], place: Place, mute: Callable[[], Awaitable[None]]) -> int:
    """`ssh HOST < FILE`: each line as it comes."""
    shell = Shell(place)
    words = Stamped(shell.pace)
    out, err = words.onto(_Writer(process.stdout)), words.onto(_Writer(process.stderr))
    async for line in process.stdin:
        await mute()
        place.cloud.catch_up()
        try:
            shell.run(line.rstrip("\n"), out, err)
        except ShellExit as stop:
            await _said(words)
            return stop.status
        await _said(words)
    return shell.status


async def _interactive(
    process: asyncssh.SSHServerProcess[str], place: Place, mute: Callable[[], Awaitable[None]]
) -> int:
    shell = Shell(place, interactive=True)
    words = Stamped(shell.pace)
    screen = words.onto(_Writer(process.stdout))  # a terminal has one stream
    mark = "#" if place.root else "$"
    keys = _Keys(process)
    while True:
        folder = shell.variables["PWD"]
        shown = "~" if folder == place.account.home else folder
        process.stdout.write(f"{place.account.name}@{place.host.name}:{shown}{mark} ")
        try:
            line = await keys.line()
        except asyncssh.BreakReceived:
            process.stdout.write("^C\n")
            continue
        except asyncssh.SignalReceived as signal:
            if signal.signal != "INT":
                return 129
            process.stdout.write("^C\n")
            continue
        except asyncssh.TerminalSizeChanged:
            continue
        if not line:
            process.stdout.write("logout\n")
            return shell.status
        await mute()
        place.cloud.catch_up()
        try:
            shell.run(line.rstrip("\n"), screen, screen)
        except ShellExit as stop:
            await _said(words)
            process.stdout.write("logout\n")
            return stop.status
        if await keys.interrupted(_said(words)):
            words.pieces.clear()
            shell.pace.waited, shell.status = 0.0, 130
            process.stdout.write("^C\n")


class _Keys:
    """What is typed on a terminal: a line, perhaps typed ahead, or ^C, which ends what a command still says."""

    def __init__(self, process: asyncssh.SSHServerProcess[str]) -> None:
        self._process = process
        self._next: asyncio.Task[str] | None = None

    def _reading(self) -> asyncio.Task[str]:
        if self._next is None:
            self._next = asyncio.ensure_future(self._process.stdin.readline())
        return self._next

    async def line(self) -> str:
        """The next line. Raises what asyncssh raises for other keys."""
        reading = self._reading()
        try:
            return await reading
        finally:
            self._next = None

    async def interrupted(self, saying: Coroutine[Any, Any, None]) -> bool:
        """Let a command say what it has to; True when ^C came first, and then it says no more."""
        task = asyncio.ensure_future(saying)
        while not task.done():
            reading = self._reading()
            await asyncio.wait({task, reading}, return_when=asyncio.FIRST_COMPLETED)
            if not reading.done() or task.done():
                continue
            problem = reading.exception()
            if problem is None:
                await task  # typed ahead
            elif isinstance(problem, asyncssh.TerminalSizeChanged):
                self._next = None
            else:
                self._next = None
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
                return True
        await task
        return False


def _greeting(place: Place) -> str:
    moment = datetime.fromtimestamp(place.now - 5400, UTC).strftime("%a %b %e %H:%M:%S %Y")
    name = place.host.name
    return (
        f"Linux {name} {place.host.kernel} {files.kernel_version(place)} x86_64\n\n"
        f"Last login: {moment} from {place.cloud.layout.vip}\n"
    )
