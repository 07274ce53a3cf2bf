"""What can be known and done, from the declarations: keys, filters, one kind. Help page and docs both print it.

Sections of rows (a term and what it means), without any layout; terms are written as they are typed.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from typing import Final, assert_never

import msgspec

import collectors.query
from collectors.kind import AnyKind, Column, Scope
from collectors.request import (
    Alerting,
    AmqpProbe,
    BalancerStats,
    BrokerAlarms,
    BrokerMemory,
    CacheStats,
    Capacity,
    Catalog,
    Ceph,
    Certificates,
    HostCommands,
    Management,
    Notifications,
    Ovn,
    Promql,
    Request,
    Rest,
    RouterInstances,
    ScrapeTargets,
    Sql,
    VirtualAddresses,
)
from collectors.rollup_words import in_words
from collectors.trend import Trend
from views.keys import CONTEXTS, Context, Keys, offered, shown

MOVES: Final = frozenset(
    f"move.{way}" for way in ("down", "up", "top", "bottom", "page_down", "page_up", "half_down", "half_up")
)


class Section(msgspec.Struct, frozen=True):
    """A heading, a sentence, and rows of (term, meaning)."""

    title: str
    about: str = ""
    rows: tuple[tuple[str, str], ...] = ()


def key_sections(keys: Keys, *contexts: Context, labels: Mapping[str, str] | None = None) -> Iterator[Section]:
    """The actions of each context with their keys, and the `:` words; `labels` say what they do here.

    Moving around is one row: everybody knows what it does, and only needs to see which keys are meant.
    """
    told = labels or {}
    for context in contexts:
        rows = []
        found = list(offered(context))
        moves = [action for action in found if action.id in MOVES]
        for action in found:
            if action in moves:
                continue
            pressed = ", ".join(shown(key) for key in keys.of(action.id))
            word = f":{action.word}" if action.word else ""
            meaning = told.get(action.id) or action.title
            if pressed and word:
                meaning += f" ({word})"
            rows.append((pressed or word, f"{meaning}. {action.tooltip}".rstrip(". ")))
        if moves:
            rows.append(
                (" ".join(keys.shown(action.id) for action in moves), "Move by line, page, half a page, to the ends")
            )
        yield Section(CONTEXTS[context], rows=tuple(rows))


def filter_section() -> Section:
    """The grammar of filters, from where it is implemented."""
    block = (inspect.getdoc(collectors.query) or "").split("\n\n")[1]
    rows: list[tuple[str, str]] = []
    for line in block.splitlines():
        found = re.fullmatch(r"(\S.*?)(?:\s{2,}(\S.*))?", line.strip())
        if found is not None:
            rows.append((found[1], re.sub(r"\s{2,}", "   ", found[2] or "")))
    return Section(
        "Filter", "All terms must hold; the same words work behind / and as arguments of `get`.", tuple(rows)
    )


def request_words(request: Request) -> str:
    """What is asked of the system, in its own words."""
    match request:
        case Rest():
            version = f", microversion up to {request.microversion}" if request.microversion else ""
            each = f", and {request.each.path} for each of them" if request.each is not None else ""
            return f"GET {request.path} of {request.service}{version}{each}"
        case Catalog():
            return "the service catalogue; every endpoint is probed"
        case Capacity():
            return "flavors, aggregates, services, hypervisors of Nova; one query of Placement's allocation candidates"
        case Sql():
            return f"the read-only statement {request.statement}, on each member"
        case Management():
            also = "".join(f" and /api/{path}" for path in request.also)
            return f"GET /api/{request.path}{also} of the management API"
        case BrokerAlarms():
            return "GET /api/nodes of every node's management API; while an alarm is on, connections and history too"
        case BrokerMemory():
            return "GET /api/nodes/NAME/memory of one node"
        case AmqpProbe():
            return "a connection to each node of the broker, as its clients make one"
        case Notifications():
            return "an expiring queue of our own at the broker, where the site says notifications = true"
        case HostCommands():
            return f"the commands {', '.join(request.entries)}"
        case Certificates():
            return "a TLS handshake with every address that the catalogue and the site name"
        case BalancerStats():
            return "`show stat` and `show info` of each HAProxy, from its socket over SSH or from its statistics page"
        case CacheStats():
            return "version, stats and stats settings, on each server"
        case Promql():
            over = f", over the last {request.window:g} s" if request.window else ""
            return f"the PromQL query {request.query}{over}"
        case ScrapeTargets():
            return "GET /api/v1/targets of Prometheus"
        case Alerting():
            return f"GET /api/v2/{request.path} of Alertmanager"
        case VirtualAddresses():
            return "the addresses, processes and keepalived.conf of every load balancer, joined by virtual address"
        case RouterInstances():
            return "ip addr and iptables-save -t nat inside routers' namespaces, a few of each network host a read"
        case Ovn():
            return f"OVN's databases, over SSH: {request.view.replace('-', ' ')}"
        case Ceph():
            return _ceph_words(request)
        case _:
            assert_never(request)


def _ceph_words(request: Ceph) -> str:
    from collectors.sources.ceph_views import MONS, VIEWS

    if request.view == MONS:
        return "mon_status of each monitor on its own host; time-sync-status, quorum_status"
    view = VIEWS[request.view]
    return f"{', '.join((*view.needs, *view.uses))} of Ceph: by rados, the dashboard or the program ceph"


def _scope_words(scope: Scope) -> str:
    match scope.per:
        case "cloud" | "region":
            return f"once per {scope.per}"
        case "member":
            return "on each member by itself"
        case "host":
            return f"on each host with the role {' or '.join(scope.roles)}" if scope.roles else "on each host"
        case "parent":
            return f"below one of the {scope.parent}: filter by {scope.parameter}=NAME"


_ROLE_WORDS = {
    "name": "what people call it", "id": "its id", "status": "the system's own word for its state",
    "ref": "the name of another thing", "time": "when, shown as an age", "duration": "how long",
    "bytes": "a size", "number": "a number", "percent": "a share in percent", "flag": "yes or no", "url": "an address",
    "text": "",
}  # fmt: skip


def _column_words(column: Column) -> str:
    words = column.help or _ROLE_WORDS.get(column.role, "")
    return " ".join(part for part in (words, "(wide)" if column.wide else "") if part)


def operation_section(kind: AnyKind) -> Iterator[Section]:
    """What can be done to its rows, if anything."""
    from runbooks.registry import of_kind

    found = [(each.name, f"{each.about} ({each.risk})") for each in of_kind(kind.name)]
    if found:
        about = "a lists them for the marked rows, `do NAME TARGET` plans one; nothing starts before it is confirmed."
        yield Section("Operations", about, tuple(found))


def _trend_words(kind: AnyKind, trend: Trend) -> str:
    """Where its values are from."""
    own = f"{trend.field}, as it is read" if trend.field else ""
    queries = [trend.query, *(query for _, query in trend.queries)]
    return "; ".join(filter(None, [own, "Prometheus over hours" if any(queries) else ""]))


def kind_sections(kind: AnyKind) -> Iterator[Section]:
    """Everything that a kind declares about itself."""
    also = f"Also called {', '.join(kind.aliases)}." if kind.aliases else ""
    yield Section(kind.title, f"{kind.about[:1].upper()}{kind.about[1:]}. {also}".strip())
    yield Section("Columns", rows=tuple((c.name, _column_words(c)) for c in kind.columns))
    if kind.links:
        links = ((f"{x.title}", f"{x.kind}" + (f", where {x.when}" if x.when else "")) for x in kind.links)
        yield Section("Leads to", "enter follows the first that fits the row, o offers all.", tuple(links))
    yield from operation_section(kind)
    if kind.trends:
        followed = ((trend.title, _trend_words(kind, trend)) for trend in kind.trends)
        yield Section("Followed over time", "p draws it; the list shows the first one's last minutes.", tuple(followed))
    judged = " ".join((inspect.getdoc(kind.health) or "").split("\n\n")[0].split())
    rows = (("a row", judged), ("the system", in_words(kind.rollup)))
    yield Section("Health", rows=tuple((term, words) for term, words in rows if words))
    asked = f"{request_words(kind.read)}; {_scope_words(kind.scope)}; every {kind.period:g} s while it is looked at"
    commands = [("nephoscope", f"nephoscope get {kind.name}")]
    commands += [("list", kind.list_command)] if kind.list_command else []
    commands += (
        [("one row", re.sub(r"\{(\w+)\}", lambda m: m[1].upper(), kind.show_command))] if kind.show_command else []
    )
    yield Section("Read by", rows=(("source", asked), *commands))
