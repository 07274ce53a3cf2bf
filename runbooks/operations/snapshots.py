"""Snapshots of volumes: correct a state that is wrong, delete what nobody needs."""

from __future__ import annotations

import shlex

from collectors.call import RestCall, path
from collectors.errors import UsageError
from collectors.kinds.snapshots import RESTING, STUCK
from collectors.values import age
from runbooks.expect import Expect
from runbooks.operation import Asked, Guard, Operation, Parameter, Step, Verdict, Work, is_closed, is_open, work


def _reset(asked: Asked) -> Work:
    state = asked.values["state"]
    if state == asked.row.status:
        raise UsageError(f"{asked.name} is {state} already")
    return work(
        Step(
            f"set the state of {asked.name} to {state}",
            RestCall(
                "block-storage", "POST", path("/snapshots/{}/action", asked.identity),
                {"os-reset_status": {"status": state}}, "3.70",
            ),
            f"openstack volume snapshot set --state {state} {shlex.quote(asked.identity)}",
            Expect("snapshots", asked.identity, f"status={state}"),
        ),
        stops="nothing: only Cinder's record changes",
        notes=("Available promises that it can be restored from: look whether the storage has it (`rbd snap ls`).",),
    )  # fmt: skip


def _delete(asked: Asked) -> Work:
    return work(
        Step(
            f"delete {asked.name}",
            RestCall("block-storage", "DELETE", path("/snapshots/{}", asked.identity), None, "3.70"),
            f"openstack volume snapshot delete {shlex.quote(asked.identity)}",
            Expect("snapshots", asked.identity, "", "status=error_deleting", absent=True),
            900.0,
        ),
        stops="nothing; what it kept of its volume's past is gone",
    )


def _not_worked_on(asked: Asked) -> Verdict:
    status, since = asked.row.status or "", asked.row.updated_at or asked.row.created_at
    if status in RESTING or status.startswith("error"):
        return is_open("nothing is under way")
    lasts = asked.now - since if since is not None else 0.0
    if lasts < STUCK:
        return is_closed(f"{status} for {age(max(lasts, 1.0))}: somebody may be working on it; wait {age(STUCK)}")
    return is_open(f"{status} for {age(lasts)}: nobody works on it any more")


def _no_children(asked: Asked) -> Verdict:
    """With Ceph a volume that was made from it may be a clone of it."""
    if errors := asked.cloud.snapshot("volumes").errors:
        raise errors[0]
    made = asked.cloud.rows("volumes", snapshot_id=asked.identity)
    if made:
        return is_closed(f"{len(made)} volumes were made from it: delete those first, or have the storage flatten them")
    return is_open("no volumes were made from it")


OPERATIONS = (
    Operation(
        name="snapshot.reset-state",
        kind="snapshots",
        title="set the state of {name} from {status} to {state}",
        about="correct what Cinder's record says, when nobody works on it any more",
        risk="R3",
        parameters=(Parameter("state", "what is true", choices=("available", "error")),),
        guards=(Guard("no-task", _not_worked_on, "nothing is under way, or it has been for too long"),),
        work=_reset,
        irreversible=True,
    ),
    Operation(
        name="snapshot.delete",
        kind="snapshots",
        title="delete the snapshot {name} of volume {volume_id}",
        about="remove it; no volume may have been made from it",
        risk="R3",
        reads=("volumes",),
        closed=lambda row: (
            "" if row.status in ("available", "error") else f"is {row.status}: only available or error can be deleted"
        ),
        guards=(Guard("unused", _no_children, "no volume was made from it"),),
        work=_delete,
        irreversible=True,
        at_once=4,
    ),
)
