"""Keystone's tokens: log in, look at, revoke; what a token may be scoped to."""

from __future__ import annotations

from runbooks.simulator.clock import iso
from runbooks.simulator.http.api import Route
from runbooks.simulator.http.call import ApiError, Call, Reply
from runbooks.simulator.http.errors import UNAUTHORIZED
from runbooks.simulator.http.keystone.login import proved
from runbooks.simulator.http.keystone.people import project_view
from runbooks.simulator.http.keystone.rest import listed
from runbooks.simulator.model.token import Token


def catalog_view(call: Call, project_id: str) -> list[dict[str, object]]:
    """The catalog as a token holds it."""
    return [
        {
            "endpoints": [
                {
                    "id": endpoint.id,
                    "interface": endpoint.interface,
                    "region_id": endpoint.region_id,
                    "url": url,
                    "region": endpoint.region_id,
                }
                for endpoint, url in endpoints
            ],
            "id": service.id,
            "type": service.type,
            "name": service.name,
        }
        for service, endpoints in call.cloud.identity.catalog.of(project_id)
    ]


def _domain(call: Call, domain_id: str) -> dict[str, str]:
    return {"id": domain_id, "name": call.cloud.identity.domains[domain_id].name}


def token_view(call: Call, token: Token, *, with_catalog: bool) -> dict[str, object]:
    """A token's document."""
    identity = call.cloud.identity
    user = identity.users[token.user_id]
    view: dict[str, object] = {
        "methods": list(token.methods),
        "user": {
            "domain": _domain(call, user.domain_id),
            "id": user.id,
            "name": user.name,
            "password_expires_at": None,
        },
        "audit_ids": list(token.audit_ids),
        "expires_at": iso(token.expires) + "Z",
        "issued_at": iso(token.issued) + "Z",
    }
    if token.scope == "project" and token.project_id:
        project = identity.projects[token.project_id]
        domain = _domain(call, project.domain_id)
        view["project"] = {"domain": domain, "id": project.id, "name": project.name}
        view["is_domain"] = False
    elif token.scope == "domain" and token.domain_id:
        view["domain"] = _domain(call, token.domain_id)
    elif token.scope == "system":
        view["system"] = {"all": True}
    if token.credential_id:
        credential = identity.credentials[token.credential_id]
        view["application_credential"] = {
            "id": credential.id,
            "name": credential.name,
            "restricted": not credential.unrestricted,
        }
    if token.scope != "unscoped":
        roles = [role for role in identity.roles.values() if role.name in token.roles]
        view["roles"] = [{"id": role.id, "name": role.name} for role in roles]
        if with_catalog:
            view["catalog"] = catalog_view(call, token.project)
    return {"token": view}


def log_in(call: Call) -> Reply:
    token = call.cloud.identity.issue(proved(call), call.cloud.now())
    if token is None:
        raise ApiError(401, UNAUTHORIZED)
    view = token_view(call, token, with_catalog="nocatalog" not in call.query)
    return Reply(view, 201, {"X-Subject-Token": token.id, "Vary": "X-Auth-Token"})


def _subject(call: Call) -> Token:
    wanted = call.headers.get("X-Subject-Token", "")
    found = call.cloud.identity.token(wanted, call.cloud.now())
    if found is None:
        raise ApiError(404, "Failed to validate token")
    if found.id != call.user.id and not (call.user.is_admin or "service" in call.user.roles):
        raise ApiError(403, call.api.forbidden.format(rule="identity:validate_token"))
    return found


def show(call: Call) -> Reply:
    token = _subject(call)
    view = token_view(call, token, with_catalog="nocatalog" not in call.query)
    return Reply(view, 200, {"X-Subject-Token": token.id, "Vary": "X-Auth-Token"})


def revoke(call: Call) -> Reply:
    del call.cloud.identity.tokens[_subject(call).id]
    return Reply(None, 204)


def auth_catalog(call: Call) -> Reply:
    return Reply({"catalog": catalog_view(call, call.user.project), "links": {"self": f"{call.base}{call.path}"}})


def auth_projects(call: Call) -> Reply:
    """Projects on which the user has a role."""
    identity = call.cloud.identity
    mine = {one.project_id for one in identity.assignments if one.user_id == call.user.user_id}
    projects = [project_view(call, one) for one in identity.projects.values() if one.id in mine and one.enabled]
    return Reply(listed(call, projects=projects))


def auth_domains(call: Call) -> Reply:
    """Domains on which the user has a role."""
    return Reply(listed(call, domains=[]))


def auth_system(call: Call) -> Reply:
    """`all: true` when the user has a role on the system."""
    mine = any(one.system and one.user_id == call.user.user_id for one in call.cloud.identity.assignments)
    return Reply(listed(call, system=[{"all": True}] if mine else []))


ROUTES = [
    Route("POST", "/v3/auth/tokens", log_in, "public"),
    Route("GET", "/v3/auth/tokens", show, "any"),
    Route("DELETE", "/v3/auth/tokens", revoke, "any"),
    Route("GET", "/v3/auth/catalog", auth_catalog, "any"),
    Route("GET", "/v3/auth/projects", auth_projects, "any"),
    Route("GET", "/v3/auth/domains", auth_domains, "any"),
    Route("GET", "/v3/auth/system", auth_system, "any"),
]
