"""What a login request proves: the body of `POST /v3/auth/tokens`, read and checked.

Whoever cannot be let in hears the same 401 whatever was wrong, as from Keystone; only a malformed body gets a 400.
"""

from __future__ import annotations

import hmac

from runbooks.simulator.http.call import ApiError, Call
from runbooks.simulator.http.errors import UNAUTHORIZED
from runbooks.simulator.model.identity import ApplicationCredential, Project, User
from runbooks.simulator.model.token import Login, Scope, Token

_INCORRECT = (
    "The server could not comply with the request since it is either malformed or otherwise incorrect. The client is "
    "assumed to be in error."
)


def proved(call: Call) -> Login:
    """Who the caller has proved to be, and the scope asked for. Raises ApiError 400 or 401."""
    auth = _part(call.body(), "auth", "request body")
    identity = _part(auth, "identity", "auth")
    methods = identity.get("methods")
    if not isinstance(methods, list) or not methods:
        raise ApiError(400, f"Expecting to find methods in identity. {_INCORRECT}")
    user: User | None = None
    used: Token | None = None
    credential: ApplicationCredential | None = None
    for method in methods:
        part = _part(identity, str(method), "identity")
        if method == "password":
            user = _by_password(call, part)
        elif method == "token":
            used = call.cloud.identity.token(str(part.get("id", "")), call.cloud.now())
            user = call.cloud.identity.users.get(used.user_id) if used else None
        elif method == "application_credential":
            credential = _by_credential(call, part)
            user = call.cloud.identity.users.get(credential.user_id) if credential else None
        if user is None or not user.enabled:
            raise ApiError(401, UNAUTHORIZED)
    if user is None:
        raise ApiError(401, UNAUTHORIZED)
    names = tuple(str(method) for method in methods)
    if credential is not None:
        return Login(user.id, "project", names, credential.project_id, credential_id=credential.id)
    scope, project_id, domain_id = _scope(call, auth, user)
    if used is not None:
        names = tuple(dict.fromkeys((*used.methods, "token")))
        return Login(user.id, scope, names, project_id, domain_id, until=used.expires, parents=used.audit_ids)
    return Login(user.id, scope, names, project_id, domain_id)


def _part(parent: dict[str, object], name: str, where: str) -> dict[str, object]:
    found = parent.get(name)
    if not isinstance(found, dict):
        raise ApiError(400, f"Expecting to find {name} in {where}. {_INCORRECT}")
    return found


def _by_password(call: Call, part: dict[str, object]) -> User | None:
    given = _part(part, "user", "password")
    user = _user(call, given)
    password = given.get("password")
    if user is None or not isinstance(password, str):
        return None
    return user if hmac.compare_digest(password.encode(), user.password.encode()) else None


def _user(call: Call, given: dict[str, object]) -> User | None:
    identity = call.cloud.identity
    if "id" in given:
        return identity.users.get(str(given["id"]))
    return identity.user_named(str(given.get("name", "")), _domain_id(call, given))


def _domain_id(call: Call, given: dict[str, object]) -> str:
    """The id of the domain that `given` names; empty when there is none like that."""
    domain = given.get("domain")
    if not isinstance(domain, dict):
        return ""
    if "id" in domain:
        return str(domain["id"])
    domains = call.cloud.identity.domains.values()
    return next((one.id for one in domains if one.name == domain.get("name")), "")


def _by_credential(call: Call, part: dict[str, object]) -> ApplicationCredential | None:
    credentials = call.cloud.identity.credentials
    if "id" in part:
        found = credentials.get(str(part["id"]))
    else:
        owner = part.get("user")
        user = _user(call, owner) if isinstance(owner, dict) else None
        found = next(
            (one for one in credentials.values() if user and one.user_id == user.id and one.name == part.get("name")),
            None,
        )
    secret = part.get("secret")
    if found is None or not isinstance(secret, str):
        return None
    return found if hmac.compare_digest(secret.encode(), found.secret.encode()) else None


def _scope(call: Call, auth: dict[str, object], user: User) -> tuple[Scope, str | None, str | None]:
    wanted = auth.get("scope")
    if wanted == "unscoped":
        return "unscoped", None, None
    if wanted is None:
        return ("project", user.default_project_id, None) if user.default_project_id else ("unscoped", None, None)
    if not isinstance(wanted, dict):
        raise ApiError(400, f"Expecting to find project or domain in scope. {_INCORRECT}")
    if "system" in wanted:
        return "system", None, None
    if "project" in wanted:
        project = _project(call, _part(wanted, "project", "scope"))
        if project is None or not project.enabled:
            raise ApiError(401, UNAUTHORIZED)
        return "project", project.id, None
    if "domain" in wanted:
        domain_id = _domain_id(call, wanted)
        if domain_id not in call.cloud.identity.domains:
            raise ApiError(401, UNAUTHORIZED)
        return "domain", None, domain_id
    return "unscoped", None, None


def _project(call: Call, given: dict[str, object]) -> Project | None:
    identity = call.cloud.identity
    if "id" in given:
        return identity.projects.get(str(given["id"]))
    return identity.project_named(str(given.get("name", "")), _domain_id(call, given))
