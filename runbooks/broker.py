"""The broker's nodes as operations speak to them: by the command of their own host, in the container where it is one.

What the management API can do is a `ManagementCall`; membership, limits, maintenance and the unit itself are done on
the node's host. Guards that every change of a node shares are here as well.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import Any, Final

from collectors.call import HostCall
from collectors.errors import NoSuchObject
from runbooks.cloud import Cloud
from runbooks.daemons import daemon
from runbooks.expect import Expect
from runbooks.guards import one_at_a_time, quorum_kept, satisfying
from runbooks.operation import Asked, Guard, Step, Verdict, is_closed, is_open
from runbooks.operations.entries import host_call

KIND: Final = "rabbitmq-nodes"
UNITS: Final = ("rabbitmq", "rabbitmq-server")
"""The container of Kolla; the unit of the packages."""


def unit_of(cloud: Cloud, host: str) -> Any:
    """The unit or container that runs the broker on `host`. Raises `NoSuchObject`, `SourceError`."""
    for name in UNITS:
        try:
            return daemon(cloud, host, name)
        except NoSuchObject:
            continue
    raise NoSuchObject("units", f"{host} has no broker", f"`nephoscope get units host={host}`")


def ctl(cloud: Cloud, host: str, entry: str, **values: str) -> tuple[HostCall, str]:
    """(the call, the command line) of an entry that is the broker's own command on `host`. Raises `SourceError`."""
    call = host_call(host, entry, **values)
    return call, spoken(cloud, host, call.words)


def spoken(cloud: Cloud, host: str, words: Sequence[str]) -> str:
    """The broker's own command as somebody would give it by hand on `host`. Raises `SourceError`."""
    unit = unit_of(cloud, host)
    inside = () if unit.engine == "systemd" else (unit.engine, "exec", unit.name)
    return f"ssh {shlex.quote(host)} sudo {shlex.join((*inside, *words))}"


def ctl_step(cloud: Cloud, host: str, text: str, expect: Expect | None, entry: str, **more: Any) -> Step:
    """A step of that; `more` are the values of the entry and `seconds`."""
    seconds = more.pop("seconds", 120.0)
    call, command = ctl(cloud, host, entry, **more)
    return Step(text, call, command, expect, seconds, min(seconds, 110.0))


def node_is(node: str, where: str) -> Expect:
    """What all views together must say of a node."""
    return Expect(KIND, node, where)


WELL: Final = "running=true partitions= missing_for= unknown_to= partitions_known=true"
"""Every view counts it as running, and it was separated from nobody."""

QUORUM = quorum_kept(KIND, "running=true")
ALONE = one_at_a_time(KIND, "running=false")


CLIENTS: Final = "process=beam.smp state=LISTEN local_port=567?"
"""The sockets on which a node takes clients, with TLS or without: maintenance closes them.

The API is no evidence: it closes its listener too, but goes on to answer over a connection that is kept open.
"""


def listens(cloud: Cloud, host: str) -> bool:
    """Whether the node on `host` takes clients. Raises `SourceError`."""
    snapshot = cloud.snapshot("sockets", target=host)
    if snapshot.errors:
        raise snapshot.errors[0]
    return bool(satisfying(snapshot, CLIENTS))


def _maintenance(asked: Asked) -> Verdict:
    """No other node that runs is in maintenance: clients would have one node less than it seems."""
    for row in asked.cloud.rows(KIND, running=True):
        if row.name not in (asked.identity, *asked.also) and not listens(asked.cloud, row.host):
            return is_closed(f"{row.name} runs but takes no clients: revive it first")
    return is_open("no other node is in maintenance")


def _replicas(asked: Asked) -> Verdict:
    """Every quorum queue keeps a majority of its replicas without it."""
    gone = {asked.identity, *asked.also}
    losing = []
    found = asked.cloud.rows("queues", type="quorum")
    for row in found:
        members = set((row.members or "").split(", ")) - {""}
        online = members - set((row.not_online or "").split(", "))
        if gone & online and 2 * len(online - gone) <= len(members):
            losing.append(row.name)
    if losing:
        more = f" and {len(losing) - 1} more" if len(losing) > 1 else ""
        return is_closed(f"{losing[0]}{more} would lose the majority of its replicas: start the missing nodes first")
    return is_open(f"{len(found)} quorum queues keep their majority" if found else "there are no quorum queues")


MAINTENANCE = Guard("maintenance", _maintenance, "no other node is in maintenance")
REPLICAS = Guard("replicas", _replicas, "every quorum queue keeps a majority of its replicas without it")
LEAVING = (QUORUM, ALONE, MAINTENANCE, REPLICAS)
"""What must be true before a node stops serving."""
