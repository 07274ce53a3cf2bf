"""Verbs on a server where it is: power, pause, suspend, shelve, lock, rescue, the record of its state, its end.

`POST /servers/{id}/action` answers 202 and the work follows; whether it came to an end is what the server's row says. A
reboot leaves no trace in the row, so that one is looked up among the server's actions.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable
from typing import Any

from collectors.call import RestCall, path
from runbooks.expect import Expect
from runbooks.guards import no_task
from runbooks.operation import Asked, Inverse, Operation, Parameter, Risk, Step, Work, family, work

VERSION = "2.79"
IDLE = no_task(lambda row: row.task_state, "the server's task_state is empty")


def act(asked: Asked, body: dict[str, Any], version: str = VERSION, show: str = "") -> RestCall:
    """The call of one action."""
    return RestCall("compute", "POST", path("/servers/{}/action", asked.identity), body, version, show=show)


def server(asked: Asked, where: str, fails: str = "status=ERROR") -> Expect:
    """What its row must say; an action that ended in an error leaves it as it is, often without a word."""
    broken = Expect("server-actions", where="start_time>{began} health=critical", parent=asked.identity)
    return Expect("servers", asked.identity, where, fails, never=broken)


def command(asked: Asked, words: str) -> str:
    """`openstack server WORDS ID`."""
    return f"openstack server {words} {shlex.quote(asked.identity)}"


def unlike(*statuses: str) -> Callable[[Any], str]:
    """Closed unless the status is one of these."""

    def closed(row: Any) -> str:
        return "" if row.status in statuses else f"is {row.status or 'without a status'}, not {' or '.join(statuses)}"

    return closed


def verb(
    name: str,
    title: str,
    about: str,
    words: str,
    body: dict[str, Any],
    where: str,
    statuses: tuple[str, ...],
    stops: str,
    *,
    inverse: str = "",
    risk: Risk = "R2",
    seconds: float = 120.0,
    notes: tuple[str, ...] = (),
    irreversible: bool = False,
    at_once: int = 4,
) -> Operation:
    """An action without parameters that ends in a status."""

    def plan(asked: Asked) -> Work:
        return work(
            Step(title.format(name=asked.name), act(asked, body), command(asked, words), server(asked, where), seconds),
            stops=stops,
            notes=notes,
            inverse=Inverse(f"server.{inverse}", asked.identity) if inverse else None,
        )

    return Operation(
        name=f"server.{name}",
        kind="servers",
        title=title,
        about=about,
        risk=risk,
        roles=("admin", "member"),
        closed=unlike(*statuses),
        guards=(IDLE,),
        work=plan,
        irreversible=irreversible,
        at_once=at_once,
    )


def acted(asked: Asked, action: str) -> Expect:
    """An action that its row does not tell has ended well, begun since."""
    mine = f"action={action} start_time>{{began}}"
    return Expect("server-actions", where=f"{mine} health=ok", parent=asked.identity, fails=f"{mine} health=critical")


def back(asked: Asked, seconds: float) -> Step:
    """Wait until it runs again."""
    return Step(f"{asked.name} is back", None, "", server(asked, "status=ACTIVE task_state="), seconds)


def _reboot(kind: str, about: str, stops: str, statuses: tuple[str, ...], risk: Risk) -> Operation:
    def plan(asked: Asked) -> Work:
        return work(
            Step(
                f"reboot {asked.name}",
                act(asked, {"reboot": {"type": kind}}),
                command(asked, f"reboot --{kind.lower()}"),
                acted(asked, "reboot"),
            ),
            back(asked, 300.0),
            stops=stops,
        )

    return Operation(
        name=f"server.reboot-{kind.lower()}",
        kind="servers",
        title=f"reboot {{name}} ({kind.lower()})",
        about=about,
        risk=risk,
        roles=("admin", "member"),
        closed=unlike(*statuses),
        guards=(IDLE,),
        work=plan,
        at_once=4,
    )


def _lock(asked: Asked) -> Work:
    reason = asked.values["reason"]
    return work(
        Step(
            f"lock {asked.name}",
            act(asked, {"lock": {"locked_reason": reason} if reason else None}),
            _lock_command(asked, reason),
            server(asked, "locked=true"),
        ),
        stops="its owner can change nothing on it",
        inverse=Inverse("server.unlock", asked.identity),
    )


def _lock_command(asked: Asked, reason: str) -> str:
    if not reason:
        return command(asked, "lock")
    return f"openstack --os-compute-api-version {VERSION} server lock --reason {shlex.quote(reason)} {asked.identity}"


def _unlock(asked: Asked) -> Work:
    return work(
        Step(
            f"unlock {asked.name}",
            act(asked, {"unlock": None}),
            command(asked, "unlock"),
            server(asked, "locked=false"),
        ),
        stops="nothing",
        inverse=Inverse("server.lock", asked.identity, {"reason": asked.row.locked_reason or ""}),
    )


def _reset(asked: Asked) -> Work:
    state = asked.values["state"]
    return work(
        Step(
            f"set the record of {asked.name} to {state}",
            act(asked, {"os-resetState": {"state": state}}),
            command(asked, f"set --state {state} --auto-approve"),
            server(asked, f"status={'ACTIVE' if state == 'active' else 'ERROR'} task_state=", ""),
        ),
        stops="nothing: it is the record only, the guest is as it was",
        notes=(
            "Whatever still works on it is not stopped by this: be sure that its host's nova-compute does nothing.",
            "Set it to error first; to active only when the guest really runs.",
        ),
    )


def _delete(asked: Asked) -> Work:
    return work(
        Step(
            f"delete {asked.name}",
            RestCall("compute", "DELETE", path("/servers/{}", asked.identity), None, VERSION),
            command(asked, "delete"),
            Expect("servers", asked.identity, absent=True),
            300.0,
        ),
        stops=f"{asked.name} and what its disk holds, for good"
        + (f"; {asked.row.volumes} volumes are detached, and deleted where asked so" if asked.row.volumes else ""),
    )


def _console_log(asked: Asked) -> Work:
    body = {"os-getConsoleOutput": {"length": int(asked.values["lines"])}}
    step = Step(
        f"console log of {asked.name}",
        act(asked, body, show="output"),
        f"openstack console log show --lines {asked.values['lines']} {asked.identity}",
    )
    return work(step, verify=(server(asked, ""),), stops="nothing")


def _console_url(asked: Asked) -> Work:
    body = {"remote_console": {"protocol": "vnc", "type": "novnc"}}
    call = RestCall(
        "compute", "POST", path("/servers/{}/remote-consoles", asked.identity), body, VERSION, show="remote_console.url"
    )
    step = Step(f"console of {asked.name}", call, f"openstack console url show --novnc {asked.identity}")
    notes = ("The URL holds a token that lets anybody in for some minutes: it is shown once and kept nowhere.",)
    return work(step, verify=(server(asked, ""),), stops="nothing", notes=notes)


_tenant = family("server", "servers", roles=("admin", "member"))
_LINES = Parameter("lines", "how many of its last lines", "100", pattern=r"[1-9]\d{0,3}")

OPERATIONS = (
    verb(
        "start", "start {name}", "power it on", "start", {"os-start": None}, "status=ACTIVE task_state=", ("SHUTOFF",),
        "nothing", inverse="stop", risk="R1",
    ),
    verb(
        "stop", "stop {name}", "shut its guest down", "stop", {"os-stop": None}, "status=SHUTOFF task_state=",
        ("ACTIVE", "ERROR", "RESCUE"), "what runs on it", inverse="start", seconds=300.0,
    ),
    _reboot("SOFT", "ask its guest to restart", "what runs on it, for its restart", ("ACTIVE",), "R2"),
    _reboot(
        "HARD", "power it off and on, plugged anew: mends lost taps and volumes",
        "what runs on it, without a shutdown; what was not written is lost",
        ("ACTIVE", "SHUTOFF", "PAUSED", "SUSPENDED", "ERROR"), "R2",
    ),
    verb(
        "pause", "pause {name}", "stop its CPUs, keep its memory", "pause", {"pause": None},
        "status=PAUSED task_state=", ("ACTIVE", "RESCUE"), "what runs on it, until it is unpaused", inverse="unpause",
    ),
    verb(
        "unpause", "unpause {name}", "let its CPUs run again", "unpause", {"unpause": None},
        "status=ACTIVE task_state=", ("PAUSED",), "nothing", inverse="pause", risk="R1",
    ),
    verb(
        "suspend", "suspend {name}", "write its memory to disk and stop it", "suspend", {"suspend": None},
        "status=SUSPENDED task_state=", ("ACTIVE", "RESCUE"), "what runs on it, until it is resumed", inverse="resume",
        seconds=300.0,
    ),
    verb(
        "resume", "resume {name}", "read its memory back and go on", "resume", {"resume": None},
        "status=ACTIVE task_state=", ("SUSPENDED",), "nothing", inverse="suspend", risk="R1", seconds=300.0,
    ),
    verb(
        "shelve", "shelve {name}", "snapshot it and free its host", "shelve", {"shelve": None},
        "status~^SHELVED task_state=", ("ACTIVE", "SHUTOFF", "PAUSED", "SUSPENDED"),
        "what runs on it; its memory is lost, its disk is kept as an image", inverse="unshelve", seconds=1800.0,
    ),
    verb(
        "unshelve", "unshelve {name}", "build it again from what was shelved", "unshelve", {"unshelve": None},
        "status=ACTIVE task_state=", ("SHELVED", "SHELVED_OFFLOADED"), "nothing", inverse="shelve", seconds=1800.0,
    ),
    verb(
        "rescue", "rescue {name}", "boot a rescue image with its disk beside it", "rescue", {"rescue": {}},
        "status=RESCUE task_state=", ("ACTIVE", "SHUTOFF", "ERROR"), "what runs on it, until it is unrescued",
        inverse="unrescue",
        notes=("Nova makes a password for the rescue image; it is not shown: log in with the key.",),
    ),
    verb(
        "unrescue", "unrescue {name}", "boot its own disk again", "unrescue", {"unrescue": None},
        "status=ACTIVE task_state=", ("RESCUE",), "the rescue image", inverse="rescue",
    ),
    _tenant(
        "lock", "lock {name}", "keep its owner from changing it", "R1", _lock,
        parameters=(Parameter("reason", "why; its owner sees it", "", pattern=r".{0,255}"),),
        closed=lambda row: "is locked already" if row.locked else "",
    ),
    _tenant(
        "unlock", "unlock {name}", "let its owner change it again", "R1", _unlock,
        closed=lambda row: "" if row.locked else "is not locked",
    ),
    _tenant(
        "reset-state", "set the record of {name} to {state}", "free a server stuck in a task that nobody does",
        "R3", _reset, roles=("admin",), irreversible=True,
        parameters=(Parameter("state", "what Nova shall believe", "error", choices=("error", "active")),),
    ),
    _tenant(
        "console-log", "console log of {name}", "the end of what its guest wrote to the console", "R0", _console_log,
        parameters=(_LINES,), closed=lambda row: "" if row.host else "is on no host",
    ),
    _tenant(
        "console-url", "console of {name}", "an address for a browser that shows its screen", "R1", _console_url,
        closed=unlike("ACTIVE", "PAUSED", "RESCUE"),
    ),
    _tenant(
        "delete", "delete {name}", "remove it and its disk for good", "R3", _delete, irreversible=True,
        closed=lambda row: "is locked" if row.locked else "",
    ),
)  # fmt: skip
