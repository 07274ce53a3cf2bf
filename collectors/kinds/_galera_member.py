"""What a database member says of itself, flat: ON and OFF are true and false, and what means none is none.

18446744073709551615 is -1: the server tells some numbers that it has not as the unsigned form of that.
"""

from __future__ import annotations

from typing import Final

from collectors.kind import Reading, Row, Wire
from collectors.kinds._shared import percent, word

MINUS_ONE: Final = 18446744073709551615


class MemberWire(Wire):
    """Status and variables of one member, names in small letters; `trouble` alone when it could not be read."""

    member: str
    address: str = ""
    trouble: str | None = None
    answers: bool | None = None
    wsrep_local_state: int | None = None
    wsrep_local_state_comment: str | None = None
    wsrep_cluster_status: str | None = None
    wsrep_cluster_size: int | None = None
    wsrep_cluster_conf_id: int | None = None
    wsrep_cluster_state_uuid: str | None = None
    wsrep_cluster_weight: int | None = None
    wsrep_cluster_address: str | None = None
    wsrep_cluster_name: str | None = None
    wsrep_connected: str | None = None
    wsrep_ready: str | None = None
    wsrep_on: str | None = None
    wsrep_desync: str | None = None
    wsrep_desync_count: int | None = None
    wsrep_reject_queries: str | None = None
    wsrep_sst_donor: str | None = None
    wsrep_evs_state: str | None = None
    wsrep_incoming_addresses: str | None = None
    wsrep_last_committed: int | None = None
    wsrep_local_recv_queue: int | None = None
    wsrep_local_send_queue: int | None = None
    wsrep_local_cached_downto: int | None = None
    wsrep_local_bf_aborts: int | None = None
    wsrep_local_cert_failures: int | None = None
    wsrep_flow_control_active: bool | None = None
    wsrep_flow_control_requested: bool | None = None
    wsrep_flow_control_paused: float | None = None
    wsrep_flow_control_sent: int | None = None
    wsrep_flow_control_recv: int | None = None
    wsrep_provider_version: str | None = None
    hostname: str | None = None
    version: str | None = None
    read_only: str | None = None
    uptime: int | None = None
    threads_connected: int | None = None
    threads_running: int | None = None
    max_connections: int | None = None
    max_used_connections: int | None = None
    aborted_connects: int | None = None
    queries: int | None = None
    slow_queries: int | None = None


class Member(Row, frozen=True):
    """One database server."""

    member: str
    address: str | None
    answers: bool | None
    state: str | None
    status: str | None
    size: int | None
    expected: int | None
    ready: bool | None
    connected: bool | None
    desync: bool | None
    recv_queue: int | None
    send_queue: int | None
    flow_control: bool | None
    flow_requested: bool | None
    flow_paused: float | None
    last_committed: int | None
    cached_from: int | None
    conf_id: int | None
    threads_connected: int | None
    threads_running: int | None
    max_connections: int | None
    connections_used: float | None
    queries: int | None
    slow_queries: int | None
    cert_failures: int | None
    bf_aborts: int | None
    started: float | None
    read_only: bool | None
    reject_queries: str | None
    sst_donor: str | None
    version: str | None
    provider: str | None
    cluster: str | None
    incoming: str | None
    trouble: str | None

    @property
    def host(self) -> str:
        """The machine it runs on."""
        return self.member


def _on(text: str | None) -> bool | None:
    """ON and OFF, YES and NO, 1 and 0."""
    return None if text is None else text.upper() in ("ON", "YES", "1", "TRUE")


def _number(value: int | None) -> int | None:
    """None for -1 and for its unsigned form: there is none."""
    return None if value is None or value in (-1, MINUS_ONE) else value


def _expected(address: str | None) -> int | None:
    """How many members the configuration names: `gcomm://10.0.0.11,10.0.0.12,10.0.0.13?options`."""
    listed = (address or "").partition("://")[2].partition("?")[0]
    return len([one for one in listed.split(",") if one.strip()]) or None


def row(wire: MemberWire, reading: Reading) -> Member:
    """Flat; ON and OFF become true and false."""
    started = None if wire.uptime is None else float(round(reading.now - wire.uptime, -1))
    return Member(
        member=word(wire.member) or "",
        address=wire.address or None,
        answers=wire.answers if wire.trouble else True,
        state=word(wire.wsrep_local_state_comment),
        status=word(wire.wsrep_cluster_status),
        size=wire.wsrep_cluster_size,
        expected=_expected(wire.wsrep_cluster_address),
        ready=_on(wire.wsrep_ready),
        connected=_on(wire.wsrep_connected),
        desync=_on(wire.wsrep_desync),
        recv_queue=wire.wsrep_local_recv_queue,
        send_queue=wire.wsrep_local_send_queue,
        flow_control=wire.wsrep_flow_control_active,
        flow_requested=wire.wsrep_flow_control_requested,
        flow_paused=percent(wire.wsrep_flow_control_paused, 1.0),
        last_committed=_number(wire.wsrep_last_committed),
        cached_from=_number(wire.wsrep_local_cached_downto),
        conf_id=_number(wire.wsrep_cluster_conf_id),
        threads_connected=wire.threads_connected,
        threads_running=wire.threads_running,
        max_connections=wire.max_connections,
        connections_used=percent(wire.threads_connected, wire.max_connections),
        queries=wire.queries,
        slow_queries=wire.slow_queries,
        cert_failures=wire.wsrep_local_cert_failures,
        bf_aborts=wire.wsrep_local_bf_aborts,
        started=started,
        read_only=_on(wire.read_only),
        reject_queries=None if (wire.wsrep_reject_queries or "NONE") == "NONE" else wire.wsrep_reject_queries,
        sst_donor=wire.wsrep_sst_donor,
        version=word(wire.version),
        provider=word(wire.wsrep_provider_version),
        cluster=word(wire.wsrep_cluster_name),
        incoming=wire.wsrep_incoming_addresses or None,
        trouble=wire.trouble,
    )
