"""Servers behind HAProxy: drain one, take it out, bring it back, weigh it; at every HAProxy that balances to it.

Each HAProxy has its own mind, and clients meet whichever has the virtual address now: a server that is drained at one
of them only is not drained. So one operation sets it at all of them, over their statistics sockets. What is set there
lasts until that HAProxy is restarted or reloaded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from collectors.errors import UsageError
from runbooks.expect import Expect
from runbooks.guards import some
from runbooks.operation import (
    Asked,
    Guard,
    Inverse,
    Operation,
    Parameter,
    Step,
    Verdict,
    Work,
    is_closed,
    is_open,
    is_unknown,
    work,
)
from runbooks.operations.entries import host_call
from runbooks.service_steps import service

_SET: Final = {
    "ready": ("bring back", "status!=MAINT* status!=DRAIN*"),
    "drain": ("drain", "status=DRAIN*"),
    "maint": ("take out", "status=MAINT*"),
}
"""State → what it means, and what HAProxy says then."""


_USUAL: Final = {
    "systemd": "/run/haproxy/admin.sock",
    "docker": "/var/lib/docker/volumes/haproxy_socket/_data/haproxy.sock",
    "podman": "/var/lib/containers/storage/volumes/haproxy_socket/_data/haproxy.sock",
}
"""Engine → where its statistics socket is, as Debian's package and Kolla have it; used where its page is read."""


def _state(row: Any) -> str:
    """What somebody has set: `ready` unless HAProxy says otherwise."""
    word = (row.status or "").partition(" ")[0].lower()
    return word if word in _SET else "ready"


def _everywhere(asked: Asked) -> list[Any]:
    """The rows of this server at every HAProxy that has it."""
    rows = asked.cloud.rows("haproxy-backends", type="server", proxy=asked.row.proxy, server=asked.row.server)
    return sorted(rows, key=lambda row: str(row.host))


def _sockets(asked: Asked) -> dict[str, str]:
    """Host → its statistics socket: where it was asked, or where those who run it so have it.

    Raises `NoSuchObject` where no HAProxy runs, `SourceError`.
    """
    rows = asked.cloud.rows("haproxy-backends", type="process")
    found = {row.host: row.socket for row in rows if row.socket}
    site = asked.cloud.site.haproxy
    for row in _everywhere(asked):
        if row.host not in found:
            usual = _USUAL[service(asked.cloud, row.host, "haproxy").engine]
            found[row.host] = (site.socket if site is not None else "") or usual
    return found


def _unread(asked: Asked) -> str:
    """Why some HAProxy could not be read, if so."""
    errors = asked.cloud.snapshot("haproxy-backends").errors
    return str(errors[0]) if errors else ""


def _all_read(asked: Asked) -> Verdict:
    if why := _unread(asked):
        return is_unknown(f"{why}: what is set at the others only is not set for all clients")
    return is_open(f"set at {some([row.host for row in _everywhere(asked)])}")


ALL_READ = Guard("everywhere", _all_read, "every HAProxy of the site can be told")


# What is told beside the calls is confirmed with them: no numbers in it that change every second; guards tell those.


def _lonely(asked: Asked) -> Iterator[str]:
    """The HAProxies at which no other server would be up."""
    gone = {identity.partition("/")[2] for identity in (asked.identity, *asked.also)}
    for mine in _everywhere(asked):
        others = asked.cloud.rows("haproxy-backends", type="server", proxy=asked.row.proxy, host=mine.host)
        if not any(
            row.up and (row.status or "").startswith(("UP", "no check")) and row.name not in gone for row in others
        ):
            yield mine.host


def _not_the_last(asked: Asked) -> Verdict:
    if why := _unread(asked):
        return is_unknown(why)
    if hosts := list(_lonely(asked)):
        return is_closed(f"no other server of {asked.row.proxy} is up at {some(hosts)}: clients would get nothing")
    rows = _everywhere(asked)
    sessions = sum(row.sessions or 0 for row in rows)
    return is_open(
        f"others of {asked.row.proxy} are up at {some([row.host for row in rows])}; it has {sessions} sessions"
    )


NOT_THE_LAST = Guard("not-the-last", _not_the_last, "another server of the backend is up at every HAProxy")


def _setting(asked: Asked, state: str) -> Iterator[Step]:
    sockets, (verb, where) = _sockets(asked), _SET[state]
    for row in _everywhere(asked):
        call = host_call(
            row.host,
            "haproxy-server-state",
            socket=sockets[row.host],
            backend=row.proxy,
            server=row.server,
            state=state,
        )
        expect = Expect("haproxy-backends", row.id, where, target=row.host)
        yield Step(f"{verb} {row.name} at {row.host}", call, "", expect, 30.0, 15.0)


def _set_work(asked: Asked, state: str, stops: str) -> Work:
    rows = _everywhere(asked)
    if not rows:
        raise UsageError(f"no HAProxy has {asked.row.name} now", "nephoscope get haproxy-backends type=server")
    steps, old = tuple(_setting(asked, state)), {_state(row) for row in rows}
    before = _state(asked.row)
    notes = ["It lasts until that HAProxy is restarted or reloaded; its configuration does not change."]
    if len(old) > 1:
        told = ", ".join(f"{row.host} {_state(row)}" for row in rows)
        notes.append(f"It is not the same at all of them now ({told}); taking it back sets {before} everywhere.")
    return work(
        *steps,
        verify=tuple(step.expect for step in steps if step.expect is not None),
        stops=stops,
        less="" if state == "ready" else _left(asked),
        notes=tuple(notes),
        inverse=Inverse(f"haproxy-backend.{before}", asked.identity, words=f"sets it {before} again"),
    )


def _left(asked: Asked) -> str:
    rows = asked.cloud.rows("haproxy-backends", type="server", proxy=asked.row.proxy, host=asked.row.host)
    up = [row for row in rows if row.up and (row.status or "").startswith("UP")]
    left = [row for row in up if row.server != asked.row.server]
    return f"{len(left)} of {len(rows)} servers of {asked.row.proxy} take clients (now {len(up)})"


def _ready(asked: Asked) -> Work:
    return _set_work(asked, "ready", "nothing; it gets clients as soon as its check passes")


def _drain(asked: Asked) -> Work:
    return _set_work(asked, "drain", "nothing; its sessions end by themselves, new ones go elsewhere")


def _maint(asked: Asked) -> Work:
    return _set_work(asked, "maint", "its checks; new sessions go elsewhere, its sessions go on until they end")


def _weight(asked: Asked) -> Work:
    sockets, wanted, rows = _sockets(asked), asked.values["weight"], _everywhere(asked)
    steps = tuple(
        Step(
            f"weigh {row.name} {wanted} at {row.host}",
            host_call(
                row.host,
                "haproxy-server-weight",
                socket=sockets[row.host],
                backend=row.proxy,
                server=row.server,
                weight=wanted,
            ),
            "",
            Expect("haproxy-backends", row.id, f"weight={wanted}", target=row.host),
            30.0,
            15.0,
        )
        for row in rows
    )
    old = asked.row.weight
    return work(
        *steps,
        verify=tuple(step.expect for step in steps if step.expect is not None),
        stops="nothing; from now on it gets more or fewer of the new sessions",
        notes=(f"Its weight is {old} now, the others' weights say what {wanted} means.",),
        inverse=Inverse("haproxy-backend.weigh", asked.identity, {"weight": str(old)}, "weighs it as before")
        if old
        else None,
    )


def _closed(state: str) -> Callable[[Any], str]:
    """It makes no sense where it is set already; where the HAProxies differ, one of the others' rows can be taken."""
    return lambda row: f"is {state} already" if _state(row) == state else ""


_READS = ("haproxy-backends", "units")

OPERATIONS = (
    Operation(
        name="haproxy-backend.ready",
        kind="haproxy-backends",
        title="bring {name} back at every HAProxy",
        about="let HAProxy send clients to the server again, at all that balance to it",
        risk="R1",
        account="ssh",
        rows="type=server",
        reads=_READS,
        closed=_closed("ready"),
        guards=(ALL_READ,),
        work=_ready,
        scope="haproxy:{proxy}",
    ),
    Operation(
        name="haproxy-backend.drain",
        kind="haproxy-backends",
        title="drain {name} at every HAProxy",
        about="send no new clients to the server; those that it has end by themselves",
        risk="R1",
        account="ssh",
        rows="type=server",
        reads=_READS,
        closed=_closed("drain"),
        guards=(ALL_READ, NOT_THE_LAST),
        work=_drain,
        scope="haproxy:{proxy}",
    ),
    Operation(
        name="haproxy-backend.maint",
        kind="haproxy-backends",
        title="take {name} out at every HAProxy",
        about="take the server out for maintenance: no clients, no checks",
        risk="R1",
        account="ssh",
        rows="type=server",
        reads=_READS,
        closed=_closed("maint"),
        guards=(ALL_READ, NOT_THE_LAST),
        work=_maint,
        scope="haproxy:{proxy}",
    ),
    Operation(
        name="haproxy-backend.weigh",
        kind="haproxy-backends",
        title="weigh {name} {weight} at every HAProxy",
        about="give the server more or fewer of the new sessions",
        risk="R1",
        account="ssh",
        rows="type=server",
        parameters=(
            Parameter("weight", "1 to 256, beside those of the others", pattern=r"[1-9]\d?|1\d\d|2[0-4]\d|25[0-6]"),
        ),
        reads=_READS,
        guards=(ALL_READ,),
        work=_weight,
        scope="haproxy:{proxy}",
    ),
)
