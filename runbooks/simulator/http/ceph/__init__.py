"""The dashboard of the Ceph managers, version 16.2: HTTPS on port 8443, JSON documents, tokens that end."""

from __future__ import annotations

from runbooks.simulator.http.ceph.front import listeners

__all__ = ["listeners"]
