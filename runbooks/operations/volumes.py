"""Volumes: set what Cinder's record says to what is true, move one to another pool, give it another type.

Resetting a state changes a word in a database, nothing else. It is right only where the word is wrong, so what Nova and
Cinder say of the attachments is compared first.
"""

from __future__ import annotations

import shlex
from typing import Any

from collectors.call import RestCall, path
from collectors.errors import UsageError
from collectors.kinds.volumes import RESTING, STUCK
from collectors.values import age
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
from runbooks.operations.attachments import holds

MOVING = 4 * 3600.0
"""Seconds that copying a volume may take."""
WELL = ("available", "in-use")


def _act(asked: Asked, body: dict[str, Any]) -> RestCall:
    return RestCall("block-storage", "POST", path("/volumes/{}/action", asked.identity), body, "3.70")


def _volume(asked: Asked, where: str, fails: str = "") -> Expect:
    return Expect("volumes", asked.identity, where, fails)


def _reset(asked: Asked) -> Work:
    state = asked.values["state"]
    if state == asked.row.status:
        raise UsageError(f"{asked.name} is {state} already")
    return work(
        Step(
            f"set the state of {asked.name} to {state}",
            _act(asked, {"os-reset_status": {"status": state}}),
            f"openstack volume set --state {state} {shlex.quote(asked.identity)}",
            _volume(asked, f"status={state}"),
        ),
        stops="nothing: only Cinder's record changes",
        notes=(f"It says {asked.row.status} now; Cinder does nothing to the volume itself.",),
    )


def _migrate(asked: Asked) -> Work:
    pool = asked.values["pool"]
    done = _volume(asked, f"{exactly('host', pool)} not:migration_status~^(migrating|starting|completing)$")
    return work(
        Step(
            f"migrate {asked.name} to {pool}",
            _act(asked, {"os-migrate_volume": {"host": pool, "force_host_copy": False, "lock_volume": False}}),
            f"openstack volume migrate --host {shlex.quote(pool)} {shlex.quote(asked.identity)}",
            Expect("volumes", asked.identity, done.where, "migration_status=error"),
            MOVING,
        ),
        verify=(_volume(asked, f"{done.where} status~^(available|in-use)$"),),
        stops="it cannot be attached, detached or extended meanwhile",
        inverse=Inverse("volume.migrate", asked.identity, {"pool": asked.row.host or ""}, "moves it back"),
    )


def _retype(asked: Asked) -> Work:
    new, policy = asked.values["type"], asked.values["policy"]
    return work(
        Step(
            f"give {asked.name} the type {new}",
            _act(asked, {"os-retype": {"new_type": new, "migration_policy": policy}}),
            f"openstack volume set --type {shlex.quote(new)} --migration-policy {policy} {shlex.quote(asked.identity)}",
            # A type that its back-end cannot be is accepted first, and then nothing has become of it; whatever type it
            # has then is among what must be looked at, so that it is told.
            _volume(
                asked,
                f"{exactly('volume_type', new)} status~^(available|in-use)$",
                "volume_type~. status~^(available|in-use|error) updated_at>{began}",
            ),
            MOVING if policy == "on-demand" else 300.0,
        ),
        stops="it cannot be attached, detached or extended meanwhile",
        inverse=Inverse(
            "volume.retype",
            asked.identity,
            {"type": asked.row.volume_type, "policy": policy},
            "gives it its old type again",
        )
        if asked.row.volume_type
        else None,
    )


def _task(row: Any) -> str | None:
    """What is under way, of volumes that are not in a state of rest."""
    if row.migration_status in ("migrating", "starting", "completing"):
        return f"{row.migration_status} to another pool"
    return None if row.status in RESTING or str(row.status).startswith("error") else str(row.status)


def _not_worked_on(asked: Asked) -> Verdict:
    """A short change that has lasted long is nobody's any more."""
    task, since = _task(asked.row), asked.row.updated_at or asked.row.created_at
    if task is None:
        return is_open("nothing is under way")
    lasts = asked.now - since if since is not None else 0.0
    if lasts < STUCK:
        return is_closed(f"{task} for {age(max(lasts, 1.0))}: somebody may be working on it; wait {age(STUCK)}")
    return is_open(f"{task} for {age(lasts)}: nobody works on it any more")


def _true(asked: Asked) -> Verdict:
    """The two unambiguous rows of the table: all say attached, or none does."""
    state = asked.values["state"]
    found = asked.cloud.rows("attachments", query=(("volume_id", asked.identity),))
    held = [holds(asked.cloud, each.server, asked.identity) for each in found if each.server]
    words = "; ".join(dict.fromkeys(said for _, said in held)) or "Cinder has no attachment of it"
    told = f"Cinder has {len(found)} attachments of it; {words}"
    if state == "error":
        return is_open(f"{told}; in error nobody can use it until it was looked at")
    if state == "in-use":
        if held and all(says for says, _ in held):
            return is_open(told)
        return is_closed(f"{told}: it is not in use; available, or attachment.delete first")
    if not found:
        if asked.values["seen"].strip():
            return is_open(f"{told}; stated: {asked.values['seen'].strip()}")
        return is_closed(f"{told}; say how you know that no host holds it (`rbd status`, `virsh domblklist`): seen=…")
    if any(says for says, _ in held):
        return is_closed(f"{told}: it is in use; state=in-use, or detach it through Nova")
    return is_closed(f"{told}: a leftover attachment; attachment.delete first")


def _room(asked: Asked) -> Verdict:
    pool, row = asked.values["pool"], asked.row
    if pool == row.host:
        return is_closed(f"it is on {pool} already")
    found = asked.cloud.rows("volume-pools", name=pool)
    if not found:
        return is_closed(f"there is no pool {pool}")
    services = asked.cloud.rows("volume-services", host=pool.partition("#")[0], binary="cinder-volume")
    if not services or services[0].state != "up" or services[0].backend_state == "down":
        return is_closed(f"the service of {pool} is not up")
    free = found[0].free
    if free is not None and row.size is not None and free < row.size:
        return is_closed(f"{pool} has {free // 2**30} GiB free, it takes {row.size // 2**30}")
    return is_open(f"{pool} is up and has room")


def _no_copies(asked: Asked) -> Verdict:
    found = asked.cloud.rows("snapshots", query=(("volume_id", asked.identity),))
    if found:
        return is_closed(f"it has {len(found)} snapshots, and Cinder moves none that has: delete them first")
    return is_open("it has no snapshots")


def _alone(asked: Asked) -> Verdict:
    """Cinder refuses (400) to migrate what replicates or belongs to a group (`cinder.volume.api.migrate_volume`)."""
    found = asked.cloud.raw("volumes", asked.identity)
    replication, group = found.get("replication_status"), found.get("group_id") or found.get("consistencygroup_id")
    if replication not in (None, "disabled", "not-capable"):
        return is_closed(f"its replication is {replication}: Cinder migrates none that replicates")
    if group:
        return is_closed(f"it belongs to the group {group}: Cinder migrates none that does")
    return is_open("it neither replicates nor belongs to a group")


def _another_type(asked: Asked) -> Verdict:
    new = asked.values["type"]
    return (
        is_closed(f"it is {new} already") if asked.row.volume_type == new else is_open(f"it is {asked.row.volume_type}")
    )


IDLE = Guard("no-task", _not_worked_on, "nothing is under way, or it has been for too long")


def _resting(row: Any) -> str:
    return "" if row.status in WELL else f"is {row.status}: only what is available or in use can be moved"


OPERATIONS = (
    Operation(
        name="volume.reset-state",
        kind="volumes",
        title="set the state of {name} from {status} to {state}",
        about="correct what Cinder's record says, where the attachments prove it wrong",
        risk="R3",
        parameters=(
            Parameter("state", "what is true", choices=("available", "in-use", "error")),
            Parameter("seen", "how you know that no host holds it; only for available", "", pattern=r".{0,200}"),
        ),
        guards=(
            IDLE,
            Guard("truth", _true, "what Nova and Cinder say of its attachments agrees with the new state"),
        ),
        work=_reset,
        irreversible=True,
    ),
    Operation(
        name="volume.migrate",
        kind="volumes",
        title="migrate {name} to {pool}",
        about="move it to another pool of another or the same back-end",
        risk="R2",
        parameters=(Parameter("pool", "where to: machine@backend#pool", of="volume-pools"),),
        reads=("volume-pools", "volume-services"),
        closed=_resting,
        guards=(
            no_task(_task),
            Guard("capacity", _room, "the pool is there, its service up, and it has room"),
            Guard("no-snapshots", _no_copies, "it has no snapshots"),
            Guard("alone", _alone, "it neither replicates nor belongs to a group"),
        ),
        work=_migrate,
        at_once=2,
    ),
    Operation(
        name="volume.retype",
        kind="volumes",
        title="give {name} the type {type} instead of {volume_type}",
        about="another volume type: quality of service, or another back-end with policy=on-demand",
        risk="R2",
        parameters=(
            Parameter("type", "name of the new type", pattern=r"[^\r\n]{1,255}"),
            Parameter("policy", "on-demand moves it where it must", "never", choices=("never", "on-demand")),
        ),
        closed=_resting,
        guards=(no_task(_task), Guard("sense", _another_type, "it has another type now")),
        work=_retype,
    ),
)
