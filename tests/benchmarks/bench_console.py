"""The console on a pseudo-terminal of 80x24: start-up, and 10,000 computes with 260,000 servers."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from console.cli import grounds
from tests.benchmarks.figure import Figure, ours
from tests.terminal import Terminal

SERVERS = 260_000


def _memory(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise AssertionError("no VmHWM")


def _environ(state: Path) -> dict[str, str]:
    home = {"HOME": str(state), "XDG_STATE_HOME": str(state / "xdg"), "TERM": "xterm-256color", "LANG": "C.UTF-8"}
    plain = {k: v for k, v in os.environ.items() if k not in ("TMUX", "STY", "NO_COLOR", "SSH_CONNECTION", "SSH_TTY")}
    return {**plain, **home, "COLORTERM": "truecolor", **grounds.exports(state, "simulator")}


def _start(state: Path) -> Iterator[Figure]:
    paint, rows = [], []
    for _ in range(3):
        with Terminal(ours(), _environ(state)) as terminal:
            terminal.until(lambda t=terminal: t.shows("overview"), 20)  # type: ignore[misc]
            paint.append(time.monotonic() - terminal.began)
            terminal.until(lambda t=terminal: t.shows("compute services up"), 20)  # type: ignore[misc]
            rows.append(time.monotonic() - terminal.began)
    yield Figure("first paint", min(paint), "s", 0.4)
    yield Figure("first live rows on the overview", min(rows), "s", 1.0)


def _large(state: Path) -> Iterator[Figure]:
    environ = _environ(state)
    # The APIs alone: 10,000 SSH servers in the simulator's one process would be what is measured.
    del environ["NEPHOSCOPE_CONFIG"]
    with Terminal(ours(), environ) as terminal:
        terminal.until(lambda: terminal.shows("compute"), 30)
        terminal.press(":servers\r")
        held = 0.0
        began = time.monotonic()
        while not terminal.shows(f"servers  {SERVERS:,}"):
            answer = terminal.press("j", 0.3)
            held = max(held, answer.first)
            assert time.monotonic() - began < 240, "\n".join(terminal.text)
        yield Figure("260,000 servers there after", time.monotonic() - began, "s")
        yield Figure("longest wait for a key while pages arrive", held * 1000, "ms", 100)
        terminal.listen(1.5, 20)
        terminal.press("g")
        downs = [terminal.press("j") for _ in range(12)]
        pages = [terminal.press("\x1b[6~") for _ in range(12)]
        yield Figure("cursor down, to the last byte", min(a.last for a in downs) * 1000, "ms", 20)
        yield Figure("  median", sorted(a.last for a in downs)[6] * 1000, "ms")
        yield Figure("  bytes", max(a.size for a in downs), "B", 400)
        yield Figure("page down, to the last byte", min(a.last for a in pages) * 1000, "ms", 20)
        yield Figure("  median", sorted(a.last for a in pages)[6] * 1000, "ms")
        yield Figure("  bytes", max(a.size for a in pages), "B", 5000)
        yield Figure("first line (g), to the last byte", terminal.press("g").last * 1000, "ms", 20)
        terminal.press("/")
        terminal.press("web-77", 1.5)
        terminal.press("\r", 1.0)
        terminal.press("\x1b", 1.0)
        yield Figure("peak memory of the console, filtered once", _memory(terminal.pid), "MiB", 600)


def figures() -> Iterator[Figure]:
    """Start-up on the default size, then the large cloud."""
    for arguments, measure in (([], _start), (["--computes", "10000", "--servers", str(SERVERS)], _large)):
        with tempfile.TemporaryDirectory(prefix="nephoscope-bench-") as folder:
            state = Path(folder)
            grounds.start("runbooks.simulator", state, arguments)
            try:
                yield from measure(state)
            finally:
                grounds.stop(state)
