"""From a confirmed plan to its outcome: consent, locks, the plan made once more, the journal, and then the performance.

Between showing a plan and confirming it the cloud goes on. So the plan is made again when it starts: what it would do
must still be the same, and every guard must still be open.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack

import msgspec

from collectors.errors import UsageError
from runbooks.approval import Approval, approved
from runbooks.cloud import Cloud
from runbooks.locks import Held, take
from runbooks.operation import Operation
from runbooks.outcome import Outcome, Progress, Recorder
from runbooks.perform import Performance
from runbooks.plan import GuardSeen, Plan, encoded
from runbooks.planning import planned

LOCKED_FOR = 3600.0
"""Seconds after which a lock counts as left behind; it is renewed while the run goes on."""


class Consent(msgspec.Struct, frozen=True):
    """What whoever confirmed has given."""

    names: tuple[str, ...] = ()
    """Names that were typed."""
    reason: str = ""
    who: Mapping[str, object] = {}
    """user, host, from: for the journal."""
    principal: str = ""
    """His name in the site's allowed_signers: his own approval does not count."""


class NotBegun(UsageError):  # noqa: N818 - what happened: it was not begun
    """It was not begun: a guard is closed, or the consent is not enough. `guards` are those that are closed."""

    def __init__(self, message: str, hint: str = "", guards: Sequence[GuardSeen] = ()) -> None:
        super().__init__(message, hint)
        self.guards = tuple(guards)


def new_run() -> str:
    """An id for one run: short enough to be typed."""
    return secrets.token_hex(4)


def lacking(plan: Plan, consent: Consent, cloud: Cloud) -> list[str]:
    """What the consent does not give that the plan demands, in words."""
    found = []
    if "named" in plan.demands:
        missing = [part.name for part in plan.parts if part.name not in consent.names]
        found += [f"the name {name} must be typed" for name in missing]
    if "reason" in plan.demands and not consent.reason.strip():
        found.append("a reason must be given")
    if "two-person" in plan.demands and cloud.site.allowed_signers is None:
        found.append("the site must say whose signature approves a plan: allowed_signers in [site.NAME]")
    elif "two-person" in plan.demands and not second(plan, cloud, consent.principal):
        found.append(f"a second person must approve it: nephoscope approve (plan {plan.hash[:12]})")
    return found


def second(plan: Plan, cloud: Cloud, principal: str) -> list[Approval]:
    """The approvals of somebody else than `principal` that hold now."""
    return approved(cloud.site, plan.hash, cloud.clock(), not_by=principal)


def run_plan(
    plan: Plan,
    operation: Operation,
    consent: Consent,
    cloud: Cloud,
    journal: Recorder,
    *,
    read_only: str = "",
    told: Callable[[Progress], None] = lambda progress: None,
    pause: Callable[[float], None] | None = None,
    started: Callable[[Performance], None] = lambda performance: None,
    undoes: str = "",
    further: Callable[[], Sequence[GuardSeen]] = tuple,
) -> Outcome:
    """Carry out a plan; `undoes` is the run that it takes back, `further` looks at guards besides the operation's own.

    `started` is given the performance just before it begins; it can be cancelled then, or later.

    Raises `NotBegun` when nothing was begun, `Locked`, and what the journal raises when it cannot be written.
    """
    if missing := lacking(plan, consent, cloud):
        raise NotBegun("; ".join(missing), "nothing was begun")
    run = new_run()
    held: list[Held] = []
    with ExitStack() as locks:
        for scope in plan.scopes:
            lock = take(cloud.site, cloud.region, scope, plan.operation, run, LOCKED_FOR, cloud.clock)
            held.append(locks.enter_context(lock))
        again = planned(
            operation,
            [part.target for part in plan.parts],
            plan.values,
            cloud,
            read_only=read_only,
            at_once=plan.at_once,
            carry_on=plan.carry_on,
            run=run,
        )
        again = msgspec.structs.replace(again, guards=(*again.guards, *further()))
        if closed := again.closed:
            raise NotBegun(f"{closed[0].name} is {closed[0].state}: {closed[0].words}", "nothing was begun", closed)
        if again.hash != plan.hash:
            raise NotBegun("the cloud has changed since: the plan would do something else now", "look at it again")
        performance = Performance(again, run, cloud, journal, told, pause, keep=kept(held, cloud.clock))
        started(performance)
        if performance.cancelled:
            raise NotBegun("cancelled while it was looked at once more", "nothing was begun")
        journal.append("began", run, _began(again, consent, cloud) | ({"undoes": undoes} if undoes else {}))
        return performance.perform()


def kept(held: Sequence[Held], clock: Callable[[], float]) -> Callable[[], None]:
    """Renews locks of which half the time is over; raises `Locked` when one was lost: then nothing more may begin."""

    def keep() -> None:
        for lock in held:
            if lock.lock.until - clock() < LOCKED_FOR / 2:
                lock.renew(LOCKED_FOR)

    return keep


def recorded(guards: Sequence[GuardSeen]) -> list[dict[str, object]]:
    """Guards with what they saw, for the journal."""
    return [{"name": g.name, "state": g.state, "words": g.words, "target": g.target, "at": g.at} for g in guards]


def _began(plan: Plan, consent: Consent, cloud: Cloud) -> dict[str, object]:
    identity = cloud.identity()
    who = dict(consent.who) | {
        "cloud_user": identity.user,
        "project": identity.project,
        "roles": list(identity.roles),
    }
    approvals = second(plan, cloud, consent.principal) if plan.risk == "R4" else []
    return {
        "operation": plan.operation,
        "plan": encoded(plan),
        "plan_hash": plan.hash,
        "cloud": plan.cloud,
        "region": plan.region,
        "who": who,
        "reason": consent.reason,
        "guards": recorded(plan.guards),
        "approved_by": [approval.who for approval in approvals],
    }
