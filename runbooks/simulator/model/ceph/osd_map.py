"""The OSD map: which OSDs are up and in, as the monitors come to know and as operators say.

A process that is gone is reported at once, since its peers are refused; one that hangs or whose host is off is missed
by its heartbeats. Ten minutes after an OSD went down it is taken out, so that its data is made anew elsewhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from runbooks.simulator.model.ceph.pools import BACKFILLFULL, FULL, NEARFULL

if TYPE_CHECKING:
    from runbooks.simulator.model.ceph import Ceph
    from runbooks.simulator.model.ceph.daemons import Osd

REFUSED = 1.0
"""From a process's death to the map."""
GRACE = 20.0
"""`osd_heartbeat_grace`: silence after which an OSD is given up."""
BOOT = 2.0
"""From the start of the process to its being up."""
OUT_INTERVAL = 600.0
"""`mon_osd_down_out_interval`."""
MIN_IN = 0.75
"""`mon_osd_min_in_ratio`: below it the monitors take no OSD out by themselves."""


def settle(ceph: Ceph, now: float) -> None:
    """Bring the map up to what the processes do."""
    for osd in ceph.osds.values():
        answer = ceph.cloud.hosts[osd.host].answer(osd.unit)
        runs, starts = answer == "answers", ceph.cloud.hosts[osd.host].starts(osd.unit)
        if runs and osd.up and starts > osd.starts:
            set_down(ceph, osd, now)  # it was restarted: one that is ended says so itself
        osd.starts = starts
        if runs != osd.runs:
            osd.runs = runs
            late = GRACE + 5 * ceph.cloud.seed.fraction("grace", osd.id, int(now))
            osd.due = now + (BOOT if runs else REFUSED if answer == "refuses" else late)
            ceph.wake([osd.due])
        if osd.up == osd.runs or now < osd.due:
            continue
        if osd.runs and not ceph.flagged(osd, "noup"):
            _boot(ceph, osd, now)
        elif not osd.runs and not ceph.flagged(osd, "nodown"):
            _fail(ceph, osd, now, answer == "refuses")
    for osd in ceph.osds.values():
        if not osd.up and osd.inside and now - osd.changed >= OUT_INTERVAL:
            _take_out(ceph, osd, now)


def _leader(ceph: Ceph) -> str:
    return f"mon.{ceph.monitors.leader()}"


def _fail(ceph: Ceph, osd: Osd, now: float, refused: bool) -> None:
    peer = next((other.name for other in ceph.osds.values() if other.host != osd.host and other.up), "osd.?")
    why = f"connection refused reported by {peer}" if refused else f"2 reporters from different host after {GRACE:.6f}"
    ceph.say(now, _leader(ceph), "INF", f"{osd.name} failed (root=default,host={osd.host}) ({why})")
    set_down(ceph, osd, now)
    osd.due = now


def _boot(ceph: Ceph, osd: Osd, now: float) -> None:
    ceph.bump(now)
    osd.up, osd.changed, osd.up_from, osd.up_thru = True, now, ceph.epoch, ceph.epoch
    ceph.up_changed = now
    if osd.auto_out and not ceph.flagged(osd, "noin"):
        set_in(ceph, osd, now)
    ceph.say(now, _leader(ceph), "INF", f"{osd.name} {address(ceph, osd, 0)} boot")


def _take_out(ceph: Ceph, osd: Osd, now: float) -> None:
    inside = sum(each.inside for each in ceph.osds.values()) - 1
    if ceph.flagged(osd, "noout") or inside < MIN_IN * len(ceph.osds):
        return
    set_out(ceph, osd, now)
    osd.auto_out = True
    words = f"Marking {osd.name} out (has been down for {int(now - osd.changed)} seconds)"
    ceph.say(now, _leader(ceph), "INF", words)


def set_down(ceph: Ceph, osd: Osd, now: float) -> None:
    """It is down in the map; one that runs comes up again."""
    ceph.bump(now)
    osd.up, osd.changed, osd.down_at, ceph.up_changed = False, now, ceph.epoch, now
    osd.due = now + BOOT
    ceph.wake([osd.due, now + OUT_INTERVAL])


def set_out(ceph: Ceph, osd: Osd, now: float) -> None:
    """Its data goes elsewhere."""
    ceph.bump(now)
    osd.inside, osd.auto_out, ceph.in_changed = False, False, now


def set_in(ceph: Ceph, osd: Osd, now: float) -> None:
    """It takes part again."""
    ceph.bump(now)
    osd.inside, osd.auto_out, ceph.in_changed = True, False, now
    if not osd.reweight:
        osd.reweight = 1.0


def fullness(used: int, size: int) -> str:
    """`full`, `backfillfull`, `nearfull` or empty, by the map's ratios."""
    share = used / size if size else 0.0
    for limit, word in ((FULL, "full"), (BACKFILLFULL, "backfillfull"), (NEARFULL, "nearfull")):
        if share >= limit:
            return word
    return ""


def nonce(ceph: Ceph, osd: Osd) -> int:
    """The process's number in its addresses: another one after each start."""
    return ceph.cloud.seed.number(1 << 32, "nonce", osd.id, osd.up_from)


def address(ceph: Ceph, osd: Osd, place: int) -> str:
    """`[v2:10.0.0.1:6800/123,v1:10.0.0.1:6801/123]`; `place`: 0 public, 1 cluster, 2 and 3 heartbeats."""
    host, number = ceph.cloud.hosts[osd.host].machine.address, nonce(ceph, osd)
    port = base_port(osd) + 2 * place
    return f"[v2:{host}:{port}/{number},v1:{host}:{port + 1}/{number}]"


def base_port(osd: Osd) -> int:
    """The first of the eight ports that it listens on."""
    return 6800 + 8 * (osd.id % 3)
