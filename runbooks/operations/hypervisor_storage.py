"""A hypervisor that holds data of Ceph too (hyper-converged): its OSDs stay in while somebody works on it.

Without the flag Ceph takes OSDs that are down out after ten minutes and copies all that they hold elsewhere. It is set
for that host alone, so that the rest of the cluster goes on mending itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from collectors.errors import SourceError, UsageError
from runbooks.operation import Asked, Parameter, Stage
from runbooks.operations.ceph_flags import row_id, set_step, unset_step

READS: Final = ("osds", "ceph-flags", "mons")
NOOUT: Final = Parameter("noout", "keep its OSDs of Ceph in; auto: where it has some", "auto", ("auto", "yes", "no"))


def ceph_host(asked: Asked, host: str) -> str:
    """The host as Ceph calls it; empty where it has no OSDs. Raises `SourceError`."""
    if not asked.cloud.can_ask("osds"):
        return ""
    short = host.partition(".")[0]
    found: Sequence[Any] = [row for row in asked.cloud.rows("osds") if (row.host or "").partition(".")[0] == short]
    return str(found[0].host) if found else ""


def _is_set(asked: Asked, of: str) -> bool:
    return any(row.id == row_id("noout", of) and row.set for row in asked.cloud.rows("ceph-flags"))


def kept_in(asked: Asked, host: str) -> tuple[list[Stage], tuple[str, ...]]:
    """(what keeps its OSDs in, notes), as the parameter `noout` wants it. Raises `UsageError`, `SourceError`."""
    wanted = asked.values["noout"]
    of = "" if wanted == "no" else ceph_host(asked, host)
    if not of:
        if wanted == "yes":
            raise UsageError(f"{host} has no OSDs of Ceph", "noout=auto, or noout=no")
        return [], ()
    stages = [] if _is_set(asked, of) else [Stage((set_step(asked, "noout", of),))]
    return stages, (f"Ceph leaves the OSDs of {of} in while they are down, until the host returns.",)


def given_back(asked: Asked, host: str) -> tuple[list[Stage], tuple[str, ...]]:
    """(what lets Ceph take its OSDs out again, notes); a Ceph that does not answer keeps no hypervisor away."""
    try:
        of = ceph_host(asked, host)
        if not of or not _is_set(asked, of):
            return [], ()
        return [Stage((unset_step(asked, "noout", of),))], ()
    except SourceError as error:
        return [], (f"Whether noout is set for it is not known ({error.why}): nephoscope get ceph-flags",)
