"""What every node says of every node, joined by name: in a partition they disagree, and one node's word is half of it.

Each object is the node's own where it answers, else the best that another one has. Added to it: `version`, `answers`
and `trouble` (of its own management API), `sees` (what it counts on its side), `running_for` and `missing_for` (the
nodes that count it as running, and those that do not), `unknown_to` (nodes that answer and do not name it at all:
either is a cluster of its own).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from collectors.deadline import Deadline
from collectors.errors import NotUnderstood, SourceError, TooLate, Unreachable
from collectors.shapes import decoded
from collectors.sources.base import Page
from collectors.sources.http import server_time

if TYPE_CHECKING:
    from collectors.sources.rabbitmq import RabbitmqSource

LONGEST = 10.0
"""Seconds that one node may take: beyond it waits for a peer."""


class View(NamedTuple):
    """What one node says."""

    name: str
    """Of the node that answers."""
    version: str | None
    """Its RabbitMQ."""
    said: list[dict[str, Any]]
    clock: float | None
    totals: object
    """What it counts on its side of the cluster."""


def joined(source: RabbitmqSource, path: str, query: Mapping[str, str], deadline: Deadline) -> Iterator[Page]:
    """One page. Raises the first node's error when none answers."""
    hosts = [host for host, _ in source.rabbitmq.urls]
    patience = min(LONGEST, deadline.remaining() * 0.8)

    def ask(host: str) -> View | SourceError:
        own = Deadline(patience)
        key = deadline.guard(own.end)
        try:
            name = source.get(host, "overview", {"columns": "node,rabbitmq_version,object_totals"}, own, patience)
            return _view(source, host, path, query, own, name.content)
        except SourceError as error:
            return error
        finally:
            deadline.release(key)

    with ThreadPoolExecutor(len(hosts), "views-rabbitmq") as pool:
        found = dict(zip(hosts, pool.map(ask, hosts), strict=True))
    views = {host: view for host, view in found.items() if not isinstance(view, SourceError)}
    errors = {host: error for host, error in found.items() if isinstance(error, SourceError)}
    if not views:
        raise _first(source, errors, deadline)
    clocks = [clock for *_, clock, _ in views.values() if clock is not None]
    yield Page(items=_items(views, errors), server_time=clocks[0] if clocks else None, calls=2 * len(hosts))


def _view(
    source: RabbitmqSource, host: str, path: str, query: Mapping[str, str], deadline: Deadline, overview: bytes
) -> View:
    response = source.get(host, path, query, deadline, deadline.remaining())
    try:
        found = decoded(response.content, list[dict[str, Any]])
        about = decoded(overview, dict[str, Any])
    except msgspec.DecodeError as error:
        html = response.content.lstrip()[:1] == b"<" or overview.lstrip()[:1] == b"<"
        words = "HTML instead of JSON" if html else f"the answer is not a list of nodes ({error})"
        raise NotUnderstood(source.title(host), words, "check the URL in [site.NAME.rabbitmq]") from error
    version = about.get("rabbitmq_version")
    return View(
        str(about.get("node") or ""),
        str(version) if version else None,
        found,
        server_time(response),
        about.get("object_totals"),
    )


def _first(source: RabbitmqSource, errors: Mapping[str, SourceError], deadline: Deadline) -> SourceError:
    """The error that says most: that a node is well but waits for a peer, else the first node's."""
    for host, error in errors.items():
        if isinstance(error, TooLate) and (told := source.waiting(host, deadline)) is not None:
            return told
    return next(iter(errors.values()))


def _items(views: Mapping[str, View], errors: Mapping[str, SourceError]) -> list[dict[str, Any]]:
    best: dict[str, dict[str, Any]] = {}
    running: dict[str, list[str]] = {}
    missing: dict[str, list[str]] = {}
    for name, _, said, *_ in views.values():
        for node in said:
            about = str(node.get("name") or "")
            (running if node.get("running") is True else missing).setdefault(about, []).append(name)
            before = best.get(about)
            if before is None or about == name or (node.get("running") is True and before.get("running") is not True):
                best[about] = node
    answering = {view.name: view.version for view in views.values()}
    totals = {view.name: view.totals for view in views.values()}
    items = []
    for about, node in best.items():
        host = about.partition("@")[2].partition(".")[0]
        error = errors.get(host)
        told: bool | None = True if about in answering else None
        if error is not None and isinstance(error, Unreachable) and not isinstance(error, TooLate):
            told = error.status != 0
        more = {
            "answers": told,
            "trouble": error.why if error is not None else None,
            "running_for": sorted(running.get(about, [])),
            "missing_for": sorted(missing.get(about, [])),
            "unknown_to": sorted({*answering} - {*running.get(about, []), *missing.get(about, [])}),
            "version": answering.get(about),
            "sees": totals.get(about),
        }
        items.append(node | more)
    return items
