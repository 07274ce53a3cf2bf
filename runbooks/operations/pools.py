"""Ceph's pools: quotas, the number of copies, and with how few of them clients may still write.

Fewer than three copies, or writes to a single one, lose data the next time a disk dies while another is away; nothing
here lowers them that far. More copies need room and hosts to put them on.
"""

from __future__ import annotations

from typing import Any, Final

from collectors.errors import UsageError
from collectors.values import quantity
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
    is_unknown,
    work,
)
from runbooks.operations.ceph import ceph_call, served, served_again, stated

SAFE_COPIES: Final = 3
SAFE_MIN: Final = 2


def _number(text: str) -> int:
    """`500GiB`, `1000000`; 0 is none. Raises `UsageError`."""
    found = quantity(text)
    if found is None or found < 0:
        raise UsageError(f"{text[:40]} is no size or number", "examples: 500GiB, 1000000, 0 (no quota)")
    return round(found)


def _quota_is(column: str, number: int) -> str:
    return f"{column}>={number} {column}<={number}" if number else f"{column}="


def _quota(asked: Asked) -> Work:
    wanted = {"max_bytes": asked.values["bytes"], "max_objects": asked.values["objects"]}
    columns = {"max_bytes": "quota_bytes", "max_objects": "quota_objects"}
    steps, before = [], {}
    for what, text in wanted.items():
        if text == "":
            continue
        number, column = _number(text), columns[what]
        before[what.removeprefix("max_")] = str(getattr(asked.row, column) or 0)
        steps.append(
            Step(
                f"set {what} of {asked.name} to {number or 'none'}",
                ceph_call(asked, "ceph-osd-pool-set-quota", pool=asked.name, what=what, most=str(number)),
                expect=Expect("pools", asked.identity, _quota_is(column, number)),
            )
        )
    if not steps:
        raise UsageError("nothing to set", "bytes=500GiB or objects=1000000; 0 takes the quota away")
    return work(
        *steps,
        verify=tuple(step.expect for step in steps if step.expect is not None),
        stops="nothing; once the quota is used up its clients cannot write any more",
        inverse=Inverse("pool.quota", asked.identity, before, "sets it as it was"),
    )


def _enough(asked: Asked) -> Verdict:
    """A quota below what is there stops every write at once."""
    for parameter, held in (("bytes", asked.row.stored), ("objects", asked.row.objects)):
        if asked.values[parameter] in ("", "0"):
            continue
        try:
            number = _number(asked.values[parameter])
        except UsageError as error:
            return is_closed(str(error))
        if held is None:
            return is_unknown(f"how many {parameter} it holds is not known")
        if number and number <= held:
            return is_closed(f"it holds {held:,} {parameter} already: its clients could not write any more")
    return is_open("it holds less than that")


def _set(asked: Asked, what: str, before: int | None, safe: int, stops: str, less: str, *notes: str) -> Work:
    number = int(asked.values["copies"])
    back = None
    if before is not None and before >= safe:
        back = Inverse(f"pool.{what.replace('_', '-')}", asked.identity, {"copies": str(before)}, "sets it as it was")
    elif before is not None:
        notes = (*notes, f"It is not taken back: {before} is less than what is safe.")
    expect = Expect("pools", asked.identity, f"{what}={number}")
    return work(
        Step(
            f"set {what} of {asked.name} to {number}",
            ceph_call(asked, "ceph-osd-pool-set", pool=asked.name, what=what, count=str(number)),
            expect=expect,
        ),
        served_again(),
        verify=(expect,),
        stops=stops,
        less=less,
        notes=notes,
        inverse=back,
    )


def _size(asked: Asked) -> Work:
    more = int(asked.values["copies"]) - (asked.row.size or 0)
    stored = (asked.row.stored or 0) * more
    told = f"{abs(stored) / 2**30:.1f} GiB more of the disks are {'used' if more > 0 else 'free'} afterwards"
    note = "Copies are made (or dropped) in the background; reads and writes are slower meanwhile."
    return _set(asked, "size", asked.row.size, SAFE_COPIES, "nothing", told, note)


def _min_size(asked: Asked) -> Work:
    number = int(asked.values["copies"])
    stops = f"nothing now; with fewer than {number} copies left its clients wait"
    return _set(asked, "min_size", asked.row.min_size, SAFE_MIN, stops, "")


# -- guards -----------------------------------------------------------------------------------------------------------


def _copies(asked: Asked) -> str:
    number, row = int(asked.values["copies"]), asked.row
    if number < SAFE_COPIES and number <= (row.size or 0):
        return f"{number} copies: a disk that dies while another is away takes data with it; keep {SAFE_COPIES}"
    if number < 2:
        return "a single copy: the first disk that dies takes data with it"
    if row.min_size is not None and number < row.min_size:
        return f"clients wait with fewer than {row.min_size} copies (min_size): {number} would stop them"
    hosts = {each.host for each in asked.cloud.rows("osds") if each.up and each.in_cluster}
    if number > len(hosts):
        return f"copies are on different hosts, and only {len(hosts)} have OSDs that are up and in"
    return ""


def _least(asked: Asked) -> str:
    number, row = int(asked.values["copies"]), asked.row
    if number < SAFE_MIN:
        return f"min_size {number}: writes to a single copy are lost with its disk; keep {SAFE_MIN}"
    if row.size is not None and number > row.size:
        return f"it has only {row.size} copies"
    if row.size is not None and number == row.size:
        return f"with min_size {number} of {row.size} copies each restart of an OSD stops its clients"
    return ""


def _room(asked: Asked) -> Verdict:
    row, more = asked.row, int(asked.values["copies"]) - (asked.row.size or 0)
    if more <= 0:
        return is_open("it needs no more room")
    if row.stored is None or row.max_avail is None or not row.size:
        return is_unknown("how much room there is is not known")
    words = f"needs {row.stored * more / 2**30:.1f} GiB, {row.max_avail * row.size / 2**30:.1f} GiB are left"
    return (
        is_open(words) if row.stored * more < row.max_avail * row.size * 0.9 else is_closed(f"{words}: add OSDs first")
    )


def _replicated(row: Any) -> str:
    return "is erasure coded: its profile decides" if row.type == "erasure" else ""


COPIES = Parameter("copies", "how many", pattern=r"[1-9]|10")

OPERATIONS = (
    Operation(
        name="pool.quota",
        kind="pools",
        title="set the quota of pool {name}",
        about="limit what a pool may hold, or lift the limit (0)",
        risk="R2",
        account="ceph",
        parameters=(
            Parameter("bytes", "most bytes: 500GiB; 0: no limit; empty: as it is", "", pattern=r"[0-9]+([KMGTP]i?B)?"),
            Parameter("objects", "most objects; 0: no limit; empty: as it is", "", pattern=r"[0-9]+"),
        ),
        reads=("mons",),
        guards=(Guard("enough", _enough, "it holds less than its new quota"),),
        work=_quota,
    ),
    Operation(
        name="pool.size",
        kind="pools",
        title="have {copies} copies in pool {name}",
        about="set how many copies of everything a pool keeps",
        risk="R3",
        account="ceph",
        parameters=(COPIES,),
        reads=("mons", "osds", "pgs"),
        closed=_replicated,
        guards=(
            stated("copies", _copies, "enough copies, on enough hosts", "not below three, and a host for each copy"),
            Guard("capacity", _room, "the copies fit"),
            served(),
        ),
        work=_size,
        scope="ceph",
    ),
    Operation(
        name="pool.min-size",
        kind="pools",
        title="have clients of pool {name} wait below {copies} copies",
        about="set with how few copies left clients may still write",
        risk="R3",
        account="ceph",
        parameters=(COPIES,),
        reads=("mons", "pgs"),
        closed=_replicated,
        guards=(
            stated("copies", _least, "two or more, and fewer than all", "not below two, and fewer than all copies"),
            served(),
        ),
        work=_min_size,
        scope="ceph",
    ),
)
