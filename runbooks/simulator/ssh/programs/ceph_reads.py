"""The commands of ceph that only read: documents and tables of the model, as recorded from Ceph 16.2."""

from __future__ import annotations

from runbooks.simulator.ceph import machines, managers, monitors, osds, plain, pools, space, status, tables
from runbooks.simulator.ssh.programs.ceph_ask import Ask, Refused, command


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


@command("mgr metadata")
def _mgr_metadata(ask: Ask) -> int:
    found = machines.mgr_metadata(ask.ceph)
    if not ask.words:
        return ask.document(found)
    one = next((each for each in found if each["name"] == ask.words[0]), None)
    if one is None:
        raise Refused("Error ENOENT: requested mgr not found", 2)
    return ask.document({key: value for key, value in one.items() if key != "name"})


@command("mon metadata")
def _mon_metadata(ask: Ask) -> int:
    names = ask.ceph.monitors.names
    if not ask.words:
        return ask.document([machines.mon_metadata(ask.ceph, name) for name in names])
    if ask.words[0] not in names:
        raise Refused("Error ENOENT: requested mon not found", 2)
    one = machines.mon_metadata(ask.ceph, ask.words[0])
    return ask.document({key: value for key, value in one.items() if key != "name"})


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


@command("fs dump")
def _fs_dump(ask: Ask) -> int:
    """There is no CephFS here."""
    return ask.document(machines.fs_map())


@command("service dump")
def _service_dump(ask: Ask) -> int:
    """No gateway reports here."""
    return ask.document(machines.service_map(ask.ceph))


@command("orch ls", by="mgr")
def _orch_ls(ask: Ask) -> int:
    """ceph-ansible deployed this cluster."""
    raise Refused("Error ENOENT: No orchestrator configured (try `ceph orch set backend`)", 2)


@command("orch ps", by="mgr")
def _orch_ps(ask: Ask) -> int:
    return _orch_ls(ask)


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
