"""The tables of the cluster's commands: tree and space of OSDs, pools, placement groups, monitors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from runbooks.simulator.ceph import osds, pools, space
from runbooks.simulator.ceph.table import table
from runbooks.simulator.model.ceph import Ceph
from runbooks.simulator.model.ceph.daemons import Crash
from runbooks.simulator.model.ceph.osd_map import address
from runbooks.simulator.model.ceph.pgmap import Stat
from runbooks.simulator.model.ceph.words import counted, size, span, stamp


def _weight(value: float) -> str:
    return f"{value:.5f}" if value >= 0.000001 else "0"


def osd_tree(ceph: Ceph) -> str:
    """`ceph osd tree`."""
    rows = []
    for node in osds.tree_nodes(ceph):
        if node["type"] == "osd":
            tail = [node["status"], _weight(node["reweight"]), "1.00000"]
            name = " " * 8 + node["name"]
            rows.append([str(node["id"]), node["device_class"], _weight(node["crush_weight"]), name, *tail])
            continue
        inside = [osd for osd in ceph.osds.values() if node["name"] in ("default", osd.host)]
        weight = sum(osds.crush_weight(osd) for osd in inside)
        indent = "" if node["type"] == "root" else " " * 4
        rows.append([str(node["id"]), "", _weight(weight), f"{indent}{node['type']} {node['name']}", "", "", ""])
    columns = ("ID", "CLASS", "WEIGHT", "<TYPE NAME", "STATUS", "REWEIGHT", "PRI-AFF")
    return table(columns, rows, head="<")


def osd_df(ceph: Ceph) -> str:
    """`ceph osd df`."""
    found = space.osd_df(ceph)
    rows = []
    for node in found["nodes"]:
        sizes = [
            size(node[key] << 10)
            for key in ("kb", "kb_used", "kb_used_data", "kb_used_omap", "kb_used_meta", "kb_avail")
        ]
        ratios = [f"{node[key]:.2f}" if node["kb"] else "0" for key in ("utilization", "var")]
        head = [str(node["id"]), node["device_class"], _weight(node["crush_weight"]), _weight(node["reweight"])]
        rows.append([*head, *sizes, *ratios, str(node["pgs"]), node["status"]])
    total = found["summary"]
    keys = (
        "total_kb",
        "total_kb_used",
        "total_kb_used_data",
        "total_kb_used_omap",
        "total_kb_used_meta",
        "total_kb_avail",
    )
    rows.append(
        [
            "",
            "",
            "",
            "TOTAL",
            *(size(total[key] << 10) for key in keys),
            f"{total['average_utilization']:.2f}",
            "",
            "",
            "",
        ]
    )
    columns = (
        *("ID", "CLASS", "WEIGHT", "REWEIGHT", "SIZE", "RAW USE", "DATA", "OMAP", "META", "AVAIL", "%USE", "VAR"),
        *("PGS", "STATUS"),
    )
    last = f"MIN/MAX VAR: {total['min_var']:.2f}/{total['max_var']:.2f}  STDDEV: {total['dev']:.2g}\n"
    return table(columns, rows, head="<") + last


def df(ceph: Ceph, *, detail: bool) -> str:
    """`ceph df`, `ceph df detail`."""
    found = pools.df(ceph, detail=detail)
    raw = found["stats"]
    line = [size(raw[key]) for key in ("total_bytes", "total_avail_bytes", "total_used_bytes", "total_used_raw_bytes")]
    line.append(f"{100 * raw['total_used_raw_ratio']:.2f}")
    columns = ("<CLASS", "SIZE", "AVAIL", "USED", "RAW USED", "%RAW USED")
    text = "--- RAW STORAGE ---\n" + table(columns, [["hdd", *line], ["TOTAL", *line]])
    pool_columns: Sequence[str] = ("<POOL", "ID", "PGS", "STORED", "OBJECTS", "USED", "%USED", "MAX AVAIL")
    if detail:
        pool_columns = (
            *("<POOL", "ID", "PGS", "STORED", "(DATA)", "(OMAP)", "OBJECTS", "USED", "(DATA)", "(OMAP)", "%USED"),
            *("MAX AVAIL", "QUOTA OBJECTS", "QUOTA BYTES", "DIRTY", "USED COMPR", "UNDER COMPR"),
        )
    rows = [_pool(ceph, each, detail=detail) for each in found["pools"]]
    return f"{text} \n--- POOLS ---\n{table(pool_columns, rows)}"


def _pool(ceph: Ceph, pool: dict[str, Any], *, detail: bool) -> list[str]:
    stats = pool["stats"]
    stored, used = size(stats["stored"]), size(stats["bytes_used"])
    share = f"{100 * stats['percent_used']:.2f}" if stats["percent_used"] else "0"
    head = [pool["name"], str(pool["id"]), str(ceph.pools[pool["id"]].groups)]
    rest = [share, size(stats["max_avail"])]
    if not detail:
        return [*head, stored, counted(stats["objects"]), used, *rest]
    quota = ["N/A", "N/A", "N/A", "0 B", "0 B"]
    return [*head, stored, stored, "0 B", counted(stats["objects"]), used, used, "0 B", *rest, *quota]


def pg_line(ceph: Ceph) -> str:
    """`ceph pg stat`."""
    pgmap = ceph.pgmap()
    states = ", ".join(f"{count} {name}" for name, count in pgmap.states)
    room = f"{size(pgmap.total_used)} used, {size(pgmap.available)} / {size(pgmap.total)} avail"
    text = f"{len(pgmap.stats)} pgs: {states}; {size(pgmap.stored)} data, {room}"
    for word, part in (("degraded", pgmap.degraded), ("misplaced", pgmap.misplaced)):
        if part:
            text += f"; {part}/{pgmap.copies} objects {word} ({100 * part / pgmap.copies:.3f}%)"
    return text


def pg_list(ceph: Ceph, stats: Sequence[Stat]) -> str:
    """`ceph pg ls`."""
    columns = (
        *("<PG", "OBJECTS", "DEGRADED", "MISPLACED", "UNFOUND", "BYTES", "OMAP_BYTES*", "OMAP_KEYS*", "LOG", "STATE"),
        *("SINCE", "VERSION", "REPORTED", "<UP", "<ACTING", "<SCRUB_STAMP", "<DEEP_SCRUB_STAMP"),
    )
    rows = []
    for stat in stats:
        numbers = [str(each) for each in (stat.objects, stat.degraded, stat.misplaced, 0, stat.bytes, 0, 0)]
        log, since = str(min(stat.objects * 3, 3000)), span(ceph.now - stat.changed)
        version, reported = f"{stat.epoch}'{stat.objects * 3}", f"{ceph.epoch}:{stat.objects * 3}"
        placed = [_placed(stat.up), _placed(stat.acting), stamp(stat.scrubbed), stamp(stat.deep_scrubbed)]
        rows.append([stat.id, *numbers, log, stat.state, since, version, reported, *placed])
    note = (
        "\n* NOTE: Omap statistics are gathered during deep scrub and may be inaccurate soon afterwards depending on "
        "utilization. See http://docs.ceph.com/en/latest/dev/placement-group/#omap-statistics for further details.\n"
    )
    return table(columns, rows, head="<") + note


def _placed(group: Sequence[int]) -> str:
    return f"[{','.join(map(str, group))}]p{group[0] if group else -1}"


def stuck(stats: Sequence[Stat]) -> str:
    """`ceph pg dump_stuck`."""
    rows = []
    for stat in stats:
        up, acting = (f"[{','.join(map(str, group))}]" for group in (stat.up, stat.acting))
        first, second = (str(group[0]) if group else "-1" for group in (stat.up, stat.acting))
        rows.append([stat.id, stat.state, up, first, acting, second])
    columns = ("<PG_STAT", "<STATE", "<UP", "UP_PRIMARY", "<ACTING", "ACTING_PRIMARY")
    return table(columns, rows, head="<") if rows else ""


def osd_perf(ceph: Ceph) -> str:
    """`ceph osd perf`."""
    rows = []
    for each in osds.osd_perf(ceph)["osdstats"]["osd_perf_infos"]:
        stats = each["perf_stats"]
        rows.append([str(each["id"]), str(stats["commit_latency_ms"]), str(stats["apply_latency_ms"])])
    return table(("osd", "commit_latency(ms)", "apply_latency(ms)"), rows)


def pool_lines(ceph: Ceph) -> str:
    """`ceph osd pool ls detail`, one line for each."""
    lines = []
    pgmap = ceph.pgmap()
    for pool in ceph.pools.values():
        application = f" application {pool.application}" if pool.application else ""
        limits = "" if pool.rbd else " pg_num_max 32 pg_num_min 1"
        lines.append(
            f"pool {pool.id} '{pool.name}' replicated size {pool.size} min_size {pool.min_size} crush_rule 0 "
            f"object_hash rjenkins pg_num {pool.groups} pgp_num {pool.groups} autoscale_mode off last_change "
            f"{pool.last_change} flags {','.join(pools.flag_names(ceph, pool, pgmap))} stripe_width 0"
            f"{limits}{application}\n"
        )
    return "".join(lines)


def mon_lines(ceph: Ceph) -> str:
    """`ceph mon dump`."""
    mons = ceph.monitors
    made = stamp(ceph.created)
    first = f"epoch 1\nfsid {ceph.fsid}\nlast_changed {made}\ncreated {made}\nmin_mon_release 16 (pacific)\n"
    lines = [f"{mons.rank(name)}: {ceph.mon_address(name)} mon.{name}\n" for name in mons.names]
    return f"{first}election_strategy: 1\n{''.join(lines)}"


def mon_line(ceph: Ceph) -> str:
    """`ceph mon stat`."""
    mons = ceph.monitors
    known = ",".join(f"{name}={ceph.mon_address(name)}" for name in mons.names)
    ranks = ",".join(str(mons.rank(name)) for name in mons.quorum)
    leader = mons.leader()
    return (
        f"e1: {len(mons.names)} mons at {{{known}}} removed_ranks: {{}}, election epoch {mons.epoch}, "
        f"leader {mons.rank(leader)} {leader}, quorum {ranks} {','.join(mons.quorum)}"
    )


def crash_table(crashes: Sequence[Crash], archived: set[str]) -> str:
    """`ceph crash ls`."""
    rows = [[crash.id, crash.entity, "" if crash.id in archived else "*"] for crash in crashes]
    return table(("<ID", "<ENTITY", "<NEW"), rows) if rows else ""


def osd_lines(ceph: Ceph) -> str:
    """`ceph osd dump`."""
    doc = osds.osd_dump(ceph)
    head = [f"{key} {doc[key]}" for key in ("epoch", "fsid", "created", "modified", "flags", "crush_version")]
    head += [f"full_ratio {0.95}", f"backfillfull_ratio {0.9}", f"nearfull_ratio {0.85}"]
    head += [f"{key} {doc[key]}" for key in ("require_min_compat_client", "min_compat_client", "require_osd_release")]
    head.append("stretch_mode_enabled false")
    lines = [pool_lines(ceph).rstrip("\n"), f"max_osd {doc['max_osd']}"]
    for osd, row in zip(ceph.osds.values(), doc["osds"], strict=True):
        up, inside = "up  " if osd.up else "down", "in " if osd.inside else "out"
        epochs = f"up_from {osd.up_from} up_thru {osd.up_thru} down_at {osd.down_at} last_clean_interval [0,0)"
        weight = f"weight {osds.number(osd.weight)}"
        where = f"{address(ceph, osd, 0)} {address(ceph, osd, 1)}"
        lines.append(f"{osd.name} {up} {inside} {weight} {epochs} {where} {','.join(row['state'])} {osd.uuid}")
    return "\n".join([*head, *lines]) + "\n"
