"""Hand-made systems for tests of health and overview: kinds that differ only in name, system and roll-up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from msgspec.structs import replace

from collectors.errors import SourceError, Unreachable
from collectors.health import OK, Health
from collectors.kind import AnyKind
from collectors.kinds.compute_services import KIND, ComputeService
from collectors.rollup import Count, Quorum, Rollup, Share, Worst
from collectors.snapshot import AnyRow, OddRow, Snapshot, TargetRead
from tests.rows import NOW, service

REFUSED = Unreachable("compute at 10.0.0.10:8774", "connection refused", "nephoscope doctor")


def kind(
    name: str, system: str, rollup: Rollup, per: Literal["region", "member", "host", "parent"] = "region"
) -> AnyKind:
    """A kind of hand-made rows."""
    return replace(KIND, name=name, title=name, system=system, rollup=rollup, scope=replace(KIND.scope, per=per))


COMPUTE = kind("compute-services", "compute", Share("compute services", "up", by="binary", well="state=up"))
MEMBERS = kind("galera-members", "galera", Quorum("members", "Synced"), per="member")
NODES = kind("rabbitmq-nodes", "rabbitmq", Quorum("nodes", "running"), per="member")
ENDPOINTS = kind("endpoints", "api", Worst("endpoints", "answer"))
SERVERS = kind("servers", "compute", Count("servers"))
IMAGES = kind("images", "image", Count("images"))
AGENTS = kind("agents", "network", Share("agents", "alive", by="binary", well="state=up"))
ALL = (ENDPOINTS, COMPUTE, AGENTS, MEMBERS, NODES)


def rows(*names: str, binary: str = "nova-compute") -> list[ComputeService]:
    """One row per name."""
    return [service(name, binary) for name in names]


def seen(
    of: AnyKind,
    found: Sequence[AnyRow] = (),
    bad: dict[str, Health] | None = None,
    *,
    at: float = NOW,
    error: SourceError | None = None,
    complete: bool = True,
) -> Snapshot:
    """A snapshot read as one; `bad` gives the health of the rows (by host) that are not plainly ok."""
    told = bad or {}
    healths = [told.get(getattr(row, "host", ""), OK) for row in found]
    target = TargetRead(of.system, at, len(found), error=error)
    keys = {row.id: i for i, row in enumerate(found) if isinstance(row, ComputeService | OddRow)}
    return Snapshot(of, list(found), healths, (target,), at, at, complete and error is None, "prod", "RegionOne", keys)


def members(of: AnyKind, answers: dict[str, SourceError | None], *, at: float = NOW) -> Snapshot:
    """A snapshot read member by member: None answered with one row, an error did not and has no row."""
    found = [service(name) for name, error in answers.items() if error is None]
    targets = tuple(
        TargetRead(name, at if error is None else 0.0, int(error is None), error=error)
        for name, error in answers.items()
    )
    keys = {row.id: i for i, row in enumerate(found)}
    return Snapshot(of, found, [OK] * len(found), targets, at, at, True, "prod", "RegionOne", keys)
