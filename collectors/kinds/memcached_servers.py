"""The memcached servers: tokens and sessions are cached there. Each call waits for one that is dead.

Counters are since the start of the process: a hit rate is a mean, and evictions are judged by their mean as well. A
server without an account that listens where strangers are gives everybody's tokens away; what it listens on is its own
word (`stats settings`), whether a firewall stands before it cannot be seen from here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from typing import Final

import msgspec

from collectors.health import OK, Health, critical, unknown, warning
from collectors.kind import Column, Kind, Link, Reading, Row, Scope, Wire
from collectors.kinds._shared import percent, word
from collectors.request import CacheStats
from collectors.rollup import Share
from collectors.values import count

NEARLY_FULL: Final = 90
"""Percent of the connections that it may have."""
BUSY_EVICTING: Final = 1.0
"""Items a second that are thrown out before their time."""
_EVERYWHERE: Final = ("NULL", "0.0.0.0", "::", "*")


class ServerWire(Wire):
    """`stats` and `stats settings` of one server; `trouble` alone when it could not be read."""

    member: str
    address: str = ""
    port: int | None = None
    version: str | None = None
    uptime: int | None = None
    curr_items: int | None = None
    total_items: int | None = None
    cmd_get: int | None = None
    cmd_set: int | None = None
    get_hits: int | None = None
    get_misses: int | None = None
    evictions: int | None = None
    reclaimed: int | None = None
    cmd_flush: int | None = None
    bytes: int | None = None
    limit_maxbytes: int | None = None
    curr_connections: int | None = None
    max_connections: int | None = None
    rejected_connections: int | None = None
    listen_disabled_num: int | None = None
    threads: int | None = None
    settings: Mapping[str, str] = msgspec.field(default_factory=dict)
    answers: bool | None = None
    trouble: str | None = None


class Server(Row, frozen=True):
    """One cache."""

    member: str
    address: str | None
    answers: bool | None
    version: str | None
    started: float | None
    items: int | None
    hit_rate: float | None
    gets: int | None
    sets: int | None
    flushes: int | None
    evictions: int | None
    evicting: float | None
    memory_used: float | None
    bytes: int | None
    limit: int | None
    connections: int | None
    connections_limit: int | None
    connections_used: float | None
    rejected: int | None
    listens: str | None
    everywhere: bool | None
    account: bool | None
    public: bool | None
    threads: int | None
    trouble: str | None

    @property
    def host(self) -> str:
        """The machine it runs on."""
        return self.member


def _everywhere(inter: str | None) -> bool | None:
    """Whether it listens on every interface of its host; None where it does not say."""
    return None if inter is None else any(part.strip() in _EVERYWHERE for part in inter.split(","))


def _public(address: str) -> bool | None:
    """Whether the address that we ask is one of the public network."""
    try:
        return ip_address(address).is_global
    except ValueError:
        return None


def row(wire: ServerWire, reading: Reading) -> Server:
    """Rates are means since the start."""
    started = None if wire.uptime is None else float(round(reading.now - wire.uptime, -1))
    gets = None if wire.get_hits is None or wire.get_misses is None else wire.get_hits + wire.get_misses
    inter = wire.settings.get("inter")
    accounts = [wire.settings.get(name) for name in ("auth_enabled_sasl", "auth_enabled_ascii")]
    return Server(
        member=word(wire.member) or "",
        address=f"{wire.address}:{wire.port}" if wire.port else wire.address or None,
        answers=wire.answers if wire.trouble else True,
        version=word(wire.version),
        started=started,
        items=wire.curr_items,
        hit_rate=percent(wire.get_hits, gets),
        gets=wire.cmd_get,
        sets=wire.cmd_set,
        flushes=wire.cmd_flush,
        evictions=wire.evictions,
        evicting=None if wire.evictions is None or not wire.uptime else round(wire.evictions / wire.uptime, 2),
        memory_used=percent(wire.bytes, wire.limit_maxbytes),
        bytes=wire.bytes,
        limit=wire.limit_maxbytes,
        connections=wire.curr_connections,
        connections_limit=wire.max_connections,
        connections_used=percent(wire.curr_connections, wire.max_connections),
        rejected=wire.rejected_connections if wire.rejected_connections is not None else wire.listen_disabled_num,
        listens=word("every interface" if _everywhere(inter) else inter),
        everywhere=_everywhere(inter),
        account=None if accounts == [None, None] else "yes" in accounts,
        public=_public(wire.address),
        threads=wire.threads,
        trouble=wire.trouble,
    )


def health(server: Server, now: float) -> Health:
    """One that does not answer is critical: each call to a service waits for it. Then who may read it, and its size."""
    if server.trouble is not None:
        return critical(server.trouble) if server.answers is False else unknown(server.trouble)
    found = sorted(_complaints(server), key=lambda complaint: complaint.rank)
    if not found:
        return OK if server.version else unknown("says nothing about itself")
    level = found[0].level
    return Health(level, "; ".join(complaint.reason for complaint in found if complaint.level == level))


def _complaints(server: Server) -> Iterator[Health]:
    open_to_all = server.account is False
    if open_to_all and server.public:
        yield critical("answers without an account on a public address: whoever reaches it reads the tokens")
    elif open_to_all and server.everywhere:
        yield warning("listens on every interface, without an account: whoever reaches the host reads the tokens")
    if server.connections_used is not None and server.connections_used >= NEARLY_FULL:
        used, limit = count(server.connections or 0), count(server.connections_limit or 0)
        yield warning(f"{used} of {limit} connections used; further ones wait")
    if server.evicting is not None and server.evicting >= BUSY_EVICTING:
        share = "" if server.memory_used is None else f", memory {server.memory_used:.0f} % used"
        yield warning(f"throws out {server.evicting:g} items a second before their time{share}: it is too small")


KIND = Kind(
    name="memcached-servers",
    title="Memcached servers",
    aliases=("memcached-server", "memcached", "caches"),
    about="one row per cache: answers, items, hit rate, evictions, memory, connections, who may reach it",
    system="memcached",
    scope=Scope("member"),
    read=CacheStats(),
    wire=ServerWire,
    row=row,
    fields=Server,
    key="member",
    name_field="member",
    columns=(
        Column("member", "SERVER", "name", 1),
        Column("answers", "ANSWERS", "flag", 1, help="somebody on its port; what it said is the reason"),
        Column("items", "ITEMS", "number", 2),
        Column("hit_rate", "HITS", "percent", 2, help="of all reads since its start"),
        Column("evictions", "EVICTED", "number", 2, help="thrown out before their time since its start"),
        Column("memory_used", "MEMORY", "percent", 2, help="of its limit"),
        Column("connections", "CLIENTS", "number", 3),
        Column("started", "UP SINCE", "time", 3, fresh=0.0, help="it was empty then"),
        Column("version", "VERSION", "text", 4),
        Column("listens", "LISTENS ON", "text", 5, help="as it says itself"),
        Column("address", "ADDRESS", "text", 6, help="where it is asked"),
        Column("account", "ACCOUNT", "flag", 6, wide=True, help="it wants user and password"),
        Column("bytes", "USED", "bytes", 7, wide=True),
        Column("limit", "LIMIT", "bytes", 7, wide=True),
        Column("evicting", "EVICTED/S", "number", 7, wide=True, help="mean since its start"),
        Column("gets", "READS", "number", 7, wide=True, help="since its start"),
        Column("sets", "WRITES", "number", 7, wide=True, help="since its start"),
        Column("flushes", "FLUSHES", "number", 8, wide=True, help="how often all was thrown out, since its start"),
        Column("connections_limit", "MAX CLIENTS", "number", 7, wide=True),
        Column("connections_used", "CLIENTS %", "percent", 7, wide=True),
        Column("rejected", "REJECTED", "number", 8, wide=True, help="connections beyond the limit since its start"),
        Column("everywhere", "EVERYWHERE", "flag", 8, wide=True, help="listens on every interface"),
        Column("public", "PUBLIC", "flag", 8, wide=True, help="its address is one of the public network"),
        Column("threads", "THREADS", "number", 8, wide=True),
        Column("trouble", "TROUBLE", "text", 8, wide=True, help="why it could not be read"),
    ),
    sort=("member",),
    health=health,
    rollup=Share("caches", "answer", critical=0.6, well="answers=true", silent="critical", bad="do not answer"),
    links=(
        Link("units", "host", "member", "units on it"),
        Link("hosts", "name", "member", "its host"),
    ),
    element="memcached@{member}",
    deadline=10.0,
    list_command="printf 'stats\\r\\nquit\\r\\n' | nc ADDRESS 11211",
)
