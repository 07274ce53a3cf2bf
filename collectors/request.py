"""What can be asked of a system: frozen values that a kind declares and a source understands.

Requests only read. They name things (a path, a statement, command entries); how to connect is the source's business.
"""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

import msgspec


class Each(msgspec.Struct, frozen=True):
    """A further GET of the same service for each object of a list.

    `path` and the values of `query` may name members of the object (`/domains/{id}/config`); it is asked for those
    that have them all. What the answer holds under `key` is put into the object as `member`; where there is none (404)
    nothing is, and a refusal is told in the member `MEMBER_refused`.
    """

    path: str
    key: str
    member: str
    query: tuple[tuple[str, str], ...] = ()


class Rest(msgspec.Struct, frozen=True):
    """A list (or one object) of an OpenStack service.

    `service` is the service type of the catalogue in openstacksdk's spelling (`compute`, `block-storage`, …).
    `path` and the values of `query` may hold `{parent}`, filled with the id of the parent row. `key` is the member of
    the answer that holds the list. `microversion` is the newest that the kind understands; an older cloud gets its own
    newest. `page` is the page size asked for (0: the service does not page this list). `since` names the query
    parameter for changes (`changes-since`), where the list has one.
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
    members: bool = False
    """The answer holds one object under `key` whose members are the rows: `{"cores": {"limit": 20}}` (quotas)."""
    everyone: tuple[tuple[str, str], ...] = ()
    """What asks for every project's rows where policy rarely grants it; refused (403), our own project's are read."""
    headers: tuple[tuple[str, str], ...] = ()
    """Headers that the list takes besides the usual ones (Designate's `X-Auth-All-Projects`)."""
    turn: Literal["link", "offset", "name"] = "link"
    """How a page leads to the next: by its link; by the number of rows so far; by its last row's name as marker."""
    each: Each | None = None
    """What is asked of each object besides: only for lists that are short on every cloud."""
    days: int = 0
    """The query's `start` and `end` cover that many days until now (Nova's usage)."""


class Catalog(msgspec.Struct, frozen=True):
    """Every endpoint of the catalogue, each with a live probe of its URL (reachability, versions, round trip)."""

    probe_seconds: float = 5.0


class Capacity(msgspec.Struct, frozen=True):
    """How many more servers of each flavor fit, in the cloud and in each of its zones and aggregates.

    `resources` is what a host must still have to be looked at: so little that one without it has room for nothing.
    """

    resources: str = "MEMORY_MB:1"


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
    also: tuple[str, ...] = ()
    """Further lists of the same shape, read after it; each object then says which one it is from, as `listed_in`."""


class BrokerAlarms(msgspec.Struct, frozen=True):
    """What may block the broker: one object per node and resource, and how many connections are held back by it."""


class BrokerMemory(msgspec.Struct, frozen=True):
    """What the memory of one node of the broker (the parent) holds: one object per category."""


class AmqpProbe(msgspec.Struct, frozen=True):
    """A connection of a client to each node of the broker: handshake, login, round trip; one object per node."""


OWN_QUEUES: Final = "nephoscope."
"""How the names begin of the queues that we declare ourselves, to hear notifications."""


class Notifications(msgspec.Struct, frozen=True):
    """What the services notified of since we began to listen; the first read begins."""


class HostCommands(msgspec.Struct, frozen=True):
    """Entries of `sources/commands.yaml`, run on a host in one round trip. Arguments are quoted, never interpreted.

    Of a parent row `HOST/NAME`, `{parent}` is the name. `inside` are the entries for a name on a host, where the host
    itself has others (`net01`: its own firewall; `net01/qrouter-…`: that of a namespace).
    """

    entries: tuple[str, ...]
    inside: tuple[str, ...] = ()


class Certificates(msgspec.Struct, frozen=True):
    """The certificate served on every TLS address that the catalogue and the site name."""

    probe_seconds: float = 5.0


class BalancerStats(msgspec.Struct, frozen=True):
    """What each HAProxy says of its proxies and of the servers behind them (`show stat`, `show info`)."""


class VirtualAddresses(msgspec.Struct, frozen=True):
    """The virtual addresses: what Keepalived's configurations say of them, and which hosts have them now."""


class RouterInstances(msgspec.Struct, frozen=True):
    """What routers' namespaces say, on all hosts that have them at the same moment; a share of the routers a read."""


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


class Ceph(msgspec.Struct, frozen=True):
    """A view of the Ceph cluster, by its name in `sources/ceph_views.py`: what one or several of its commands say.

    A view, and not a command, because an OSD's host, its state and its fill level are in answers to three of them.
    """

    view: str
    one: str = ""
    """The view that shows one row by its id, where the list does not hold all, or not all of each."""


class Ovn(msgspec.Struct, frozen=True):
    """A view of OVN's databases, by its name in `sources/ovn.py`: what lists of one or both of them say."""

    view: str


Request: TypeAlias = (
    Rest
    | Catalog
    | Capacity
    | Sql
    | Management
    | BrokerAlarms
    | BrokerMemory
    | AmqpProbe
    | Notifications
    | HostCommands
    | BalancerStats
    | VirtualAddresses
    | RouterInstances
    | CacheStats
    | Certificates
    | Ceph
    | Ovn
    | Promql
    | ScrapeTargets
    | Alerting
)
