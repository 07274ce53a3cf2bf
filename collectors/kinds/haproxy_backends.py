"""What each HAProxy says: the process, its frontends and backends, and every server behind them with its check.

A status has more forms than UP and DOWN: `UP 1/3` fails its check and counts as up until it has failed often enough,
`MAINT` was set by a person, `MAINT (resolution)` was not. Counters are since the start of the process. Each HAProxy
checks by itself: what clients feel is the word of the one that holds the virtual address.
"""

from __future__ import annotations

from typing import Final

from collectors.health import OK, Health, critical, ok, unknown, warning
from collectors.kind import Column, Kind, Link, Reading, Row, Scope, Wire
from collectors.kinds._haproxy_checks import words
from collectors.kinds._shared import percent, word
from collectors.kinds._trends import BACKENDS
from collectors.request import BalancerStats
from collectors.rollup import Worst
from collectors.values import age, count

NEARLY_FULL: Final = 90
"""Percent of the sessions that it may have."""
_UP: Final = ("UP", "OPEN", "no check", "running")
"""Beginnings of the statuses with which clients are served."""


class BackendWire(Wire):
    """One line of `show stat`, or (`type` process) what `show info` says; `trouble` when it could not be read."""

    host: str
    proxy: str
    server: str
    type: str
    status: str | None = None
    check_status: str | None = None
    check_code: int | None = None
    check_duration: int | None = None
    check_desc: str | None = None
    last_chk: str | None = None
    lastchg: int | None = None
    downtime: int | None = None
    scur: int | None = None
    smax: int | None = None
    slim: int | None = None
    stot: int | None = None
    rate: int | None = None
    qcur: int | None = None
    ereq: int | None = None
    econ: int | None = None
    eresp: int | None = None
    hrsp_5xx: int | None = None
    weight: int | None = None
    act: int | None = None
    bck: int | None = None
    chkfail: int | None = None
    chkdown: int | None = None
    addr: str | None = None
    mode: str | None = None
    tracked: str | None = None
    version: str | None = None
    uptime: int | None = None
    answers: bool | None = None
    trouble: str | None = None
    socket: str | None = None


class Backend(Row, frozen=True):
    """One proxy, server or process, as one HAProxy sees it."""

    id: str
    name: str
    host: str
    proxy: str
    server: str | None
    type: str
    status: str | None
    up: bool | None
    check: str | None
    check_status: str | None
    check_code: int | None
    check_duration: float | None
    since: float | None
    sessions: int | None
    sessions_limit: int | None
    sessions_used: float | None
    sessions_max: int | None
    sessions_total: int | None
    rate: int | None
    queue: int | None
    errors: int | None
    errors_5xx: int | None
    weight: int | None
    backup: bool | None
    active_servers: int | None
    backup_servers: int | None
    failed_checks: int | None
    times_down: int | None
    downtime: float | None
    address: str | None
    mode: str | None
    version: str | None
    answers: bool | None
    trouble: str | None
    clients: bool | None
    socket: str | None


def _sum(*parts: int | None) -> int | None:
    told = [part for part in parts if part is not None]
    return sum(told) if told else None


def _clients_meet(reading: Reading, host: str) -> bool | None:
    """Whether a virtual address is on this host, so that clients meet this HAProxy; None while nobody knows."""
    known = reading.joins.get("vips")
    if not known:
        return None
    holders = {name for row in known.values() for name in str(getattr(row, "holders", None) or "").split(", ")}
    return host in holders


def row(wire: BackendWire, reading: Reading) -> Backend:
    """The name joins proxy and server; `lastchg` and `uptime` are seconds ago."""
    ago = wire.uptime if wire.type == "process" else wire.lastchg
    single = wire.type == "server"
    name = f"{wire.proxy}/{wire.server}" if wire.server else wire.proxy
    return Backend(
        id=f"{wire.host}/{name}",
        name=name,
        host=word(wire.host) or "",
        proxy=word(wire.proxy) or "",
        server=word(wire.server),
        type=word(wire.type) or "",
        status=word(wire.status),
        up=None if wire.status is None else wire.status.startswith(_UP),
        check=word(words(wire.check_status, wire.check_code, wire.check_desc, wire.last_chk)),
        check_status=word(wire.check_status),
        check_code=wire.check_code,
        check_duration=None if wire.check_duration is None else wire.check_duration / 1000,
        since=None if ago is None or ago < 0 else float(round(reading.now - ago, -1)),
        sessions=wire.scur,
        sessions_limit=wire.slim,
        sessions_used=percent(wire.scur, wire.slim),
        sessions_max=wire.smax,
        sessions_total=wire.stot,
        rate=wire.rate,
        queue=wire.qcur,
        errors=_sum(wire.ereq, wire.econ, wire.eresp),
        errors_5xx=wire.hrsp_5xx,
        weight=wire.weight,
        backup=bool(wire.bck) if single and wire.bck is not None else None,
        active_servers=None if single else wire.act,
        backup_servers=None if single else wire.bck,
        failed_checks=wire.chkfail,
        times_down=wire.chkdown,
        downtime=wire.downtime,
        address=wire.addr,
        mode=word(wire.mode),
        version=word(wire.version),
        answers=wire.answers,
        trouble=wire.trouble,
        clients=_clients_meet(reading, wire.host),
        socket=wire.socket,
    )


def health(backend: Backend, now: float) -> Health:
    """A backend without any server up is critical, a server down a warning; set aside on purpose is ok and said."""
    if backend.trouble is not None:
        return warning(backend.trouble) if backend.answers is False else unknown(backend.trouble)
    lasting = "" if backend.since is None or now - backend.since < 10 else f" for {age(now - backend.since)}"
    match backend.type:
        case "process":
            return _filling(backend)
        case "frontend" | "listener":
            return _front(backend)
        case "backend":
            return _whole(backend, lasting)
        case "server":
            return _server(backend, lasting)
    return unknown(f"a line of the type {backend.type}, which we do not know")


def _filling(backend: Backend) -> Health:
    if backend.sessions_used is None or backend.sessions_used < NEARLY_FULL:
        return OK
    return warning(f"{count(backend.sessions or 0)} of {count(backend.sessions_limit or 0)} sessions used")


def _front(backend: Backend) -> Health:
    match backend.status:
        case "OPEN":
            return _filling(backend)
        case "FULL":
            return warning(f"full: {count(backend.sessions or 0)} sessions, new clients wait")
        case "STOP" | "PAUSED":
            return critical(f"{backend.status}: takes no clients")
    return unknown(f"status is {backend.status or 'missing'}")


def _whole(backend: Backend, lasting: str) -> Health:
    status = backend.status or ""
    if status.startswith("DOWN"):
        felt = "clients get a 503" if backend.mode == "http" else "clients are cut off"
        return critical(f"no server is up{lasting}: {felt}")
    if not status.startswith("UP"):
        return unknown(f"status is {status or 'missing'}")
    if backend.queue:
        return warning(f"{count(backend.queue)} requests wait for a server")
    if backend.active_servers == 0 and backend.backup_servers:
        return ok("runs on a backup server")
    return OK


def _server(backend: Backend, lasting: str) -> Health:
    status, check = backend.status or "", backend.check
    state, _, more = status.partition(" ")
    why = f": {check}" if check else ""
    if status == "no check":
        return ok("HAProxy does not check it")
    if status.startswith("MAINT") and "resolution" in status:
        return warning(f"its name cannot be resolved{lasting}")
    if state in ("MAINT", "DRAIN"):
        return ok(f"{state}: set by hand{lasting}")
    if state == "DOWN" and "/" in more:
        return warning(f"DOWN, passes its check again ({more})")
    if state == "DOWN":
        return warning(f"DOWN{lasting}{' by its agent' if 'agent' in more else ''}{why}")
    if state == "UP" and "/" in more:
        return warning(f"fails its check, not DOWN yet ({more}){why}")
    if state == "NOLB":
        return ok(f"takes no new clients{why}")
    return OK if state == "UP" else unknown(f"status is {status or 'missing'}")


KIND = Kind(
    name="haproxy-backends",
    title="HAProxy backends",
    aliases=("haproxy-backend", "haproxy", "backends", "balancers"),
    about="one row per frontend, backend and server of each HAProxy: status, check, sessions, errors",
    system="haproxy",
    scope=Scope("host"),
    read=BalancerStats(),
    wire=BackendWire,
    row=row,
    fields=Backend,
    joins=("vips",),
    columns=(
        Column("name", "SERVER", "name", 1, help="backend/server, backend/BACKEND or frontend/FRONTEND"),
        Column("host", "BALANCER", "ref", 1, help="whose word it is"),
        Column("status", "STATUS", "status", 1, help="HAProxy's own word; `UP 1/3` fails its check, not DOWN yet"),
        Column("up", "UP", "flag", 6, help="serves clients"),
        Column("check", "CHECK", "text", 4, help="what the last check met"),
        Column("since", "SINCE", "time", 2, fresh=0.0, help="its last change of status; of a process, its start"),
        Column("sessions", "SESSIONS", "number", 2, help="at the moment"),
        Column("queue", "QUEUE", "number", 3, help="requests that wait for a server"),
        Column("errors_5xx", "5XX", "number", 3, help="answers with 500 and above since its start"),
        Column("errors", "ERRORS", "number", 4, help="bad requests, connections and answers since its start"),
        Column("clients", "CLIENTS", "flag", 5, joined=True, help="this HAProxy has the virtual address"),
        Column("backup", "BACKUP", "flag", 5, help="serves only when no active server is up"),
        Column("weight", "WEIGHT", "number", 6),
        Column("type", "TYPE", "text", 6, help="process, frontend, listener, backend or server"),
        Column("address", "ADDRESS", "text", 6),
        Column("proxy", "PROXY", "text", 7, wide=True),
        Column("server", "NAME", "text", 7, wide=True),
        Column("check_status", "CHECK CODE", "text", 7, wide=True, help="L4CON, L7OK …; with * a check is under way"),
        Column("check_code", "ANSWER", "number", 7, wide=True, help="HTTP status of the last check"),
        Column("check_duration", "TOOK", "duration", 7, wide=True, help="the last check"),
        Column("active_servers", "ACTIVE UP", "number", 7, wide=True, help="active servers that are up"),
        Column("backup_servers", "BACKUP UP", "number", 7, wide=True, help="backup servers that are up"),
        Column("failed_checks", "FAILED CHECKS", "number", 7, wide=True, help="since its start"),
        Column("times_down", "TIMES DOWN", "number", 7, wide=True, help="since its start"),
        Column("downtime", "DOWN IN ALL", "duration", 7, wide=True, help="since its start"),
        Column("rate", "RATE", "number", 8, wide=True, help="new sessions in the last second"),
        Column("sessions_max", "MOST", "number", 8, wide=True, help="sessions since its start"),
        Column("sessions_limit", "LIMIT", "number", 8, wide=True, help="of sessions"),
        Column("sessions_used", "LIMIT %", "percent", 8, wide=True, help="of the limit of sessions"),
        Column("sessions_total", "SESSIONS EVER", "number", 8, wide=True, help="since its start"),
        Column("mode", "MODE", "text", 8, wide=True, help="http or tcp"),
        Column("version", "VERSION", "text", 8, wide=True, help="of the process"),
        Column("answers", "ANSWERS", "flag", 8, wide=True, help="the process; what it said is the reason"),
        Column("trouble", "TROUBLE", "text", 8, wide=True, help="why it could not be read"),
        Column("socket", "SOCKET", "text", 9, wide=True, help="of the process: where it is asked and told"),
        Column("id", "ID", "id", 9, wide=True),
    ),
    trends=BACKENDS,
    sort=("proxy", "host", "server"),
    health=health,
    rollup=Worst("backends", "up", well="up=true", silent="warning", witnesses=True),
    links=(
        Link("units", "host", "server", "units on the server", "type=server"),
        Link("hosts", "name", "server", "the server's host", "type=server"),
        Link("vips", "holders", "host", "virtual addresses there"),
    ),
    element="haproxy@{host}",
    deadline=12.0,
    list_command="echo 'show stat' | socat - UNIX-CONNECT:/run/haproxy/admin.sock",
)
