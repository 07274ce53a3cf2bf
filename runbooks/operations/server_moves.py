"""A server moves or is built anew: live and cold migration, what follows a resize, evacuation, rebuild.

Each leaves a migration record, and that is what tells whether it came to an end: a live migration that failed leaves
the server ACTIVE where it was, as if nothing had been asked.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any, Final

from collectors.call import RestCall, path
from collectors.errors import UsageError
from runbooks.expect import Expect, exactly
from runbooks.guards import no_task
from runbooks.operation import (
    Asked,
    Guard,
    Inverse,
    Operation,
    Parameter,
    Step,
    Verdict,
    Work,
    is_closed,
    is_open,
    work,
)
from runbooks.operations.servers import IDLE, VERSION, act, acted, back, server, unlike, verb

LIVE = 1800.0
"""Seconds that a live migration may take: Nova's live_migration_completion_timeout is 800 s times its memory in GiB."""
SETTLED = "status~^(ACTIVE|SHUTOFF)$ task_state="
AT_ONCE: Final = 50
"""Servers whose ports are asked for by one request: their ids stand in its URL."""
UNWIRED: Final = "If a port stays DOWN, restart the network agent of its host: agent.restart."
_FAILED = "status~^(error|failed|cancelled)$"

HOST = Parameter("host", "where to; empty: the scheduler chooses", "", pattern=r"[A-Za-z0-9._-]{0,255}")


def migration(identity: str, kind: str, status: str) -> Expect:
    """A migration of that server, begun since, has come to that status."""
    mine = f"server={identity} migration_type={kind} created_at>{{began}}"
    return Expect("migrations", "", f"{mine} {status}", f"{mine} {_FAILED}", sent=(("instance_uuid", identity),))


def elsewhere(identity: str, source: str) -> Expect:
    """It is not on that host any more: somebody moved it, or deleted it."""
    return Expect("servers", identity, exactly("host", source), absent=True)


def live_step(identity: str, name: str, host: str = "", source: str = "") -> Step:
    """Live-migrate one server; also one step of draining a hypervisor, for as long as it is there (`source`)."""
    body = {"os-migrateLive": {"host": host or None, "block_migration": "auto"}}
    to = f" to {host}" if host else ""
    where = f" --host {shlex.quote(host)}" if host else ""
    return Step(
        f"live-migrate {name}{to}",
        RestCall("compute", "POST", path("/servers/{}/action", identity), body, "2.68"),
        f"openstack --os-compute-api-version 2.68 server migrate --live-migration{where} {shlex.quote(identity)}",
        migration(identity, "live-migration", "status=completed"),
        LIVE,
        unless=elsewhere(identity, source) if source else None,
    )


def _live(asked: Asked) -> Work:
    return work(
        live_step(asked.identity, asked.name, asked.values["host"]),
        verify=(
            server(asked, f"host!={asked.row.host} status={asked.row.status} task_state="),
            *wired({asked.identity: asked.name}),
        ),
        stops="it pauses for less than a second at the end",
        notes=(UNWIRED,),
        inverse=Inverse("server.live-migrate", asked.identity, {"host": asked.row.host or ""}, "moves it back"),
    )


def _copied(asked: Asked, text: str, body: dict[str, Any], command: str, where: str, words: str) -> Work:
    """Powered off, copied, and then in the hands of whoever asked for it, until that is confirmed or reverted."""
    return work(
        Step(text, act(asked, body), command, server(asked, f"{where}status=VERIFY_RESIZE task_state="), LIVE),
        stops="what runs on it, while its disk is copied",
        notes=("It then waits for server.confirm (its old disk is removed) or server.revert.",),
        inverse=Inverse("server.revert", asked.identity, words=words),
    )


def _migrate(asked: Asked) -> Work:
    host = asked.values["host"]
    to = f" --host {shlex.quote(host)}" if host else ""
    return _copied(
        asked,
        f"migrate {asked.name}",
        {"migrate": {"host": host} if host else None},
        f"openstack --os-compute-api-version {VERSION} server migrate{to} {asked.identity}",
        f"host!={asked.row.host} ",
        "goes back to where it was",
    )


def _resize(asked: Asked) -> Work:
    flavor = asked.values["flavor"]
    return _copied(
        asked,
        f"resize {asked.name}",
        {"resize": {"flavorRef": flavor}},
        f"openstack server resize --flavor {shlex.quote(flavor)} {asked.identity}",
        "",
        "goes back to its old flavor and host",
    )


def _rebuild(asked: Asked) -> Work:
    image = asked.values["image"] or asked.row.image
    if not image:
        raise UsageError(f"{asked.name} boots from a volume", "say from which image: image=…")
    return work(
        Step(
            f"rebuild {asked.name}",
            act(asked, {"rebuild": {"imageRef": image}}),
            f"openstack server rebuild --image {shlex.quote(image)} {asked.identity}",
            acted(asked, "rebuild"),
        ),
        back(asked, 900.0),
        stops="everything on its disk is lost; addresses, volumes and id stay",
    )


def wired(names: Mapping[str, str]) -> tuple[Expect, ...]:
    """Their ports are ACTIVE where they are now, asked for `AT_ONCE` servers at a time (id → name).

    Neutron's agent reports a port once it has wired it. Neutron 29.0.0 may not: while the old host's binding is still
    there, the agent of the new one takes the port for one that moves away, and leaves it (neutron.agent.rpc).
    """
    found = []
    for at in range(0, len(names), AT_ONCE):
        some = list(names.items())[at : at + AT_ONCE]
        told = some[0][1] if len(names) == 1 else f"{len(some)} servers"
        sent = tuple(("device_id", identity) for identity, _ in some)
        where = "device_owner~^compute: status!=ACTIVE admin_state_up!=false"
        found.append(Expect("ports", name=f"of {told} are ACTIVE", where=where, absent=True, sent=sent))
    return tuple(found)


def evacuate_step(identity: str, name: str, source: str, host: str = "") -> Step:
    """Build one server of a dead host again elsewhere."""
    where = f" --host {shlex.quote(host)}" if host else ""
    body = {"evacuate": {"host": host} if host else {}}
    return Step(
        f"evacuate {name}",
        RestCall("compute", "POST", path("/servers/{}/action", identity), body, "2.68"),
        f"openstack --os-compute-api-version 2.68 server evacuate{where} {shlex.quote(identity)}",
        Expect("servers", identity, f"host!={source} {SETTLED}", "status=ERROR"),
        900.0,
        unless=elsewhere(identity, source),
    )


def _evacuate(asked: Asked) -> Work:
    step = evacuate_step(asked.identity, asked.name, asked.row.host or "", asked.values["host"])
    return work(
        step,
        stops="it is off already; local disks are lost, volumes are attached again",
        notes=("If its host still runs, it runs twice and both write its volumes.",),
    )


def _dead(asked: Asked) -> Verdict:
    """Nova itself refuses unless the service is down; forced down says that somebody fenced the host."""
    for service in asked.cloud.rows("compute-services", binary="nova-compute", host=asked.row.host):
        if service.forced_down:
            return is_open(f"{asked.row.host} is forced down: somebody fenced it")
        return is_closed(f"{asked.row.host} is not forced down: compute-service.force-down first")
    return is_closed(f"{asked.row.host} has no nova-compute")


def _elsewhere(asked: Asked) -> Verdict:
    """Some other compute is enabled and up."""
    others = [
        row.host
        for row in asked.cloud.rows("compute-services", binary="nova-compute", status="enabled", state="up")
        if row.host != asked.row.host
    ]
    wanted = asked.values.get("host", "")
    if wanted and wanted not in others:
        return is_closed(f"{wanted} is no other compute that is enabled and up")
    return (
        is_open(f"{len(others)} other computes are enabled and up") if others else is_closed("no other compute is up")
    )


ELSEWHERE = Guard("capacity", _elsewhere, "another compute is enabled and up; the scheduler has the last word")
FENCED = Guard("fenced", _dead, "the host was forced down, which somebody stated to be fenced")
UNLOCKED = no_task(lambda row: "locked" if row.locked else row.task_state, "no task, not locked")

OPERATIONS = (
    Operation(
        name="server.live-migrate",
        kind="servers",
        title="live-migrate {name}",
        about="move it to another host while it runs",
        risk="R2",
        parameters=(HOST,),
        reads=("compute-services",),
        closed=unlike("ACTIVE", "PAUSED"),
        guards=(IDLE, ELSEWHERE),
        work=_live,
        at_once=2,
    ),
    Operation(
        name="server.migrate",
        kind="servers",
        title="migrate {name}",
        about="move it to another host, powered off meanwhile",
        risk="R2",
        parameters=(HOST,),
        reads=("compute-services",),
        closed=unlike("ACTIVE", "SHUTOFF"),
        guards=(IDLE, ELSEWHERE),
        work=_migrate,
        at_once=2,
    ),
    Operation(
        name="server.resize",
        kind="servers",
        title="resize {name}",
        about="give it another flavor",
        risk="R2",
        roles=("admin", "member"),
        parameters=(Parameter("flavor", "the new flavor", of="flavors"),),
        closed=unlike("ACTIVE", "SHUTOFF"),
        guards=(IDLE,),
        work=_resize,
    ),
    verb(
        "confirm", "confirm the resize of {name}", "keep its new flavor or host, and remove its old disk",
        "resize confirm", {"confirmResize": None}, SETTLED, ("VERIFY_RESIZE",), "nothing; its old disk is removed",
        seconds=300.0, irreversible=True,
    ),
    verb(
        "revert", "revert the resize of {name}", "back to its old flavor and host",
        "resize revert", {"revertResize": None}, SETTLED, ("VERIFY_RESIZE",),
        "what was written since is lost with its new disk", seconds=600.0, irreversible=True, at_once=1,
    ),
    Operation(
        name="server.rebuild",
        kind="servers",
        title="rebuild {name}",
        about="build it again from an image, with its addresses and volumes",
        risk="R3",
        roles=("admin", "member"),
        parameters=(Parameter("image", "from which image; empty: its own", "", of="images"),),
        closed=unlike("ACTIVE", "SHUTOFF", "ERROR"),
        guards=(UNLOCKED,),
        work=_rebuild,
        irreversible=True,
    ),
    Operation(
        name="server.evacuate",
        kind="servers",
        title="evacuate {name}",
        about="build it again elsewhere, because its host is dead and fenced",
        risk="R4",
        parameters=(HOST,),
        reads=("compute-services",),
        closed=unlike("ACTIVE", "SHUTOFF", "ERROR"),
        guards=(FENCED, ELSEWHERE),
        work=_evacuate,
        irreversible=True,
        at_once=2,
    ),
)  # fmt: skip
