"""The console in a hurry: `python -m tests.benchmarks.hasty_console FACTOR FILE`, FACTOR times as many reads as usual.

It is the console itself; only the pauses of its schedule are shorter. FILE holds the number of finished reads, for
whoever measures it from outside.
"""

from __future__ import annotations

import sys
from pathlib import Path

from collectors.schedule import Schedule
from collectors.store import Subject
from console.__main__ import main


def hurry(factor: float, file: Path) -> None:
    """Shorten the pauses of every schedule, and count."""
    pause, finished = Schedule.pause, Schedule.finished
    count = 0

    def shorter(self: Schedule, visible: bool, period: float, failures: int, cost: int) -> float:
        return pause(self, visible, period, failures, cost) / factor

    def counted(self: Schedule, subject: Subject, now: float, *, failed: bool, calls: int) -> None:
        nonlocal count
        count += 1
        file.write_text(str(count))
        finished(self, subject, now, failed=failed, calls=calls)

    Schedule.pause = shorter  # type: ignore[method-assign]
    Schedule.finished = counted  # type: ignore[method-assign]


if __name__ == "__main__":
    hurry(float(sys.argv[1]), Path(sys.argv[2]))
    sys.exit(main([]))
