"""Keystone's default policies: admins everywhere; the reader role on the system or a domain for reading."""

from __future__ import annotations

from runbooks.simulator.http.api import Api, Role
from runbooks.simulator.model.token import Token


def allows(api: Api, role: Role, token: Token) -> bool:
    """True when a token may call what asks for `role`."""
    if role in ("public", "any") or token.is_admin:
        return True
    return role == "reader" and "reader" in token.roles and token.scope in ("system", "domain")
