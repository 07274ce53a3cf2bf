"""What Ceph complains about: mute a health check for a while, unmute it, put a crash report away, another manager.

A mute has an end: one without hides the same trouble for good. Ceph lifts a mute by itself when its check is over or
gets worse.
"""

from __future__ import annotations

from math import ceil

from runbooks.expect import Expect
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
    work,
)
from runbooks.operations.ceph import ceph_call

_WEEK, _MOST = 168, 999
"""Hours that a mute without an end is given back for, and the most of any."""


def _mute(asked: Asked) -> Work:
    lasting = asked.values["lasting"]
    return work(
        Step(
            f"mute {asked.identity} for {lasting}",
            ceph_call(asked, "ceph-health-mute", check=asked.identity, lasting=lasting),
            expect=Expect("ceph-health-checks", asked.identity, "muted=true"),
        ),
        stops="nothing; it no longer counts for the health of Ceph, here and in alerts made of it",
        notes=("What it complains about is still so. Ceph unmutes it when it gets worse.",),
        inverse=Inverse("ceph-health-check.unmute", asked.identity, words="unmutes it"),
    )


def _unmute(asked: Asked) -> Work:
    until = asked.row.muted_until
    # In whole hours: a plan must say the same when it is looked at again before it begins.
    left = _WEEK if until is None else min(max(ceil((until - asked.now) / 3600), 1), _MOST)
    return work(
        Step(
            f"unmute {asked.identity}",
            ceph_call(asked, "ceph-health-unmute", check=asked.identity),
            expect=Expect("ceph-health-checks", asked.identity, "muted=true", absent=True),
        ),
        stops="nothing; it counts again",
        inverse=Inverse(
            "ceph-health-check.mute",
            asked.identity,
            {"lasting": f"{left}h", "reason": "muted again"},
            "mutes it for the hours that were left" if until is not None else "mutes it for a week",
        ),
    )


def _archive(asked: Asked) -> Work:
    return work(
        Step(
            f"archive the crash of {asked.name}",
            ceph_call(asked, "ceph-crash-archive", crash=asked.identity),
            expect=Expect("crashes", asked.identity, "archived~."),
        ),
        stops="nothing; RECENT_CRASH no longer counts it",
        notes=("It stays in the list, and is not taken out of the archive again.",),
    )


def _fail(asked: Asked) -> Work:
    others = Expect("mgrs", where=f"role=active available=true name!={asked.identity}")
    return work(
        Step(
            f"have another manager take over from {asked.identity}",
            ceph_call(asked, "ceph-mgr-fail", mgr=asked.identity),
            expect=others,
            seconds=120.0,
        ),
        Step(
            f"wait until {asked.identity} stands by",
            expect=Expect("mgrs", asked.identity, "role=standby"),
            seconds=120.0,
            tolerant=True,
        ),
        verify=(others,),
        stops="figures, dashboard and modules for some 5 s; data is served on",
        notes=("The dashboard and the metrics move to the other one's address.",),
        inverse=Inverse("mgr.fail", words="fails over once more: to this one, if no other stands by"),
    )


def _stands_by(asked: Asked) -> Verdict:
    count = asked.row.standbys or 0
    if not count:
        return is_closed("no other manager stands by: start one first")
    return is_open(f"{count} {'stands' if count == 1 else 'stand'} by")


OPERATIONS = (
    Operation(
        name="ceph-health-check.mute",
        kind="ceph-health-checks",
        title="mute {id} for {lasting}",
        about="have a known complaint not count for some time",
        risk="R1",
        account="ceph",
        parameters=(
            Parameter(
                "lasting",
                "how long: 30m, 4h, 2d, at most four weeks",
                pattern=r"[1-9]\d{0,6}s|[1-9]\d{0,3}m|[1-9]\d{0,2}h|[12]?[1-9]d|[1-4]w",
            ),
            Parameter("reason", "why; it is kept in the journal", pattern=r".{3,255}"),
        ),
        reads=("mons",),
        closed=lambda row: "is muted already" if row.muted else "",
        work=_mute,
    ),
    Operation(
        name="ceph-health-check.unmute",
        kind="ceph-health-checks",
        title="unmute {id}",
        about="have a complaint count again",
        risk="R1",
        account="ceph",
        reads=("mons",),
        closed=lambda row: "" if row.muted else "is not muted",
        work=_unmute,
    ),
    Operation(
        name="crash.archive",
        kind="crashes",
        title="archive the crash of {daemon}",
        about="put the report of a crash away once somebody has looked at it",
        risk="R1",
        account="ceph",
        reads=("mons",),
        closed=lambda row: "is archived already" if row.archived else "",
        work=_archive,
        at_once=4,
    ),
    Operation(
        name="mgr.fail",
        kind="mgrs",
        title="fail over from manager {name}",
        about="have a manager that stands by take over from the active one",
        risk="R1",
        account="ceph",
        reads=("mons",),
        closed=lambda row: "" if row.role == "active" else f"is {row.role}, not active",
        guards=(Guard("stands-by", _stands_by, "another manager stands by"),),
        work=_fail,
        scope="ceph-mgr",
    ),
)
