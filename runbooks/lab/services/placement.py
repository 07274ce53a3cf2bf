"""Placement: what the computes have, and who uses it."""

from __future__ import annotations

from runbooks.lab.lab import Lab
from runbooks.lab.services.databases import databases, manage
from runbooks.lab.services.options import Options, authtoken, behind_proxy, database, ini, pool
from runbooks.lab.services.units import Api, install_api, start_api

PACKAGES: tuple[str, ...] = ()

CONFIG = "/etc/placement/placement.conf"
API = Api(
    "placement-api",
    "OpenStack Placement API",
    8778,
    "placement.wsgi.api",
    "placement",
    environment={"OS_PLACEMENT_CONFIG_DIR": "/etc/placement"},
)


def configuration(lab: Lab) -> str:
    """placement.conf."""
    own: Options = {
        "placement_database": {"connection": database(lab, "placement"), **pool()},
        "api": {"auth_strategy": "keystone"},
    }
    return ini(own, authtoken(lab, "placement"), behind_proxy())


def install(lab: Lab) -> None:
    """Configuration and unit."""
    for machine in lab.api:
        machine.write(CONFIG, configuration(lab), mode=0o640)
        install_api(lab, machine, API)


def tables(lab: Lab) -> None:
    """The database and its tables, once."""
    lab.once("placement-tables", lambda: _tables(lab))


def _tables(lab: Lab) -> None:
    databases(lab, "placement")
    manage(lab, lab.api[0], "placement-manage", "--config-file", CONFIG, "db", "sync")


def start(lab: Lab) -> None:
    """Tables, then the API."""
    tables(lab)
    lab.each(lab.api, lambda machine: start_api(machine, API))
