"""Keystone's data: domains, projects, users, roles, the catalog, and the tokens that are valid."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from runbooks.simulator.model.cloud import Cloud

Scope = Literal["project", "domain", "system", "unscoped"]


@dataclass(frozen=True, slots=True)
class Token:
    """A valid token."""

    id: str
    user_id: str
    roles: frozenset[str]
    """Names, implied ones included: an admin is also manager, member and reader."""
    scope: Scope
    project_id: str | None
    domain_id: str | None
    methods: tuple[str, ...]
    issued: float
    expires: float
    audit_id: str

    @property
    def is_admin(self) -> bool:
        return "admin" in self.roles

    @property
    def project(self) -> str:
        """The project's id, empty when the scope is none."""
        return self.project_id or ""


@dataclass(slots=True)
class Identity:
    """Keystone of all regions."""

    cloud: Cloud
    address: str
    """Where the public endpoint is."""
    tokens: dict[str, Token] = field(default_factory=dict)

    def token(self, token_id: str, now: float) -> Token | None:
        """The token with this id, or None when there is none or it is no longer valid."""
        found = self.tokens.get(token_id)
        return found if found is not None and now < found.expires else None

    def user_name(self, user_id: str) -> str:
        return user_id


def build_identity(cloud: Cloud) -> Identity:
    """The healthy identity part of `cloud`."""
    return Identity(cloud, cloud.layout.vip)
