"""`POST /servers/{id}/action`: every verb on a server, `remote-consoles`, tags and metadata."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import partial

from runbooks.simulator.http.api import Route
from runbooks.simulator.http.call import ApiError, Call, Reply
from runbooks.simulator.http.nova.server_list import one
from runbooks.simulator.http.nova.server_view import ServerView
from runbooks.simulator.http.nova.who import messages, who
from runbooks.simulator.model import moves, power
from runbooks.simulator.model import server as states
from runbooks.simulator.model.rpc import RefusedError
from runbooks.simulator.model.server import Server

RULE = "os_compute_api:"
Part = dict[str, object]
Verb = Callable[[Call, Server, Part], Reply]


def action(call: Call) -> Reply:
    """The verb is the body's only key."""
    body = call.body()
    if len(body) != 1:
        raise ApiError(400, "There is no such action: " + ", ".join(sorted(body)) if body else "Missing action")
    name, value = next(iter(body.items()))
    known = _VERBS.get(name)
    if known is None:
        raise ApiError(400, f"There is no such action: {name}")
    verb, rule, admin = known
    if admin and not call.user.is_admin:
        raise ApiError(403, call.api.forbidden.format(rule=RULE + rule))
    server = one(call)
    try:
        return verb(call, server, value if isinstance(value, dict) else {})
    except RefusedError as refused:
        raise ApiError(refused.status, refused.message) from None


def _power(name: str, call: Call, server: Server, part: Part) -> Reply:
    power.act(call.cloud, server.id, name, who(call))
    return messages(call, Reply(None, 202))


def _reboot(call: Call, server: Server, part: Part) -> Reply:
    kind = str(part.get("type", "")).upper()
    if kind not in ("SOFT", "HARD"):
        raise ApiError(
            400,
            f"Invalid input for field/attribute type. Value: {part.get('type')}. '{part.get('type')}' is not one of "
            "['HARD', 'Hard', 'hard', 'SOFT', 'Soft', 'soft']",
        )
    return _power("reboot-hard" if kind == "HARD" else "reboot", call, server, part)


def _rescue(call: Call, server: Server, part: Part) -> Reply:
    power.act(call.cloud, server.id, "rescue", who(call))
    return messages(call, Reply({"adminPass": secrets.token_urlsafe(9)}, 200))


def _reset(call: Call, server: Server, part: Part) -> Reply:
    """`os-resetState`: the record only."""
    state = part.get("state")
    if state not in ("active", "error"):
        raise ApiError(
            400, f"Invalid input for field/attribute state. Value: {state}. '{state}' is not one of ['active', 'error']"
        )
    edited = call.cloud.compute.servers.edit(server.id)
    edited.vm_state, edited.task_state, edited.updated = str(state), None, call.cloud.now()
    return Reply(None, 202)


def _lock(call: Call, server: Server, part: Part) -> Reply:
    edited = call.cloud.compute.servers.edit(server.id)
    reason = part.get("locked_reason") if call.version >= (2, 73) else None
    edited.locked, edited.locked_reason = True, str(reason) if reason else None
    return Reply(None, 202)


def _unlock(call: Call, server: Server, part: Part) -> Reply:
    edited = call.cloud.compute.servers.edit(server.id)
    edited.locked, edited.locked_reason = False, None
    return Reply(None, 202)


def _host(part: Part) -> str | None:
    found = part.get("host")
    return found if isinstance(found, str) and found else None


def _live_migrate(call: Call, server: Server, part: Part) -> Reply:
    if "block_migration" not in part:
        words = "'block_migration' is a required property"
        raise ApiError(400, f"Invalid input for field/attribute os-migrateLive. Value: {part}. {words}")
    moves.live_migrate(call.cloud, server.id, _host(part), who(call))
    return messages(call, Reply(None, 202))


def _migrate(call: Call, server: Server, part: Part) -> Reply:
    moves.resize(call.cloud, server.id, None, _host(part), who(call))
    return messages(call, Reply(None, 202))


def _resize(call: Call, server: Server, part: Part) -> Reply:
    flavor = call.cloud.compute.flavors.get(str(part.get("flavorRef", "")).rpartition("/")[2])
    if flavor is None:
        raise ApiError(400, f"Flavor {part.get('flavorRef')} could not be found.")
    moves.resize(call.cloud, server.id, flavor, None, who(call))
    return messages(call, Reply(None, 202))


def _settle(keep: bool, call: Call, server: Server, part: Part) -> Reply:
    moves.settle_resize(call.cloud, server.id, keep, who(call))
    return messages(call, Reply(None, 204 if keep else 202))


def _evacuate(call: Call, server: Server, part: Part) -> Reply:
    stopped = call.version >= (2, 95)
    moves.evacuate(call.cloud, server.id, _host(part), who(call), stopped=stopped)
    body = {"adminPass": secrets.token_urlsafe(9)} if call.version < (2, 14) else None
    return messages(call, Reply(body, 200))


def _rebuild(call: Call, server: Server, part: Part) -> Reply:
    wanted = str(part.get("imageRef") or "").rpartition("/")[2]
    if not wanted:
        words = "'imageRef' is a required property"
        raise ApiError(400, f"Invalid input for field/attribute rebuild. Value: {part}. {words}")
    if call.cloud.images.get(wanted) is None:
        raise ApiError(400, "Cannot find image for rebuild")
    rebuilt = moves.rebuild(call.cloud, server.id, wanted, who(call))
    view = ServerView(call).full(rebuilt)
    if call.version < (2, 58):
        view |= {"adminPass": secrets.token_urlsafe(9)}
    return messages(call, Reply({"server": view}, 202))


def _unshelve(call: Call, server: Server, part: Part) -> Reply:
    moves.unshelve(call.cloud, server.id, who(call))
    return messages(call, Reply(None, 202))


def _offload(call: Call, server: Server, part: Part) -> Reply:
    if server.vm_state not in ("shelved", "shelved_offloaded"):
        raise ApiError(409, f"Cannot 'shelve_offload' instance {server.id} while it is in vm_state {server.vm_state}")
    return Reply(None, 202)


def _console(call: Call, server: Server, part: Part) -> Reply:
    """The end of the guest's serial console."""
    if server.host is None or not call.cloud.hosts[server.host].alive("nova_compute"):
        raise ApiError(409, f"Instance {server.id} is not ready")
    length = part.get("length")
    boot = [
        f"[    0.000000] Linux version 6.1.0-28-cloud-amd64 ({server.name})",
        "[    1.204125] virtio_net virtio0 ens3: renamed from eth0",
        f"[    4.877301] cloud-init[412]: Cloud-init v. 22.4.2 running 'init' for {server.id}",
        *(f"[    5.012230] cloud-init[412]: ens3: {nic.address} {nic.mac}" for nic in server.nics),
        f"{server.name} login: ",
    ]
    if server.power_state == states.SHUTDOWN:
        boot.append("[  OK  ] Reached target Power-Off.")
    shown = boot[-length:] if isinstance(length, int) and length > 0 else boot
    return Reply({"output": "\n".join(shown)}, only_read=True)


_VERBS: dict[str, tuple[Verb, str, bool]] = {
    name: (partial(_power, name), verb.rule, verb.admin)
    for name, verb in power.VERBS.items()
    if name not in ("reboot", "reboot-hard", "rescue")
} | {
    "reboot": (_reboot, "servers:reboot", False),
    "rescue": (_rescue, "os-rescue", False),
    "os-resetState": (_reset, "os-admin-actions:reset_state", True),
    "lock": (_lock, "os-lock-server:lock", False),
    "unlock": (_unlock, "os-lock-server:unlock", False),
    "os-migrateLive": (_live_migrate, "os-migrate-server:migrate_live", True),
    "migrate": (_migrate, "os-migrate-server:migrate", True),
    "resize": (_resize, "servers:resize", False),
    "confirmResize": (partial(_settle, True), "servers:confirm_resize", False),
    "revertResize": (partial(_settle, False), "servers:revert_resize", False),
    "rebuild": (_rebuild, "servers:rebuild", False),
    "evacuate": (_evacuate, "os-evacuate", True),
    "unshelve": (_unshelve, "os-shelve:unshelve", False),
    "shelveOffload": (_offload, "os-shelve:shelve_offload", True),
    "os-getConsoleOutput": (_console, "os-console-output", False),
}


def remote_console(call: Call) -> Reply:
    """A URL for a browser; since 2.6."""
    server = one(call)
    part = call.body().get("remote_console")
    if not isinstance(part, dict):
        raise ApiError(400, "'remote_console' is a required property")
    if server.host is None:
        raise ApiError(409, f"Instance {server.id} is not ready")
    url = f"http://{call.cloud.layout.vip}:6080/vnc_lite.html?path=%3Ftoken%3D{secrets.token_hex(16)}"
    return Reply({"remote_console": {"protocol": part.get("protocol"), "type": part.get("type"), "url": url}})


def set_metadata(call: Call) -> Reply:
    """`POST` adds, `PUT` replaces."""
    given = call.body().get("metadata")
    if not isinstance(given, dict):
        raise ApiError(400, "'metadata' is a required property")
    server = call.cloud.compute.servers.edit(one(call).id)
    words = {str(key): str(value) for key, value in given.items()}
    server.metadata = words if call.method == "PUT" else server.metadata | words
    server.updated = call.cloud.now()
    return Reply({"metadata": server.metadata})


def metadata(call: Call) -> Reply:
    return Reply({"metadata": one(call).metadata})


def delete_metadata(call: Call) -> Reply:
    server, key = call.cloud.compute.servers.edit(one(call).id), call.args["key"]
    if key not in server.metadata:
        raise ApiError(404, "Metadata item was not found")
    server.metadata = {name: value for name, value in server.metadata.items() if name != key}
    return Reply(None, 204)


def tags(call: Call) -> Reply:
    return Reply({"tags": list(one(call).tags)})


def set_tags(call: Call) -> Reply:
    given = call.body().get("tags")
    if not isinstance(given, list) or not all(isinstance(each, str) for each in given):
        raise ApiError(400, "'tags' is a required property")
    server = call.cloud.compute.servers.edit(one(call).id)
    server.tags = tuple(dict.fromkeys(given))
    return Reply({"tags": list(server.tags)})


_AT = "/v2.1/servers/{id}"
ROUTES = [
    Route("POST", _AT + "/action", action, "member", RULE + "servers:action"),
    Route("POST", _AT + "/remote-consoles", remote_console, "member", RULE + "os-remote-consoles", since=(2, 6)),
    Route("GET", _AT + "/metadata", metadata, "reader", RULE + "server-metadata:index"),
    Route("POST", _AT + "/metadata", set_metadata, "member", RULE + "server-metadata:create"),
    Route("PUT", _AT + "/metadata", set_metadata, "member", RULE + "server-metadata:update_all"),
    Route("DELETE", _AT + "/metadata/{key}", delete_metadata, "member", RULE + "server-metadata:delete"),
    Route("GET", _AT + "/tags", tags, "reader", RULE + "os-server-tags:index", since=(2, 26)),
    Route("PUT", _AT + "/tags", set_tags, "member", RULE + "os-server-tags:update_all", since=(2, 26)),
]
