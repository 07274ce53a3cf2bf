"""From a site's connections to a reading of its logs: who is asked for them, hosts or Loki or both."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from collectors.connections import Connections
from collectors.logs.central import Central
from collectors.logs.line import LogLine
from collectors.logs.reading import LogReading, Wanted


def log_reading(
    connections: Connections,
    wanted: Wanted,
    told: Callable[[Sequence[LogLine]], None],
    changed: Callable[[], None] = lambda: None,
) -> LogReading:
    """A reading of all that a site has of logs. Raises `BadConfiguration` where it has neither hosts nor Loki."""
    site, loki = connections.site, connections.loki()
    hosts = [(host.name, host.address) for host in site.hosts.values()]
    central = Central(loki, hosts, connections.deadline) if loki is not None else None
    ssh = connections.ssh() if site.hosts or central is None else None
    wanted = replace(wanted, everywhere=central is not None and not site.hosts)
    return LogReading(ssh, wanted, told, changed, connections.deadline, central)
