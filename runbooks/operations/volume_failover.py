"""Failing a back-end over to the storage that it replicates to, and back: the last resort when its first one is lost.

Cinder answers at once (202) and cinder-volume does it: the driver promotes the copies, the service is disabled, and
every volume that is not replicated is in error, with its snapshots. Only a back-end with `replication_device` in
cinder.conf can: of any other Cinder refuses it (400).
"""

from __future__ import annotations

from typing import Any

from collectors.call import RestCall
from runbooks.expect import Expect, exactly
from runbooks.guards import given
from runbooks.operation import Asked, Guard, Operation, Parameter, Step, Verdict, Work, is_closed, is_open, work
from runbooks.operations.volume_services import UP

HOME = "default"
"""What Cinder calls the first storage."""
OVER = ("enabled", "failed-over")
"""Of which replication statuses Cinder lets one fail over."""


def _fail_over(asked: Asked) -> Work:
    row, target = asked.row, asked.values["backend"]
    where = (
        "replication_status=enabled active_backend_id="
        if target == HOME
        else f"replication_status=failed-over {exactly('active_backend_id', target)}"
    )
    # The API itself sets failing-over before it answers, so that what is at rest and not as wanted was refused.
    over = Expect("volume-services", asked.identity, where, "replication_status~^(enabled|failed-over|.*error)$")
    count = sum((each.host or "").startswith(f"{row.host}#") for each in asked.cloud.rows("volumes"))
    return work(
        Step(
            f"fail {row.host} over to {target}",
            # The openstack client's own command asks for a path that newer Cinders do not have; this one all have.
            RestCall(
                "block-storage", "PUT", "/os-services/failover_host", {"host": row.host, "backend_id": target}, "3.70"
            ),
            expect=over,
            seconds=1800.0,
        ),
        stops=_stops(count, target),
        less="the service is enabled again; nothing else comes back by itself"
        if target == HOME
        else f"the service is disabled afterwards: no new volumes on {row.host}",
        notes=(
            "Which ids it knows is in cinder.conf (replication_device); an unknown one changes nothing.",
            "A server keeps its old connection: detach and attach its volumes again, or stop and start it.",
            f"Going back is this operation with backend={HOME}, once the first storage is up and in step again.",
        ),
    )  # fmt: skip


def _stops(count: int, target: str) -> str:
    if target == HOME:
        return f"access to its {count} volumes until servers are connected to the first storage again"
    return f"access to its {count} volumes; those whose type does not replicate are in error, with their snapshots"


def _elsewhere(asked: Asked) -> Verdict:
    active, target = asked.row.active_backend_id or HOME, asked.values["backend"]
    if target == active:
        return is_closed(f"it uses {active} already")
    if asked.row.active_backend_id and target != HOME:
        return is_closed(f"it has failed over to {active}: drivers go on from there only back, backend={HOME}")
    return is_open(f"it uses {active} now")


def _cannot(row: Any) -> str:
    if row.cluster:
        return f"is of the cluster {row.cluster}, which fails over as a whole and not host by host"
    if row.replication_status not in OVER:
        now = row.replication_status or "not told"
        return f"has a back-end that cannot: its replication is {now}, and Cinder refuses (400)"
    return ""


OPERATIONS = (
    Operation(
        name="volume-service.failover",
        kind="volume-services",
        title="fail {host} over to {backend}",
        about="serve a back-end's volumes from the storage that it replicates to, or again from its own",
        risk="R4",
        rows="binary=cinder-volume",
        parameters=(
            Parameter(
                "backend",
                f"the other storage: a backend_id of replication_device; {HOME} goes back",
                pattern=r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,254}",
            ),
            Parameter("fenced", "how you know that nobody writes to the storage that is left", pattern=r".{1,200}"),
        ),
        reads=("volumes",),
        closed=_cannot,
        guards=(
            UP,
            Guard("elsewhere", _elsewhere, "it uses another storage now, and can go to this one"),
            given("fenced", "fenced", "two storages that are both written to never become one again: say how you know"),
        ),
        work=_fail_over,
        irreversible=True,
    ),
)
