"""The virtual addresses: which host has each of them now, as all load balancers' kernels say, and who could take it.

Keepalived's own word for its state is a belief: after a kill the address stays where it was, and during a split two
hosts have it. So the addresses of the hosts decide; its word tells since when, and a failover that is under way from
two masters that do not hear each other. Which of them has it is no health: without preemption it stays
where it is when a better host comes back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import msgspec

from collectors.health import OK, Health, critical, unknown, warning
from collectors.kind import Column, Kind, Link, Reading, Row, Wire
from collectors.kinds._shared import listed, word
from collectors.request import VirtualAddresses
from collectors.rollup import Worst
from collectors.values import age

DOWN_AFTER: Final = 3
"""Adverts that must be missing before another takes over (VRRP's master-down interval, without its skew below one)."""
LEEWAY: Final = 3.0
"""Seconds within which all hosts have been asked, and a host has taken or given up an address."""


class ConfiguredWire(msgspec.Struct, gc=False):
    """What one host's keepalived.conf says about the address."""

    host: str
    instance: str = ""
    state: str | None = None
    interface: str | None = None
    virtual_router_id: int | None = None
    priority: int | None = None
    nopreempt: bool = False
    advert_int: float | None = None


class StateWire(msgspec.Struct, gc=False):
    """What the Keepalived of one host said last of the address's instance."""

    host: str
    state: str
    since: float
    priority: int | None = None


class VipWire(Wire):
    """One virtual address, joined over all hosts."""

    address: str
    holders: list[str] | None = None
    configured: list[ConfiguredWire] | None = None
    hosts: list[str] | None = None
    running: list[str] | None = None
    stopped: list[str] | None = None
    balancing: list[str] | None = None
    silent: dict[str, str] | None = None
    blind: dict[str, str] | None = None
    shared_ids: list[str] | None = None
    strangers: dict[str, str] | None = None
    states: list[StateWire] | None = None


class Vip(Row, frozen=True):
    """One virtual address."""

    address: str
    holders: str | None
    held_by: int
    instance: str | None
    router_id: str | None
    priorities: str | None
    state: str | None
    interface: str | None
    preempts: bool | None
    states: str | None
    held_since: float | None
    changed_at: float | None
    settles_in: float
    priorities_now: str | None
    hosts: str | None
    running: str | None
    stopped: str | None
    balancing: str | None
    silent: str | None
    not_read: str | None
    shared_with: str | None
    stranger: str | None


def _ids(configured: Sequence[ConfiguredWire]) -> str | None:
    """`51`; `51 (ctl01), 52 (ctl02)` where the hosts disagree."""
    by_id: dict[int, list[str]] = {}
    for each in configured:
        if each.virtual_router_id is not None:
            by_id.setdefault(each.virtual_router_id, []).append(each.host)
    if len(by_id) < 2:
        return listed(by_id)
    return listed(f"{number} ({' '.join(hosts)})" for number, hosts in by_id.items())


def _reasons(told: Mapping[str, str] | None) -> str | None:
    return listed(f"{host} ({why})" for host, why in (told or {}).items())


def row(wire: VipWire, reading: Reading) -> Vip:
    """Hosts are joined; words that all configurations agree on are said once."""
    configured, states = wire.configured or [], wire.states or []
    return Vip(
        address=wire.address,
        holders=word(listed(wire.holders)),
        held_by=len(wire.holders or ()),
        instance=word(listed(dict.fromkeys(each.instance for each in configured))),
        router_id=word(_ids(configured)),
        priorities=word(listed(f"{each.host} {each.priority}" for each in configured if each.priority is not None)),
        state=word(listed(dict.fromkeys(each.state for each in configured if each.state))),
        interface=word(listed(dict.fromkeys(each.interface for each in configured if each.interface))),
        states=word(listed(f"{each.host} {each.state}" for each in states)),
        held_since=max(
            (s.since for s in states if s.state == "MASTER" and s.host in (wire.holders or ())), default=None
        ),
        changed_at=max((each.since for each in states), default=None),
        settles_in=DOWN_AFTER * max((each.advert_int or 1.0 for each in configured), default=1.0) + LEEWAY,
        priorities_now=word(listed(f"{s.host} {s.priority}" for s in states if s.priority is not None)),
        preempts=None if not configured else not all(each.nopreempt for each in configured),
        hosts=word(listed(wire.hosts)),
        running=word(listed(wire.running)),
        stopped=word(listed(wire.stopped)),
        balancing=word(listed(wire.balancing)),
        silent=_reasons(wire.silent),
        not_read=_reasons(wire.blind),
        shared_with=word(listed(wire.shared_ids)),
        stranger=word(listed(dict.fromkeys((wire.strangers or {}).values()))),
    )


def health(vip: Vip, now: float) -> Health:
    """Exactly one holder is well; two are a split, none an outage, and who cannot be asked may be either."""
    moving = vip.changed_at is not None and now - vip.changed_at < vip.settles_in
    if vip.held_by > 1:
        return _held_by_several(vip, now, moving=moving)
    if vip.stranger:
        ours = f"on {vip.holders}, and" if vip.held_by else "held by no host:"
        which = f" with router id {vip.router_id}" if vip.router_id else ""
        return critical(f"{ours} a stranger answers for it, {vip.stranger}: a Keepalived{which} that is none of ours?")
    if vip.held_by == 0 and vip.silent:
        return unknown(f"none of those that answer holds it; not read: {vip.silent}")
    if vip.held_by == 0 and moving and vip.running and vip.balancing:
        return warning(f"a failover is in progress: held by no host ({vip.states})")
    if vip.held_by == 0:
        return critical(f"held by no host: {_why_nobody(vip)}")
    found = list(_complaints(vip, moving=moving))
    return found[0] if found else OK


def _held_by_several(vip: Vip, now: float, *, moving: bool) -> Health:
    """A split, an address that was left behind, or, for seconds, the old holder and the new one."""
    holders, stopped = (vip.holders or "").split(", "), (vip.stopped or "").split(", ")
    said = _said(vip)
    orphans = [host for host in holders if host in stopped]
    if moving and not orphans and vip.held_by == 2:
        return warning(f"a failover is in progress: held by {_and(vip.holders)} ({vip.states})")
    if orphans:
        return critical(f"held by {_and(vip.holders)}; Keepalived does not run on {' and '.join(orphans)}")
    if vip.held_since is not None and all(said.get(host) == "MASTER" for host in holders):
        lasting = age(now - vip.held_since)
        return critical(f"{vip.held_by} masters for {lasting} do not hear each other: {_and(vip.holders)}")
    backups = [host for host in holders if said.get(host) in ("BACKUP", "FAULT")]
    left = f"; {' and '.join(backups)} says {said[backups[0]]}, and has it still" if backups else ""
    return critical(f"held by {_and(vip.holders)}{left}")


def _said(vip: Vip) -> dict[str, str]:
    """Host → its Keepalived's word for its state."""
    return dict(each.rpartition(" ")[::2] for each in (vip.states or "").split(", ") if each)


def _and(text: str | None) -> str:
    first, comma, last = (text or "").rpartition(", ")
    return f"{first} and {last}" if comma else last


def _why_nobody(vip: Vip) -> str:
    if not vip.running:
        return f"Keepalived runs on none of {vip.hosts or 'the hosts'}"
    if not vip.balancing:
        return f"Keepalived runs on {_and(vip.running)}, HAProxy on none of them"
    which = f"router id {vip.router_id}" if vip.router_id else "our router id"
    return f"Keepalived runs on {_and(vip.running)}; does a stranger use {which}, or does its check fail everywhere?"


def _complaints(vip: Vip, *, moving: bool) -> Iterator[Health]:
    if vip.holders == vip.stopped or (vip.holders or "") in (vip.stopped or "").split(", "):
        yield critical(f"on {vip.holders}, where Keepalived does not run: nobody moves it when {vip.holders} fails")
    if vip.router_id and "(" in vip.router_id:
        yield critical(f"the hosts disagree on the router id, so they do not hear each other: {vip.router_id}")
    if vip.shared_with:
        yield warning(f"its router id {vip.router_id} is also that of {vip.shared_with} on the same interface")
    if vip.stopped:
        yield warning(f"on {vip.holders}; Keepalived does not run on {_and(vip.stopped)}: it cannot take over")
    said = _said(vip)
    if not moving and said.get(vip.holders or "") in ("BACKUP", "FAULT"):
        yield warning(f"on {vip.holders}, whose Keepalived says {said[vip.holders or '']}: who sends the adverts?")
    if failed := [host for host, state in said.items() if state == "FAULT"]:
        yield warning(f"on {vip.holders}; {_and(listed(failed))} cannot take over: its check fails there (FAULT)")
    if vip.silent:
        yield warning(f"on {vip.holders}; not read: {vip.silent}")
    if not vip.running and not vip.stopped:
        yield unknown("whether Keepalived runs could not be read")


KIND = Kind(
    name="vips",
    title="Virtual addresses",
    aliases=("vip", "virtual-addresses", "keepalived"),
    about="one row per virtual address: which hosts have it now, router id, priorities, where Keepalived runs",
    system="haproxy",
    read=VirtualAddresses(),
    wire=VipWire,
    row=row,
    fields=Vip,
    key="address",
    name_field="address",
    columns=(
        Column("address", "ADDRESS", "name", 1),
        Column("holders", "HELD BY", "ref", 1, help="the hosts whose kernels have the address now"),
        Column("router_id", "ROUTER ID", "text", 2, help="of VRRP, as configured; hosts that disagree are named"),
        Column("priorities", "PRIORITIES", "text", 3, help="as configured; the highest wins an election"),
        Column("running", "KEEPALIVED ON", "text", 3, help="hosts on which it runs"),
        Column("states", "SAYS", "text", 3, help="what each Keepalived said last of its state, in its log"),
        Column("held_since", "SINCE", "time", 4, help="when the holder became master, by Keepalived's log"),
        Column("held_by", "HOLDERS", "number", 4, help="one is right"),
        Column("interface", "INTERFACE", "text", 5),
        Column("instance", "INSTANCE", "text", 5, help="of VRRP, as configured"),
        Column("state", "STARTS AS", "status", 6, help="state at the start, as configured"),
        Column("preempts", "PREEMPTS", "flag", 6, help="a host with a higher priority takes it back"),
        Column(
            "priorities_now", "PRIORITY NOW", "text", 6, wide=True, help="where checks have changed the configured one"
        ),
        Column("changed_at", "LAST CHANGE", "time", 6, wide=True, help="of any of its Keepalived's states"),
        Column("settles_in", "SETTLES IN", "duration", 8, wide=True, help="how long a failover may take, seconds"),
        Column("stopped", "NOT ON", "text", 6, wide=True, help="hosts on which Keepalived does not run"),
        Column("balancing", "HAPROXY ON", "text", 6, wide=True, help="hosts on which HAProxy runs"),
        Column("hosts", "HOSTS", "text", 7, wide=True, help="those that may hold it, as the site says"),
        Column("silent", "NOT ASKED", "text", 7, wide=True, help="hosts that did not answer, and why"),
        Column("not_read", "NOT READ", "text", 7, wide=True, help="hosts whose configuration was not read, and why"),
        Column(
            "stranger", "STRANGER", "text", 7, wide=True, help="MAC that answers for it and is none of these hosts'"
        ),
        Column("shared_with", "ID SHARED", "text", 7, wide=True, help="other addresses with the same router id"),
    ),
    sort=("address",),
    health=health,
    rollup=Worst("VIPs", "held once", well="held_by=1"),
    links=(
        Link("haproxy-backends", "host", "holders", "what HAProxy says there"),
        Link("units", "host", "holders", "units on its host"),
        Link("hosts", "name", "holders", "its host"),
    ),
    element="vip@{address}",
    deadline=12.0,
    list_command="ip -br addr",
)
