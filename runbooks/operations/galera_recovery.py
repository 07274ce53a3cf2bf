"""The referee: which member may lead a cluster that has no Primary component, and letting it lead.

Two situations. The members run and see no majority: the most advanced one is told to be Primary (`pc.bootstrap`). All
have stopped: the one with the highest position starts a new cluster, and the others join it one after another. Who
leads decides what is lost, so every member's position is looked at, and one that cannot be looked at closes the way
until somebody states that it is fenced.
"""

from __future__ import annotations

from typing import Any

import msgspec

from runbooks.cloud import Cloud
from runbooks.daemons import daemon, image, keeper, started, stopped
from runbooks.expect import Expect
from runbooks.guards import given
from runbooks.operation import (
    Asked,
    Guard,
    Operation,
    Parameter,
    Step,
    Verdict,
    Work,
    work,
)
from runbooks.operations.entries import host_call, sql_call
from runbooks.operations.galera_members import KIND, WELL, member_is
from runbooks.operations.galera_services import BACKUP, JOINING, UNIT, down, start_step
from runbooks.operations.galera_standing import may_lead, nobody_leads, standings

LEADER = "mariadb_bootstrap"
"""The container that leads a new cluster, until the others have joined."""


def _position(asked: Asked) -> Verdict:
    return may_lead(asked.row.member, standings(asked))


def _stopped_everywhere(asked: Asked) -> Verdict:
    return nobody_leads(standings(asked), "stopped")


def _primary_nowhere(asked: Asked) -> Verdict:
    return nobody_leads(standings(asked), "")


def _bootstrap(asked: Asked) -> Work:
    name = asked.row.member
    return work(
        Step(
            f"let the component of {name} be Primary",
            sql_call(name, "galera-bootstrap"),
            expect=member_is(name, WELL),
            seconds=60.0,
            call_seconds=20.0,
        ),
        stops="nothing: no member serves now",
        notes=(
            "Two Primary components are a split brain: nobody can merge their data again.",
            "Members that merely lost their links come together by themselves once those are mended.",
        ),
    )


def _recover(asked: Asked) -> Work:
    found = standings(asked)
    name = asked.row.member
    leader = next(each for each in found if each.member == name)
    others = [each.member for each in found if each.state == "stopped" and each.member != name]
    unit = daemon(asked.cloud, name, UNIT)
    steps = _kept_down(asked, [name, *others])
    if leader.file and not leader.safe:
        steps.append(
            Step(
                f"say on {name} that it may lead (safe_to_bootstrap: 1)",
                host_call(name, "galera-may-lead", file=leader.file),
                expect=Expect("galera-positions", name, "safe=true", target=name),
            )
        )
    steps.append(_lead(name, unit))
    steps += [start_step(asked, other) for other in others]
    if unit.engine != "systemd" and others:
        steps += _back_to_its_container(asked.cloud, name, unit)
    size = len(others) + 1
    notes = ["The APIs that gave up must be started again afterwards; those that wait come back by themselves."]
    if len(others) + 1 < len(found):
        notes.append("What only the fenced members had is lost; they need a full transfer when they return.")
    if unit.engine != "systemd":
        notes.append("The steps are those of `kolla-ansible mariadb-recovery`, without deploying configuration anew.")
    if unit.engine != "systemd" and not others:
        notes.append(f"It goes on in the container {LEADER}; once others are there: stop that one, start {UNIT}.")
    if all(each.view == len(found) for each in found):
        notes.append("All of them remember their last component: merely starting all of them would do as well.")
    return work(
        *steps,
        verify=tuple(member_is(each, f"{WELL} size={size}") for each in (name, *others)),
        stops="nothing: no member serves now",
        notes=tuple(notes),
    )


def _kept_down(asked: Asked, members: list[str]) -> list[Step]:
    """Where systemd keeps the containers, it may be starting a crashed one over and over: it must not come between."""
    found = []
    for member in members:
        unit = daemon(asked.cloud, member, UNIT)
        kept = keeper(asked.cloud, unit)
        if kept is not unit and kept.state in ("active", "activating", "reloading", "deactivating"):
            text = f"stop {kept.name} on {member}, which would start mariadb by itself"
            found.append(Step(text, stopped(asked.cloud, unit), expect=down(member), seconds=300.0, call_seconds=280.0))
    return found


def _lead(name: str, unit: Any) -> Step:
    """Start a new cluster with `name` alone."""
    if unit.engine == "systemd":
        call = host_call(name, "galera-new-cluster")
    else:
        call = host_call(name, "galera-new-cluster-container", engine=unit.engine, image=image(unit))
    return Step(f"start a new cluster on {name}", call, expect=member_is(name, WELL), seconds=600.0, call_seconds=580.0)


def _back_to_its_container(cloud: Cloud, name: str, unit: Any) -> list[Step]:
    """The one that led ran in a container of its own; once others have the data, it joins them like any other."""
    leading = msgspec.structs.replace(unit, name=LEADER)
    return [
        Step(
            f"stop the leading container on {name}",
            stopped(cloud, leading),
            expect=down(name),
            seconds=300.0,
            call_seconds=280.0,
        ),
        Step(
            f"start mariadb on {name} as usual; it joins the others",
            started(cloud, unit),
            expect=member_is(name, WELL),
            seconds=JOINING,
            call_seconds=JOINING - 60.0,
        ),
    ]


FENCED = Parameter(
    "fenced", "members that cannot be looked at and are surely off: NAME and how you know it", "", pattern=r".{0,200}"
)
READS = ("galera-positions",)

OPERATIONS = (
    Operation(
        name="galera-member.bootstrap",
        kind=KIND,
        title="let {member} lead: bootstrap a Primary component",
        about="for members that run without a majority: make the most advanced one Primary",
        risk="R4",
        account="galera",
        scope="galera",
        parameters=(FENCED,),
        reads=READS,
        closed=lambda row: (
            "does not run: galera-member.recover"
            if row.trouble is not None
            else "is Primary already"
            if row.status == "Primary"
            else ""
        ),
        guards=(
            Guard("primary-nowhere", _primary_nowhere, "each member is non-Primary, stopped, or stated to be fenced"),
            Guard("position", _position, "no member has more transactions than this one"),
        ),
        work=_bootstrap,
        irreversible=True,
    ),
    Operation(
        name="galera-member.recover",
        kind=KIND,
        title="start the stopped cluster again with {member} in the lead",
        about="all members have stopped: a new cluster from the most advanced one, then the others",
        risk="R4",
        account="ssh",
        scope="galera",
        parameters=(BACKUP, FENCED),
        reads=READS,
        closed=lambda row: "" if row.trouble is not None else "runs: galera-member.bootstrap, if nobody is Primary",
        guards=(
            Guard("stopped", _stopped_everywhere, "all members are stopped, or stated to be fenced"),
            Guard("position", _position, "no member has more transactions than this one, and all are of one history"),
            given("backup", "backup", "say where a copy of its data is"),
        ),
        work=_recover,
        irreversible=True,
    ),
)
