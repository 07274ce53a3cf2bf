"""Runs of this process: each on a thread of its own, whatever the screens do; told by steps, cancelled between steps.

The threads are no daemons: when the screen ends by a mistake of ours, what was begun is still brought to the end of
its step and recorded. A command has one run, the console as many as were begun.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import TypeAlias

from msgspec.structs import replace

from collectors.errors import SourceError, UsageError
from runbooks.outcome import Outcome, Progress
from runbooks.past import taking_back
from runbooks.perform import Performance
from runbooks.running import NotBegun
from runbooks.seen import Key, PartSeen, RunSeen, StepSeen

Told: TypeAlias = Callable[[Progress], None]
Started: TypeAlias = Callable[[Performance], None]
Work: TypeAlias = Callable[[Told, Started], Outcome]
"""What carries it out: tells progress, hands over the performance once it began."""
Heard: TypeAlias = Callable[[RunSeen, Progress | None], None]
"""Told on the run's threads what is new of it; without progress when it began or ended."""


class _Run:
    def __init__(self, seen: RunSeen, clock: Callable[[], float], heard: Heard) -> None:
        self._lock = threading.Lock()
        self._seen = seen
        self._steps: dict[Key, StepSeen] = dict(seen.steps)
        self._clock = clock
        self._heard = heard
        self._performance: Performance | None = None
        self._taken = ""
        """What takes us away, if somebody else may go on."""
        self._abandoned = False
        self.thread: threading.Thread | None = None
        self.outcome: Outcome | None = None
        self.error: Exception | None = None

    def seen(self) -> RunSeen:
        """As it is now."""
        with self._lock:
            return replace(self._seen, steps=dict(self._steps))

    def _change(self, **changes: object) -> None:
        with self._lock:
            self._seen = replace(self._seen, **changes)

    def cancel(self) -> None:
        """Begin no further step."""
        with self._lock:
            self._seen = replace(self._seen, cancelled=True)
            performance = self._performance
        if performance is not None:
            performance.cancel()

    def interrupt(self, words: str) -> None:
        """The same, and the journal says that somebody else may go on."""
        with self._lock:
            self._taken = words
            self._seen = replace(self._seen, cancelled=True)
            performance = self._performance
        if performance is not None:
            performance.interrupt(words)

    def abandon(self) -> bool:
        """If it has not begun yet, it never will; whether that is so."""
        with self._lock:
            self._abandoned = self._performance is None
            return self._abandoned

    def _started(self, performance: Performance) -> None:
        with self._lock:
            if self._abandoned:
                raise NotBegun("nobody waits for it any more", "nothing was begun")
            self._performance = performance
            self._seen = replace(self._seen, run=performance.run, plan=performance.plan)
            cancelled, taken = self._seen.cancelled, self._taken
        if taken:
            performance.interrupt(taken)
        elif cancelled:
            performance.cancel()
        self._heard(self.seen(), None)

    def _told(self, progress: Progress) -> None:
        key, now = (progress.target, progress.step), self._clock()
        with self._lock:
            before = self._steps.get(key)
            began = before.at if before is not None else now
            took = now - began if progress.state != "running" else 0.0
            self._steps[key] = StepSeen(progress.state, progress.words, began, took)
        self._heard(self.seen(), progress)

    def carry_out(self, work: Work) -> None:
        """On the run's thread: to the end, whatever happens."""
        try:
            self.outcome = work(self._told, self._started)
        except NotBegun as error:
            self._failed("refused", str(error), error)
        except (UsageError, SourceError) as error:
            self._failed("failed", str(error), error)
        except Exception as error:  # noqa: BLE001 - the journal's, or a bug: told, whatever it is
            self._failed("failed", f"{type(error).__name__}: {error}", error)
        else:
            self._ended(self.outcome)
        self._change(live=False)
        self._heard(self.seen(), None)

    def _failed(self, result: str, words: str, error: Exception) -> None:
        self.error = error
        self._change(result=result, words=words)

    def _ended(self, outcome: Outcome) -> None:
        parts = [PartSeen(each.name, each.result, each.words, each.shown) for each in outcome.parts]
        back = [taking_back(each) for each in outcome.inverse]
        result = "" if outcome.result == "interrupted" else outcome.result  # of one that was left nothing has ended
        self._change(run=outcome.run, result=result, words=outcome.words, parts=parts, back=back)


class Runs:
    """All of them. Thread-safe."""

    def __init__(self, clock: Callable[[], float], heard: Heard) -> None:
        self._clock = clock
        self.heard = heard
        self._lock = threading.Lock()
        self._runs: dict[int, _Run] = {}

    def begin(self, seen: RunSeen, work: Work) -> RunSeen:
        """Begin it on a thread of its own; what is known of it so far."""
        with self._lock:
            number = len(self._runs) + 1
            begun = replace(seen, number=number, at=seen.at or self._clock(), live=True, result="", words="")
            run = self._runs[number] = _Run(begun, self._clock, lambda seen, progress: self.heard(seen, progress))
        run.thread = threading.Thread(target=run.carry_out, args=(work,), name=f"run-{number}")
        run.thread.start()
        return run.seen()

    def look(self, number: int) -> RunSeen:
        """One as it is now."""
        return self._runs[number].seen()

    def all(self) -> Sequence[RunSeen]:
        """Every one, the oldest first."""
        with self._lock:
            runs = list(self._runs.values())
        return [run.seen() for run in runs]

    def going(self) -> Sequence[RunSeen]:
        """Those that go on."""
        return [seen for seen in self.all() if seen.live]

    def cancel(self, number: int) -> None:
        """Begin no further step of one."""
        self._runs[number].cancel()

    def interrupt(self, number: int, words: str) -> None:
        """Begin no further step of one: `words` takes us away, and somebody else may go on."""
        self._runs[number].interrupt(words)

    def abandon(self, number: int) -> bool:
        """Whether one had not begun yet; if so, it never will."""
        return self._runs[number].abandon()

    def outcome(self, number: int) -> Outcome:
        """How one ended that has ended; raises what it raised."""
        run = self._runs[number]
        if run.error is not None:
            raise run.error
        assert run.outcome is not None
        return run.outcome

    def wait(self) -> None:
        """Until all have ended."""
        with self._lock:
            threads = [run.thread for run in self._runs.values() if run.thread is not None]
        for thread in threads:
            thread.join()
