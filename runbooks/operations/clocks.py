"""Clocks: let chrony begin anew, or step a clock that it corrects slowly. Databases and monitors go one by one.

chrony steps only in its first updates after a start; a clock that jumps later (a machine that was suspended, a
hypervisor that stalled) is slewed, which takes 12 seconds for each second.
"""

from __future__ import annotations

from typing import Any

from collectors.errors import UsageError
from collectors.kinds.clocks import CEPH
from collectors.values import age
from runbooks.expect import Expect
from runbooks.guards import one_at_a_time, window
from runbooks.operation import Asked, Operation, Step, Work, work
from runbooks.operations.entries import host_call
from runbooks.resync import agent_of
from runbooks.service_steps import restarted

_VOTERS = {"control", "storage", "database"}
"""Roles whose hosts have members of clusters that mind a step of the clock."""


def _both_vote(row: Any, target: Any) -> bool:
    return all(_VOTERS & set((each.roles or "").replace(",", " ").split()) for each in (row, target))


def _restart(asked: Asked) -> Work:
    unit = agent_of(asked, "chrony", "chronyd")
    # Not by when the unit was started: that is told by the very clock that is wrong.
    heard = Expect("clocks", asked.identity, "leap=Normal updated>{began}", target=asked.row.host)
    return work(
        Step(f"restart {unit.name} on {asked.row.host}", restarted(asked.cloud, unit), "", heard, 240.0),
        verify=(Expect("clocks", asked.identity, "leap=Normal", target=asked.row.host),),
        stops="nothing; its clock may jump to the right time at once",
        notes=(
            "A jump back confuses timeouts of databases and brokers, a jump forward makes heartbeats look missed.",
            "If its servers do not answer, this does not help: look at `chronyc sources` there.",
        ),
    )


SMALL = 0.001
"""Seconds; less is nothing that anybody would step a clock for."""
RIGHT = f"leap=Normal offset<{CEPH} offset>-{CEPH}"
_MONITORS = {"control", "storage", "mon"}


def _step(asked: Asked) -> Work:
    row = asked.row
    if row.offset is None:
        raise UsageError(f"how far the clock of {row.host} is off is not known")
    by = f"{abs(row.offset):.3f} s" if abs(row.offset) < 10 else age(abs(row.offset))
    right = Expect("clocks", asked.identity, RIGHT, target=row.host)
    return work(
        Step(f"step the clock of {row.host} by {by}", host_call(row.host, "chrony-step"), "", right, 60.0),
        stops=f"nothing; its clock jumps {'back' if row.offset > 0 else 'forward'} by {by} at once",
        notes=_jumps(row, by),
    )


def _jumps(row: Any, by: str) -> tuple[str, ...]:
    """Who minds, in the direction that it jumps, and with what runs there."""
    found = [
        f"Log lines and rows of the last {by} are written again with the same times: their order no longer holds."
        if row.offset > 0
        else f"What ends at a time of the day ends {by} sooner: tokens, cached sessions, leases, timers."
    ]
    roles = set((row.roles or "").replace(",", " ").split())
    if _MONITORS & roles:
        found.append("A Ceph monitor here may lose its lease and be elected anew; MON_CLOCK_SKEW goes a little later.")
    if _VOTERS & roles:
        found.append("Galera and RabbitMQ keep their members by another clock, but NOW() of the database here jumps.")
    found.append("Nova, Neutron and Cinder compare such times: services of this host may count as down for a minute.")
    return tuple(found)


def _no_step(row: Any) -> str:
    if row.measured != "by chrony":
        return "is not kept by chrony just now, which alone knows what is right: clock.restart-chrony"
    if abs(row.offset) < SMALL:
        return "is right: chrony corrects what is left by itself"
    return ""


OPERATIONS = (
    Operation(
        name="clock.step",
        kind="clocks",
        title="step the clock of {host} to what chrony knows is right",
        about="end a slow correction at once: right when services suffer from a clock that is seconds off",
        risk="R2",
        account="ssh",
        reads=("clocks",),
        closed=_no_step,
        guards=(one_at_a_time("clocks", "leap~[Nn]ot", _both_vote), window()),
        work=_step,
        scope="clock:{host}",
        irreversible=True,
    ),
    Operation(
        name="clock.restart-chrony",
        kind="clocks",
        title="restart chrony on {host}",
        about="let chrony ask its servers anew and correct the clock, when it has lost them",
        risk="R1",
        account="ssh",
        reads=("clocks",),
        guards=(one_at_a_time("clocks", "leap~[Nn]ot", _both_vote), window()),
        work=_restart,
        scope="clock:{host}",
    ),
)
