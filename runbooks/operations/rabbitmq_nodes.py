"""The broker's nodes: stop, start and restart them, drain them to maintenance, spread the leaders of queues.

A node has two layers: the runtime, which the unit or container runs, and the application in it. Stopping the
application leaves the runtime there to be commanded: that is what leaving a cluster and joining one need.
"""

from __future__ import annotations

from typing import Any

from collectors.call import ManagementCall
from collectors.errors import UsageError
from runbooks.broker import CLIENTS, KIND, LEAVING, WELL, ctl_step, listens, node_is, unit_of
from runbooks.cloud import Cloud
from runbooks.daemons import started, stopped
from runbooks.expect import Expect
from runbooks.operation import (
    Asked,
    Guard,
    Inverse,
    Parameter,
    Step,
    Verdict,
    Work,
    family,
    is_closed,
    is_open,
    is_unknown,
    work,
)

SECONDS = 300.0
"""That a start may take: a node waits for its peers, and reads its queues."""


def stop_step(cloud: Cloud, row: Any, what: str = "unit") -> Step:
    """Stop the unit or the application of a node; the others must see it gone."""
    gone = node_is(row.name, "running=false")
    if what == "app":
        return ctl_step(cloud, row.host, f"stop the application of {row.name}", gone, "rabbitmq-stop-app")
    unit = unit_of(cloud, row.host)
    return Step(f"stop {unit.name} on {row.host}", stopped(cloud, unit), expect=gone, seconds=180.0, call_seconds=150.0)


def start_step(cloud: Cloud, row: Any, what: str = "unit", where: str = WELL) -> Step:
    """Start it; every node must count it as running."""
    back = node_is(row.name, where)
    if what == "app":
        text = f"start the application of {row.name}"
        return ctl_step(cloud, row.host, text, back, "rabbitmq-start-app", seconds=SECONDS)
    unit = unit_of(cloud, row.host)
    return Step(
        f"start {unit.name} on {row.host}", started(cloud, unit), expect=back, seconds=SECONDS, call_seconds=SECONDS
    )


def _clients(row: Any) -> str:
    return f"its {row.sockets_used or 0} clients connect to another node; calls in flight on it may time out"


def _restart(asked: Asked) -> Work:
    what = asked.values["what"]
    return work(
        stop_step(asked.cloud, asked.row, what),
        start_step(asked.cloud, asked.row, what),
        stops=_clients(asked.row),
        less="one node less until it is back, half a minute",
        notes=("Queues without replicas that it leads are not there meanwhile.",),
    )


def _stop(asked: Asked) -> Work:
    what = asked.values["what"]
    return work(
        stop_step(asked.cloud, asked.row, what),
        stops=_clients(asked.row),
        less="one node less: the loss of another may cost the majority, and with it the bus",
        notes=("Queues without replicas that it leads are not there until it is back.",),
        inverse=Inverse("rabbitmq-node.start", asked.identity, {"what": what}, words="starts it again"),
    )


def _start(asked: Asked) -> Work:
    what = asked.values["what"]
    if what == "unit" and unit_of(asked.cloud, asked.row.host).state in ("active", "running"):
        raise UsageError("its unit runs already", "its application is stopped (what=app), or it waits for a majority")
    return work(
        start_step(asked.cloud, asked.row, what),
        stops="nothing",
        inverse=Inverse("rabbitmq-node.stop", asked.identity, {"what": what}),
    )


def _drain(asked: Asked) -> Work:
    row = asked.row
    quiet = Expect("sockets", where=CLIENTS, absent=True, target=row.host)
    return work(
        ctl_step(asked.cloud, row.host, f"put {row.name} into maintenance", quiet, "rabbitmq-drain"),
        stops=_clients(row),
        less="one node less for clients; as a member it still counts",
        notes=(
            "Its management API takes no new clients either: ask another node.",
            "Queues without replicas stay where they are, on it.",
        ),
        inverse=Inverse("rabbitmq-node.revive", asked.identity, words="lets clients in again; moves no leaders back"),
    )


def _revive(asked: Asked) -> Work:
    row = asked.row
    serves = Expect("sockets", where=CLIENTS, target=row.host)
    return work(
        ctl_step(asked.cloud, row.host, f"take {row.name} out of maintenance", serves, "rabbitmq-revive"),
        stops="nothing",
        inverse=Inverse("rabbitmq-node.drain", asked.identity),
    )


def led(cloud: Cloud, node: str) -> tuple[int, int, int]:
    """(replicated queues that it leads, all of them, nodes that run)."""
    found = [row for row in cloud.rows("queues") if (row.replicas or 0) > 1]
    running = cloud.rows(KIND, running=True)
    return sum(1 for row in found if row.node == node), len(found), len(running)


def _rebalance(asked: Asked) -> Work:
    own, every, nodes = led(asked.cloud, asked.identity)
    if not every:
        raise UsageError("no queue has replicas: there are no leaders to move", "`nephoscope get queues replicas>1`")
    share = -(-every // max(nodes, 1))
    if own <= share:
        raise UsageError(f"it leads {own} of {every} replicated queues: not more than its share of {share}")
    fair = Expect("queues", where=f"node={asked.identity} replicas>1", absent=True, most=share)
    return work(
        Step(
            "move leaders of queues to the nodes that lead fewer",
            ManagementCall("POST", "rebalance/queues"),
            expect=fair,
            seconds=300.0,
        ),
        stops="each queue pauses while its leader moves, well under a second",
        notes=(f"{asked.identity} leads {own} of {every} replicated queues; afterwards at most {share}.",),
    )


# -- guards -----------------------------------------------------------------------------------------------------------


def _lives(asked: Asked) -> Verdict:
    """Some other node runs, which it joins, or it is the last that stopped."""
    found = [row for row in asked.cloud.rows(KIND) if row.name != asked.identity]
    if not found or any(row.running for row in found):
        return is_open("it joins the nodes that run" if found else "it is alone")
    if asked.cloud.snapshot(KIND).errors:
        return is_unknown(str(asked.cloud.snapshot(KIND).errors[0]))
    return is_closed("no other node runs: start the one first that stopped last")


def _serves(asked: Asked) -> Verdict:
    if listens(asked.cloud, asked.row.host):
        return is_open("it takes clients")
    return is_closed("it takes no clients already: it is in maintenance")


def _drained(asked: Asked) -> Verdict:
    if listens(asked.cloud, asked.row.host):
        return is_closed("it takes clients: it is not in maintenance")
    return is_open("it takes no clients")


def _running(row: Any) -> str:
    return "" if row.running else "is not running"


WHAT = Parameter("what", "the unit or container, or only the application in it", "unit", ("unit", "app"))

LED = (KIND, "queues")
"""What is read where leaving or leading is judged."""
_verb = family("rabbitmq-node", KIND, account="ssh", scope="rabbitmq", closed=_running)

OPERATIONS = (
    _verb(
        "restart", "restart {name} ({what})", "stop and start a node, so that it begins anew", "R1", _restart,
        parameters=(WHAT,), reads=LED, guards=LEAVING,
    ),
    _verb(
        "stop", "stop {name} ({what})", "take a node out of service in good order", "R3", _stop,
        parameters=(WHAT,), reads=LED, guards=LEAVING,
    ),
    _verb(
        "start", "start {name} ({what})", "let a stopped node join its cluster again", "R1", _start,
        parameters=(WHAT,), reads=(KIND,), guards=(Guard("cluster", _lives, "some other node runs"),),
        closed=lambda row: "runs already" if row.running else "",
    ),
    _verb(
        "drain", "put {name} into maintenance", "move clients and queue leaders away before its host is worked on",
        "R2", _drain, reads=LED, guards=(*LEAVING, Guard("in-service", _serves, "it takes clients")),
    ),
    _verb(
        "revive", "take {name} out of maintenance", "let a drained node serve clients again", "R1", _revive,
        guards=(Guard("drained", _drained, "it takes no clients"),),
    ),
    _verb(
        "rebalance", "spread the queues that {name} leads",
        "move leaders of replicated queues from a node that leads more than its share", "R2", _rebalance,
        account="rabbitmq", reads=LED,
    ),
)  # fmt: skip
