"""What the operations on Ceph share: who runs `ceph` there, which unit a daemon is, what keeps its data served.

Every command goes to a monitor's host that is in the quorum and is run there as the site's admin of Ceph, whose keyring
is on that host; the words come from commands.yaml.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from collectors.call import HostCall
from collectors.errors import UsageError
from runbooks.expect import Expect
from runbooks.guards import named, satisfying, some
from runbooks.operation import Asked, Guard, Step, Verdict, is_closed, is_open, is_unknown
from runbooks.operations.entries import host_call

WHOLE: Final = r"state~undersized|degraded|peering|stale|recover"
"""Groups that lack a copy, or are about to find out."""


def speaker(asked: Asked) -> str:
    """The host on which `ceph` is run: a monitor's that is in the quorum. Raises `UsageError`, `SourceError`."""
    site = asked.cloud.site.ceph
    if site is None or not site.mons:
        raise UsageError("the site names no monitor of Ceph", "add mons = […] to [site.NAME.ceph]")
    inside = {row.name for row in asked.cloud.rows("mons") if row.in_quorum}
    return next((mon.host for mon in site.mons if mon.name in inside), site.mons[0].host)


def ceph_call(asked: Asked, entry: str, /, **values: str) -> HostCall:
    """An entry of commands.yaml that runs `ceph`. Raises `UsageError` for values that it does not take."""
    host = speaker(asked)
    assert asked.cloud.site.ceph is not None
    return host_call(host, entry, admin=asked.cloud.site.ceph.admin, **values)


def host_of(asked: Asked, name: str | None) -> str:
    """The site's name of a host as Ceph calls it. Raises `UsageError` when the site does not name it."""
    hosts = asked.cloud.site.hosts
    short = (name or "").partition(".")[0]
    found = [known for known in hosts if known == name or known.partition(".")[0] == short]
    if not name or len(found) != 1:
        raise UsageError(f"the site does not name the host {name or 'of it'}", "add it to [site.NAME.hosts]")
    return found[0]


def unit_of(asked: Asked, host: str, kind: str, name: str) -> str:
    """The unit of systemd that runs a daemon: `ceph-osd@3`, or cephadm's `ceph-FSID@osd.3`.

    Raises `UsageError` when there is none, `SourceError`.
    """
    wanted = re.compile(rf"ceph-{kind}@{re.escape(name)}|ceph-[0-9a-f-]{{36}}@{kind}\.{re.escape(name)}")
    for row in asked.cloud.rows("units", target=host):
        if row.engine == "systemd" and wanted.fullmatch(row.name):
            return str(row.name)
    raise UsageError(f"systemd on {host} has no unit of {kind}.{name}", f"nephoscope get units host={host}")


def restart_call(asked: Asked, ceph_host: str | None, kind: str, name: str) -> HostCall:
    """Restart a daemon where it runs. Raises `UsageError`, `SourceError`."""
    host = host_of(asked, ceph_host)
    return host_call(host, "unit-restart", unit=unit_of(asked, host, kind, name))


def served_again() -> Step:
    """Wait until every group is active again: after a change of the map each agrees on its place, for a second or two.

    A step and no proof: groups agree again whenever their data has arrived somewhere.
    """
    return Step(
        "wait until every group is active", expect=Expect("pgs", where="active=false", absent=True), seconds=120.0
    )


def whole_again(about: str, where: str = "") -> Step:
    """Wait until the groups of what was touched have all their copies again."""
    return Step(f"wait until {about} are whole", expect=Expect("pgs", where=f"{where} {WHOLE}".strip(), absent=True),
                seconds=900.0)  # fmt: skip


def served() -> Guard:
    """No placement group is inactive: whoever brings OSDs back comes first."""

    def check(asked: Asked) -> Verdict:
        snapshot = asked.cloud.snapshot("pgs")
        waiting = [named(snapshot, at) for at in satisfying(snapshot, "active=false health=critical")]
        if waiting:
            return is_closed(f"clients of {some(waiting)} wait: bring the OSDs that have it back first")
        return is_unknown(str(snapshot.errors[0])) if snapshot.errors else is_open("no group keeps its clients waiting")

    return Guard("served", check, "no placement group is inactive for longer than it takes to agree")


def stated(name: str, check: Callable[[Asked], str], well: str, about: str) -> Guard:
    """`check` says why not, or nothing."""
    return Guard(name, lambda asked: is_closed(why) if (why := check(asked)) else is_open(well), about)
