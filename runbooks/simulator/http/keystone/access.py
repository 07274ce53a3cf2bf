"""Keystone's roles, role assignments and application credentials."""

from __future__ import annotations

from collections.abc import Callable

from runbooks.simulator.http.api import Route
from runbooks.simulator.http.call import ApiError, Call, Reply
from runbooks.simulator.http.keystone.rest import View, filtered, itself, listed, one
from runbooks.simulator.model.identity import ApplicationCredential, Assignment, Role


def _plain_role(role: Role) -> View:
    return {
        "id": role.id,
        "name": role.name,
        "domain_id": None,
        "description": None,
        "options": {"immutable": True} if role.immutable else {},
    }


def _role(call: Call, role: Role) -> View:
    return _plain_role(role) | {"links": itself(call, "roles", role.id)}


def _domain(call: Call, domain_id: str) -> View:
    return {"id": domain_id, "name": call.cloud.identity.domains[domain_id].name}


def _assignment(call: Call, given: Assignment, names: bool) -> View:
    identity = call.cloud.identity
    actor = ("users", given.user_id) if given.user_id else ("groups", given.group_id)
    if given.project_id:
        place, scope = f"projects/{given.project_id}", ("project", given.project_id)
    elif given.domain_id:
        place, scope = f"domains/{given.domain_id}", ("domain", given.domain_id)
    else:
        place, scope = "system", ("system", "")
    link = f"{call.base}/v3/{place}/{actor[0]}/{actor[1]}/roles/{given.role_id}"
    if scope[0] == "system":
        target: View = {"all": True}
    else:
        target = {"id": scope[1]}
    person: View = {"id": actor[1]}
    role: View = {"id": given.role_id}
    if names:
        role["name"] = identity.roles[given.role_id].name
        someone = identity.users[given.user_id] if given.user_id else identity.groups[given.group_id]
        person |= {"name": someone.name, "domain": _domain(call, someone.domain_id)}
        if scope[0] == "project":
            project = identity.projects[scope[1]]
            target |= {"name": project.name, "domain": _domain(call, project.domain_id)}
        elif scope[0] == "domain":
            target = _domain(call, scope[1])
    return {"links": {"assignment": link}, "scope": {scope[0]: target}, actor[0][:-1]: person, "role": role}


def roles(call: Call) -> Reply:
    views = [_role(call, role) for role in call.cloud.identity.roles.values()]
    return Reply(listed(call, roles=filtered(call, views, "name")))


def role(call: Call) -> Reply:
    return Reply({"role": _role(call, one(call.cloud.identity.roles, call.args["id"], "role"))})


def role_assignments(call: Call) -> Reply:
    query = call.query
    names = "include_names" in query and query["include_names"].lower() not in ("0", "false")
    tests: dict[str, Callable[[Assignment], str]] = {
        "user.id": lambda given: given.user_id,
        "group.id": lambda given: given.group_id,
        "role.id": lambda given: given.role_id,
        "scope.project.id": lambda given: given.project_id,
        "scope.domain.id": lambda given: given.domain_id,
        "scope.system": lambda given: "all" if given.system else "",
    }
    found = call.cloud.identity.assignments
    for name, value in tests.items():
        if name in query:
            wanted = "all" if name == "scope.system" else query[name]
            found = [given for given in found if value(given) == wanted]
    return Reply(listed(call, role_assignments=[_assignment(call, given, names) for given in found]))


def _wanted(call: Call) -> Assignment:
    """The assignment that a path names; checks that its parts exist."""
    identity, args = call.cloud.identity, call.args
    one(identity.roles, args["role_id"], "role")
    one(identity.users, args["user_id"], "user")
    if "project_id" in args:
        one(identity.projects, args["project_id"], "project")
    return Assignment(args["role_id"], user_id=args["user_id"], project_id=args.get("project_id", ""))


def grant(call: Call) -> Reply:
    wanted = _wanted(call)
    if wanted not in call.cloud.identity.assignments:
        call.cloud.identity.assignments.append(wanted)
    return Reply(None, 204)


def check(call: Call) -> Reply:
    _held(call)
    return Reply(None, 204)


def revoke(call: Call) -> Reply:
    call.cloud.identity.assignments.remove(_held(call))
    return Reply(None, 204)


def _held(call: Call) -> Assignment:
    wanted = _wanted(call)
    if wanted not in call.cloud.identity.assignments:
        raise ApiError(
            404, f"Could not find role assignment with role: {wanted.role_id}, user or group: {wanted.user_id}."
        )
    return wanted


def _credential(call: Call, credential: ApplicationCredential) -> View:
    identity = call.cloud.identity
    return {
        "id": credential.id,
        "name": credential.name,
        "description": credential.description,
        "user_id": credential.user_id,
        "project_id": credential.project_id,
        "system": None,
        "expires_at": None,
        "unrestricted": credential.unrestricted,
        "roles": [_plain_role(identity.roles[key]) for key in credential.role_ids],
        "links": itself(call, f"users/{credential.user_id}/application_credentials", credential.id),
    }


def application_credentials(call: Call) -> Reply:
    """One's own, or anybody's for an admin; never with their secrets."""
    key = call.args["user_id"]
    if key != call.user.user_id and not call.api.allows(call.api, "reader", call.user):
        raise ApiError(403, call.api.forbidden.format(rule="identity:list_application_credentials"))
    found = [each for each in call.cloud.identity.credentials.values() if each.user_id == key]
    views = [_credential(call, each) for each in found]
    return Reply(listed(call, application_credentials=filtered(call, views, "name")))


def application_credential(call: Call) -> Reply:
    """One of one's own, or anybody's for an admin."""
    if call.args["user_id"] != call.user.user_id and not call.api.allows(call.api, "reader", call.user):
        raise ApiError(403, call.api.forbidden.format(rule="identity:get_application_credential"))
    found = one(call.cloud.identity.credentials, call.args["id"], "application credential")
    return Reply({"application_credential": _credential(call, found)})


_ON_PROJECT = "/v3/projects/{project_id}/users/{user_id}/roles/{role_id}"
_ON_SYSTEM = "/v3/system/users/{user_id}/roles/{role_id}"
_CREDENTIALS = "/v3/users/{user_id}/application_credentials"

ROUTES = [
    Route("GET", "/v3/roles", roles, "reader", "identity:list_roles"),
    Route("GET", "/v3/roles/{id}", role, "reader", "identity:get_role"),
    Route("GET", "/v3/role_assignments", role_assignments, "reader", "identity:list_role_assignments"),
    Route("GET", _ON_PROJECT, check, "reader", "identity:check_grant"),
    Route("PUT", _ON_PROJECT, grant, "admin", "identity:create_grant"),
    Route("DELETE", _ON_PROJECT, revoke, "admin", "identity:revoke_grant"),
    Route("GET", _ON_SYSTEM, check, "reader", "identity:check_system_grant_for_user"),
    Route("PUT", _ON_SYSTEM, grant, "admin", "identity:create_system_grant_for_user"),
    Route("DELETE", _ON_SYSTEM, revoke, "admin", "identity:revoke_system_grant_for_user"),
    Route("GET", _CREDENTIALS, application_credentials, "any", "identity:list_application_credentials"),
    Route("GET", _CREDENTIALS + "/{id}", application_credential, "any", "identity:get_application_credential"),
]
