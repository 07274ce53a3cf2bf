"""`os-keypairs` and `os-server-groups`: what users keep for their servers."""

from __future__ import annotations

from uuid import uuid4

from runbooks.simulator.http.api import Route
from runbooks.simulator.http.call import ApiError, Call, Reply
from runbooks.simulator.http.nova.links import View, flag, limit, next_link, page, stamp
from runbooks.simulator.model.compute import Keypair, ServerGroup

RULE = "os_compute_api:"


def _keypair(call: Call, pair: Keypair) -> View:
    shown: View = {"name": pair.name, "public_key": pair.public_key, "fingerprint": pair.fingerprint}
    if call.version >= (2, 2):
        shown["type"] = pair.kind
    return shown


def _owner(call: Call) -> str:
    """Whose keypairs: one's own, or `user_id`'s for an admin."""
    wanted = call.query.get("user_id", call.user.user_id) if call.version >= (2, 10) else call.user.user_id
    if wanted != call.user.user_id and not call.user.is_admin:
        raise ApiError(403, call.api.forbidden.format(rule=RULE + "os-keypairs:index"))
    return wanted


def keypairs(call: Call) -> Reply:
    owner = _owner(call)
    found = [pair for pair in call.cloud.compute.keypairs if pair.user_id == owner]
    found = page(call, found, lambda pair: pair.name, lambda marker: ApiError(400, f"marker [{marker}] not found"))
    body: View = {"keypairs": [{"keypair": _keypair(call, pair)} for pair in found]}
    if call.version >= (2, 35) and found and len(found) == limit(call):
        body["keypairs_links"] = next_link(call, found[-1].name)
    return Reply(body)


def _one_keypair(call: Call) -> tuple[int, Keypair]:
    owner, name = _owner(call), call.args["name"]
    for place, pair in enumerate(call.cloud.compute.keypairs):
        if pair.user_id == owner and pair.name == name:
            return place, pair
    raise ApiError(404, f"Keypair {name} not found for user {owner}")


def keypair(call: Call) -> Reply:
    place, pair = _one_keypair(call)
    more: View = {
        "user_id": pair.user_id,
        "deleted": False,
        "created_at": stamp(pair.created),
        "updated_at": None,
        "deleted_at": None,
        "id": place + 1,
    }
    return Reply({"keypair": _keypair(call, pair) | more})


def delete_keypair(call: Call) -> Reply:
    del call.cloud.compute.keypairs[_one_keypair(call)[0]]
    return Reply(None, 202 if call.version < (2, 2) else 204)


def _group(call: Call, group: ServerGroup) -> View:
    shown: View = {"id": group.id, "name": group.name}
    if call.version >= (2, 64):
        shown |= {"policy": group.policy, "rules": {}}
    else:
        shown |= {"policies": [group.policy], "metadata": {}}
    shown["members"] = [key for key in group.members if call.cloud.compute.servers.get(key) is not None]
    if call.version >= (2, 13):
        shown |= {"project_id": group.project_id, "user_id": group.user_id}
    return shown


def groups(call: Call) -> Reply:
    everybody = flag(call, "all_projects")
    if everybody and not call.user.is_admin:
        raise ApiError(403, call.api.forbidden.format(rule=RULE + "os-server-groups:index:all_projects"))
    found = [each for each in call.cloud.compute.groups.values() if everybody or each.project_id == call.user.project]
    start = call.query.get("offset", "0")
    if not start.isdecimal():
        raise ApiError(
            400, f"Invalid input for query parameters offset. Value: {start}. '{start}' does not match '^[0-9]*$'"
        )
    found = found[int(start) :][: limit(call)]
    return Reply({"server_groups": [_group(call, each) for each in found]})


def _one_group(call: Call) -> ServerGroup:
    found = call.cloud.compute.groups.get(call.args["id"])
    if found is None or not (call.user.is_admin or found.project_id == call.user.project):
        raise ApiError(404, f"Instance group {call.args['id']} could not be found.")
    return found


def group(call: Call) -> Reply:
    return Reply({"server_group": _group(call, _one_group(call))})


def create_group(call: Call) -> Reply:
    given = call.body().get("server_group")
    if not isinstance(given, dict) or not given.get("name"):
        raise ApiError(400, "Invalid input for field/attribute server_group. Value: None.")
    policies = given.get("policies")
    policy = given.get("policy") or (policies[0] if isinstance(policies, list) and policies else "anti-affinity")
    made = ServerGroup(str(uuid4()), str(given["name"]), str(policy), [], call.user.project, call.user.user_id)
    call.cloud.compute.groups[made.id] = made
    return Reply({"server_group": _group(call, made)})


def delete_group(call: Call) -> Reply:
    del call.cloud.compute.groups[_one_group(call).id]
    return Reply(None, 204)


ROUTES = [
    Route("GET", "/v2.1/os-keypairs", keypairs, "reader", RULE + "os-keypairs:index"),
    Route("GET", "/v2.1/os-keypairs/{name}", keypair, "reader", RULE + "os-keypairs:show"),
    Route("DELETE", "/v2.1/os-keypairs/{name}", delete_keypair, "member", RULE + "os-keypairs:delete"),
    Route("GET", "/v2.1/os-server-groups", groups, "reader", RULE + "os-server-groups:index"),
    Route("POST", "/v2.1/os-server-groups", create_group, "member", RULE + "os-server-groups:create"),
    Route("GET", "/v2.1/os-server-groups/{id}", group, "reader", RULE + "os-server-groups:show"),
    Route("DELETE", "/v2.1/os-server-groups/{id}", delete_group, "member", RULE + "os-server-groups:delete"),
]
