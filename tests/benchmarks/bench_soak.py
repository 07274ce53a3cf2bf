"""Memory of the console after an hour's reads at the default size, made in minutes; it is used meanwhile.

`NEPHOSCOPE_SOAK_FACTOR=1` soaks at the real rate, for the minutes that `NEPHOSCOPE_SOAK_MINUTES` says.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from collectors import registry
from collectors.connections import Connections
from collectors.overview import watched
from console.cli import grounds
from console.config.site import load_site
from tests.benchmarks.bench_console import _environ
from tests.benchmarks.bench_start import _resident
from tests.benchmarks.figure import Figure
from tests.terminal import Terminal

FACTOR = float(os.environ.get("NEPHOSCOPE_SOAK_FACTOR", "20"))
MINUTES = float(os.environ.get("NEPHOSCOPE_SOAK_MINUTES", "5"))
"""At most; it ends sooner when an hour's reads are done."""
ENOUGH = 0.25
"""Share of an hour's reads from which growth can be told from warming up."""
SCREENS = (":servers\r", ":units\r", ":bridge-ports\r", "/ovs\r", "\x1b", ":queues\r", "d", "\x1b")
"""What a person does all the while, one every other second, and the overview in between."""


def _hour(environ: dict[str, str]) -> float:
    """Reads in an hour of the overview."""
    connections = Connections(load_site("simulator", "", environ))
    return sum(3600.0 / kind.period for kind in watched(registry.kinds(), connections.can_ask))


def _slope(samples: list[tuple[float, float]]) -> float:
    """MiB per read, by least squares."""
    mean_x = sum(x for x, _ in samples) / len(samples)
    mean_y = sum(y for _, y in samples) / len(samples)
    spread = sum((x - mean_x) ** 2 for x, _ in samples)
    return sum((x - mean_x) * (y - mean_y) for x, y in samples) / spread if spread else 0.0


def _soak(terminal: Terminal, counted: Path, hour: float) -> list[tuple[float, float]]:
    """(reads so far, MiB) every few seconds."""
    samples: list[tuple[float, float]] = []
    end = time.monotonic() + MINUTES * 60
    step = 0
    while time.monotonic() < end and (not samples or samples[-1][0] < hour):
        terminal.press(SCREENS[step % len(SCREENS)], 1.0)
        if step % len(SCREENS) == 0:
            terminal.press(":overview\r", 1.0)
            samples.append((float(counted.read_text() or 0), _resident(terminal.pid)))
        terminal.listen(1.0, 2.0)
        step += 1
    return samples


def figures() -> Iterator[Figure]:
    """Start, end, and what an hour's reads add once everything has been seen."""
    with tempfile.TemporaryDirectory(prefix="nephoscope-bench-") as folder:
        state = Path(folder)
        grounds.start("runbooks.simulator", state, [])
        try:
            environ = _environ(state)
            hour = _hour({**os.environ, **environ})
            counted = state / "reads"
            counted.write_text("0")
            command = [sys.executable, "-m", "tests.benchmarks.hasty_console", str(FACTOR), str(counted)]
            with Terminal(command, environ) as terminal:
                terminal.until(lambda: terminal.shows("compute services up"), 60)
                yield Figure("resident at the start", _resident(terminal.pid), "MiB")
                samples = _soak(terminal, counted, hour)
            reads, resident = samples[-1]
            yield Figure("reads made, as a share of an hour's", reads / hour, "")
            yield Figure("resident at the end", resident, "MiB", 200)
            settled = samples[len(samples) // 2 :]
            growth = _slope(settled) * hour
            yield Figure(
                "growth in an hour, from the second half", growth, "MiB", 20 if reads > ENOUGH * hour else None
            )
            yield Figure(
                "resident after an hour, extrapolated", resident + growth * max(1 - reads / hour, 0), "MiB", 200
            )
        finally:
            grounds.stop(state)
