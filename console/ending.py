"""The screen is gone, and something may still run: a signal, a lost terminal or a mistake of ours took it away.

No further step begins, and the one that was begun is waited for; what was left in the middle is told on stderr, with
the commands that go on. A signal meanwhile leaves at once, and the journal has that, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from collectors.errors import SourceError
from console.desk import CloudDesk
from console.signals import Signals, leave, say
from runbooks.seen import RunSeen
from views.text.left import left_lines
from views.text.run import outcome_words


def wait_for_runs(desk: CloudDesk, taken: str, ran: Sequence[RunSeen]) -> None:
    """Until nothing runs; `taken` is the signal that ended the console, `ran` what ran when it came."""
    runs = ran or desk.going()
    if not runs:
        return
    desk.interrupt(f"{taken or 'the screen broke'}, with this in the background")
    with Signals() as signals:
        desk.tell(lambda seen, progress: signals.wake() if progress is None else None)
        for seen in desk.going():
            say(f"nephoscope: no further step begins; waits for the one that was begun: {seen.title}")
        for name in signals.names(desk.going):
            with suppress(SourceError):
                desk.keep_left(f"{name} came while a step was in flight")
            _tell(desk, runs)
            leave()
    _tell(desk, runs)


def _tell(desk: CloudDesk, runs: Sequence[RunSeen]) -> None:
    for seen in runs:
        now = desk.look(seen.number)
        if now.state in ("running", "interrupted"):
            for line in left_lines(now):
                say(line)
        else:
            say(f"{now.title}: {outcome_words(now)}")
