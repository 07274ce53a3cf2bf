"""The commands of ceph that only read: documents and tables of the model, as recorded from Ceph 16.2."""

from __future__ import annotations

from runbooks.simulator.ceph import groups, managers, monitors, osds, plain, pools, space, status, tables
from runbooks.simulator.ssh.programs.ceph_ask import Ask, Refused, command, compact


@command("status")
def _status(ask: Ask) -> int:
    return ask.document(status.status(ask.ceph), plain.status(ask.ceph), end="\n")


@command("health")
def _health(ask: Ask) -> int:
    detail = ask.words[:1] == ["detail"]
    return ask.document(status.health(ask.ceph, detail=detail), plain.health(ask.ceph, detail=detail))


@command("osd dump")
def _osd_dump(ask: Ask) -> int:
    return ask.document(osds.osd_dump(ask.ceph), tables.osd_lines(ask.ceph))


@command("osd tree")
def _osd_tree(ask: Ask) -> int:
    return ask.document(osds.osd_tree(ask.ceph), tables.osd_tree(ask.ceph))


@command("osd df", by="mgr")
def _osd_df(ask: Ask) -> int:
    return ask.document(space.osd_df(ask.ceph), tables.osd_df(ask.ceph))


@command("osd stat")
def _osd_stat(ask: Ask) -> int:
    found = status.status(ask.ceph)["osdmap"]
    return ask.document(found, f"{plain.osd_line(ask.ceph)}; epoch: e{ask.ceph.epoch}\n")


@command("osd ls")
def _osd_ls(ask: Ask) -> int:
    return ask.document(list(ask.ceph.osds), "".join(f"{osd}\n" for osd in ask.ceph.osds))


@command("osd metadata")
def _osd_metadata(ask: Ask) -> int:
    if not ask.words:
        return ask.document([osds.osd_metadata(ask.ceph, osd) for osd in ask.ceph.osds.values()])
    wanted = ask.words[0].removeprefix("osd.")
    found = ask.ceph.osds.get(int(wanted)) if wanted.isdigit() else None
    if found is None:
        raise Refused(f"Error ENOENT: osd.{wanted} does not exist", 2)
    return ask.document(osds.osd_metadata(ask.ceph, found))


@command("osd perf", by="mgr")
def _osd_perf(ask: Ask) -> int:
    return ask.document(osds.osd_perf(ask.ceph), tables.osd_perf(ask.ceph))


@command("osd pool ls")
def _pools(ask: Ask) -> int:
    if ask.words[:1] == ["detail"]:
        return ask.document(pools.pool_list(ask.ceph), tables.pool_lines(ask.ceph) + "\n")
    names = [pool.name for pool in ask.ceph.pools.values()]
    return ask.document(names, "".join(f"{name}\n" for name in names))


@command("df")
def _df(ask: Ask) -> int:
    detail = ask.words[:1] == ["detail"]
    return ask.document(pools.df(ask.ceph, detail=detail), tables.df(ask.ceph, detail=detail), end="\n")


@command("pg stat", by="mgr")
def _pg_stat(ask: Ask) -> int:
    return ask.document(groups.pg_stat(ask.ceph), tables.pg_line(ask.ceph) + "\n")


@command("pg ls", by="mgr")
def _pg_ls(ask: Ask) -> int:
    pool = next((int(word) for word in ask.words if word.isdigit()), None)
    found = groups.pg_ls(ask.ceph, [word for word in ask.words if not word.isdigit()], pool)
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


@command("mon dump")
def _mon_dump(ask: Ask) -> int:
    ask.call.fail("dumped monmap epoch 1")
    return ask.document(monitors.mon_dump(ask.ceph), tables.mon_lines(ask.ceph))


@command("mon stat")
def _mon_stat(ask: Ask) -> int:
    mons = ask.ceph.monitors
    found = {
        "epoch": 1,
        "min_mon_release": 16,
        "min_mon_release_name": "pacific",
        "num_mons": len(mons.names),
        "leader": mons.leader(),
        "quorum": [{"rank": mons.rank(name), "name": name} for name in mons.quorum],
    }
    return ask.document(found, tables.mon_line(ask.ceph) + "\n")


@command("quorum_status")
def _quorum(ask: Ask) -> int:
    return ask.document(monitors.quorum_status(ask.ceph))


@command("time-sync-status")
def _time_sync(ask: Ask) -> int:
    return ask.document(monitors.time_sync(ask.ceph))


@command("mgr dump")
def _mgr_dump(ask: Ask) -> int:
    return ask.document(managers.mgr_dump(ask.ceph))


@command("mgr stat")
def _mgr_stat(ask: Ask) -> int:
    return ask.document(managers.mgr_stat(ask.ceph))


@command("mgr services")
def _mgr_services(ask: Ask) -> int:
    return ask.document(ask.ceph.managers.services(ask.now))


@command("versions")
def _versions(ask: Ask) -> int:
    return ask.document(managers.versions(ask.ceph))


@command("fsid")
def _fsid(ask: Ask) -> int:
    return ask.document({"fsid": ask.ceph.fsid}, f"{ask.ceph.fsid}\n")


def _crashes(ask: Ask, *, new: bool) -> int:
    found = ask.ceph.reports.recent() if new else list(ask.ceph.reports.crashes.values())
    rows = [managers.crash_info(ask.ceph, crash) for crash in found]
    return ask.document(rows, tables.crash_table(found, ask.ceph.reports.archived), end="\n")


@command("crash ls", by="mgr")
def _crash_ls(ask: Ask) -> int:
    return _crashes(ask, new=False)


@command("crash ls-new", by="mgr")
def _crash_ls_new(ask: Ask) -> int:
    return _crashes(ask, new=True)


@command("crash info", by="mgr")
def _crash_info(ask: Ask) -> int:
    found = ask.ceph.reports.crashes.get((ask.words or [""])[0])
    if found is None:
        raise Refused(f"Error EINVAL: crash info: {(ask.words or [''])[0]} not found", 22)
    return ask.document(managers.crash_info(ask.ceph, found))


@command("crash stat", by="mgr")
def _crash_stat(ask: Ask) -> int:
    return ask.text(f"{len(ask.ceph.reports.crashes)} crashes recorded\n")


@command("progress", by="mgr")
def _progress(ask: Ask) -> int:
    events = managers.progress_events(ask.ceph)
    if ask.words[:1] == ["json"]:
        return ask.document({"completed": [], "events": events})
    if not events:
        return ask.done("Nothing in progress")
    return ask.text("".join(f"{event['message']} ({event['progress']:.0%})\n" for event in events))


_OPTIONS = {
    "mon_max_pg_per_osd": "250",
    "mon_osd_down_out_interval": "600",
    "mon_osd_full_ratio": "0.950000",
    "mon_osd_nearfull_ratio": "0.850000",
    "osd_heartbeat_grace": "20",
    "osd_max_backfills": "1",
    "osd_memory_target": "4294967296",
    "osd_op_complaint_time": "30.000000",
    "osd_recovery_max_active": "0",
}
"""Options that can be asked for: all are at Ceph's defaults."""


@command("config get")
def _config(ask: Ask) -> int:
    name = (ask.words[1:] or [""])[0]
    if name not in _OPTIONS:
        raise Refused(f"Error ENOENT: unrecognized key '{name}'", 2)
    return ask.text(f"{_OPTIONS[name]}\n")


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
