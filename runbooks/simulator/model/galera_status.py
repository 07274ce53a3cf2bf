"""What a member says about itself: SHOW GLOBAL STATUS and SHOW GLOBAL VARIABLES, every name in the server's own order.

Names, order and standing values are those of MariaDB 10.11 with Galera 4 (`mariadb.json`); what moves is worked out
from the member's part in the group and from the clock. Values are text, as the protocol carries them.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from runbooks.simulator.model.galera import PAUSE, Galera
from runbooks.simulator.model.galera_member import UNDEFINED, Member
from runbooks.simulator.model.galera_transfer import IST

CAPABILITIES = (
    ":MULTI_MASTER:CERTIFICATION:PARALLEL_APPLYING:TRX_REPLAY:ISOLATION:PAUSE:CAUSAL_READS:INCREMENTAL_WRITESET:"
    "UNORDERED:PREORDERED:STREAMING:NBO:"
)
APPLIERS = 4
"""`wsrep_slave_threads`."""


@cache
def reference() -> dict[str, Any]:
    """The data file: `status` and `variables` by name, `tables` of information_schema with their columns and types."""
    found: dict[str, Any] = json.loads(Path(__file__).with_name("mariadb.json").read_text())
    return found


def state(galera: Galera, name: str) -> tuple[int, str]:
    """`wsrep_local_state` with its comment."""
    member = galera[name]
    if member.phase == "inconsistent":
        return 5, "Inconsistent"
    if not member.view.primary:
        return 0, "Initialized"
    if member.phase == "joining":
        return 1, "Joining: receiving State Transfer"
    return (2, "Donor/Desynced") if galera.desynced(name) else (4, "Synced")


def limit(members: int) -> int:
    """The receive queue at which flow control begins: gcs.fc_limit 16 times the root of the members."""
    return int(16 * members**0.5)


def queue(galera: Galera, name: str, now: float) -> int:
    """Write sets received and not yet applied."""
    member = galera[name]
    if member.locked and name in galera.component:
        return int(galera.seqno - member.seqno)
    if galera.slow == name:
        return min(int((now - galera.slow_since) * galera.rate), limit(len(galera.component)) + 1)
    if member.phase == "joining":
        until = galera.transfers.get(name, ("", now))[1]
        return int((galera.seqno - member.seqno) * max(until - now, 0) / IST)
    return 0


def _group(galera: Galera, name: str, now: float) -> dict[str, object]:
    """The `wsrep_` part."""
    member, view = galera[name], galera[name].view
    number, comment = state(galera, name)
    gone = number == 5
    uuid = galera.cluster_id
    committed = galera.committed(name)
    waiting = queue(galera, name, now)
    slow, flowing = galera.slow == name, bool(galera.slow) and name in galera.component and not gone
    active = flowing and queue(galera, galera.slow, now) >= limit(len(galera.component))
    writer = galera.writer() == name
    span = max(now - member.flushed, 1.0)
    addresses = ",".join(f"{galera.cloud.hosts[other].machine.address}:0" for other in view.members)
    sent, got = int(member.replicated), int(member.received)
    seed = galera.cloud.seed
    # A random-looking number that changes from reading to reading, for queues that flicker.
    flicker = seed.number(100, "flicker", name, int(now))
    return {
        "wsrep_local_state_uuid": uuid,
        "wsrep_protocol_version": 11,
        "wsrep_protocol_application": 4,
        "wsrep_protocol_replicator": 11,
        "wsrep_protocol_gcs": 5,
        "wsrep_last_committed": committed,
        "wsrep_replicated": sent,
        "wsrep_replicated_bytes": sent * 513,
        "wsrep_repl_keys": sent * 3,
        "wsrep_repl_keys_bytes": sent * 56,
        "wsrep_repl_data_bytes": sent * 407,
        "wsrep_repl_other_bytes": 0,
        "wsrep_received": got,
        "wsrep_received_bytes": got * 521,
        "wsrep_local_commits": sent,
        "wsrep_local_cert_failures": sent // 40_000,
        "wsrep_local_replays": 0,
        "wsrep_local_send_queue": 1 if active and writer else 0,
        "wsrep_local_send_queue_max": 2 if sent else 1,
        "wsrep_local_send_queue_min": 0,
        "wsrep_local_send_queue_avg": _fraction(0.0004 if sent else 0.0),
        "wsrep_local_recv_queue": waiting or (1 if flicker == 0 and got and number == 4 else 0),
        "wsrep_local_recv_queue_max": max(waiting, 12 if got else 2),
        "wsrep_local_recv_queue_min": 0,
        "wsrep_local_recv_queue_avg": _fraction(waiting / 3 if waiting else 0.00718 if got else 0.0),
        "wsrep_local_cached_downto": max(committed - 130_000, 1),
        "wsrep_flow_control_paused_ns": int(member.paused * 1e9),
        "wsrep_flow_control_paused": _fraction(min(member.paused / span, PAUSE + 0.04)),
        "wsrep_flow_control_sent": member.flow_sent,
        "wsrep_flow_control_recv": galera[galera.slow].flow_sent + 1 if flowing and not slow else member.flow_sent,
        "wsrep_flow_control_active": "true" if active else "false",
        "wsrep_flow_control_requested": "true" if active and slow else "false",
        "wsrep_cert_deps_distance": _fraction(47.2916 if committed > 1000 else 1),
        "wsrep_apply_oooe": 0,
        "wsrep_apply_oool": 0,
        "wsrep_apply_window": 1,
        "wsrep_apply_waits": got // 5000,
        "wsrep_commit_oooe": 0,
        "wsrep_commit_oool": 0,
        "wsrep_commit_window": 1,
        "wsrep_local_state": number,
        "wsrep_local_state_comment": comment,
        "wsrep_cert_index_size": 40 + flicker,
        "wsrep_causal_reads": 0,
        "wsrep_cert_interval": 0 if writer else 5,
        "wsrep_open_transactions": 0,
        "wsrep_open_connections": 0,
        "wsrep_incoming_addresses": "" if gone else addresses,
        "wsrep_cluster_weight": len(view.members) if view.primary else 0,
        "wsrep_desync_count": 1 if number == 2 else 0,
        "wsrep_evs_delayed": "",
        "wsrep_evs_evict_list": "",
        "wsrep_evs_repl_latency": "0/0/0/0/0",
        "wsrep_evs_state": "CLOSED" if gone else "OPERATIONAL",
        "wsrep_gcomm_uuid": seed.uuid("gcomm", name, int(member.started)),
        "wsrep_gmcast_segment": 0,
        "wsrep_checkpoint_position": f"{uuid}:{committed}",
        "wsrep_se_checkpoint": f"{uuid}:{committed} 0-1-{max(committed, 0)}",
        "wsrep_applier_thread_count": APPLIERS,
        "wsrep_cluster_capabilities": "",
        "wsrep_cluster_conf_id": UNDEFINED if gone else view.conf_id,
        "wsrep_cluster_size": 0 if gone else len(view.members),
        "wsrep_cluster_state_uuid": uuid,
        "wsrep_cluster_status": "Disconnected" if gone else "Primary" if view.primary else "non-Primary",
        "wsrep_connected": "OFF" if gone else "ON",
        "wsrep_local_bf_aborts": sent // 55_000,
        "wsrep_local_index": UNDEFINED if gone else view.members.index(name) if name in view.members else 0,
        "wsrep_provider_capabilities": CAPABILITIES,
        "wsrep_provider_name": "Galera",
        "wsrep_provider_vendor": "Codership Oy <info@codership.com>",
        "wsrep_provider_version": "4.23(rXXXX)",
        "wsrep_ready": "ON" if galera.ready(name) else "OFF",
        "wsrep_rollbacker_thread_count": 1,
        "wsrep_thread_count": APPLIERS + 1,
    }


def _fraction(value: float) -> str:
    """A double as the server prints it: six significant digits, no trailing zeros."""
    return f"{value:.6g}"


def _load(galera: Galera, member: Member, now: float, connected: int) -> dict[str, object]:
    """What moves with the work: more on the member that serves all clients."""
    up = max(now - member.started, 0.0)
    busy = galera.writer() == member.name
    queries = int(member.replicated * 9 + up * (3 if busy else 1.2))
    connects = int(up * 0.55) + connected
    return {
        "Aborted_clients": connects // 900,
        "Aborted_connects": connects // 20_000,
        "Bytes_received": queries * 161,
        "Bytes_sent": queries * 904,
        "Com_commit": int(member.replicated),
        "Com_insert": int(member.replicated * 0.4),
        "Com_select": int(queries * 0.62),
        "Com_update": int(member.replicated * 0.9),
        "Connections": connects,
        "Handler_commit": int(member.replicated * 2),
        "Handler_read_rnd_next": queries * 37,
        "Innodb_buffer_pool_pages_data": 301_000,
        "Innodb_buffer_pool_bytes_data": 301_000 * 16384,
        "Innodb_buffer_pool_pages_free": 217_000,
        "Innodb_buffer_pool_pages_total": 518_144,
        "Innodb_buffer_pool_read_requests": queries * 211,
        "Innodb_buffer_pool_reads": 40_000 + int(up // 60),
        "Innodb_rows_read": queries * 40,
        "Max_used_connections": connected + 40,
        "Memory_used": 9_412_000_000,
        "Open_tables": 611,
        "Queries": queries,
        "Questions": queries,
        "Slow_queries": int(up // 7200),
        "Threads_cached": 12,
        "Threads_connected": connected,
        "Threads_created": connected + 60,
        "Threads_running": 2 if not galera.stalled() else min(connected, 2 + int(now - galera.slow_since)),
        "Uptime": int(up),
        "Uptime_since_flush_status": int(now - member.flushed),
    }


def status(galera: Galera, name: str, connected: int) -> dict[str, str]:
    """SHOW GLOBAL STATUS of a member with `connected` client threads."""
    now = galera.cloud.now()
    galera.count(now)
    standing = reference()["status"]
    moving = _load(galera, galera[name], now, connected)
    found = {key: str(moving.get(key, value)) for key, value in standing.items()}
    return found | {key: str(value) for key, value in _group(galera, name, now).items()}


def variables(galera: Galera, name: str) -> dict[str, str]:
    """SHOW GLOBAL VARIABLES of a member."""
    member, host = galera[name], galera.cloud.hosts[name]
    address = host.machine.address
    peers = ",".join(galera.cloud.hosts[other].machine.address for other in galera.members)
    found: dict[str, str] = dict(reference()["variables"])
    found |= {
        "bind_address": address,
        "hostname": name,
        "server_id": str(list(galera.members).index(name) + 1),
        "wsrep_cluster_address": f"gcomm://{peers}",
        "wsrep_node_address": address,
        "wsrep_node_name": name,
    }
    options = found["wsrep_provider_options"].replace("{address}", address)
    for key, value in member.options.items():
        if key in found:
            found[key] = value
        else:
            options = "; ".join(
                f"{key} = {value}" if part.partition(" = ")[0] == key else part for part in options.split("; ")
            )
    found["wsrep_provider_options"] = options
    found["wsrep_desync"] = "ON" if member.desync else "OFF"
    return found
