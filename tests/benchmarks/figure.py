"""What a benchmark says: figures with a unit, the target, and where there is one the peer measured in the same run."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True, slots=True)
class Figure:
    """One measurement. `most` is the ceiling of `value`, `least` the floor of `ratio` (peer over ours)."""

    name: str
    value: float
    unit: str
    most: float | None = None
    peer: str = ""
    peer_value: float | None = None
    least: float | None = None

    @property
    def ratio(self) -> float | None:
        """How many times the peer needs what we need."""
        return None if self.peer_value is None or not self.value else self.peer_value / self.value

    @property
    def met(self) -> bool:
        """True when the target holds; a figure without a target is only told."""
        within = self.most is None or self.value <= self.most
        ratio = self.ratio
        return within and (self.least is None or (ratio is not None and ratio >= self.least))

    def line(self) -> str:
        """One line for the report."""
        target = "" if self.most is None else f" (at most {self.most:g})"
        text = f"{self.name:<58} {self.value:10.3f} {self.unit:<6}{target}"
        if self.ratio is not None and self.peer_value is not None:
            wanted = "" if self.least is None else f", at least {self.least:g}"
            text += f"  {self.peer}: {self.peer_value:.3f} {self.unit}, {self.ratio:.1f} times{wanted}"
        return f"{'ok    ' if self.met else 'MISSED'} {text}"


def best(run: Callable[[], object], times: int = 5) -> float:
    """The shortest wall time of `times` runs, seconds: what it takes when nothing else is going on."""
    found = []
    for _ in range(times):
        began = time.perf_counter()
        run()
        found.append(time.perf_counter() - began)
    return min(found)


def command(arguments: Sequence[str], environ: dict[str, str]) -> Callable[[], object]:
    """A whole command, its output thrown away; it must succeed."""

    def run() -> object:
        return subprocess.run(arguments, env=environ, cwd=ROOT, check=True, capture_output=True)

    return run


def ours(*arguments: str) -> list[str]:
    """`nephoscope ARGUMENTS` as installed beside this interpreter."""
    return [str(Path(sys.executable).with_name("nephoscope")), *arguments]
