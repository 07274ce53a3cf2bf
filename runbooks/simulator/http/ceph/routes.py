"""Which paths the dashboard has, in which version each answers, and which role may read it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from runbooks.simulator.ceph.groups import safe_to_destroy
from runbooks.simulator.ceph.osds import flag_list
from runbooks.simulator.http.ceph import documents, health, images
from runbooks.simulator.http.ceph.crush import CRUSH_RULE
from runbooks.simulator.http.ceph.tokens import ROLES
from runbooks.simulator.model.ceph import Ceph

Version = tuple[int, int]


class DashboardError(Exception):
    """An error answer: `{"status": "404 Not Found", "detail": …, "request_id": …}`."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


BROKEN = "The server encountered an unexpected condition which prevented it from fulfilling the request."
FORBIDDEN = "You don't have permissions to access that resource"
UNAUTHORIZED = "You are not authorized to access that resource"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that was let in."""

    ceph: Ceph
    args: tuple[str, ...]
    """The variable parts of the path."""
    query: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Route:
    """One path."""

    pattern: str
    """`/api/osd/{id}`."""
    read: Callable[[Asked], Any]
    version: Version = (1, 0)
    everybody: bool = True
    """Read-only accounts may read it."""
    asks_monitors: bool = False
    """Without a quorum it hangs."""


def _one_osd(asked: Asked) -> Any:
    number = asked.args[0]
    osd = asked.ceph.osds.get(int(number)) if number.isdigit() else None
    if osd is None:
        raise DashboardError(500, BROKEN)  # as the real one does: it does not look first
    return documents.osd_one(asked.ceph, osd)


def _safe(asked: Asked) -> Any:
    wanted = [int(each) for each in re.findall(r"\d+", asked.query.get("ids", ""))]
    found = safe_to_destroy(asked.ceph, wanted)
    return {**found, "is_safe_to_destroy": bool(wanted) and sorted(found["safe_to_destroy"]) == sorted(wanted)}


def _users(asked: Asked) -> Any:
    rest = {"name": None, "email": None, "lastUpdate": int(asked.ceph.created) + 900, "enabled": True}
    more = {"pwdExpirationDate": None, "pwdUpdateRequired": False}
    return [{"username": user, "roles": [role], **rest, **more} for user, role in ROLES.items()]


def _tasks(asked: Asked) -> Any:
    return {"executing_tasks": [], "finished_tasks": []}


ROUTES = (
    Route("/api/summary", lambda asked: health.summary(asked.ceph)),
    Route("/api/health/minimal", lambda asked: health.health_minimal(asked.ceph)),
    Route("/api/health/full", lambda asked: health.health_full(asked.ceph)),
    Route("/api/osd", lambda asked: [documents.osd_full(asked.ceph, osd) for osd in asked.ceph.osds.values()]),
    Route("/api/osd/flags", lambda asked: sorted(flag_list(asked.ceph))),
    Route("/api/osd/safe_to_destroy", _safe),
    Route("/api/osd/{id}", _one_osd),
    Route("/api/pool", lambda asked: documents.pool_list(asked.ceph, stats=asked.query.get("stats") == "true")),
    Route("/api/monitor", lambda asked: documents.monitor(asked.ceph), asks_monitors=True),
    Route("/api/host", lambda asked: documents.hosts(asked.ceph), (1, 1)),
    Route("/api/block/image", lambda asked: images.image_list(asked.ceph, asked.query.get("pool_name", "")), (2, 0)),
    Route("/api/mgr/module", lambda asked: documents.module_list(asked.ceph), everybody=False),
    Route("/api/logs/all", lambda asked: images.logs(asked.ceph)),
    Route("/api/task", _tasks),
    Route("/api/crush_rule", lambda asked: [CRUSH_RULE]),
    Route("/api/user", _users),
)


def find(path: str) -> tuple[Route, tuple[str, ...]] | None:
    """The route of a path, and the path's variable parts."""
    for route in ROUTES:
        shape = re.sub(r"\{\w+\}", "([^/]+)", route.pattern)
        if found := re.fullmatch(shape, path):
            return route, found.groups()
    return None


_ACCEPTED = re.compile(r"application/vnd\.ceph\.api\.v(\d+)\.(\d+)\+json")


def check_version(accept: str, offered: Version) -> None:
    """Raises DashboardError 415 when the client asks for another version, or for none."""
    found = _ACCEPTED.search(accept)
    if found is None:
        raise DashboardError(415, "Unable to find version in request header")
    wanted = int(found[1]), int(found[2])
    if wanted[0] != offered[0] or wanted[1] > offered[1]:
        mine, theirs = (".".join(map(str, version)) for version in (offered, wanted))
        raise DashboardError(415, f"Incorrect version: endpoint is '{mine}', client requested '{theirs}'")


def media_type(version: Version) -> str:
    """`application/vnd.ceph.api.v1.0+json`."""
    return f"application/vnd.ceph.api.v{version[0]}.{version[1]}+json"
