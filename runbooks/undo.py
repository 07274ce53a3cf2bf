"""Taking back what a run did: its inverse operations, planned like any other, if what it did still stands.

Who undoes looks at a plan first, like always. When somebody changed the thing since, the inverse would not restore what
was, so its plan is closed and says what is different now.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from collectors.errors import NoSuchObject, UsageError
from runbooks.cloud import Cloud
from runbooks.expect import looked
from runbooks.operation import Operation
from runbooks.past import PastRun, TakingBack, reversible
from runbooks.plan import GuardSeen, Plan
from runbooks.planning import planned, values_of
from runbooks.registry import operation


def chosen(runs: Mapping[str, PastRun], word: str, cloud: Cloud) -> PastRun:
    """The run that `word` means; the last one that can be taken back when it is empty. Raises `UsageError`."""
    now = cloud.clock()
    if not word:
        found = reversible(runs, cloud.site.cloud, cloud.region, now)
        if not found:
            raise UsageError("nothing can be taken back here", "`nephoscope journal show` lists what was done")
        return found[0]
    run = runs.get(word)
    if run is None:
        raise NoSuchObject("journal", f"no run is called {word[:40]}", "`nephoscope journal show` lists them")
    if run.undone_by:
        raise UsageError(f"{run.run} was taken back already, by {run.undone_by}")
    if not run.inverse:
        raise UsageError(f"{run.run} ({run.title}) cannot be taken back", "no operation restores what it changed")
    return run


def grouped(run: PastRun) -> list[TakingBack]:
    """Its inverses; targets that are taken back alike are one."""
    found: dict[tuple[str, tuple[tuple[str, str], ...]], TakingBack] = {}
    for each in run.inverse:
        key = (each.operation, tuple(sorted(each.parameters.items())))
        if (known := found.get(key)) is None:
            found[key] = each
        else:
            found[key] = msgspec.structs.replace(
                known,
                targets=(*known.targets, *each.targets),
                until=min(known.until, each.until),
                stands=(*known.stands, *each.stands),
            )
    return list(found.values())


def plans(run: PastRun, cloud: Cloud, *, read_only: str = "") -> list[tuple[Operation, Plan]]:
    """What would take `run` back, one plan for each way. Raises `UsageError`, `SourceError`."""
    return [(operation(each.operation), plan_back(each, cloud, read_only)) for each in grouped(run)]


def only(back: TakingBack, targets: Sequence[str]) -> TakingBack:
    """The same for some of its targets (ids)."""
    stands = tuple(expect for expect in back.stands if not expect.row or expect.row in targets)
    kept = tuple(target for target in back.targets if target in targets)
    return msgspec.structs.replace(back, targets=kept, stands=stands)


def plan_back(back: TakingBack, cloud: Cloud, read_only: str) -> Plan:
    """The plan of one way back, with whether what was done still stands. Raises `UsageError`, `SourceError`."""
    wanted = operation(back.operation)
    values = values_of(wanted, back.parameters, cloud)
    plan = planned(wanted, back.targets, values, cloud, read_only=read_only)
    return msgspec.structs.replace(plan, guards=(*plan.guards, *stands(back, cloud)))


def stands(back: TakingBack, cloud: Cloud) -> Sequence[GuardSeen]:
    """Whether what was done is still as it was left, and whether taking it back still makes sense."""
    now = cloud.clock()
    if now > back.until:
        return [GuardSeen("still-stands", "closed", "it was done too long ago to be taken back like that", at=now)]
    found = []
    for expect in back.stands:
        look = looked(expect, cloud)
        if look.state == "unknown":
            found.append(GuardSeen("still-stands", "unknown", look.words, at=now))
        elif look.state != "reached":
            words = f"it is no longer as it was left ({expect.words}): {look.words}"
            found.append(GuardSeen("still-stands", "closed", words, at=now))
    return found or [GuardSeen("still-stands", "open", "it is as it was left", at=now)]
