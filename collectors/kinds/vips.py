"""The virtual addresses: which host has each of them now, as all load balancers' kernels say, and who could take it.

Keepalived's own word for its state is a belief: after a kill the address stays where it was, and during a split two
hosts have it. So the addresses of the hosts decide. Which of them has it is no health: without preemption it stays
where it is when a better host comes back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from collectors.health import OK, Health, critical, unknown, warning
from collectors.kind import Column, Kind, Link, Reading, Row, Wire
from collectors.kinds._shared import listed, word
from collectors.request import VirtualAddresses
from collectors.rollup import Worst


class ConfiguredWire(msgspec.Struct, gc=False):
    """What one host's keepalived.conf says about the address."""

    host: str
    instance: str = ""
    state: str | None = None
    interface: str | None = None
    virtual_router_id: int | None = None
    priority: int | None = None
    nopreempt: bool = False


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
    configured = wire.configured or []
    return Vip(
        address=wire.address,
        holders=word(listed(wire.holders)),
        held_by=len(wire.holders or ()),
        instance=word(listed(dict.fromkeys(each.instance for each in configured))),
        router_id=word(_ids(configured)),
        priorities=word(listed(f"{each.host} {each.priority}" for each in configured if each.priority is not None)),
        state=word(listed(dict.fromkeys(each.state for each in configured if each.state))),
        interface=word(listed(dict.fromkeys(each.interface for each in configured if each.interface))),
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
    if vip.held_by > 1:
        orphans = [host for host in (vip.holders or "").split(", ") if host in (vip.stopped or "").split(", ")]
        dead = f"; Keepalived does not run on {' and '.join(orphans)}" if orphans else ""
        return critical(f"held by {_and(vip.holders)}{dead}")
    if vip.stranger:
        ours = f"on {vip.holders}, and" if vip.held_by else "held by no host:"
        which = f" with router id {vip.router_id}" if vip.router_id else ""
        return critical(f"{ours} a stranger answers for it, {vip.stranger}: a Keepalived{which} that is none of ours?")
    if vip.held_by == 0 and vip.silent:
        return unknown(f"none of those that answer holds it; not read: {vip.silent}")
    if vip.held_by == 0:
        return critical(f"held by no host: {_why_nobody(vip)}")
    found = list(_complaints(vip))
    return found[0] if found else OK


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


def _complaints(vip: Vip) -> Iterator[Health]:
    if vip.holders == vip.stopped or (vip.holders or "") in (vip.stopped or "").split(", "):
        yield critical(f"on {vip.holders}, where Keepalived does not run: nobody moves it when {vip.holders} fails")
    if vip.router_id and "(" in vip.router_id:
        yield critical(f"the hosts disagree on the router id, so they do not hear each other: {vip.router_id}")
    if vip.shared_with:
        yield warning(f"its router id {vip.router_id} is also that of {vip.shared_with} on the same interface")
    if vip.stopped:
        yield warning(f"on {vip.holders}; Keepalived does not run on {_and(vip.stopped)}: it cannot take over")
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
        Column("held_by", "HOLDERS", "number", 4, help="one is right"),
        Column("interface", "INTERFACE", "text", 5),
        Column("instance", "INSTANCE", "text", 5, help="of VRRP, as configured"),
        Column("state", "STARTS AS", "status", 6, help="state at the start, as configured"),
        Column("preempts", "PREEMPTS", "flag", 6, help="a host with a higher priority takes it back"),
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
