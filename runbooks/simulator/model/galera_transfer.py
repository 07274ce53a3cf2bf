"""How a Galera member that came into the Primary component catches up: an incremental transfer or a full one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runbooks.simulator.model.galera import Galera
    from runbooks.simulator.model.galera_member import Member

IST = 3.0
"""An incremental transfer."""
SST = 15.0
"""A full one (mariabackup)."""
LONG_ABSENCE = 900.0
"""Absent for longer than the donor's gcache reaches: a full transfer."""


def fetch(galera: Galera, member: Member, others: list[str]) -> None:
    """`member` fetches what it missed from one of `others`; a timer ends that."""
    donor = next((name for name in reversed(others) if galera.synced(name)), others[0])
    full = member.blank or member.seqno <= 0 or galera.counted - member.left > LONG_ABSENCE
    until = galera.counted + (SST if full else IST)
    member.phase = "sst" if full else "joining"
    galera.transfers[member.name] = donor, until

    def done(at: float) -> None:
        if galera.transfers.get(member.name) == (donor, until):
            galera.count(at)
            del galera.transfers[member.name]
            member.phase, member.blank = "running", False
            galera.cloud.settle(at)

    galera.cloud.timers.at(until, done)
