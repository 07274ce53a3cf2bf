"""Virtual addresses: let another host take one over, by restarting the Keepalived that holds it.

A Keepalived that ends gives its addresses away at once; one that does not preempt leaves them where they went. Where
the holder would take them back at once, a restart moves nothing for long, and is refused.
"""

from __future__ import annotations

from typing import Any

from runbooks.expect import Expect
from runbooks.guards import some
from runbooks.operation import (
    Asked,
    Guard,
    Inverse,
    Operation,
    Step,
    Verdict,
    Work,
    is_closed,
    is_open,
    is_unknown,
    work,
)
from runbooks.service_steps import restarted, service


def _words(text: str | None) -> list[str]:
    return [each for each in (text or "").split(", ") if each]


def _priorities(row: Any) -> dict[str, int]:
    """Host → its priority, as configured: `ctl01 150, ctl02 149`."""
    pairs = (each.rpartition(" ") for each in _words(row.priorities))
    return {host: int(number) for host, _, number in pairs if number.isdigit()}


def _closed(row: Any) -> str:
    if row.held_by == 0:
        return "is held by no host: there is nothing to move"
    if row.held_by > 1:
        return f"is held by {row.holders}: stop the one that should lose first"
    return ""


def _one_holder(asked: Asked) -> Verdict:
    """Exactly one, no stranger, all hosts read."""
    row = asked.row
    if row.stranger:
        return is_closed(f"a stranger answers for it, {row.stranger}: find that first")
    if row.silent:
        return is_unknown(f"not read: {row.silent}")
    if row.held_by != 1:
        return is_closed(f"{row.held_by} hosts hold it")
    if row.router_id and "(" in row.router_id:
        return is_closed(f"the hosts disagree on the router id, so they do not hear each other: {row.router_id}")
    return is_open(f"only {row.holders} holds it")


def _heirs(asked: Asked) -> list[str]:
    """The hosts that could take it over: Keepalived and HAProxy run there."""
    able = set(_words(asked.row.running)) & set(_words(asked.row.balancing))
    return [host for host in _words(asked.row.hosts) if host in able and host not in _words(asked.row.holders)]


def _heir(asked: Asked) -> Verdict:
    """Another host could take it over, and its HAProxy is well."""
    heirs = _heirs(asked)
    if not heirs:
        return is_closed("Keepalived and HAProxy run together on no other host: nobody could take it over")
    snapshot = asked.cloud.snapshot("haproxy-backends")
    answering = {row.host for row in asked.cloud.rows("haproxy-backends", type="process", answers=True)}
    well = [host for host in heirs if host in answering]
    if not well:
        if snapshot.errors:
            return is_unknown(str(snapshot.errors[0]))
        return is_closed(f"HAProxy does not answer on {some(heirs)}")
    holder = asked.row.holders
    dead = {row.proxy for row in asked.cloud.rows("haproxy-backends", type="backend", host=holder, up=False)}
    worse = sorted(
        {
            row.proxy
            for host in heirs
            for row in asked.cloud.rows("haproxy-backends", type="backend", host=host, up=False)
            if row.proxy not in dead
        }
    )
    if worse:
        return is_closed(f"{some(worse)} has no server there that is up, although it has at {holder}")
    return is_open(f"{some(well)} can take it over, its HAProxy is well")


def _stays(asked: Asked) -> Verdict:
    """The holder does not take it back."""
    row, priorities = asked.row, _priorities(asked.row)
    if row.preempts is None or not priorities:
        return is_unknown("its configuration could not be read: whether the holder takes it back, nobody can tell")
    if row.preempts and priorities.get(row.holders, 0) >= max(priorities.values()):
        return is_closed(
            f"{row.holders} has the highest priority and preempts, it would take it back: stop Keepalived there instead"
        )
    return is_open("the holder does not take it back")


def _failover(asked: Asked) -> Work:
    holder, priorities = str(asked.row.holders), _priorities(asked.row)
    unit = service(asked.cloud, holder, "keepalived")
    heirs = sorted(_heirs(asked), key=lambda host: -priorities.get(host, 0))
    moved = Expect("vips", asked.identity, f"held_by=1 holders!={holder}")
    back = heirs and priorities.get(holder, 0) > max((priorities.get(host, 0) for host in heirs[1:]), default=0)
    inverse = Inverse("vip.failover", asked.identity, words=f"moves it on, to {holder} by priority") if back else None
    return work(
        Step(f"restart {unit.name} on {holder}, which holds it", restarted(asked.cloud, unit), "", moved, 60.0, 60.0),
        stops=f"connections through {holder} are cut; new ones fail for one to four seconds",
        less=f"likely to {heirs[0]}, by priority" if heirs else "",
        notes=(
            "Clients that keep connections (RPC, SQL) connect again: a burst of errors in their logs is expected.",
            "All addresses of the same VRRP instance move together.",
        ),
        inverse=inverse,
    )


OPERATIONS = (
    Operation(
        name="vip.failover",
        kind="vips",
        title="move {address} away from {holders}",
        about="let another host take the address over, by restarting the Keepalived that holds it",
        risk="R1",
        account="ssh",
        reads=("vips", "haproxy-backends"),
        closed=_closed,
        guards=(
            Guard("one-holder", _one_holder, "exactly one host holds it, and all were asked"),
            Guard("heir", _heir, "another host runs Keepalived and a HAProxy that is as well"),
            Guard("stays", _stays, "the holder does not take it back at once"),
        ),
        work=_failover,
        scope="vips",
    ),
)
