"""Ceph's placement groups: compare the copies of one (scrub, deep scrub), make a copy anew that differs (repair).

A deep scrub reads everything and finds what differs; a repair takes the primary's word, or that of the copies whose
checksums are right, so whoever repairs has looked at which copy is wrong (`rados list-inconsistent-obj`).
Any group can be named, also one that is well and in no list: `nephoscope do pg.deep-scrub 3.1f`.
"""

from __future__ import annotations

from typing import Any

from runbooks.expect import Expect
from runbooks.guards import given
from runbooks.operation import Asked, Guard, Operation, Parameter, Step, Verdict, Work, is_closed, is_open, work
from runbooks.operations.ceph import ceph_call

_SCRUB = 1800.0
"""Seconds: it waits for its turn (osd_max_scrubs) and reads the whole group."""


def _scrub(asked: Asked) -> Work:
    return work(
        Step(
            f"scrub {asked.identity}",
            ceph_call(asked, "ceph-pg-scrub", group=asked.identity),
            expect=Expect("pgs", asked.identity, "scrubbed>{began}"),
            seconds=_SCRUB,
        ),
        stops="nothing",
        notes=("It waits for its turn; out of the hours that scrubs may run in, it may take long.",),
    )


def _deep(asked: Asked) -> Work:
    return work(
        Step(
            f"deep-scrub {asked.identity}",
            ceph_call(asked, "ceph-pg-deep-scrub", group=asked.identity),
            expect=Expect("pgs", asked.identity, "deep_scrubbed>{began}"),
            seconds=_SCRUB,
        ),
        stops=f"nothing; all {asked.row.objects or 0:,} objects are read on each of {asked.row.acting}",
        notes=("What differs shows as inconsistent: that is its purpose, and no new damage.",),
    )


def _repair(asked: Asked) -> Work:
    return work(
        Step(
            f"repair {asked.identity}",
            ceph_call(asked, "ceph-pg-repair", group=asked.identity),
            expect=Expect("pgs", asked.identity, "state~inconsistent", absent=True),
            seconds=_SCRUB,
        ),
        stops="nothing; objects that differ wait while they are written again",
        notes=(
            f"Which copy is wrong: rados list-inconsistent-obj {asked.identity} -f json-pretty",
            "Look at the disk of the OSD whose copy was wrong: smartctl, errors of the kernel.",
        ),
    )


def _idle(asked: Asked) -> Verdict:
    row = asked.row
    states = (row.state or "").split("+")
    if not row.active or "clean" not in states:
        return is_closed(f"it is {row.state}: only what is active and clean is scrubbed")
    if "scrubbing" in states:
        return is_closed("it is being scrubbed: wait")
    return is_open("active and clean, nothing reads it")


def _acting(asked: Asked) -> Verdict:
    row = asked.row
    if not row.active or row.unfound:
        return is_closed(f"it is {row.state}" + (f" with {row.unfound} objects unfound" if row.unfound else ""))
    if "repair" in (row.state or "").split("+"):
        return is_closed("it is being repaired: wait")
    return is_open("active: its copies can be compared")


def _differs(row: Any) -> str:
    return "" if "inconsistent" in (row.state or "") else "is not inconsistent: a deep scrub finds out"


IDLE = Guard("no-task", _idle, "active, clean, and not being scrubbed")

OPERATIONS = (
    Operation(
        name="pg.scrub",
        kind="pgs",
        title="scrub {id} of {pool}",
        about="compare size and attributes of its copies now",
        risk="R1",
        account="ceph",
        reads=("mons",),
        guards=(IDLE,),
        work=_scrub,
        at_once=2,
    ),
    Operation(
        name="pg.deep-scrub",
        kind="pgs",
        title="deep-scrub {id} of {pool}",
        about="read and compare all of its copies now",
        risk="R1",
        account="ceph",
        reads=("mons",),
        guards=(IDLE,),
        work=_deep,
        at_once=2,
    ),
    Operation(
        name="pg.repair",
        kind="pgs",
        title="repair {id} of {pool}",
        about="make the copy anew that differs from the others, once it is clear which one is wrong",
        risk="R4",
        account="ceph",
        parameters=(Parameter("copy", "which OSD's copy is wrong, and how you know", pattern=r".{3,255}"),),
        reads=("mons",),
        closed=_differs,
        guards=(
            given("named-copy", "copy", "somebody states which copy is wrong"),
            Guard("no-task", _acting, "active, nothing unfound, and not being repaired"),
        ),
        work=_repair,
        irreversible=True,
    ),
)
