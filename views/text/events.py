"""One event as one line of text: when, how grave, who, what, of which object, where, and how it went."""

from __future__ import annotations

import time

from collectors.health import Health
from collectors.notifications import Event
from collectors.untrusted import clipped, neutral
from views.glyphs import Glyphs


def event_line(event: Event, health: Health, glyphs: Glyphs, width: int = 0) -> str:
    """The line; cut to `width` cells unless that is 0. The time is local, as in a log that one watches."""
    parts = [
        time.strftime("%H:%M:%S", time.localtime(event.at)),
        glyphs.severity(health.level),
        f"{event.service:<9}",
        f"{event.event_type:<36}",
        event.name or event.resource,
        f"on {event.host}" if event.host else "",
        event.detail,
    ]
    line = glyphs.text(neutral("  ".join(part for part in parts if part)))
    return clipped(line, width) if width else line
