"""Connections of the message bus: close one that hangs, so that its client opens a new one.

A half-open connection keeps a consumer's queue served by nobody. The broker closes it, gives back what was taken and
not confirmed, and writes the reason into its log; oslo.messaging connects again by itself.
"""

from __future__ import annotations

from collectors.call import ManagementCall, path
from runbooks.expect import Expect
from runbooks.operation import Asked, Operation, Parameter, Step, Work, work


def _close(asked: Asked) -> Work:
    row = asked.row
    who = f"{row.program or 'the client'} on {row.peer_host or 'its host'}"
    return work(
        Step(
            f"close {asked.identity}",
            ManagementCall("DELETE", path("connections/{}", asked.identity), reason=asked.values["reason"]),
            expect=Expect("connections", asked.identity, absent=True),
        ),
        stops=f"what {who} does over it, until it has connected again: seconds, for a client that lives",
        notes=("Messages that it has taken and not confirmed go back to their queues.",),
    )


OPERATIONS = (
    Operation(
        name="connection.close",
        kind="connections",
        title="close the connection of {program} from {peer_host}",
        about="end a connection that hangs; its client connects again by itself",
        risk="R1",
        account="rabbitmq",
        parameters=(Parameter("reason", "why; the broker's log and its client get it", pattern=r".{1,200}"),),
        work=_close,
        at_once=4,
    ),
)
