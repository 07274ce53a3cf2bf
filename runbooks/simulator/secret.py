"""The passwords and keys of one run: random, held in memory and in the state folder's 0600 files, nowhere else."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from runbooks.simulator.certificates import Authority


def _word() -> str:
    return secrets.token_urlsafe(24)


@dataclass(slots=True, repr=False)
class Secrets:
    """What each account of the simulated cloud logs in with."""

    admin: str = field(default_factory=_word)
    """Keystone's `admin`."""
    reader: str = field(default_factory=_word)
    """Keystone's `reader`."""
    tenants: str = field(default_factory=_word)
    """Every `<project>-owner`."""
    services: str = field(default_factory=_word)
    """Keystone's service users (`nova`, `neutron`, …)."""
    application_credential: str = field(default_factory=_word)
    """Of the application credential `console` of `admin`."""
    galera_root: str = field(default_factory=_word)
    galera_monitor: str = field(default_factory=_word)
    """Of the read-only account `monitor`."""
    haproxy: str = field(default_factory=_word)
    """Of `openstack` on HAProxy's statistics pages."""
    prometheus: str = field(default_factory=_word)
    """Of Prometheus' `admin`."""
    metadata: str = field(default_factory=_word)
    """With which metadata agents sign whose request they pass on to Nova."""
    keepalived: str = field(default_factory=_word)
    """What the load balancers say to each other."""
    rabbitmq_admin: str = field(default_factory=_word)
    """Of the administrator `openstack`."""
    rabbitmq_monitor: str = field(default_factory=_word)
    """Of `monitor`, tag monitoring."""
    authority: Authority = field(default_factory=Authority)
    """Signs the certificates of the cloud's HTTPS servers."""
    ceph_viewer: str = field(default_factory=_word)
    """Of the dashboard's read-only account `viewer`."""
    ceph_operator: str = field(default_factory=_word)
    """Of the dashboard's administrator `operator`."""
    ceph_tokens: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    """Signs the dashboard's tokens."""
