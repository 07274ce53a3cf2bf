"""Ceph's monitors: the restart of one, if the others keep the quorum without it."""

from __future__ import annotations

from runbooks.expect import Expect
from runbooks.guards import one_at_a_time, quorum_kept
from runbooks.operation import Asked, Operation, Step, Work, work
from runbooks.operations.ceph import restart_call


def _restart(asked: Asked) -> Work:
    back = Expect("mons", asked.identity, "in_quorum=true since>{began}")
    return work(
        Step(
            f"restart mon.{asked.identity} on {asked.row.host}",
            restart_call(asked, asked.row.host, "mon", asked.identity),
            expect=back,
            seconds=180.0,
            call_seconds=120.0,
        ),
        stops="clients that asked this one ask another; an election pauses changes of maps for some seconds",
        less="one monitor less until it is back",
    )


OPERATIONS = (
    Operation(
        name="mon.restart",
        kind="mons",
        title="restart monitor {name} on {host}",
        about="restart its process, or start it where it is down, while the others keep the quorum",
        risk="R1",
        account="ssh",
        guards=(
            quorum_kept("mons", "in_quorum=true"),
            one_at_a_time("mons", "in_quorum=false"),
        ),
        work=_restart,
        scope="ceph-mons",
    ),
)
