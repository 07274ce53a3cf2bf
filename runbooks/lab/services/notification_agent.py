"""A reader of all notifications, so that they do not pile up: what Ceilometer's agent is on other clouds."""

from __future__ import annotations

from pathlib import Path

from runbooks.lab import programs
from runbooks.lab.lab import Lab
from runbooks.lab.services.options import ini, messaging
from runbooks.lab.services.units import daemon

PACKAGES: tuple[str, ...] = ()

UNIT = "notification-agent"
CONFIG = f"/etc/{UNIT}/{UNIT}.conf"
PROGRAM = f"/usr/local/libexec/{UNIT}"


def install(lab: Lab) -> None:
    """Program, configuration and unit."""
    text = (Path(programs.__file__).parent / "notification_agent.py").read_text()
    for machine in lab.api:
        machine.write(PROGRAM, text)
        machine.write(CONFIG, ini(messaging(lab)), mode=0o640)
        machine.unit(UNIT, daemon(lab, "Reader of OpenStack's notifications", f"python3 {PROGRAM} {CONFIG}"))
        machine.enable(UNIT)


def start(lab: Lab) -> None:
    """Start it."""
    lab.each(lab.api, lambda machine: machine.start(UNIT))
