"""A database member's server: stop, start, restart, and discard its data for a full state transfer.

A member that was away catches up from a donor: by what the donor still has in its gcache (IST, seconds), or by a copy
of everything (SST, which takes as long as copying the data). Which one is to be expected is told where it can be known.
"""

from __future__ import annotations

from typing import Any

from collectors.errors import SourceError
from collectors.values import count
from runbooks.daemons import daemon, started, stopped
from runbooks.expect import Expect
from runbooks.guards import given
from runbooks.operation import (
    Asked,
    Guard,
    Inverse,
    Operation,
    Parameter,
    Step,
    Verdict,
    Work,
    is_closed,
    is_open,
    is_unknown,
    work,
)
from runbooks.operations.entries import host_call
from runbooks.operations.galera_members import ALONE, KIND, QUORUM, WELL, member_is

UNIT = "mariadb"
JOINING = 1800.0
"""Seconds that a start may take: it is over when the member is Synced, after a full transfer if need be."""


def stop_step(asked: Asked, member: str) -> Step:
    """Stop its server, and see that nobody answers there."""
    call = stopped(asked.cloud, daemon(asked.cloud, member, UNIT))
    return Step(f"stop mariadb on {member}", call, expect=down(member), seconds=300.0, call_seconds=280.0)


def start_step(asked: Asked, member: str) -> Step:
    """Start its server, and see it Synced."""
    return Step(
        f"start mariadb on {member}; it joins, catches up, and is Synced",
        started(asked.cloud, daemon(asked.cloud, member, UNIT)),
        expect=member_is(member, WELL),
        seconds=JOINING,
        call_seconds=JOINING - 60.0,
    )


def down(member: str) -> Expect:
    """Its server has ended: nobody is on its port, and no process is there."""
    return Expect("galera-positions", member, "runs=false", target=member)


def _restart(asked: Asked) -> Work:
    name = asked.row.member
    return work(
        stop_step(asked, name),
        start_step(asked, name),
        stops=f"connections to {name} are cut; HAProxy sends their clients to another member",
        less="one member less until it is Synced again",
    )


def _stop(asked: Asked) -> Work:
    name = asked.row.member
    return work(
        stop_step(asked, name),
        stops=f"connections to {name} are cut; HAProxy sends their clients to another member",
        less="one member less: with two of three left, the loss of another one stops all writes",
        notes=("After a longer absence than the others' gcache reaches, it needs a full transfer.",),
        inverse=Inverse("galera-member.start", name, words="it joins again and catches up"),
    )


def _start(asked: Asked) -> Work:
    name = asked.row.member
    return work(
        start_step(asked, name),
        stops="nothing; its donor may fall behind while it gives a full transfer",
        inverse=Inverse("galera-member.stop", name),
    )


def _resync_full(asked: Asked) -> Work:
    name = asked.row.member
    position = next(iter(asked.cloud.rows("galera-positions", host=name)), None)
    steps = [] if position is not None and position.runs is False else [stop_step(asked, name)]
    if position is not None and position.file:
        forget = Step(
            f"forget what {name} has: without grastate.dat it is given everything",
            host_call(name, "galera-forget", file=position.file),
            expect=Expect("galera-positions", name, "file=", target=name),
        )
        steps.append(forget)
    return work(
        *steps,
        start_step(asked, name),
        stops=f"connections to {name} are cut; its donor is Donor/Desynced while it copies everything",
        less="one member less for as long as the copy takes",
        notes=("Its own data is discarded: what only this member has is lost.",),
    )


def _transfer(asked: Asked) -> Verdict:
    """Says which transfer is to be expected; it closes nothing, since either way it comes back."""
    name = asked.row.member
    donors = [row for row in asked.cloud.rows(KIND) if row.member != name and _serves(row)]
    at = asked.row.last_committed
    if at is None:
        try:
            at = next((row.position for row in asked.cloud.rows("galera-positions", host=name)), None)
        except SourceError:
            at = None
    reach = [row.cached_from for row in donors if row.cached_from is not None]
    if at is None or not reach:
        return is_open("whether by IST or by a full SST is not known: its position, or a donor's gcache, is not told")
    behind = max((row.last_committed or at for row in donors), default=at) - at
    if min(reach) <= at + 1:
        return is_open(f"by IST, as things are: {count(max(behind, 0))} transactions behind, which a gcache still has")
    return is_open(f"by a full SST: it stands at {count(at)}, and the gcaches begin at {count(min(reach))}")


def _serves(row: Any) -> bool:
    return bool(row.state == "Synced" and row.status == "Primary")


def _donors(asked: Asked) -> Verdict:
    """Two others: one gives, one serves."""
    well = [
        row.member
        for row in asked.cloud.rows(KIND)
        if row.member not in (asked.row.member, *asked.also) and _serves(row)
    ]
    if len(well) < 2:
        have = f"only {well[0]} is" if well else "none of the others is"
        return is_closed(f"{have} Synced and Primary: it would have to give everything and serve everybody")
    return is_open(f"{', '.join(well)} are Synced and Primary: one gives, the other serves")


def _primary(asked: Asked) -> Verdict:
    """Somebody must be there to join."""
    snapshot = asked.cloud.snapshot(KIND)
    found = [row.member for row in asked.cloud.rows(KIND) if row.status == "Primary"]
    if found:
        return is_open(f"{found[0]} is Primary, and takes it in")
    if snapshot.errors and not all(row.answers is False for row in asked.cloud.rows(KIND)):
        return is_unknown(str(snapshot.errors[0]))
    return is_closed("no member is Primary: one must lead first: galera-member.recover, or galera-member.bootstrap")


def _answers(row: Any) -> str:
    return "" if row.trouble is None else "does not answer: start it, or look at its host"


TRANSFER = Guard("transfer", _transfer, "whether it will catch up by IST or needs a full SST, where that can be known")
BACKUP = Parameter("backup", "where a copy of the data is that can be restored, and of when", pattern=r".{1,200}")

OPERATIONS = (
    Operation(
        name="galera-member.restart",
        kind=KIND,
        title="restart mariadb on {member}",
        about="stop and start a member, so that it joins again and catches up by IST",
        risk="R1",
        account="ssh",
        scope="galera",
        reads=("galera-positions",),
        closed=_answers,
        guards=(QUORUM, ALONE, TRANSFER),
        work=_restart,
    ),
    Operation(
        name="galera-member.stop",
        kind=KIND,
        title="stop mariadb on {member}",
        about="take a member out of the cluster in good order",
        risk="R3",
        account="ssh",
        scope="galera",
        closed=_answers,
        guards=(QUORUM, ALONE),
        work=_stop,
    ),
    Operation(
        name="galera-member.start",
        kind=KIND,
        title="start mariadb on {member}",
        about="let a stopped member join a cluster that lives",
        risk="R1",
        account="ssh",
        scope="galera",
        reads=("galera-positions",),
        closed=lambda row: "answers already" if row.trouble is None else "",
        guards=(Guard("primary", _primary, "some member is Primary"), TRANSFER),
        work=_start,
    ),
    Operation(
        name="galera-member.resync-full",
        kind=KIND,
        title="discard the data of {member} and copy it from another member",
        about="a full state transfer (SST), for a member whose data differs or that loops while joining",
        risk="R3",
        account="ssh",
        scope="galera",
        parameters=(BACKUP,),
        reads=("galera-positions",),
        guards=(
            QUORUM,
            Guard("donors", _donors, "at least two others are Synced and Primary"),
            given("backup", "backup", "say where a copy of the data is"),
        ),
        work=_resync_full,
        irreversible=True,
    ),
)
