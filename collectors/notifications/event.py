"""One thing that a service notified of: when, who, what, of which object. A value."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

Severity: TypeAlias = Literal["debug", "info", "warning", "error", "critical"]


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """What a notification says, reduced to what a list shows. Nothing secret gets here (`redact.py`)."""

    id: str
    """The message's own id."""
    at: float
    """When the service sent it, by its own clock, seconds since the epoch."""
    severity: Severity
    service: str
    """`nova`, `neutron`, `cinder` …"""
    event_type: str
    """Its own words: `compute.instance.power_off.end`, `instance.power_off.end`, `port.update.end`."""
    kind: str = ""
    """The kind of which it names a row; empty when there is none."""
    resource: str = ""
    """That row's id."""
    name: str = ""
    project_id: str = ""
    host: str = ""
    request_id: str = ""
    publisher: str = ""
    detail: str = ""
    """The state that it tells, or what went wrong."""
    versioned: bool = False

    @property
    def topic(self) -> str:
        """The event's type without the older format's prefix: both formats of one event have the same."""
        return self.event_type.removeprefix("compute.") if not self.versioned else self.event_type
