"""Designate: zones and their records. Its own mDNS is the pool's name server, so what it answers can be asked for.

The pool's backend is `fake`, which does nothing: mDNS reads zones from the database.
"""

from __future__ import annotations

import json

from runbooks.lab.lab import Lab
from runbooks.lab.machine import Machine
from runbooks.lab.services.databases import databases, manage
from runbooks.lab.services.options import Options, Value, database, ini, pool, service
from runbooks.lab.services.units import Api, install_api, install_daemon, start_api

PACKAGES: tuple[str, ...] = ()

CONFIG = "/etc/designate/designate.conf"
PASTE = "/etc/designate/api-paste.ini"
"""Where its API looks for it: beside the configuration."""
POOLS = "/etc/designate/pools.yaml"
API = Api("designate-api", "OpenStack Designate API", 9001, "designate.wsgi.api", "designate")
DAEMONS = {
    "designate-central": "OpenStack Designate central service",
    "designate-mdns": "OpenStack Designate mDNS",
    "designate-worker": "OpenStack Designate worker",
    "designate-producer": "OpenStack Designate producer",
}
"""The units beside the API, in the order in which they start."""
MDNS = 5354
DEFAULT_POOL = "794ccc2c-d751-44fe-b57f-8894c9f5c842"
"""Designate's default of `[service:central] default_pool_id`: its tables begin with this pool."""


def configuration(lab: Lab, machine: Machine) -> str:
    """designate.conf."""
    few: dict[str, Value] = {"workers": 1, "threads": 20}
    own: Options = {
        "DEFAULT": {"host": machine.name, "state_path": "/var/lib/designate"},
        "service:api": {"api_base_uri": f"http://{lab.layout.vip}:{API.port}", "auth_strategy": "keystone"},
        "service:central": few,
        "service:mdns": {**few, "listen": f"{machine.address}:{MDNS}"},
        "service:worker": {
            **few,
            # mDNS answers at once: no need to wait as long as for a name server that is told of zones.
            "poll_delay": 1,
            "poll_retry_interval": 2,
            # mDNS answers for a zone until it is deleted, and Designate would wait for the opposite before it deletes
            # it. A zone that is made or changed still waits: it is active when mDNS has answered with its serial.
            "threshold_percentage": 0,
        },
        "service:producer": few,
        "storage:sqlalchemy": {"connection": database(lab, "designate"), **pool()},
    }
    return ini(own, service(lab, "designate"))


def pools(machine: Machine) -> str:
    """pools.yaml, in JSON, which is YAML, too."""
    server = {"host": machine.address, "port": MDNS}
    default = {
        "id": DEFAULT_POOL,
        "name": "default",
        "description": "Designate's own mDNS",
        "attributes": {},
        "ns_records": [{"hostname": f"{machine.name}.lab.", "priority": 1}],
        "nameservers": [server],
        "targets": [{"type": "fake", "masters": [server], "options": server}],  # the options: who gets the NOTIFY
    }
    return json.dumps([default], indent=1) + "\n"


def install(lab: Lab) -> None:
    """Configuration and units."""
    machine = lab.further
    machine.write(CONFIG, configuration(lab, machine), mode=0o640)
    machine.write(PASTE, (lab.venv / PASTE.removeprefix("/")).read_text())
    machine.write(POOLS, pools(machine))
    machine.write("/var/lib/designate/tmp/.keep", "")
    install_api(lab, machine, API)
    for unit, title in DAEMONS.items():
        install_daemon(lab, machine, unit, title, CONFIG)


def start(lab: Lab) -> None:
    """Tables, then the services; central is told of its pool by a program of its own."""
    lab.once("designate-tables", lambda: _tables(lab))
    lab.further.start(*DAEMONS)
    start_api(lab.further, API)
    lab.once("designate-pool", lambda: _pool(lab))


def _tables(lab: Lab) -> None:
    databases(lab, "designate")
    _manage(lab, "database", "sync")


def _pool(lab: Lab) -> None:
    """Put our pool in place of the one that the tables began with.

    A call that central is not there for yet is lost and takes a minute; its row says that it answered itself.
    """
    query = "SELECT COUNT(*) FROM designate.service_statuses WHERE service_name = 'central'"
    first = lab.control[0]
    lab.further.wait("designate-central", lambda: first.run("mariadb", "-N", input=query).out.strip() != "0")
    _manage(lab, "pool", "update", "--file", POOLS)


def _manage(lab: Lab, *words: str) -> None:
    manage(lab, lab.further, "designate-manage", "--config-file", CONFIG, *words)
