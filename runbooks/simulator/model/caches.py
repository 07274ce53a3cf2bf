"""What a memcached holds and says: the text protocol as far as people and services use it, without its sockets.

What clients store is kept until the process ends or somebody flushes it; the traffic of the cloud's services is
computed from how long it has been running.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runbooks.simulator.model.cloud import Cloud

UNIT = "memcached"
PORT = 11211
VERSION = "1.6.18"
LIMIT = 64 << 20
CONNECTIONS = 5000
"""`-c 5000`, as Kolla starts it."""
_ITEM = 620
"""Bytes of a cached token."""


class Cache:
    """One cache."""

    def __init__(self, cloud: Cloud, host: str) -> None:
        self.cloud = cloud
        self.host = host
        self.stored: dict[str, tuple[str, bytes]] = {}
        self.flushes = 0
        self.emptied = 0.0
        """When all was thrown out last, or the process began."""
        self._since = 0.0

    def said(self, words: list[str], data: bytes, clients: int = 1) -> Iterator[str]:
        """The answer to one command; `data` is what follows one that stores."""
        started = self.cloud.hosts[self.host].started(UNIT)
        if started != self._since:
            self._since, self.stored = started, {}  # another process: it begins empty
            self.flushes, self.emptied = 0, started
        match words:
            case ["version"]:
                yield f"VERSION {VERSION}\r\n"
            case ["stats"]:
                yield from (f"STAT {name} {value}\r\n" for name, value in self._stats(clients).items())
                yield "END\r\n"
            case ["stats", "settings"]:
                yield from (f"STAT {name} {value}\r\n" for name, value in self._settings().items())
                yield "END\r\n"
            case ["flush_all"] | ["flush_all", "0"]:
                self.stored, self.emptied = {}, self.cloud.now()
                self.flushes += 1
                self.cloud.wrote(f"memcached:{self.host}", "flush_all", "a client", "ok")
                yield "OK\r\n"
            case ["get" | "gets", *keys]:
                for key in keys:
                    if key in self.stored:
                        flags, value = self.stored[key]
                        yield f"VALUE {key} {flags} {len(value)}\r\n{value.decode('latin-1')}\r\n"
                yield "END\r\n"
            case ["set", key, flags, _, _]:
                self.stored[key] = flags, data[:-2]
                yield "STORED\r\n"
            case ["delete", key]:
                yield "NOT_FOUND\r\n" if self.stored.pop(key, None) is None else "DELETED\r\n"
            case _:
                yield "ERROR\r\n"

    def _stats(self, clients: int) -> dict[str, object]:
        cloud, now = self.cloud, self.cloud.now()
        up = max(int(now - cloud.hosts[self.host].started(UNIT)), 0)
        per_second = 20 + cloud.seed.number(20, "memcached", self.host)
        filling = max(int(now - self.emptied), 0)
        items = min(filling * per_second // 50, 18_000) + len(self.stored)
        gets, misses = up * per_second, up * per_second // 25
        return {
            "pid": 7, "uptime": up, "time": int(now), "version": VERSION, "libevent": "2.1.12-stable",
            "pointer_size": 64, "max_connections": CONNECTIONS, "curr_connections": 40 + clients,
            "total_connections": 40 + up // 30, "rejected_connections": 0, "cmd_get": gets,
            "cmd_set": misses,
            "cmd_flush": self.flushes, "get_hits": gets - misses, "get_misses": misses,
            "bytes_read": gets * 40, "bytes_written": gets * _ITEM,
            "limit_maxbytes": LIMIT,
            "accepting_conns": 1, "listen_disabled_num": 0, "threads": 4,
            "bytes": items * _ITEM, "curr_items": items, "total_items": misses, "evictions": 0,
        }  # fmt: skip

    def _settings(self) -> dict[str, object]:
        return {
            "maxbytes": LIMIT, "maxconns": CONNECTIONS, "tcpport": PORT, "udpport": 0,
            "inter": self.cloud.hosts[self.host].machine.address, "verbosity": 0, "evictions": "on",
            "num_threads": 4, "auth_enabled_sasl": "no", "auth_enabled_ascii": "no", "item_size_max": 1048576,
        }  # fmt: skip


def build_caches(cloud: Cloud) -> dict[str, Cache]:
    """Every controller's cache."""
    return {host.name: Cache(cloud, host.name) for host in cloud.hosts.with_role("control")}
