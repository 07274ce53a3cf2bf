"""A network interface of a host is switched on again, or off where nothing depends on it.

Switching one off that carries addresses, tunnels or a bridge cuts off what runs over it, perhaps the way in as well, so
only what nobody uses and a bond's member with another one beside it can be switched off here. Neither lasts over a
reboot: the host's own configuration decides then.
"""

from __future__ import annotations

from typing import Any

from collectors.kinds.interfaces import SWITCH
from runbooks.expect import Expect
from runbooks.operation import Asked, Guard, Inverse, Operation, Step, Verdict, Work, is_closed, is_open, work
from runbooks.operations.entries import host_call

LASTS = "It lasts until the next reboot: then what netplan, NetworkManager, systemd-networkd or ifupdown say counts."


def _set(asked: Asked, up: bool) -> Step:
    row, verb = asked.row, "up" if up else "down"
    done = Expect("interfaces", asked.identity, f"admin_up={str(up).lower()}", target=row.host)
    text = f"switch {row.name} on {row.host} {'on' if up else 'off'}"
    return Step(text, host_call(row.host, f"interface-{verb}", interface=row.name), "", done, 60.0, 30.0)


def _up(asked: Asked) -> Work:
    row = asked.row
    notes = [
        "Somebody or something switched it off: a loop, a wrong VLAN, work on its cable? Ask before it is on again.",
        "Whether anything answers at the other end is in the column carrier afterwards.",
        LASTS,
    ]
    if row.kind == "bridge" or (row.master and not row.mii_status):
        notes.insert(1, "A second way into the same network without spanning tree is a loop, which stops the network.")
    return work(
        _set(asked, True),
        stops="nothing; traffic may move to it",
        notes=tuple(notes),
        inverse=Inverse("interface.down", asked.identity, words="switches it off again, if nothing depends on it"),
    )


def _down(asked: Asked) -> Work:
    row = asked.row
    return work(
        _set(asked, False),
        stops=f"nothing: {row.master} goes on with its other members" if row.mii_status else "nothing: nobody uses it",
        less=f"{row.master} has one member less" if row.mii_status else "",
        notes=(
            "Its IPv6 addresses and the routes over it go as well, and do not all come back when it is on again.",
            LASTS,
        ),
        inverse=Inverse("interface.up", asked.identity, words="switches it on again"),
    )


def _others(asked: Asked) -> list[Any]:
    """The other interfaces of the host. Raises `SourceError`."""
    found = asked.cloud.rows("interfaces", target=asked.row.host)
    return [each for each in found if each.id not in {asked.identity, *asked.also}]


def _spare(asked: Asked) -> Verdict:
    """Nothing depends on it: a bond's member with another one that works, or what nobody uses at all."""
    row, others = asked.row, _others(asked)
    above = [each.name for each in others if each.peer == row.name or each.master == row.name]
    if above:
        return is_closed(f"{', '.join(above[:3])} would go down with it")
    if row.mii_status:  # told of the members of a bond
        well = [
            each.name
            for each in others
            if each.master == row.master and each.carrier and (each.mii_status or "").upper() == "UP"
        ]
        if well:
            return is_open(f"{row.master} goes on with {', '.join(well)}")
        return is_closed(f"{row.master} has no other member that works: what runs over it would be cut off")
    carries = row.addresses if row.used and not row.master else None
    if row.used:
        return is_closed(
            f"it carries {carries or row.master or 'traffic'}: what runs over it would be cut off, and perhaps we"
        )
    return is_open("it has no addresses of its own, and belongs to nothing")


def _no_way_on(row: Any) -> str:
    if row.admin_up is None:
        return "has flags that were not read"
    if row.kind in SWITCH or row.name.startswith(("ovs-", "br-")):
        return "is Open vSwitch's own, which works while it looks down"
    return "is on already" if row.admin_up else ""


def _no_way_off(row: Any) -> str:
    if row.admin_up is None:
        return "has flags that were not read"
    if row.kind in (*SWITCH, "loopback"):
        return f"is {row.kind}: it is not for hands"
    return "" if row.admin_up else "is off already"


OPERATIONS = (
    Operation(
        name="interface.up",
        kind="interfaces",
        title="switch {name} on {host} on",
        about="bring a link up that is administratively down: a bond's member, a card after work on it",
        risk="R2",
        account="ssh",
        closed=_no_way_on,
        work=_up,
        scope="interface:{host}",
    ),
    Operation(
        name="interface.down",
        kind="interfaces",
        title="switch {name} on {host} off",
        about="take down a bond's member that misbehaves, or a link that nobody uses",
        risk="R2",
        account="ssh",
        closed=_no_way_off,
        guards=(Guard("redundant", _spare, "another member of its bond works, or nobody uses it"),),
        work=_down,
        scope="interface:{host}",
    ),
)
