"""Verbs that act on a server where it is: start, stop, reboot, pause, suspend, shelve and their opposites."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runbooks.simulator.model import rpc
from runbooks.simulator.model import server as states
from runbooks.simulator.model.rpc import RefusedError, Who

if TYPE_CHECKING:
    from runbooks.simulator.model.cloud import Cloud
    from runbooks.simulator.model.server import Server


@dataclass(frozen=True, slots=True)
class Verb:
    """One verb: from which states, through which task, how long, to which state."""

    action: str
    """Its name among the server's actions."""
    word: str
    """Its name in refusals: `Cannot 'stop' instance …`."""
    allowed: frozenset[str]
    task: str
    seconds: float
    vm_state: str
    power_state: int
    rule: str
    """The policy's name after `os_compute_api:`."""
    admin: bool = False


def _from(*states_: str) -> frozenset[str]:
    return frozenset(states_)


VERBS: Mapping[str, Verb] = {
    "os-start": Verb(
        "start", "start", _from("stopped"), "powering-on", 2.0, "active", states.RUNNING, "servers:start"
    ),
    "os-stop": Verb(
        "stop", "stop", _from("active", "rescued", "error"), "powering-off", 4.0, "stopped", states.SHUTDOWN,
        "servers:stop",
    ),
    "pause": Verb(
        "pause", "pause", _from("active", "rescued"), "pausing", 0.5, "paused", states.PAUSED,
        "os-pause-server:pause",
    ),
    "unpause": Verb(
        "unpause", "unpause", _from("paused"), "unpausing", 0.5, "active", states.RUNNING, "os-pause-server:unpause"
    ),
    "suspend": Verb(
        "suspend", "suspend", _from("active", "rescued"), "suspending", 3.0, "suspended", states.SUSPENDED,
        "os-suspend-server:suspend",
    ),
    "resume": Verb(
        "resume", "resume", _from("suspended"), "resuming", 2.0, "active", states.RUNNING, "os-suspend-server:resume"
    ),
    "reboot": Verb(
        "reboot", "reboot", _from("active"), "rebooting", 5.0, "active", states.RUNNING, "servers:reboot"
    ),
    "reboot-hard": Verb(
        "reboot", "reboot", _from("active", "stopped", "paused", "suspended", "error"), "rebooting_hard", 4.0, "active",
        states.RUNNING, "servers:reboot",
    ),
    "rescue": Verb(
        "rescue", "rescue", _from("active", "stopped", "error"), "rescuing", 3.0, "rescued", states.RUNNING,
        "os-rescue",
    ),
    "unrescue": Verb(
        "unrescue", "unrescue", _from("rescued"), "unrescuing", 3.0, "active", states.RUNNING, "os-unrescue"
    ),
    "shelve": Verb(
        "shelve", "shelve", _from("active", "stopped", "paused", "suspended"), "shelving", 4.0, "shelved_offloaded",
        states.SHUTDOWN, "os-shelve:shelve",
    ),
}  # fmt: skip


def check(server: Server, word: str, allowed: frozenset[str] | None, who: Who) -> None:
    """Raises RefusedError 409 in Nova's words when the server's state does not allow it."""
    if server.locked and not who.admin:
        raise RefusedError(409, f"Instance {server.id} is locked")
    if allowed is not None and server.vm_state not in allowed:
        raise RefusedError(409, f"Cannot '{word}' instance {server.id} while it is in vm_state {server.vm_state}")
    if server.task_state is not None:
        raise RefusedError(409, f"Cannot '{word}' instance {server.id} while it is in task_state {server.task_state}")


def act(cloud: Cloud, server_id: str, name: str, who: Who) -> None:
    """Begin the verb `name` of `VERBS`. Raises RefusedError, KeyError for a server that is not there."""
    verb = VERBS[name]
    found = cloud.compute.servers.get(server_id)
    if found is None:
        raise KeyError(server_id)
    check(found, verb.word, verb.allowed, who)
    if found.host is None:
        raise RefusedError(409, f"Instance {server_id} is not ready")
    server, now, host = cloud.compute.servers.edit(server_id), cloud.now(), found.host
    action = cloud.compute.actions.start(verb.action, server, who.request_id, who.user_id, who.project_id, now)
    server.task_state, server.updated = verb.task, now

    def begin(at: float) -> None:
        event = action.begin(f"compute_{verb.action}_instance", host, at)

        def done(moment: float) -> None:
            if cloud.compute.servers.get(server_id) is None or server.task_state != verb.task:
                return  # deleted or reset meanwhile
            server.vm_state, server.task_state, server.power_state = verb.vm_state, None, verb.power_state
            server.updated, server.failure = moment, None
            if verb.vm_state == "shelved_offloaded":
                cloud.placement.touch(host)
                server.host = None
            action.end(event, moment)

        rpc.when(cloud, lambda: rpc.compute(cloud, host), at + verb.seconds, done)

    rpc.when(cloud, lambda: rpc.compute(cloud, host), now + 0.2, begin)
