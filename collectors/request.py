"""What can be asked of a system: frozen values that a kind declares and a source understands.

Requests only read. They name things (a path, a statement, command entries); how to connect is the source's business.
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec


class Rest(msgspec.Struct, frozen=True):
    """A list (or one object) of an OpenStack service.

    `service` is the service type of the catalogue in openstacksdk's spelling (`compute`, `block-storage`, …).
    `path` may hold `{parent}`, filled with the id of the parent row. `key` is the member of the answer that holds the
    list. `microversion` is the newest that the kind understands; an older cloud gets its own newest. `page` is the page
    size asked for (0: the service does not page this list). `since` names the query parameter for changes
    (`changes-since`), where the list has one.
    """

    service: str
    path: str
    key: str
    query: tuple[tuple[str, str], ...] = ()
    microversion: str = ""
    page: int = 0
    since: str = ""
    single: bool = False
    """The answer holds one object under `key`, not a list."""


class Catalog(msgspec.Struct, frozen=True):
    """Every endpoint of the catalogue, each with a live probe of its URL (reachability, versions, round trip)."""

    probe_seconds: float = 5.0


class Sql(msgspec.Struct, frozen=True):
    """A read-only statement of `sources/statements.yaml`, run on each database member."""

    statement: str


class Management(msgspec.Struct, frozen=True):
    """A GET on the RabbitMQ management API; `path` without `/api/`. `page` asks for pages of that size."""

    path: str
    query: tuple[tuple[str, str], ...] = ()
    page: int = 0
    everyone: bool = False
    """Ask every node, and join what they say of each (`nodes`): in a partition the nodes disagree."""


class HostCommands(msgspec.Struct, frozen=True):
    """Entries of `sources/commands.yaml`, run on a host in one round trip. Arguments are quoted, never interpreted."""

    entries: tuple[str, ...]


class BalancerStats(msgspec.Struct, frozen=True):
    """What each HAProxy says of its proxies and of the servers behind them (`show stat`, `show info`)."""


class VirtualAddresses(msgspec.Struct, frozen=True):
    """The virtual addresses: what Keepalived's configurations say of them, and which hosts have them now."""


class CacheStats(msgspec.Struct, frozen=True):
    """What each memcached says of itself (`version`, `stats`, `stats settings`)."""


class Promql(msgspec.Struct, frozen=True):
    """A PromQL query: what it gives now, or over the last `window` seconds with a value every `step`.

    Each item is a series as Prometheus gives it: `metric` (its labels) and `value`, or `values`.
    """

    query: str
    window: float = 0.0
    step: float = 15.0


class ScrapeTargets(msgspec.Struct, frozen=True):
    """What Prometheus scrapes, and how the last time went."""


class Alerting(msgspec.Struct, frozen=True):
    """A list of Alertmanager: `alerts` or `silences`."""

    path: str
    query: tuple[tuple[str, str], ...] = ()


Request: TypeAlias = (
    Rest
    | Catalog
    | Sql
    | Management
    | HostCommands
    | BalancerStats
    | VirtualAddresses
    | CacheStats
    | Promql
    | ScrapeTargets
    | Alerting
)
