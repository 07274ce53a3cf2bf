"""Going on with a run that stopped in the middle: what was done stays done, and what is left is guarded anew.

Between the stop and now the cloud has gone on. So every guard is looked at again, with fresh evidence, for each target
of which something is left; a target of which nothing was begun must also still get the very same steps. What had failed
before stays failed: it is not tried again by going on. An approval holds for minutes: one that is over is asked again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from typing import Final

import msgspec

from collectors.errors import NoSuchObject, SourceError, UsageError
from runbooks.cloud import Cloud
from runbooks.locks import Held, take
from runbooks.outcome import Before, Outcome, Progress, Recorder
from runbooks.past import PastRun
from runbooks.perform import Performance
from runbooks.plan import GuardSeen, Part, Plan
from runbooks.planning import planned
from runbooks.registry import operation
from runbooks.running import LOCKED_FOR, NotBegun, kept, recorded, second
from runbooks.settle import looked_up

MOST: Final = 5
"""Guards that are named."""


def resumed(
    run: PastRun,
    cloud: Cloud,
    journal: Recorder,
    *,
    who: Mapping[str, object] = {},
    principal: str = "",
    read_only: str = "",
    told: Callable[[Progress], None] = lambda progress: None,
    pause: Callable[[float], None] | None = None,
    started: Callable[[Performance], None] = lambda performance: None,
    further: Callable[[Sequence[str]], Sequence[GuardSeen]] = lambda targets: (),
) -> Outcome:
    """Go on where it stopped. `further` looks at guards besides the operation's own, for targets that were not begun.

    Raises `NotBegun` when a step in flight cannot be looked up or a guard is not open, `Locked`, `ValueError`.
    """
    unclear = [flight for flight in looked_up(run, cloud, journal) if flight.look.state in ("unknown", "failed")]
    if unclear:
        first = unclear[0]
        raise NotBegun(
            f"{first.text} was in flight, and whether it was done is not known: {first.look.words}",
            "look by hand, then settle the run or begin anew",
        )
    plan = run.planned()
    approvals = _approvals(run, plan, cloud, principal)
    held: list[Held] = []
    with ExitStack() as locks:
        for scope in plan.scopes:
            lock = take(cloud.site, cloud.region, scope, plan.operation, run.run, LOCKED_FOR, cloud.clock)
            held.append(locks.enter_context(lock))
        guards = guards_now(run, plan, cloud, read_only=read_only, further=further)
        if closed := [guard for guard in guards if guard.state != "open"]:
            raise NotBegun(
                "; ".join(f"{guard.name} is {guard.state} now: {guard.words}" for guard in closed[:MOST]),
                f"nothing more was done; {taking_back_words(run)}",
                closed,
            )
        before = Before(run.over(plan), run.failed(plan), run.at)
        performance = Performance(plan, run.run, cloud, journal, told, pause, before, kept(held, cloud.clock))
        started(performance)
        if performance.cancelled:
            raise NotBegun("cancelled while it was looked at once more", "nothing more was done")
        journal.append("resumed", run.run, {"who": dict(who), "guards": recorded(guards), "approved_by": approvals})
        return performance.perform()


def _approvals(run: PastRun, plan: Plan, cloud: Cloud, principal: str) -> list[str]:
    """Who approves it now; nobody has to where nothing is left. Raises `NotBegun`."""
    if "two-person" not in plan.demands or not unfinished(run, plan):
        return []
    found = [approval.who for approval in second(plan, cloud, principal)]
    if not found:
        raise NotBegun(
            f"a second person must approve it again (plan {plan.hash[:12]}): the approval is over",
            f"`nephoscope undo --resume {run.run} --plan -o json > PLAN` writes it for `nephoscope approve PLAN`",
        )
    return found


def taking_back_words(run: PastRun) -> str:
    """The commands that take back what a run in the middle did."""
    back = f"`nephoscope undo {run.run}` takes back what was done"
    return f"`nephoscope undo --settle {run.run}` leaves it at that, then {back}" if run.interrupted else back


def guards_now(
    run: PastRun,
    plan: Plan,
    cloud: Cloud,
    *,
    read_only: str = "",
    further: Callable[[Sequence[str]], Sequence[GuardSeen]] = lambda targets: (),
) -> list[GuardSeen]:
    """The guards of what is left, looked at now; none where nothing is left to be done."""
    left = unfinished(run, plan)
    if not left:
        return []
    begun = {target for target, _ in run.about}
    targets = [part.target for part in left]
    try:
        again = planned(operation(plan.operation), targets, plan.values, cloud, read_only=read_only, run=run.run)
    except (NoSuchObject, UsageError) as error:
        return [GuardSeen("sense", "closed", str(error), at=cloud.clock())]
    except SourceError as error:
        return [GuardSeen("evidence-fresh", "unknown", str(error), at=cloud.clock())]
    # Of a target in the middle, `sense` speaks of what we did ourselves: it is disabled already.
    inside = {part.name for part in left if part.target in begun}
    found = [guard for guard in again.guards if guard.name != "sense" or guard.target not in inside]
    found += [_changed(part, cloud) for part in left if part.target not in begun and _differs(part, again)]
    return [*found, *further([target for target in targets if target not in begun])]


def unfinished(run: PastRun, plan: Plan) -> list[Part]:
    """The parts of which a step is left that may be begun."""
    over, failed = run.over(plan), run.failed(plan)
    return [
        part
        for part in plan.parts
        if part.target not in failed and {number for number, _ in part.steps()} - over.get(part.target, frozenset())
    ]


def _changed(part: Part, cloud: Cloud) -> GuardSeen:
    words = "the cloud has changed since: it would do something else now"
    return GuardSeen("same-plan", "closed", words, part.name, cloud.clock())


def _differs(part: Part, again: Plan) -> bool:
    """Whether it would do something else now; what it means just now (how many clients) does not count."""
    now = again.part(part.target)
    return msgspec.structs.replace(now, stops="", less="", notes=()) != msgspec.structs.replace(
        part, stops="", less="", notes=()
    )
