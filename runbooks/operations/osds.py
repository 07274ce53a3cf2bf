"""Ceph's OSDs: in and out, down, their weights, how readily they lead, and the restart of one.

Taking one out moves its data: it must fit where it goes, and nothing else may be missing meanwhile. Whether one may
stop is Ceph's own word (`osd ok-to-stop`), asked for that OSD when the plan is made and again when it begins.
"""

from __future__ import annotations

from runbooks.expect import Expect
from runbooks.operation import Asked, Inverse, Parameter, Step, Work, family, work
from runbooks.operations.ceph import ceph_call, restart_call, served, served_again, whole_again
from runbooks.operations.osd_guards import CAPACITY, DOMAIN, MAY_STOP, STAYS, capacity


def _expect(asked: Asked, where: str) -> Expect:
    return Expect("osds", asked.identity, where)


def _about(number: float) -> str:
    """A filter's numbers that are one weight: Ceph keeps them in steps of 1/65536."""
    return f"{number:.4f}".rstrip("0").rstrip(".") or "0"


def _near(column: str, number: float) -> str:
    return f"{column}>={_about(number - 0.0002)} {column}<={_about(number + 0.0002)}"


def _mine(asked: Asked) -> str:
    return f"osds~osd[.]{asked.identity}(?![0-9])"


def _step(asked: Asked, text: str, entry: str, where: str, **values: str) -> Step:
    """A command of Ceph's about it, and what its row must say then."""
    return Step(text, ceph_call(asked, entry, number=asked.identity, **values), expect=_expect(asked, where))


# -- in, out, down ----------------------------------------------------------------------------------------------------


def _out(asked: Asked) -> Work:
    fits = capacity(asked)
    moves = f"{asked.row.pgs or 'its'} groups move; reads and writes are slower meanwhile."
    return work(
        _step(asked, f"take {asked.name} out", "ceph-osd-out", "in_cluster=false"),
        served_again(),
        verify=(_expect(asked, "in_cluster=false"),),
        stops="nothing; each of its groups pauses for a second or two while it agrees on its new place",
        less=fits.words,
        notes=() if fits.words == STAYS else (moves,),
        inverse=Inverse("osd.in", asked.identity, words="takes it in again; its data moves back"),
    )


def _in(asked: Asked) -> Work:
    return work(
        _step(asked, f"take {asked.name} in", "ceph-osd-in", "in_cluster=true"),
        served_again(),
        verify=(_expect(asked, "in_cluster=true"),),
        stops="nothing; each group that comes to it pauses for a second or two",
        notes=("Data moves to it; reads and writes are slower until it has arrived.",),
        inverse=Inverse("osd.out", asked.identity, words="takes it out again, if its data fits elsewhere"),
    )


def _down(asked: Asked) -> Work:
    before = asked.row.down_at or 0
    return work(
        _step(asked, f"mark {asked.name} down", "ceph-osd-down", f"down_at>{before}"),
        Step("wait until it reports again", expect=_expect(asked, f"up=true up_from>{before}"), seconds=120.0),
        served_again(),
        verify=(_expect(asked, f"down_at>{before}"),),
        stops=f"{asked.row.pgs or 'its'} groups pause for a few seconds",
        notes=("One that runs comes back by itself at once: that is what it is for, and it is no way to stop one.",),
    )


def _restart(asked: Asked) -> Work:
    before = asked.row.up_from or 0
    return work(
        Step(
            f"restart {asked.name} on {asked.row.host}",
            restart_call(asked, asked.row.host, "osd", asked.identity),
            expect=_expect(asked, f"up=true up_from>{before}"),
            seconds=300.0,
            call_seconds=120.0,
        ),
        whole_again("its groups", _mine(asked)),
        served_again(),
        verify=(_expect(asked, f"up=true up_from>{before}"),),
        stops="nothing; its groups pause for some seconds and have a copy less meanwhile"
        if asked.row.up
        else "nothing: it is down",
    )


# -- weights ----------------------------------------------------------------------------------------------------------


def _reweight(asked: Asked) -> Work:
    before, now = asked.row.reweight, float(asked.values["weight"])
    where = _near("reweight", now)
    return work(
        _step(asked, f"reweight {asked.name} to {now:g}", "ceph-osd-reweight", where, weight=f"{now:g}"),
        served_again(),
        verify=(_expect(asked, where),),
        stops="nothing; each group that moves pauses for a second or two",
        less=capacity(asked).words,
        notes=("The balancer, where it is on, works against reweights by hand.",),
        inverse=_back(asked, "osd.reweight", "weight", before),
    )


def _affinity(asked: Asked) -> Work:
    now = float(asked.values["affinity"])
    text = f"set the primary affinity of {asked.name} to {now:g}"
    return work(
        _step(asked, text, "ceph-osd-primary-affinity", _near("primary_affinity", now), affinity=f"{now:g}"),
        stops="nothing; groups that get another leader pause for a second or two",
        notes=("No data moves: others lead groups, and serve their reads, in its place.",),
        inverse=_back(asked, "osd.primary-affinity", "affinity", asked.row.primary_affinity),
    )


def _back(asked: Asked, operation: str, parameter: str, before: float | None) -> Inverse | None:
    return None if not before else Inverse(operation, asked.identity, {parameter: f"{before:g}"}, "sets it as it was")


READS = ("mons", "osds", "pools", "pgs")
WEIGHT = r"0?\.(?=\d*[1-9])\d{1,4}|1(\.0{1,4})?"
"""Above 0, up to 1."""
_verb = family("osd", "osds", account="ceph", scope="ceph", reads=READS)

OPERATIONS = (
    _verb(
        "out", "take {name} on {host} out", "have its data made anew on others, to take its disk or host away", "R3",
        _out, guards=(CAPACITY, DOMAIN, served()),
        closed=lambda row: "is out already" if row.in_cluster is False else "",
    ),
    _verb(
        "in", "take {name} on {host} in", "have it take its share of the data again", "R2", _in, guards=(served(),),
        closed=lambda row: "is in already" if row.in_cluster else "is down: start it first" if not row.up else "",
    ),
    _verb(
        "down", "mark {name} on {host} down", "have it agree on its groups anew, as after a short cut of its network",
        "R2", _down, guards=(MAY_STOP, DOMAIN, served()),
        closed=lambda row: "is down already" if row.up is False else "",
    ),
    _verb(
        "restart", "restart {name} on {host}",
        "restart its process, or start it where it is down, and wait for its groups", "R1",
        _restart, account="ssh", guards=(MAY_STOP, DOMAIN),
        closed=lambda row: "was destroyed" if "destroyed" in (row.state or "") else "",
    ),
    _verb(
        "reweight", "reweight {name} to {weight}",
        "have it take less than its share while it is too full, or its whole share again", "R2",
        _reweight, guards=(CAPACITY, DOMAIN, served()),
        parameters=(Parameter("weight", "above 0, up to 1 (its whole share)", pattern=WEIGHT),),
        closed=lambda row: "is out: take it in" if row.in_cluster is False else "",
    ),
    _verb(
        "primary-affinity", "set the primary affinity of {name} to {affinity}",
        "have a slow one lead fewer groups, or none (0), without moving data", "R2", _affinity, reads=("mons",),
        parameters=(Parameter("affinity", "from 0 (leads none) to 1", pattern=r"0|" + WEIGHT),),
    ),
)  # fmt: skip
