"""Who may sign in at the dashboard, and the tokens (JSON web tokens) that prove it for eight hours."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from runbooks.simulator.secret import Secrets

LIFETIME = 8 * 3600.0
"""`mgr/dashboard/jwt_token_ttl`."""
_READ_ONLY = (
    *("cephfs", "grafana", "hosts", "iscsi", "log", "manager", "monitor", "nfs-ganesha", "osd", "pool", "prometheus"),
    *("rbd-image", "rbd-mirroring", "rgw", "user"),
)
_ALL = (*_READ_ONLY, "config-opt", "dashboard-settings")
ROLES = {"viewer": "read-only", "operator": "administrator"}
"""The accounts and their roles."""


def permissions(user: str) -> dict[str, list[str]]:
    """What the role of `user` may do, by scope."""
    if ROLES[user] == "read-only":
        return {scope: ["read"] for scope in _READ_ONLY}
    return {scope: ["create", "delete", "read", "update"] for scope in sorted(_ALL)}


@dataclass(slots=True)
class Tokens:
    """The tokens of one cluster: both managers know the same key, so a failover ends none, nor does a reset."""

    accounts: Secrets
    _ended: set[str] = field(default_factory=set)

    def password_fits(self, user: str, password: str) -> bool:
        known = {"viewer": self.accounts.ceph_viewer, "operator": self.accounts.ceph_operator}.get(user)
        return known is not None and hmac.compare_digest(known.encode(), password.encode())

    def issue(self, user: str, now: float) -> str:
        """A new token."""
        claims = {"iss": "ceph-dashboard", "jti": str(uuid4()), "exp": int(now + LIFETIME), "iat": int(now)}
        parts = [_encoded({"alg": "HS256", "typ": "JWT"}), _encoded(claims | {"username": user})]
        return ".".join([*parts, self._signature(".".join(parts))])

    def user(self, token: str, now: float) -> str | None:
        """Whose token it is; None when it is none of ours, has ended, or was given back."""
        claims = self._claims(token)
        if claims is None or claims["exp"] <= now or claims["jti"] in self._ended:
            return None
        return str(claims["username"])

    def end(self, token: str) -> None:
        """Give it back."""
        claims = self._claims(token)
        if claims is not None:
            self._ended.add(claims["jti"])

    def _claims(self, token: str) -> dict[str, Any] | None:
        body, _, signature = token.rpartition(".")
        if not hmac.compare_digest(signature.encode(), self._signature(body).encode()):
            return None
        found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body.partition(".")[2] + "=="))
        return found

    def _signature(self, text: str) -> str:
        return _text(hmac.new(self.accounts.ceph_tokens, text.encode(), hashlib.sha256).digest())


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _encoded(value: object) -> str:
    return _text(json.dumps(value, separators=(",", ":")).encode())
