"""Many commands in one round trip: one POSIX command line, and its two output streams taken apart again.

Between the commands the line prints a mark on both streams: a random word of this batch, the command's number, its
exit status. No output can contain the word by chance or by design, so any bytes may stand between the marks. Each
command keeps at most its limit of output; what is more is dropped while the rest of the batch is still read.
Nothing here connects: lines go out and bytes come in as values.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable, Sequence

import msgspec

from collectors.sources.entries import Command

LARGEST_ERRORS = 16_384
"""Bytes of standard error that are kept per command."""
_HELD = (
    'exec 3<&0; "$@" 3<&- </dev/null & p=$!; { read -r _ <&3; kill "$p"; } >/dev/null 2>&1 & w=$!; exec 3<&-; '
    'wait "$p"; s=$?; kill "$w"; exit "$s"'
)
"""Ends the command when standard input, which is the channel's, ends; and itself when the command does."""
_PREAMBLE = 'export LC_ALL=C TZ=UTC PATH="$PATH:/usr/sbin:/sbin"'


def quoted(word: str) -> str:
    """`word` for a POSIX shell, always in single quotes. Raises ValueError for what no shell can carry."""
    if "\0" in word or "\n" in word:
        raise ValueError("a word may hold neither NUL nor newline")
    return "'" + word.replace("'", "'\\''") + "'"


def rendered(command: Command, *, root: bool, sudo: bool) -> str:
    """One command for the shell. `root`: the login is root; `sudo`: use it where the entry says `when-refused`."""
    entry = command.entry
    line = " ".join(map(quoted, command.words))
    raised = "" if root or entry.sudo == "never" or (entry.sudo == "when-refused" and not sudo) else "sudo -n "
    if entry.container:
        return _in_container(entry.container, quoted(command.words[0]), line, raised, "" if root else "sudo -n ")
    if entry.held:
        line = f"sh -c {quoted(_HELD)} sh {line}"
    line = raised + line
    if entry.needs:
        line = f"(command -v {quoted(entry.needs)} >/dev/null 2>&1 || exit 127; exec {line})"
    return f"printf '%s\\n' {quoted(entry.input)} | {line}" if entry.input else line


def _in_container(container: str, program: str, line: str, raised: str, podman: str) -> str:
    """The host's program where it has one, else the container's. podman shows root's containers to root only."""
    inside = f"exec {quoted(container)} {line}"
    return (
        f"(command -v {program} >/dev/null 2>&1 && exec {raised}{line}; "
        f"command -v docker >/dev/null 2>&1 && exec {raised}docker {inside}; "
        f"command -v podman >/dev/null 2>&1 && exec {podman}podman {inside}; exit 127)"
    )


def command_line(lines: Iterable[str], word: str) -> str:
    """The whole batch. `sh` runs it whatever the login shell is (fish and csh know neither `$?` nor `2>&1`)."""
    mark = quoted(word)
    steps = [_PREAMBLE, f"printf '\\n%s %s %s\\n' {mark} start 0"]
    for number, line in enumerate(lines):
        steps.append(
            f"{line}; s=$?; printf '\\n%s %s %s\\n' {mark} {number} $s; printf '\\n%s %s\\n' {mark} {number} >&2"
        )
    return f"exec sh -c {_quoted_script('; '.join(steps))}"


def _quoted_script(script: str) -> str:
    return "'" + script.replace("'", "'\\''") + "'"


def new_word() -> str:
    """A mark that nobody can guess."""
    return f"nephoscope-{secrets.token_hex(16)}"


class Reply(msgspec.Struct):
    """What one command of the batch gave."""

    command: Command
    status: int | None = None
    """Exit status; None when the batch ended before the command did."""
    out: bytes = b""
    err: bytes = b""
    size: int = 0
    """Bytes of output in all, of which `out` holds at most the limit."""
    asked: float = 0.0
    heard: float = 0.0
    """When the batch was sent and this output was whole, by our clock; 0 when nobody looked."""

    @property
    def truncated(self) -> bool:
        return self.size > len(self.out)


class _Stream(msgspec.Struct):
    """One output stream, cut at the marks. `kept` is the piece under way, at most `limit` bytes and a tail."""

    mark: bytes
    kept: bytearray = msgspec.field(default_factory=bytearray)
    tail: bytearray = msgspec.field(default_factory=bytearray)
    """Bytes past the limit that may still be the beginning of a mark."""
    size: int = 0

    def feed(self, data: bytes, limit: int) -> tuple[bytes, int, list[bytes], bytes] | None:
        """Take `data`. At a mark: (piece, its size, words of the mark, what follows); None without one."""
        self.tail += data
        at = self.tail.find(self.mark)
        end = self.tail.find(b"\n", at + len(self.mark)) if at >= 0 else -1
        if end < 0:
            safe = at if at >= 0 else max(len(self.tail) - len(self.mark), 0)
            self._keep(safe, limit)
            return None
        self._keep(at, limit)
        words = bytes(self.tail[len(self.mark) : end - at]).split()
        following = bytes(self.tail[end - at + 1 :])
        piece, size = bytes(self.kept), self.size
        self.kept, self.tail, self.size = bytearray(), bytearray(), 0
        return piece, size, words, following

    def _keep(self, count: int, limit: int) -> None:
        self.kept += self.tail[: min(count, max(limit - len(self.kept), 0))]
        self.size += count
        del self.tail[:count]


class Replies:
    """Puts the bytes of both streams into one `Reply` per command."""

    def __init__(self, commands: Sequence[Command], word: str, clock: Callable[[], float] = time.time) -> None:
        self.word = word
        self._clock = clock
        self.replies = [Reply(command) for command in commands]
        self.asked = 0.0
        """When the batch was sent, by the clock that `clock` gives; who sends it says so."""
        self.noise = b""
        """What the login shell printed before the first command."""
        mark = b"\n" + word.encode() + b" "
        self._out = _Stream(mark)
        self._err = _Stream(mark)
        self._at = -1
        self._err_at = 0

    @property
    def begun(self) -> bool:
        """True once the host's shell has begun to run the batch."""
        return self._at >= 0

    @property
    def done(self) -> int:
        """How many commands are over: both streams have passed their marks."""
        return max(min(self._at, self._err_at), 0)

    @property
    def complete(self) -> bool:
        """True once both streams have passed the last mark."""
        return self.done == len(self.replies)

    def feed(self, data: bytes) -> None:
        """Bytes of standard output."""
        while data:
            limit = self.replies[self._at].command.entry.limit if 0 <= self._at < len(self.replies) else 2000
            cut = self._out.feed(data, limit)
            if cut is None:
                return
            piece, size, words, data = cut
            if self._at < 0:
                self.noise = piece
            elif self._at < len(self.replies):
                reply = self.replies[self._at]
                reply.out, reply.size = piece, size
                reply.asked, reply.heard = self.asked, self._clock()
                reply.status = int(words[1]) if len(words) == 2 and words[1].isdigit() else None
            self._at = min(self._at + 1, len(self.replies))

    def feed_errors(self, data: bytes) -> None:
        """Bytes of standard error."""
        while data:
            cut = self._err.feed(data, LARGEST_ERRORS)
            if cut is None:
                return
            piece, _, _, data = cut
            if self._err_at < len(self.replies):
                self.replies[self._err_at].err = piece
            self._err_at = min(self._err_at + 1, len(self.replies))

    def close(self) -> None:
        """The channel has ended: what came after the last mark belongs to the command that was running."""
        if self._at < 0:
            self.noise = bytes(self._out.kept + self._out.tail)
        elif self._at < len(self.replies):
            reply = self.replies[self._at]
            reply.out = bytes(self._out.kept + self._out.tail)[: reply.command.entry.limit]
            reply.size = self._out.size + len(self._out.tail)
        if self._err_at < len(self.replies):
            self.replies[self._err_at].err = bytes(self._err.kept + self._err.tail)[:LARGEST_ERRORS]
