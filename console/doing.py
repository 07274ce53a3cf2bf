"""Operations as commands and the console use them: one cloud, its journal, who asks, whether anything may change."""

from __future__ import annotations

import getpass
import os
import socket
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from copy import copy
from typing import Any

from collectors.connections import Connections
from collectors.errors import NoSuchObject, UsageError
from console.cli.exits import Exit
from console.config import journal_path, load_settings
from console.wiring import CLOCK, connect
from runbooks.cloud import Cloud
from runbooks.journal import Journal, to_syslog
from runbooks.operation import Operation, Values
from runbooks.outcome import Outcome, Progress
from runbooks.past import PastRun, interrupted, past_runs, resumable
from runbooks.perform import Performance
from runbooks.plan import GuardSeen, Plan
from runbooks.planning import planned, targets_of, values_of
from runbooks.registry import operation
from runbooks.resuming import resumed
from runbooks.running import Consent, run_plan
from runbooks.seen import RunSeen
from runbooks.undo import chosen, grouped, only, plan_back, plans, stands


def read_only_because(connections: Connections, options: Any) -> str:
    """Why nothing may be changed, in words; empty when something may."""
    if options.read_only:
        return "--read-only was given"
    settings = load_settings(options.environ)
    if settings.read_only:
        return "read_only is set in nephoscope.toml or by NEPHOSCOPE_READ_ONLY"
    if connections.site.protection == "read-only":
        return "the site is protected: protection = read-only"
    return ""


def who() -> dict[str, object]:
    """Who sits here, for the journal: login name, host, and from where (SSH)."""
    user = ""
    with suppress(OSError, KeyError):
        user = getpass.getuser()
    return {
        "user": user,
        "sudo_user": os.environ.get("SUDO_USER", ""),
        "host": socket.gethostname(),
        "from": os.environ.get("SSH_CONNECTION", "").partition(" ")[0],
        "pid": os.getpid(),
    }


def alive(run: PastRun) -> bool:
    """Whether the process that began it still lives on this machine."""
    if run.host != socket.gethostname() or not run.pid:
        return False
    try:
        os.kill(run.pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


class Doing:
    """What is needed to plan and to carry out, made from the options of a command."""

    def __init__(
        self,
        options: Any,
        connections: Connections | None = None,
        clock: Callable[[], float] = CLOCK,
        pause: Callable[[float], None] | None = None,
    ) -> None:
        self.connections = connections or connect(options)
        self._own = connections is None
        self._pause = pause
        self.cloud = Cloud(self.connections, clock)
        self.read_only = read_only_because(self.connections, options)
        self.journal = Journal(journal_path(options.environ), clock, to_syslog)

    def beside(self) -> Doing:
        """The same with a reading of the cloud of its own: what another plan has looked at is no evidence for this."""
        found = copy(self)
        found.cloud, found._own = Cloud(self.connections, self.cloud.clock), False
        return found

    def who(self) -> dict[str, object]:
        """Who sits here, for the journal."""
        return who()

    def values(self, operation: Operation, given: Mapping[str, str]) -> Values:
        """A value for each parameter. Raises `UsageError`, `SourceError`."""
        return values_of(operation, given, self.cloud)

    def plan(
        self,
        operation: Operation,
        words: Sequence[str],
        given: Mapping[str, str],
        *,
        at_once: int = 0,
        carry_on: bool = False,
    ) -> Plan:
        """The plan for the targets that `words` mean. Raises `UsageError`, `SourceError`."""
        self.cloud.forget()  # what words mean is looked up anew too
        targets = targets_of(operation, words, self.cloud)
        return self.plan_for(operation, targets, given, at_once=at_once, carry_on=carry_on)

    def plan_for(
        self,
        operation: Operation,
        targets: Sequence[str],
        given: Mapping[str, str],
        *,
        at_once: int = 0,
        carry_on: bool = False,
    ) -> Plan:
        """The plan for the rows with these ids. Raises `UsageError`, `SourceError`."""
        values = values_of(operation, given, self.cloud)
        return planned(
            operation, targets, values, self.cloud, read_only=self.read_only, at_once=at_once, carry_on=carry_on
        )

    def perform(
        self,
        plan: Plan,
        operation: Operation,
        names: Sequence[str],
        reason: str,
        told: Callable[[Progress], None] = lambda progress: None,
        started: Callable[[Performance], None] = lambda performance: None,
        undoes: str = "",
    ) -> Outcome:
        """Carry out a plan that was confirmed. Raises `NotBegun`, and what the journal raises."""
        consent = Consent(tuple(names), reason, who(), self.principal)
        return run_plan(
            plan, operation, consent, self.cloud, self.journal,
            read_only=self.read_only, told=told, pause=self._pause, started=started, undoes=undoes,
            further=lambda: self._still_stands(undoes, plan.operation, [part.target for part in plan.parts]),
        )  # fmt: skip

    def resume(
        self,
        run: PastRun,
        told: Callable[[Progress], None] = lambda progress: None,
        started: Callable[[Performance], None] = lambda performance: None,
    ) -> Outcome:
        """Go on with a run that stopped in the middle. Raises `NotBegun`, `ValueError`, and what the journal raises."""
        return resumed(
            run, self.cloud, self.journal,
            who=who(), principal=self.principal, read_only=self.read_only,
            told=told, pause=self._pause, started=started,
            further=lambda targets: self._still_stands(run.undoes, run.operation, targets),
        )  # fmt: skip

    def _still_stands(self, undoes: str, operation: str, targets: Sequence[str]) -> list[GuardSeen]:
        """Of what takes something back: whether that is still as it was left."""
        past = self.past().get(undoes) if undoes else None
        return [
            seen
            for back in (grouped(past) if past is not None else ())
            if back.operation == operation and set(back.targets) & set(targets)
            for seen in stands(only(back, targets), self.cloud)
        ]

    def past(self) -> dict[str, PastRun]:
        """Earlier runs, as the journal tells them."""
        return past_runs(self.journal.records())

    def undo_plans(self, word: str = "") -> tuple[PastRun, list[tuple[Operation, Plan]]]:
        """The run that `word` means (empty: the last that can be), and what would take it back.

        Raises `UsageError`, `SourceError`.
        """
        run = chosen(self.past(), word, self.cloud)
        return run, plans(run, self.cloud, read_only=self.read_only)

    def undo_plan(self, word: str, part: int, targets: Sequence[str] = ()) -> tuple[PastRun, Operation, Plan, int]:
        """One of the plans that take a run back, for all its targets or some; and how many follow it.

        Raises `UsageError`, `SourceError`.
        """
        # The first part may be done by now: what follows it belongs to the same wish.
        run = self.past()[word] if part else chosen(self.past(), word, self.cloud)
        ways = grouped(run)
        back = only(ways[part], targets) if targets else ways[part]
        plan = plan_back(back, self.cloud, self.read_only)
        return run, operation(back.operation), plan, len(ways) - part - 1

    def interrupted(self) -> list[PastRun]:
        """Runs here that never ended and that nobody is working on."""
        found = interrupted(self.past(), self.cloud.site.cloud, self.cloud.region)
        return [run for run in found if run.left or not alive(run)]

    def stopped(self, word: str) -> PastRun:
        """The run here that stopped in the middle and is meant by `word`; empty: the only one that was interrupted.

        One that was cancelled can be gone on with as well, but only when it is named. Raises `NoSuchObject`.
        """
        waiting = {run.run: run for run in self.interrupted()}
        here = (self.cloud.site.cloud, self.cloud.region)
        cancelled = {run.run: run for run in self.past().values() if resumable(run) and (run.cloud, run.region) == here}
        if not word and len(waiting) == 1:
            return next(iter(waiting.values()))
        found = waiting.get(word) or cancelled.get(word)
        if found is None or (found.run not in waiting and found.interrupted):
            told = ", ".join(waiting) or "none"
            raise NoSuchObject("journal", f"no interrupted run {word or 'is known here'}", f"interrupted: {told}")
        return found

    def interrupted_run(self, word: str) -> PastRun:
        """The interrupted run of that id. Raises `UsageError` when it is none, and what the journal raises."""
        found = next((run for run in self.interrupted() if run.run == word), None)
        if found is None:
            raise UsageError(f"run {word[:40]} is not interrupted: it ended, or somebody works on it", "look again")
        return found

    @property
    def principal(self) -> str:
        """Our name among the site's signers: the login name."""
        return str(who()["sudo_user"] or who()["user"])

    def carry_out(self, plan: Plan, operation: Operation, names: Sequence[str], options: Any, undoes: str = "") -> Exit:
        """The same for a command: progress on stderr, signals end it between two steps, the outcome on stdout."""
        from console.cli.progress import carried_out

        def work(told: Callable[[Progress], None], started: Callable[[Performance], None]) -> Outcome:
            return self.perform(plan, operation, names, options.reason, told, started, undoes)

        seen = RunSeen(title=plan.title, cloud=plan.cloud, region=plan.region, plan=plan, undoes=undoes)
        return carried_out(seen, work, self.journal, self.cloud.clock, options)

    def close(self) -> None:
        """Close the connections, if they are ours."""
        if self._own:
            self.connections.close()
