"""Flags of Ceph: what it is told not to do for a while, as a whole or for the OSDs of one host.

`noout` for the host that is worked on is the small way (`osd set-group`): the rest of the cluster goes on mending
itself. A flag that is forgotten keeps it from that, so what is set is taken back by `undo` or `ceph-flag.unset`.
"""

from __future__ import annotations

from typing import Any, Final

from collectors.errors import UsageError
from runbooks.expect import Expect
from runbooks.operation import Asked, Inverse, Operation, Parameter, Step, Work, work
from runbooks.operations.ceph import ceph_call, stated

OF_ONE: Final = ("noout", "noin", "nodown", "noup")
"""Flags that single OSDs, hosts and the like can have."""
_HIDES: Final = ("nodown", "noup", "noin")
NODE: Final = "CRUSH node "
"""What the kind writes before the name of a host, rack or root."""


def row_id(flag: str, of: str) -> str:
    """The id of the row of a flag: of the whole cluster, of an OSD, or of a node of the CRUSH tree."""
    if not of:
        return flag
    return f"{flag}@{of}" if of.startswith("osd.") else f"{flag}@{NODE}{of}"


def set_step(asked: Asked, flag: str, of: str) -> Step:
    """Set it, and see that it is set."""
    expect = Expect("ceph-flags", row_id(flag, of), "set=true")
    if not of:
        return Step(f"set {flag}", ceph_call(asked, "ceph-osd-set", flag=flag), expect=expect)
    return Step(f"set {flag} for {of}", ceph_call(asked, "ceph-osd-set-group", flag=flag, of=of), expect=expect)


def unset_step(asked: Asked, flag: str, of: str) -> Step:
    """Unset it, and see that it is gone."""
    expect = Expect("ceph-flags", row_id(flag, of), "set=true", absent=True)
    if not of:
        name = "pause" if flag in ("pauserd", "pausewr") else flag
        return Step(f"unset {name}", ceph_call(asked, "ceph-osd-unset", flag=name), expect=expect)
    return Step(f"unset {flag} for {of}", ceph_call(asked, "ceph-osd-unset-group", flag=flag, of=of), expect=expect)


def _set(asked: Asked) -> Work:
    row, of = asked.row, asked.values["of"]
    if of and row.flag not in OF_ONE:
        raise UsageError(f"{row.flag} is for the whole cluster", f"of one host or OSD: {', '.join(OF_ONE)}")
    where = f" (of {of} only)" if of else ""
    notes = (
        (f"{row.flag} hides what is wrong from Ceph itself: unset it within minutes.",) if row.flag in _HIDES else ()
    )
    return work(
        set_step(asked, row.flag, of),
        stops=f"{row.means}{where}",
        less="until it is unset the cluster does not mend that by itself",
        notes=notes,
        inverse=Inverse("ceph-flag.unset", row_id(row.flag, of), words="unsets it"),
    )


def _of(row: Any) -> str:
    return "" if row.of == "cluster" else str(row.of).removeprefix(NODE)


def _unset(asked: Asked) -> Work:
    row = asked.row
    if row.of.startswith("device class"):
        raise UsageError("a flag of a device class is unset by hand", f"ceph osd unset-group {row.flag} …")
    settable = row.flag not in ("pauserd", "pausewr")
    return work(
        unset_step(asked, row.flag, _of(row)),
        stops="nothing; what was held back begins now: " + str(row.means or row.flag),
        inverse=Inverse("ceph-flag.set", row.flag, {"of": _of(row)}, "sets it again") if settable else None,
    )


def _known(asked: Asked) -> str:
    """A flag for a host that is none would be refused by Ceph only after everything else."""
    of = asked.values["of"]
    rows = asked.cloud.rows("osds")
    if of and of not in {each.host for each in rows} | {each.name for each in rows} | {"default"}:
        return f"no OSD is called {of}, and none is on a host of that name: nephoscope get osds"
    return ""


OPERATIONS = (
    Operation(
        name="ceph-flag.set",
        kind="ceph-flags",
        title="set {flag} in Ceph {of}",
        about="tell Ceph what not to do during maintenance: the whole cluster, or of=HOST",
        risk="R2",
        account="ceph",
        rows="flag!=pause*",
        parameters=(
            Parameter("of", "a host, or osd.N; empty: the whole cluster", "", pattern=r"[A-Za-z0-9_.-]{1,100}"),
        ),
        reads=("mons", "osds"),
        closed=lambda row: "is set already" if row.set else "",
        guards=(stated("known", _known, "Ceph knows what it is for", "the host or OSD is one of Ceph's"),),
        work=_set,
    ),
    Operation(
        name="ceph-flag.unset",
        kind="ceph-flags",
        title="unset {flag} of {of} in Ceph",
        about="let Ceph do again what a flag keeps it from",
        risk="R2",
        account="ceph",
        reads=("mons",),
        closed=lambda row: "" if row.set else "is not set",
        work=_unset,
    ),
)
