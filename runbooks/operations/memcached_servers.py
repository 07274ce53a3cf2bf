"""Memcached: throw away what a cache holds, or restart it; one at a time, because both cost the same.

What is lost is only cached, but everybody asks for it again at once: each token is validated at Keystone once more,
and sessions of the dashboard that are kept there only are gone.
"""

from __future__ import annotations

from typing import Any, Final

from runbooks.expect import Expect
from runbooks.guards import one_at_a_time
from runbooks.operation import Asked, Guard, Operation, Step, Verdict, Work, is_closed, is_open, work
from runbooks.operations.entries import host_call
from runbooks.service_steps import restart_step, service

WARMING = 120.0
"""Seconds after its start in which a cache is still being filled."""


def _warm(asked: Asked) -> Verdict:
    """No other cache has begun empty just now: Keystone bears one burst at a time."""
    for row in asked.cloud.rows("memcached-servers"):
        fresh = row.started is not None and asked.now - row.started < WARMING
        if row.member != asked.row.member and fresh:
            since = max(asked.now - row.started, 0)
            return is_closed(f"{row.member} began empty {since:.0f} s ago: wait {WARMING:.0f} s")
    rate = "" if asked.row.hit_rate is None else f", which answer {asked.row.hit_rate:.0f} % of the reads"
    held = "" if asked.row.items is None else f"; it holds {asked.row.items:,} items{rate}"
    return is_open(f"the others are warm{held}")


_GUARDS = (
    one_at_a_time("memcached-servers", "answers=false"),
    Guard("warm", _warm, "no other cache was started within the last two minutes"),
)


_COST: Final = (
    "Each token that it holds is validated at Keystone once more.",
    "Sessions of the dashboard that are kept only there end; nothing else is lost.",
)
"""No numbers: what a plan says is confirmed, and these change every second. A guard tells them."""


def _flush(asked: Asked) -> Work:
    row = asked.row
    before = row.flushes or 0
    return work(
        Step(
            f"flush the cache of {row.member}",
            host_call(row.member, "memcached-flush", address=row.address),
            "",
            Expect("memcached-servers", asked.identity, f"flushes>{before}"),
            20.0,
            10.0,
        ),
        stops="nothing; all calls are slower for a minute or two, while Keystone validates every token again",
        notes=_COST,
    )


def _restart(asked: Asked) -> Work:
    unit = service(asked.cloud, asked.row.member, "memcached")
    back = Expect("memcached-servers", asked.identity, "answers=true")
    return work(
        restart_step(asked.cloud, unit),
        Step(f"wait until the cache of {asked.row.member} answers", None, "", back, 60.0),
        verify=(back,),
        stops="for a second each call waits for it; then all are slower until it is filled again",
        notes=_COST,
    )


def _closed_flush(row: Any) -> str:
    if row.answers is False:
        return "does not answer: restart it"
    if row.account:
        return "wants an account: flushing it from here is not possible, restart it"
    return "" if row.address and ":" in row.address else "says no address"


OPERATIONS = (
    Operation(
        name="memcached-server.flush",
        kind="memcached-servers",
        title="flush the cache of {member}",
        about="throw away all that it caches, after wrong or stale entries; costs a burst of validations",
        risk="R1",
        account="ssh",
        closed=_closed_flush,
        guards=_GUARDS,
        work=_flush,
        irreversible=True,
        scope="memcached",
    ),
    Operation(
        name="memcached-server.restart",
        kind="memcached-servers",
        title="restart memcached on {member}",
        about="restart it by its unit or container, when it is dead or hangs; it begins empty",
        risk="R1",
        account="ssh",
        reads=("memcached-servers",),
        guards=_GUARDS,
        work=_restart,
        scope="memcached",
    ),
)
