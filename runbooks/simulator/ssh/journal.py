"""What a host's journal and its containers' logs say: made from the clock and the model when asked for.

Routine messages come at fixed moments; the start, stop or failure of a unit is there at the moment the model has.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from runbooks.simulator.model.balancers import INSTANCE, KEEPALIVED
from runbooks.simulator.model.hosts import Unit
from runbooks.simulator.ssh import changes
from runbooks.simulator.ssh.program import Place

LONGEST = 86400.0
"""Seconds of routine messages that the journal keeps; starts and stops are kept for ever."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One message."""

    at: float
    unit: str
    """With suffix; "" for the kernel."""
    identifier: str
    pid: int
    priority: int
    """As in syslog: 3 error, 4 warning, 6 information."""
    message: str


@dataclass(frozen=True, slots=True)
class _Routine:
    unit: str
    identifier: str
    every: float
    messages: tuple[str, ...]


_ROUTINE = (
    _Routine(
        "cron",
        "CRON",
        3600.0,
        (
            "pam_unix(cron:session): session opened for user root(uid=0) by (uid=0)",
            "(root) CMD (   cd / && run-parts --report /etc/cron.hourly)",
            "pam_unix(cron:session): session closed for user root",
        ),
    ),
    _Routine("chrony", "chronyd", 4096.0, ("Selected source 192.0.2.10 (ntp.example.net)",)),
    _Routine(
        "rsyslog",
        "rsyslogd",
        43200.0,
        ('[origin software="rsyslogd" swVersion="8.2302.0" x-info="https://www.rsyslog.com"] rsyslogd was HUPed',),
    ),
    _Routine(
        "docker",
        "dockerd",
        7200.0,
        ('level=info msg="ignoring event" module=libcontainerd namespace=moby topic=/tasks/delete',),
    ),
)


def entries(place: Place, *, since: float | None = None) -> list[Entry]:
    """The journal from `since` (at most a day back, never before the boot) to now, oldest first."""
    now, host = place.now, place.host
    begin = max(host.booted, now - LONGEST, since or 0.0)
    found = [entry for entry in _changes(place) if entry.at >= (since or host.booted)]
    for routine in _ROUTINE:
        unit = host.units.get(routine.unit)
        if unit is not None:
            last = now if unit.state == "running" else unit.since
            found += _times(place, unit, routine, begin, last)
    return sorted(found, key=lambda entry: entry.at)


def _times(place: Place, unit: Unit, routine: _Routine, begin: float, end: float) -> Iterator[Entry]:
    phase = place.cloud.seed.fraction("journal", place.host.name, routine.unit) * routine.every
    number = int((begin - phase) // routine.every) + 1
    while (at := number * routine.every + phase) <= end:
        for step, message in enumerate(routine.messages):
            yield Entry(at + step * 0.002, f"{unit.name}.service", routine.identifier, _pid(place, unit), 6, message)
        number += 1


def _pid(place: Place, unit: Unit) -> int:
    return changes.process_id(place, unit)


def _changes(place: Place) -> Iterator[Entry]:
    """What systemd said when each service last started, stopped or failed."""
    yield Entry(
        place.host.booted, "", "kernel", 0, 5, f"Linux version {place.host.kernel} (debian-kernel@lists.debian.org)"
    )
    for unit in place.host.units.values():
        if unit.engine == "docker":
            continue
        name, words = f"{unit.name}.service", f"{unit.name}.service - {unit.description or unit.name}"

        def said(seconds: float, message: str, priority: int = 6, name: str = name, at: float = unit.since) -> Entry:
            return Entry(at + seconds, name, "systemd", 1, priority, message)

        if unit.state in ("running", "hung"):
            yield said(-0.2, f"Starting {words}...")
            yield said(0.0, f"Started {words}.")
        elif unit.state == "stopped":
            yield said(-0.3, f"Stopping {words}...")
            yield said(-0.1, f"{name}: Deactivated successfully.")
            yield said(0.0, f"Stopped {words}.")
        else:
            yield said(-0.1, f"{name}: Main process exited, code=exited, status={unit.exit_status or 1}/FAILURE", 5)
            yield said(0.0, f"{name}: Failed with result 'exit-code'.", 4)


def of_container(place: Place, unit: Unit) -> list[Entry]:
    """What one container has printed since its last start: Kolla's start script, Keepalived's states, the end."""
    source = f"/var/lib/kolla/config_files/{unit.name.replace('_', '-')}.conf"
    started = unit.since
    texts = [
        "+ sudo -E kolla_set_configs",
        "INFO:__main__:Loading config file at /var/lib/kolla/config_files/config.json",
        "INFO:__main__:Validating config file",
        "INFO:__main__:Kolla config strategy set to: COPY_ALWAYS",
        f"INFO:__main__:Copying {source} to /etc/{unit.name.partition('_')[0]}/",
        f"++ cat /run_command\n+ CMD={unit.name.replace('_', '-')}",
        f"Running command: '{unit.name.replace('_', '-')}'",
    ]
    ended = unit.state in ("stopped", "failed")
    found = [
        Entry(started - (30.0 if ended else 0.0) + 0.1 * at, "", unit.name, 0, 6, text) for at, text in enumerate(texts)
    ]
    if unit.name == KEEPALIVED:
        for at, state in place.cloud.balancers.said.get(place.host.name, ()):
            if state and at >= started and not ended:
                when = datetime.fromtimestamp(at, UTC).strftime("%a %b %e %H:%M:%S %Y")
                found.append(Entry(at, "", unit.name, 0, 6, f"{when}: ({INSTANCE}) Entering {state} STATE"))
    if unit.state == "failed":
        found.append(
            Entry(
                unit.since,
                "",
                unit.name,
                0,
                3,
                f"CRITICAL: {unit.name.replace('_', '-')} exited with status {unit.exit_status or 1}",
            )
        )
    return found
