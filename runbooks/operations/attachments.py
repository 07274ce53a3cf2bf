"""A leftover attachment: Cinder believes that a volume is plugged into a server which does not have it.

Four places say who holds a volume: Nova, Cinder, the hypervisor and the storage itself. Only when nobody but Cinder
does is its record a leftover; deleting that of a volume that is in use would let a second writer in. Nova and Cinder
are compared here; what hypervisor and storage say somebody must have looked up.
"""

from __future__ import annotations

import shlex
from typing import Any

from collectors.call import RestCall, path
from collectors.errors import NoSuchObject
from runbooks.cloud import Cloud
from runbooks.expect import Expect
from runbooks.guards import given
from runbooks.operation import Asked, Guard, Operation, Parameter, Step, Verdict, Work, is_closed, is_open, work

SEEN = Parameter("seen", "how you know that no host holds it (`rbd status`, `virsh domblklist`)", pattern=r".{1,200}")


def holds(cloud: Cloud, server: str, volume: str) -> tuple[bool, str]:
    """(Nova says that the server has the volume, in words). Raises `SourceError`."""
    try:
        found: Any = cloud.raw("servers", server)
    except NoSuchObject:
        return False, f"the server {server} is gone"
    volumes = found.get("os-extended-volumes:volumes_attached") or ()
    name = found.get("name") or server
    if any(each.get("id") == volume for each in volumes):
        return True, f"Nova says that {name} has it"
    return False, f"Nova says that {name} does not have it"


def _delete(asked: Asked) -> Work:
    row = asked.row
    return work(
        Step(
            f"delete the attachment of {row.volume_id} to {row.server or 'nothing'}",
            RestCall("block-storage", "DELETE", path("/attachments/{}", asked.identity), None, "3.70"),
            f"openstack --os-volume-api-version 3.70 volume attachment delete {shlex.quote(asked.identity)}",
            Expect("attachments", asked.identity, absent=True),
        ),
        stops="nothing, if nobody holds it; else what is written from there may be lost",
        notes=(
            "If a hypervisor still has it, detach it through Nova instead: openstack server remove volume.",
            "The volume's status may stay as it is: volume.reset-state then.",
        ),
    )


def _leftover(asked: Asked) -> Verdict:
    row = asked.row
    if not row.server:
        return is_open("it names no server")
    held, words = holds(asked.cloud, row.server, row.volume_id or "")
    if held:
        return is_closed(f"{words}: detach it there (openstack server remove volume)")
    return is_open(words)


OPERATIONS = (
    Operation(
        name="attachment.delete",
        kind="attachments",
        title="delete the attachment of volume {volume_id} to {server}",
        about="force a volume free that Cinder alone believes to be attached",
        risk="R3",
        parameters=(SEEN,),
        guards=(
            Guard("truth", _leftover, "Nova has no such server, or the server does not have the volume"),
            given("unheld", "seen", "somebody looked whether a host or the storage still has it open"),
        ),
        work=_delete,
        irreversible=True,
    ),
)
