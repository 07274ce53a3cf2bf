"""Forcing a volume free: Cinder tells the storage to cut whoever is connected, and forgets the attachment.

Nothing on the other end is told. Whoever still has the device writes on, and the next server that gets the volume is a
second writer; so Nova must not have it, and somebody must have looked whether a host or the storage does. Cinder itself
refuses (409) what Nova still has, and volumes with several attachments: those are deleted one by one.
"""

from __future__ import annotations

from collectors.call import RestCall, path
from runbooks.expect import Expect
from runbooks.guards import given
from runbooks.operation import Asked, Guard, Operation, Step, Verdict, Work, is_closed, is_open, work
from runbooks.operations.attachments import SEEN, holds
from runbooks.operations.volumes import IDLE


def _detach(asked: Asked) -> Work:
    body = {"os-force_detach": {"connector": None}}
    return work(
        Step(
            f"force {asked.name} free",
            RestCall("block-storage", "POST", path("/volumes/{}/action", asked.identity), body, "3.70"),
            # No client has a command for it; what is shown is made from the call.
            expect=Expect("volumes", asked.identity, "status=available"),
        ),
        verify=(
            Expect("volumes", asked.identity, "status=available"),
            Expect("attachments", where=f"volume_id={asked.identity}", absent=True),
        ),
        stops="nothing, if nobody holds it; else what is written from there is lost, or ruins the file system",
        notes=(
            "The storage cuts every host that is connected to the volume, not only a lost one.",
            "With RBD nothing is cut: a host that has it open writes on. `rbd status` must show no watcher.",
            "A host that merely hangs comes back writing: fence it first (power off), or leave the volume alone.",
            "Nova's own record stays: if its server comes back, it may expect the volume there.",
        ),
    )


def _attachments(asked: Asked) -> list[str | None]:
    """The servers that Cinder believes it is plugged into. Raises `SourceError`."""
    found = asked.cloud.rows("attachments", query=(("volume_id", asked.identity),))
    return [each.server for each in found]


def _single(asked: Asked) -> Verdict:
    count = len(_attachments(asked))
    if count > 1:
        return is_closed(f"it has {count} attachments, and Cinder refuses that: attachment.delete the wrong one")
    return is_open("it has one attachment" if count else "it has no attachment: only its state is stuck")


def _let_go(asked: Asked) -> Verdict:
    found = [holds(asked.cloud, server, asked.identity) for server in _attachments(asked) if server]
    words = "; ".join(said for _, said in found) or "Cinder names no server"
    if any(held for held, _ in found):
        return is_closed(f"{words}: detach it there (openstack server remove volume); Cinder refuses it here")
    return is_open(words)


OPERATIONS = (
    Operation(
        name="volume.force-detach",
        kind="volumes",
        title="force {name} free, which is {status}",
        about="cut and forget a connection that the server's host can no longer end itself",
        risk="R3",
        parameters=(SEEN,),
        closed=lambda row: "is available: nobody holds it" if row.status == "available" else "",
        guards=(
            IDLE,
            Guard("single", _single, "it has at most one attachment"),
            Guard("truth", _let_go, "Nova has no such server, or the server does not have the volume"),
            given("unheld", "seen", "somebody looked whether a host or the storage still has it open"),
        ),
        work=_detach,
        irreversible=True,
    ),
)
