"""Heartbeats: when each service last told the database that it lives.

A reporter writes at a fixed interval as long as it runs *and* what it reports through works: nova-compute and
Neutron's agents send through RabbitMQ to a conductor or neutron-server, which write to Galera; conductors, schedulers
and Cinder's services write to Galera themselves. `settle`, called after every change of the model, notices who has
fallen silent and who speaks again; between changes a heartbeat is arithmetic, so nothing ticks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from runbooks.simulator.ids import Seed
from runbooks.simulator.model.hosts import Hosts

Channel = Callable[[], bool]
"""A way on which reports arrive; True while they do."""


@dataclass(slots=True)
class Reporter:
    """One service that reports."""

    host: str
    """The machine it runs on."""
    unit: str
    channel: str
    interval: float
    phase: float
    """Its reports come at whole multiples of `interval` plus this."""
    since: float
    """It has been reporting since then."""
    last: float | None = None
    """Its last report before it fell silent; None while it reports."""
    before: float | None = None
    """Its last report before it was silent for a while; what is known until its next one comes."""

    def heartbeat(self, now: float) -> float:
        """The time of its last report."""
        if self.last is not None:
            return self.last
        report = (now - self.phase) // self.interval * self.interval + self.phase
        if report >= self.since:
            return report
        return self.since if self.before is None else self.before


class Reports:
    """All reporters, by (binary, host as the service names itself)."""

    def __init__(self, hosts: Hosts, seed: Seed, now: float) -> None:
        self._hosts = hosts
        self._seed = seed
        self._start = now
        self._channels: dict[str, Channel] = {}
        self._all: dict[tuple[str, str], Reporter] = {}

    def channel(self, name: str, works: Channel) -> None:
        """Declare the way `name`."""
        self._channels[name] = works

    def add(
        self, binary: str, label: str, *, host: str, unit: str, channel: str, interval: float = 10.0, since: float = 0.0
    ) -> Reporter:
        """A reporter that is reporting now. `label` is its name to the API (`ctl01@rbd-1`), `host` its machine."""
        phase = self._seed.fraction("report", binary, label) * interval
        found = self._all[binary, label] = Reporter(host, unit, channel, interval, phase, since)
        return found

    def remove(self, binary: str, label: str) -> None:
        """Forget it (its record was deleted)."""
        del self._all[binary, label]

    def __getitem__(self, key: tuple[str, str]) -> Reporter:
        return self._all[key]

    def settle(self, now: float) -> None:
        """Notice who fell silent and who speaks again at `now`."""
        works = {name: channel() for name, channel in self._channels.items()}
        for reporter in self._all.values():
            speaks = works[reporter.channel] and self._hosts[reporter.host].alive(reporter.unit)
            if speaks and reporter.last is not None:
                reporter.last, reporter.before, reporter.since = None, reporter.last, now
            elif not speaks and reporter.last is None:
                reporter.last = reporter.heartbeat(now)

    def alive(self, binary: str, label: str, now: float, limit: float) -> bool:
        """True when its last report is at most `limit` seconds old (Nova's and Neutron's own rule)."""
        return now - self._all[binary, label].heartbeat(now) <= limit
