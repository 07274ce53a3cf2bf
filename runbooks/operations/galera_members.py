"""A database member while it runs: out of the others' way and back, writable or not, whom it asks for its data.

A desynced member no longer holds the others up (flow control), and falls behind instead; it catches up before it is
Synced again. Under full flow control the statement itself waits: it is looked up then, and never repeated.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from collectors.errors import UsageError
from runbooks.expect import Expect
from runbooks.guards import one_at_a_time, quorum_kept
from runbooks.operation import (
    Asked,
    Guard,
    Inverse,
    Operation,
    Parameter,
    Risk,
    Step,
    Verdict,
    Work,
    is_closed,
    is_open,
    work,
)
from runbooks.operations.entries import sql_call

KIND = "galera-members"
WELL = "state=Synced status=Primary"


def member_is(member: str, where: str, fails: str = "") -> Expect:
    """What one member must say of itself."""
    return Expect(KIND, member, where, fails, target=member)


def _set(asked: Asked, text: str, statement: str, where: str, **values: str) -> Step:
    member = asked.row.member
    call = sql_call(member, statement, **values)
    return Step(text, call, expect=member_is(member, where), seconds=40.0, call_seconds=15.0)


def _set_donor(asked: Asked) -> Work:
    name, donor = asked.row.member, asked.values["donor"].strip()
    before = (asked.row.sst_donor or "").rstrip(",") or "any"
    others = [row.member for row in asked.cloud.rows(KIND) if row.member != name]
    if donor not in ("any", *others):
        raise UsageError(f"{donor} cannot be the donor of {name}", f"one of {', '.join(others)}, or any")
    value = "" if donor == "any" else f"{donor},"
    text = f"{name} asks {'any member' if donor == 'any' else f'{donor} first'} for its data"
    # The comma at its end says: and any other one, when that one cannot.
    return work(
        _set(asked, text, "galera-donor", f"sst_donor={value}" if value else "sst_donor=", donor=value),
        stops="nothing until it needs a state transfer",
        notes=("It is lost at its restart: for the next start, write wsrep_sst_donor into its configuration as well.",),
        inverse=Inverse("galera-member.set-donor", name, {"donor": before}),
    )


def _donor_serves(asked: Asked) -> Verdict:
    donor = asked.values["donor"].strip()
    row = next((row for row in asked.cloud.rows(KIND) if row.member == donor), None)
    if donor == "any":
        return is_open("the group chooses")
    if row is None:
        return is_closed(f"{donor} is no member")
    if row.state != "Synced" or row.status != "Primary":
        return is_closed(f"{donor} is {row.state or row.trouble or 'not known'}: a donor must be Synced and Primary")
    return is_open(f"{donor} is Synced and Primary")


def _runs(row: object) -> str:
    """Why nothing can be said to it."""
    return "does not answer" if getattr(row, "trouble", None) is not None else ""


def _switch(
    name: str,
    title: str,
    about: str,
    risk: Risk,
    statement: str,
    where: str,
    closed: Callable[[Any], str],
    stops: str,
    back: str,
    *,
    words: str = "",
    notes: tuple[str, ...] = (),
    guards: tuple[Guard, ...] = (),
    does: str = "",
) -> Operation:
    """A statement without values, and a state that another one (`back`) ends; `does`: its step, if not `title`."""

    def plan(asked: Asked) -> Work:
        member = asked.row.member
        return work(
            _set(asked, (does or title).format(member=member), statement, where),
            stops=stops,
            notes=notes,
            inverse=Inverse(f"galera-member.{back}", member, words=words),
        )

    return Operation(
        name=f"galera-member.{name}",
        kind=KIND,
        title=title,
        about=about,
        risk=risk,
        account="galera",
        scope="galera",
        closed=lambda row: _runs(row) or closed(row),
        guards=guards,
        work=plan,
    )


QUORUM = quorum_kept(KIND, WELL)
ALONE = one_at_a_time(KIND, "state!=Synced")

OPERATIONS = (
    _switch(
        "desync", "desync {member}",
        "let a slow member, or one that is backed up, fall behind without holding up the others", "R2",
        "galera-desync", "desync=true", lambda row: "is desynced already" if row.desync else "",
        "nothing: it serves on, with data that may be older than the others'",
        "resync", words="it catches up, and is Synced again", guards=(QUORUM, ALONE),
        notes=(
            "It holds nobody up from now on, and falls behind; let it back in before its queue fills the disk.",
            "While flow control pauses everything the statement waits with it: stop the slow member instead.",
        ),
    ),
    _switch(
        "resync", "end the desync of {member}", "let a desynced member catch up and follow the group again", "R1",
        "galera-resync", "desync=false", lambda row: "" if row.desync else "is not desynced",
        "nothing; while it catches up it may hold up all writes (flow control)",
        "desync", does="let {member} follow the group again",
    ),
    _switch(
        "read-only", "set {member} read-only", "refuse writes of applications on this member; replication goes on",
        "R2", "read-only", "read_only=true", lambda row: "is read-only already" if row.read_only else "",
        "services that write through it get error 1290; what is replicated to it is still applied",
        "writable", words="it takes writes again", guards=(quorum_kept(KIND, f"{WELL} read_only=false"),),
        notes=(
            "Accounts with READ_ONLY ADMIN (SUPER in older servers) write on; a restart ends it.",
            "A health check of HAProxy that asks for writable members takes it out.",
        ),
    ),
    _switch(
        "writable", "let {member} take writes again", "end read-only on this member", "R1",
        "writable", "read_only=false", lambda row: "" if row.read_only else "takes writes", "nothing", "read-only",
    ),
    Operation(
        name="galera-member.set-donor",
        kind=KIND,
        title="let {member} ask {donor} for its data",
        about="choose whom a member asks first for a state transfer (wsrep_sst_donor)",
        risk="R1",
        account="galera",
        scope="galera",
        parameters=(
            Parameter("donor", "the member that is asked first, or any", pattern=r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}"),
        ),
        closed=_runs,
        guards=(Guard("donor", _donor_serves, "the donor is Synced and Primary"),),
        work=_set_donor,
    ),
)  # fmt: skip
