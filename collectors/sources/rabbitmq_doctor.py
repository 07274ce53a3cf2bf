"""What `doctor` says about each node's management API: who we are, how fast it answers, what the account lacks."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import msgspec

from collectors.deadline import Deadline
from collectors.errors import Refused, SourceError, TooLate
from collectors.shapes import decoded
from collectors.sources.base import Fact

if TYPE_CHECKING:
    from collectors.sources.rabbitmq import RabbitmqSource

_SEES = ("monitoring", "administrator")
"""Tags with which all nodes, connections and queues are seen."""
LONGEST = 8.0


class _Who(msgspec.Struct):
    name: str = ""
    tags: str | list[str] = ""
    """A list since 3.9, comma-separated text before."""

    @property
    def words(self) -> list[str]:
        return self.tags.split(",") if isinstance(self.tags, str) else self.tags


class _Overview(msgspec.Struct):
    rabbitmq_version: str = ""
    erlang_version: str = ""
    cluster_name: str = ""


def facts(source: RabbitmqSource, deadline: Deadline) -> Iterator[Fact]:
    """One fact per node, in the site's order; nodes are asked side by side."""
    hosts = [host for host, _ in source.rabbitmq.urls]
    with ThreadPoolExecutor(max(len(hosts), 1), "doctor-rabbitmq") as pool:
        yield from pool.map(lambda host: _fact(source, host, deadline), hosts)


def _fact(source: RabbitmqSource, host: str, deadline: Deadline) -> Fact:
    address = f"{host} {source.url(host)}"
    patience = min(LONGEST, deadline.remaining())
    own = Deadline(patience)
    try:
        who = decoded(source.get(host, "whoami", {}, own, patience).content, _Who)
        began = time.perf_counter()
        said = source.get(host, "overview", {}, own, own.remaining()).content
        took = time.perf_counter() - began
        overview = decoded(said, _Overview)
    except msgspec.DecodeError as error:
        detail, step = f"answers something else than the management API ({error})", "check the URL"
        return Fact("rabbitmq", address, "critical", detail=detail, next_step=step)
    except SourceError as error:
        told: SourceError = (source.waiting(host, Deadline(1.0)) or error) if isinstance(error, TooLate) else error
        refused = told.why if isinstance(told, Refused) else ""
        detail = "" if refused else f"{told.what}: {told.why}"
        return Fact("rabbitmq", address, "critical", refused=refused, detail=detail, next_step=told.hint)
    blind = not set(_SEES) & set(who.words)
    change = "administrator" in who.words
    return Fact(
        "rabbitmq",
        address,
        "warning" if blind or change else "ok",
        identity=f"{who.name} ({', '.join(who.words) or 'no tag'})",
        version=f"{overview.rabbitmq_version}, Erlang {overview.erlang_version}, {overview.cluster_name}",
        round_trip=took,
        refused="see the nodes, and other users' connections" if blind else "",
        detail="an administrator may change things: a monitoring account is enough" if change else "",
        next_step=f"rabbitmqctl set_user_tags {who.name} monitoring" if blind else "",
    )
