"""Barbican: what is told of secrets. What is in them is nowhere: the simulator keeps none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runbooks.simulator.model.cloud import Cloud

DAY = 86400.0


@dataclass(frozen=True, slots=True)
class Secret:
    """What is told of one secret."""

    id: str
    name: str
    project_id: str
    creator_id: str
    created: float
    kind: str
    """`certificate`, `private`, `symmetric`, `passphrase` …"""
    content: str
    """The type of what is in it."""
    expiration: float | None = None
    algorithm: str | None = None
    bits: int | None = None
    mode: str | None = None
    status: str = "ACTIVE"


def build_secrets(cloud: Cloud) -> list[Secret]:
    """A certificate with its key for a load balancer, and the key of an encrypted volume type of the administrators."""
    seed, now = cloud.seed, cloud.now()
    tenant = cloud.tenants[0]
    admin, people = cloud.identity.project_named("admin"), cloud.identity.user_named("admin")
    assert admin is not None
    assert people is not None
    ours = (admin.id, people.id)
    theirs = (tenant.project_id, tenant.user_id)
    text, raw = "text/plain", "application/octet-stream"
    return [
        Secret(seed.uuid("secret", "tls"), "shop-tls", *theirs, now - 60 * DAY, "certificate", text, now + 300 * DAY),
        Secret(
            *(seed.uuid("secret", "key"), "shop-tls-key", *theirs, now - 60 * DAY, "private", text),
            *(now + 300 * DAY, "RSA", 2048),
        ),
        Secret(
            *(seed.uuid("secret", "volumes"), "volumes-luks", *ours, now - 150 * DAY, "symmetric", raw),
            *(None, "aes", 256, "xts"),
        ),
        Secret(
            *(seed.uuid("secret", "backup"), "backup-passphrase", *ours, now - 20 * DAY, "passphrase", text),
            expiration=now + 90 * DAY,
        ),
    ]
