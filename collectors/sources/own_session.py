"""The HTTP session to a system that the site itself names: guarded, no proxies, its CA, through a host if need be.

RabbitMQ's management API, Ceph's dashboard, statistics pages, Prometheus and Alertmanager are all reached this way.
"""

from __future__ import annotations

import socket
from pathlib import Path
from typing import TYPE_CHECKING

from collectors.deadline import Deadline, current
from collectors.errors import BadConfiguration
from collectors.sources.http import guarded_session

if TYPE_CHECKING:
    from requests import Session

    from collectors.connections import Connections


def own_session(system: str, via: str, ca: Path | None, connections: Connections | None) -> Session:
    """A session for `system`; `via` is `ssh:HOST` when only that host reaches it. Dialling raises `SourceError`."""

    def dial(address: str, port: int, seconds: float) -> socket.socket:
        if connections is None:
            raise BadConfiguration(system, f"via {via}: no SSH at hand", "use ssh:HOST of this site")
        host = via.partition(":")[2]
        return connections.ssh().open_channel(host, address, port, current() or Deadline(seconds))

    made = guarded_session(dial if via else None)
    made.trust_env = False  # neither proxies nor .netrc: these addresses are the site's own
    if ca is not None:
        made.verify = str(ca)
    return made
