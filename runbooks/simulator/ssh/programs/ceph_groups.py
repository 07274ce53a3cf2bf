"""The commands of ceph about placement groups, and the questions whether an OSD or a monitor can be spared."""

from __future__ import annotations

from runbooks.simulator.ceph import groups, tables
from runbooks.simulator.ssh.programs.ceph_ask import Ask, Refused, command, compact

_KNOWN = (
    *("stale", "creating", "active", "activating", "clean", "recovery_wait", "recovery_toofull", "recovering"),
    *("forced_recovery", "down", "recovery_unfound", "backfill_unfound", "undersized", "degraded", "remapped"),
    *("premerge", "scrubbing", "deep", "inconsistent", "peering", "repair", "backfill_wait", "backfilling"),
    *("forced_backfill", "backfill_toofull", "incomplete", "peered", "snaptrim", "snaptrim_wait", "snaptrim_error"),
)
"""The states of placement groups, in the order in which a refusal names them."""
_STATES = frozenset((*_KNOWN, "all", "unknown", "failed_repair", "laggy", "wait"))
"""What `pg ls` takes."""


@command("pg stat", by="mgr")
def _pg_stat(ask: Ask) -> int:
    return ask.document(groups.pg_stat(ask.ceph), tables.pg_line(ask.ceph) + "\n")


@command("pg ls", by="mgr")
def _pg_ls(ask: Ask) -> int:
    pool = next((int(word) for word in ask.words if word.isdigit()), None)
    states = [word for word in ask.words if not word.isdigit()]
    if wrong := [word for word in states if word not in _STATES]:
        known = "+".join(_KNOWN)
        raise Refused(f"Error EINVAL: '{wrong[0]}' is not a valid pg state, available choices: {known}", 22)
    found = groups.pg_ls(ask.ceph, states, pool)
    rows = [groups.pg_row(ask.ceph, stat) for stat in found] if ask.form != "plain" else []
    return ask.document({"pg_ready": True, "pg_stats": rows}, tables.pg_list(ask.ceph, found))


@command("pg dump", by="mgr")
def _pg_dump(ask: Ask) -> int:
    which = (ask.words or ["all"])[0]
    stats = ask.ceph.pgmap().stats
    if which == "pgs_brief":
        found = {"pg_ready": True, "pg_stats": [groups.brief(stat) for stat in stats]}
    elif which == "pgs":
        found = {"pg_ready": True, "pg_stats": [groups.pg_row(ask.ceph, stat) for stat in stats]}
    else:
        raise Refused(f"Error EINVAL: dump of {which} is not kept here", 22)
    ask.call.fail(f"dumped {which}")
    return ask.document(found, tables.stuck(stats))


@command("pg dump_stuck", by="mgr")
def _stuck(ask: Ask) -> int:
    kinds = [word for word in ask.words if not word.isdigit()]
    known = ("inactive", "unclean", "stale", "undersized", "degraded")
    if wrong := [kind for kind in kinds if kind not in known]:
        raise Refused(f"Invalid command: {wrong[0]} not in {'|'.join(known)}\nError EINVAL: invalid command", 22)
    threshold = next((float(word) for word in ask.words if word.isdigit()), 60.0)
    found = groups.stuck(ask.ceph, kinds, threshold)
    ask.call.fail("ok")
    rows = [groups.pg_row(ask.ceph, stat) for stat in found]
    return ask.document({"pg_ready": True, "stuck_pg_stats": rows}, tables.stuck(found))


def _ids(ask: Ask) -> list[int]:
    words = [word.removeprefix("osd.") for word in ask.words if not word.startswith("-")]
    if not words or not all(word.isdigit() for word in words):
        raise Refused("Error EINVAL: invalid osd id", 22)
    return [int(word) for word in words]


@command("osd ok-to-stop", by="mgr")
def _ok_to_stop(ask: Ask) -> int:
    found = groups.ok_to_stop(ask.ceph, _ids(ask))
    ask.text(f"{compact(found)}\n")
    if not found["ok_to_stop"]:
        count = found["num_not_ok_pgs"]
        raise Refused(f"Error EBUSY: unsafe to stop osd(s) at this time ({count} PGs are or would become offline)", 16)
    return 0


@command("osd safe-to-destroy", by="mgr")
def _safe_to_destroy(ask: Ask) -> int:
    osds_ = _ids(ask)
    found = groups.safe_to_destroy(ask.ceph, osds_)
    if ask.form != "plain":
        return ask.document(found)
    named = ",".join(map(str, osds_))
    if found["active"]:
        held = sum(ask.ceph.pgmap().held.get(osd, 0) for osd in found["active"])
        active = ",".join(map(str, found["active"]))
        raise Refused(f"Error EBUSY: OSD(s) {active} have {held} pgs currently mapped to them. ", 16)
    if found["missing_stats"]:
        raise Refused(
            f"Error EAGAIN: OSD(s) {named} have no reported stats, and not all PGs are active+clean; we cannot draw"
            " any conclusions. ",
            11,
        )
    if found["stored_pgs"]:
        raise Refused(
            f"Error EBUSY: OSD(s) {named} last reported they still store some PG data, and not all PGs are"
            " active+clean; we cannot be sure they aren't still needed.",
            16,
        )
    return ask.done(f"OSD(s) {named} are safe to destroy without reducing data durability.")


@command("mon ok-to-stop")
def _mon_ok_to_stop(ask: Ask) -> int:
    mons, named = ask.ceph.monitors, ",".join(ask.words)
    left = [name for name in mons.quorum if name not in ask.words]
    if not mons.majority(len(left)):
        words = f"not enough monitors would be available ({','.join(left)}) after stopping mons [{named}]"
        raise Refused(f"Error EBUSY: {words}", 16)
    return ask.done(f"quorum should be preserved ({','.join(left)}) after stopping [{named}]")
