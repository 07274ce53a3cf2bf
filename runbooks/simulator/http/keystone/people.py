"""Keystone's domains, projects, users and groups: lists, single ones, and an operator's changes."""

from __future__ import annotations

from uuid import uuid4

from runbooks.simulator.http.api import Route
from runbooks.simulator.http.call import ApiError, Call, Reply
from runbooks.simulator.http.keystone.configs import asked_domain
from runbooks.simulator.http.keystone.rest import View, filtered, given, itself, listed, one, text, truth
from runbooks.simulator.model.identity import Domain, Group, Project, User


def _domain(call: Call, domain: Domain) -> View:
    return {
        "id": domain.id,
        "name": domain.name,
        "description": domain.description,
        "enabled": domain.enabled,
        "tags": [],
        "options": {},
        "links": itself(call, "domains", domain.id),
    }


def project_view(call: Call, project: Project) -> View:
    """A project's document."""
    return {
        "id": project.id,
        "name": project.name,
        "domain_id": project.domain_id,
        "description": project.description,
        "enabled": project.enabled,
        "parent_id": project.parent_id,
        "is_domain": False,
        "tags": [],
        "options": {},
        "links": itself(call, "projects", project.id),
    }


def _user(call: Call, user: User) -> View:
    view: View = {"id": user.id, "name": user.name, "domain_id": user.domain_id, "enabled": user.enabled}
    if user.default_project_id is not None:
        view["default_project_id"] = user.default_project_id
    view |= {"password_expires_at": None, "options": {}}
    for name, value in (("email", user.email), ("description", user.description)):
        if value is not None:
            view[name] = value
    return view | {"links": itself(call, "users", user.id)}


def _group(call: Call, group: Group) -> View:
    return {
        "id": group.id,
        "name": group.name,
        "domain_id": group.domain_id,
        "description": group.description,
        "links": itself(call, "groups", group.id),
    }


def domains(call: Call) -> Reply:
    views = [_domain(call, domain) for domain in call.cloud.identity.domains.values()]
    return Reply(listed(call, domains=filtered(call, views, "name", "enabled")))


def domain(call: Call) -> Reply:
    return Reply({"domain": _domain(call, one(call.cloud.identity.domains, call.args["id"], "domain"))})


def projects(call: Call) -> Reply:
    views = [project_view(call, project) for project in call.cloud.identity.projects.values()]
    return Reply(listed(call, projects=filtered(call, views, "name", "domain_id", "parent_id", "enabled")))


def project(call: Call) -> Reply:
    """Anybody may see the project that the token is for."""
    key = call.args["id"]
    if key != call.user.project and not call.api.allows(call.api, "reader", call.user):
        raise ApiError(403, call.api.forbidden.format(rule="identity:get_project"))
    return Reply({"project": project_view(call, one(call.cloud.identity.projects, key, "project"))})


def create_project(call: Call) -> Reply:
    values, identity = given(call, "project"), call.cloud.identity
    name, domain_id = text(values, "name"), text(values, "domain_id", "default")
    one(identity.domains, domain_id, "domain")
    if identity.project_named(name, domain_id):
        message = (
            "Conflict occurred attempting to store project - it is not permitted to have two projects with the same "
            f"name in the same domain : {name}."
        )
        raise ApiError(409, message)
    made = Project(uuid4().hex, name, domain_id, text(values, "description", ""), truth(values, "enabled", True))
    identity.projects[made.id] = made
    return Reply({"project": project_view(call, made)}, 201)


def update_project(call: Call) -> Reply:
    found, values = one(call.cloud.identity.projects, call.args["id"], "project"), given(call, "project")
    found.name, found.description = text(values, "name", found.name), text(values, "description", found.description)
    found.enabled = truth(values, "enabled", found.enabled)
    return Reply({"project": project_view(call, found)})


def delete_project(call: Call) -> Reply:
    """Its role assignments go with it; its servers stay, as on a real cloud."""
    identity = call.cloud.identity
    found = one(identity.projects, call.args["id"], "project")
    del identity.projects[found.id]
    identity.assignments = [each for each in identity.assignments if each.project_id != found.id]
    return Reply(None, 204)


def users(call: Call) -> Reply:
    domain_id = asked_domain(call)
    views = [_user(call, user) for user in call.cloud.identity.users.values() if user.domain_id == domain_id]
    return Reply(listed(call, users=filtered(call, views, "name", "enabled")))


def user(call: Call) -> Reply:
    """Anybody may see oneself."""
    key = call.args["id"]
    if key != call.user.user_id and not call.api.allows(call.api, "reader", call.user):
        raise ApiError(403, call.api.forbidden.format(rule="identity:get_user"))
    return Reply({"user": _user(call, one(call.cloud.identity.users, key, "user"))})


def user_projects(call: Call) -> Reply:
    """The projects on which a user has a role; one's own, or anybody's for an admin."""
    key, identity = call.args["id"], call.cloud.identity
    if key != call.user.user_id and not call.api.allows(call.api, "reader", call.user):
        raise ApiError(403, call.api.forbidden.format(rule="identity:list_user_projects"))
    mine = {each.project_id for each in identity.assignments if each.user_id == key}
    views = [project_view(call, each) for each in identity.projects.values() if each.id in mine]
    return Reply(listed(call, projects=filtered(call, views, "name", "enabled")))


def create_user(call: Call) -> Reply:
    values, identity = given(call, "user"), call.cloud.identity
    name, domain_id = text(values, "name"), text(values, "domain_id", "default")
    one(identity.domains, domain_id, "domain")
    if identity.user_named(name, domain_id):
        raise ApiError(
            409,
            "Conflict occurred attempting to store user - Duplicate entry found with name "
            f"{name} at domain ID {domain_id}.",
        )
    made = User(uuid4().hex, name, text(values, "password", uuid4().hex), domain_id, truth(values, "enabled", True))
    _set(made, values)
    identity.users[made.id] = made
    return Reply({"user": _user(call, made)}, 201)


def _set(user: User, values: dict[str, object]) -> None:
    for name in ("default_project_id", "email", "description"):
        if values.get(name) is not None:
            setattr(user, name, text(values, name))


def update_user(call: Call) -> Reply:
    found, values = one(call.cloud.identity.users, call.args["id"], "user"), given(call, "user")
    found.name, found.password = text(values, "name", found.name), text(values, "password", found.password)
    found.enabled = truth(values, "enabled", found.enabled)
    _set(found, values)
    return Reply({"user": _user(call, found)})


def delete_user(call: Call) -> Reply:
    identity = call.cloud.identity
    found = one(identity.users, call.args["id"], "user")
    del identity.users[found.id]
    identity.assignments = [each for each in identity.assignments if each.user_id != found.id]
    return Reply(None, 204)


def groups(call: Call) -> Reply:
    domain_id = asked_domain(call)
    views = [_group(call, group) for group in call.cloud.identity.groups.values() if group.domain_id == domain_id]
    return Reply(listed(call, groups=filtered(call, views, "name")))


def group(call: Call) -> Reply:
    return Reply({"group": _group(call, one(call.cloud.identity.groups, call.args["id"], "group"))})


def group_users(call: Call) -> Reply:
    identity = call.cloud.identity
    found = one(identity.groups, call.args["id"], "group")
    return Reply(listed(call, users=[_user(call, identity.users[key]) for key in found.users if key in identity.users]))


ROUTES = [
    Route("GET", "/v3/domains", domains, "reader", "identity:list_domains"),
    Route("GET", "/v3/domains/{id}", domain, "reader", "identity:get_domain"),
    Route("GET", "/v3/projects", projects, "reader", "identity:list_projects"),
    Route("POST", "/v3/projects", create_project, "admin", "identity:create_project"),
    Route("GET", "/v3/projects/{id}", project, "any", "identity:get_project"),
    Route("PATCH", "/v3/projects/{id}", update_project, "admin", "identity:update_project"),
    Route("DELETE", "/v3/projects/{id}", delete_project, "admin", "identity:delete_project"),
    Route("GET", "/v3/users", users, "reader", "identity:list_users"),
    Route("POST", "/v3/users", create_user, "admin", "identity:create_user"),
    Route("GET", "/v3/users/{id}", user, "any", "identity:get_user"),
    Route("GET", "/v3/users/{id}/projects", user_projects, "any", "identity:list_user_projects"),
    Route("PATCH", "/v3/users/{id}", update_user, "admin", "identity:update_user"),
    Route("DELETE", "/v3/users/{id}", delete_user, "admin", "identity:delete_user"),
    Route("GET", "/v3/groups", groups, "reader", "identity:list_groups"),
    Route("GET", "/v3/groups/{id}", group, "reader", "identity:get_group"),
    Route("GET", "/v3/groups/{id}/users", group_users, "reader", "identity:list_users_in_group"),
]
