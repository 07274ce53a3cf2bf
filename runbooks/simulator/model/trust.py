"""Who lets whom act for them, and who else may say who somebody is: trusts and federation, as Keystone holds them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Trust:
    """The trustor lets the trustee act on a project."""

    id: str
    trustor_id: str
    trustee_id: str
    project_id: str
    role_ids: list[str]
    impersonation: bool = True
    expires: float | None = None
    remaining_uses: int | None = None


@dataclass(slots=True)
class IdentityProvider:
    """Somebody else who may say who a user is; `protocols` is protocol → mapping."""

    id: str
    domain_id: str
    remote_ids: list[str]
    description: str | None = None
    enabled: bool = True
    protocols: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Federation:
    """What Keystone knows of other identity providers."""

    providers: dict[str, IdentityProvider] = field(default_factory=dict)
    mappings: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """Mapping → its rules."""


def build_federation(group_id: str) -> Federation:
    """One provider, whose users join the group of operators."""
    local: list[dict[str, Any]] = [{"user": {"name": "{0}"}}, {"group": {"id": group_id}}]
    remote: list[dict[str, Any]] = [{"type": "OIDC-email"}, {"type": "OIDC-groups", "any_one_of": ["cloud"]}]
    provider = IdentityProvider(
        "corp",
        "default",
        ["https://login.example.org/realms/corp"],
        description="Corporate login",
        protocols={"openid": "corp-mapping"},
    )
    return Federation({"corp": provider}, {"corp-mapping": [{"local": local, "remote": remote}]})
