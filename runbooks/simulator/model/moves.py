"""Servers move: live migration, cold migration and resize, evacuation, unshelving.

Each leaves a migration record and takes time; while it runs, both hosts' providers hold the server's resources. An
evacuation leaves the allocation on the dead host behind, as Nova does until that host's nova-compute comes back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from runbooks.simulator.model import rpc, scheduling
from runbooks.simulator.model import server as states
from runbooks.simulator.model.actions import Action
from runbooks.simulator.model.flavors import Flavor
from runbooks.simulator.model.migrations import Migration
from runbooks.simulator.model.placement import Held
from runbooks.simulator.model.power import check
from runbooks.simulator.model.rpc import RefusedError, Who
from runbooks.simulator.model.server import Failure, Server

if TYPE_CHECKING:
    from runbooks.simulator.model.cloud import Cloud

NO_HOST = "No valid host was found. There are not enough hosts available."


def _begin(cloud: Cloud, server_id: str, word: str, allowed: tuple[str, ...], who: Who) -> tuple[Server, str]:
    """The server, to be changed, and its host, after the usual checks."""
    found = cloud.compute.servers.get(server_id)
    if found is None:
        raise KeyError(server_id)
    check(found, word, frozenset(allowed), who)
    if found.host is None:
        raise RefusedError(409, f"Instance {server_id} is not ready")
    return cloud.compute.servers.edit(server_id), found.host


def _up(cloud: Cloud, host: str) -> bool:
    service = cloud.compute.services.compute(host)
    return service is not None and cloud.compute.services.up(service, cloud.now())


def _target(cloud: Cloud, server: Server, flavor: Flavor, wanted: str | None, source: str) -> str:
    """Where it goes: `wanted`, or the scheduler's choice. Raises RefusedError 400."""
    if wanted is None:
        chosen = scheduling.choose(cloud, flavor, None, (source,))
        if chosen is None:
            raise RefusedError(400, NO_HOST)
        return chosen
    if cloud.compute.services.compute(wanted) is None:
        raise RefusedError(400, f"Compute host {wanted} could not be found.")
    if wanted == source:
        raise RefusedError(400, f"Unable to migrate instance ({server.id}) to current host ({source}).")
    return wanted


def _hold(cloud: Cloud, migration: Migration, server: Server, source: str, dest: str) -> None:
    """While it moves: the server's own allocation is on `dest`, the migration holds the one on `source`."""
    cloud.placement.claims[server.id] = dest
    held = {source: migration.old_flavor.resources}
    cloud.placement.held[migration.id] = Held(server.project_id, server.user_id, held)
    cloud.placement.touch(source, dest)


def _release(cloud: Cloud, migration: Migration, server: Server) -> None:
    cloud.placement.claims.pop(server.id, None)
    cloud.placement.held.pop(migration.id, None)
    cloud.placement.touch(migration.source, migration.dest or migration.source)


def _action(cloud: Cloud, server: Server, name: str, who: Who) -> Action:
    return cloud.compute.actions.start(name, server, who.request_id, who.user_id, who.project_id, cloud.now())


def live_migrate(cloud: Cloud, server_id: str, wanted: str | None, who: Who) -> None:
    """`os-migrateLive`: pre-copy grows to 100 percent, then the host switches."""
    server, source = _begin(cloud, server_id, "os-migrateLive", ("active", "paused"), who)
    if not _up(cloud, source):
        raise RefusedError(400, f"Compute service of {source} is unavailable at this time.")
    dest = _target(cloud, server, server.flavor, wanted, source)
    if not _up(cloud, dest):
        raise RefusedError(400, f"Compute service of {dest} is unavailable at this time.")
    now, action = cloud.now(), _action(cloud, server, "live-migration", who)
    migration = cloud.compute.migrations.start(
        server, "live-migration", "preparing", dest, now, user_id=who.user_id, project_id=who.project_id
    )
    server.task_state, server.updated, server.progress = "migrating", now, 0
    event = action.begin("conductor_live_migrate_instance", source, now)
    _hold(cloud, migration, server, source, dest)

    def step(at: float, percent: int) -> None:
        if migration.status not in ("preparing", "running") or server.task_state != "migrating":
            _release(cloud, migration, server)  # aborted, or its server deleted
            return
        if not rpc.compute(cloud, source) or not rpc.compute(cloud, dest):
            migration.set("error", at)
            server.task_state, server.updated, server.progress = None, at, 0
            _release(cloud, migration, server)
            action.end(event, at, "Live Migration failure: operation failed: migration out job: unexpectedly failed")
            return
        if percent < 100:
            migration.set("running", at)
            server.progress = percent
            cloud.timers.at(at + 2.0, lambda later: step(later, percent + 25))
            return
        migration.set("completed", at)
        _release(cloud, migration, server)
        server.host, server.task_state, server.updated, server.progress = dest, None, at, 0
        action.end(event, at)

    cloud.timers.at(now + 1.5, lambda at: step(at, 10))


def resize(cloud: Cloud, server_id: str, flavor: Flavor | None, wanted: str | None, who: Who) -> None:
    """`migrate` (without a flavor) and `resize`: ends in VERIFY_RESIZE on the other host."""
    word = "resize" if flavor else "migrate"
    server, source = _begin(cloud, server_id, word, ("active", "stopped"), who)
    new = flavor or server.flavor
    if flavor is not None and flavor.id == server.flavor.id:
        raise RefusedError(400, "When resizing, instances must change flavor!")
    dest = _target(cloud, server, new, wanted, source)
    now, action = cloud.now(), _action(cloud, server, "resize" if flavor else "migrate", who)
    kind = "resize" if flavor else "migration"
    migration = cloud.compute.migrations.start(
        server, "resize" if kind == "resize" else "migration", "pre-migrating", dest, now,
        user_id=who.user_id, project_id=who.project_id,
    )  # fmt: skip
    migration.new_flavor = new
    server.task_state, server.updated = "resize_prep", now
    event = action.begin("compute_prep_resize", dest, now)
    _hold(cloud, migration, server, source, dest)

    def step(at: float, task: str, status: str, then: float, rest: list[tuple[str, str, float]]) -> None:
        if cloud.compute.servers.get(server_id) is None:
            _release(cloud, migration, server)
            return
        server.task_state, server.updated = task, at
        migration.set(status, at)
        if rest:
            following = rest[0]
            rpc.when(
                cloud, lambda: rpc.compute(cloud, source), at + then, lambda later: step(later, *following, rest[1:])
            )
            return
        rpc.when(cloud, lambda: rpc.compute(cloud, dest), at + then, finish)

    def finish(at: float) -> None:
        server.old_flavor, server.old_host = server.flavor, source
        server.flavor, server.host = new, dest
        server.vm_state, server.task_state, server.updated = "resized", None, at
        cloud.placement.claims.pop(server.id, None)
        migration.set("finished", at)
        action.end(event, at)

    stages = [
        ("resize_migrating", "migrating", 3.0),
        ("resize_migrated", "post-migrating", 0.5),
        ("resize_finish", "post-migrating", 2.0),
    ]
    first = ("resize_prep", "pre-migrating", 1.0)
    rpc.when(cloud, lambda: rpc.conductors(cloud), now + 0.5, lambda at: step(at, *first, stages))


def settle_resize(cloud: Cloud, server_id: str, keep: bool, who: Who) -> None:
    """`confirmResize` (keep) and `revertResize`."""
    word = "confirm_resize" if keep else "revert_resize"
    server, here = _begin(cloud, server_id, word, ("resized",), who)
    migration = cloud.compute.migrations.unfinished(server_id)
    if migration is None:
        raise RefusedError(400, f"Instance {server_id} has not been resized.")
    now, action = cloud.now(), _action(cloud, server, word.replace("_r", "R"), who)
    event = action.begin(f"compute_{word}", here, now)
    server.task_state = None if keep else "resize_reverting"

    def done(at: float) -> None:
        if not keep and server.old_flavor is not None and server.old_host is not None:
            server.flavor, server.host = server.old_flavor, server.old_host
        server.old_flavor = server.old_host = None
        running = server.power_state == states.RUNNING
        server.vm_state, server.task_state, server.updated = "active" if running else "stopped", None, at
        migration.set("confirmed" if keep else "reverted", at)
        _release(cloud, migration, server)
        action.end(event, at)

    rpc.when(cloud, lambda: rpc.compute(cloud, here), now + 1.5, done)


def evacuate(cloud: Cloud, server_id: str, wanted: str | None, who: Who, *, stopped: bool) -> None:
    """`evacuate`: rebuild elsewhere what was on a dead host. `stopped`: do not start it there (since 2.95)."""
    server, source = _begin(cloud, server_id, "evacuate", ("active", "stopped", "error"), who)
    if _up(cloud, source):
        raise RefusedError(400, f"Compute service of {source} is still in use.")
    if wanted is not None and cloud.compute.services.compute(wanted) is None:
        raise RefusedError(404, f"Compute host {wanted} not found.")
    if wanted == source:
        raise RefusedError(400, "The target host can't be the same one.")
    now, action = cloud.now(), _action(cloud, server, "evacuate", who)
    migration = cloud.compute.migrations.start(
        server, "evacuation", "accepted", wanted, now, user_id=who.user_id, project_id=who.project_id
    )
    server.task_state, server.updated = "rebuilding", now

    def placed(at: float) -> None:
        dest = wanted or scheduling.choose(cloud, server.flavor, None, (source,))
        if dest is None:
            server.vm_state, server.task_state, server.updated = "error", None, at
            server.failure = Failure(at, NO_HOST)
            migration.set("error", at)
            action.message = "Error"
            return
        migration.dest = dest
        migration.set("pre-migrating", at)
        cloud.placement.claims[server_id] = dest
        cloud.placement.held[server_id] = Held(server.project_id, server.user_id, {source: server.flavor.resources})
        cloud.placement.touch(source, dest)
        event = action.begin("compute_rebuild_instance", dest, at)

        def done(moment: float) -> None:
            server.host, server.task_state, server.updated = dest, None, moment
            off = stopped or server.vm_state == "stopped"
            server.vm_state = "stopped" if off else "active"
            server.power_state = states.SHUTDOWN if off else states.RUNNING
            server.failure = None
            cloud.placement.claims.pop(server_id, None)
            migration.set("done", moment)
            action.end(event, moment)

        rpc.when(cloud, lambda: rpc.compute(cloud, dest), at + 4.0, done)

    rpc.when(cloud, lambda: rpc.schedulers(cloud), now + 0.5, placed)


def rebuild(cloud: Cloud, server_id: str, image: str, who: Who) -> Server:
    """`rebuild`: the same server on the same host with a new disk of `image`; a stopped one is stopped again."""
    server, host = _begin(cloud, server_id, "rebuild", ("active", "stopped", "error"), who)
    now, action = cloud.now(), _action(cloud, server, "rebuild", who)
    stopped = server.vm_state == "stopped"
    server.task_state, server.updated = "rebuilding", now
    event = action.begin("compute_rebuild_instance", host, now)

    def done(at: float) -> None:
        if cloud.compute.servers.get(server_id) is None or server.task_state != "rebuilding":
            return  # deleted or reset meanwhile
        server.image_id, server.failure = image, None
        server.vm_state = "stopped" if stopped else "active"
        server.power_state = states.SHUTDOWN if stopped else states.RUNNING
        server.task_state, server.updated = None, at
        action.end(event, at)

    rpc.when(cloud, lambda: rpc.compute(cloud, host), now + 6.0, done)
    return server


def unshelve(cloud: Cloud, server_id: str, who: Who) -> None:
    """`unshelve`: the scheduler finds a host, the server runs there."""
    found = cloud.compute.servers.get(server_id)
    if found is None:
        raise KeyError(server_id)
    check(found, "unshelve", frozenset({"shelved", "shelved_offloaded"}), who)
    server, now = cloud.compute.servers.edit(server_id), cloud.now()
    action = _action(cloud, server, "unshelve", who)
    server.task_state, server.updated = "unshelving", now

    def placed(at: float) -> None:
        dest = scheduling.choose(cloud, server.flavor, None)
        if dest is None:
            server.task_state, server.updated = None, at
            action.message = "Error"
            return
        event = action.begin("compute_unshelve_instance", dest, at)

        def done(moment: float) -> None:
            server.host, server.vm_state, server.task_state = dest, "active", None
            server.power_state, server.updated = states.RUNNING, moment
            cloud.placement.touch(dest)
            action.end(event, moment)

        rpc.when(cloud, lambda: rpc.compute(cloud, dest), at + 4.0, done)

    rpc.when(cloud, lambda: rpc.schedulers(cloud), now + 0.5, placed)
