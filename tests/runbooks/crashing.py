"""A process that begins an operation and is killed at a chosen moment: `… -m tests.runbooks.crashing FOLDER MOMENT N`.

MOMENT is `before` or `after` the Nth record of the journal, or `call`: right after the Nth call was sent.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

from collectors.connections import Connections
from collectors.site import Site
from runbooks.cloud import Cloud
from runbooks.journal import Journal
from runbooks.planning import planned
from runbooks.registry import operation
from runbooks.running import Consent, run_plan


def die() -> None:
    """As the kernel does it: no handler, no clean-up."""
    os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    folder, moment, number = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    count = {"records": 0, "calls": 0}

    def clock() -> float:
        return 1_795_000_000.0

    class Doomed(Journal):
        def append(self, event: str, run: str, data: Any) -> Any:
            count["records"] += 1
            if moment == "before" and count["records"] == number:
                die()
            record = super().append(event, run, data)
            if moment == "after" and count["records"] == number:
                die()
            return record

    class Watched(Cloud):
        def write(self, call: Any, seconds: float) -> Any:
            count["calls"] += 1
            answer = super().write(call, seconds)
            if moment == "call" and count["calls"] == number:
                die()
            return answer

    cloud = Watched(Connections(Site("wire", "RegionOne", lock_dir=folder / "locks")), clock)
    journal = Doomed(folder / "state" / "journal.jsonl", clock, None)
    wanted = operation("compute-service.disable")
    plan = planned(wanted, ["service-1", "service-2", "service-3"], {"reason": "x"}, cloud, at_once=1)
    run_plan(plan, wanted, Consent(("cmp01", "cmp02", "cmp03"), "x"), cloud, journal, pause=lambda seconds: None)


if __name__ == "__main__":
    main()
