"""Keystone's tokens, and what a login has proved before it becomes one."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Literal

Scope = Literal["project", "domain", "system", "unscoped"]


@dataclass(frozen=True, slots=True)
class Login:
    """Who somebody has proved to be, and what for."""

    user_id: str
    scope: Scope
    methods: tuple[str, ...]
    project_id: str | None = None
    domain_id: str | None = None
    credential_id: str | None = None
    """The application credential that was used."""
    until: float | None = None
    """The end of the token that was used."""
    parents: tuple[str, ...] = ()
    """The audit ids of the token that was used."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token that was issued. Times are seconds since the epoch."""

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
    audit_ids: tuple[str, ...]
    credential_id: str | None = None

    @property
    def is_admin(self) -> bool:
        return "admin" in self.roles

    @property
    def project(self) -> str:
        """The project's id, empty when the scope is none."""
        return self.project_id or ""


def new_id(prefix: str, size: int) -> str:
    """A random URL-safe text of `size` bytes. Tokens are secrets: not from the seed."""
    return prefix + secrets.token_urlsafe(size)
