"""Neutron's server on the controllers.

In profiles without networks only its API runs: Nova cannot list or delete a server without it.
"""

from __future__ import annotations

from runbooks.lab.lab import Lab
from runbooks.lab.services.databases import databases, manage
from runbooks.lab.services.neutron_options import CONFIG, ML2, STATE, ml2, server
from runbooks.lab.services.units import Api, daemon, install_api, start_api

PACKAGES: tuple[str, ...] = ()

API = Api(
    "neutron-api",
    "OpenStack Neutron API",
    9696,
    "neutron.wsgi.api",
    "neutron",
    environment={"OS_NEUTRON_CONFIG_DIR": "/etc/neutron", "OS_NEUTRON_CONFIG_FILES": f"{CONFIG};{ML2}"},
)
WORKERS = {
    "neutron-rpc-server": "OpenStack Neutron RPC server",
    "neutron-periodic-workers": "OpenStack Neutron periodic workers",
}


def workers(lab: Lab) -> dict[str, str]:
    """What talks to agents, where there are any."""
    return WORKERS if lab.with_role("network") else {}


def install(lab: Lab) -> None:
    """Configuration and units."""
    for machine in lab.api:
        machine.write(CONFIG, server(lab, machine), mode=0o640)
        machine.write(ML2, ml2())
        machine.write(f"{STATE}/tmp/.keep", "")
        install_api(lab, machine, API)
        for unit, title in workers(lab).items():
            machine.unit(unit, daemon(lab, title, f"{unit} --config-file {CONFIG} --config-file {ML2}"))
            machine.enable(unit)


def tables(lab: Lab) -> None:
    """The database and its tables, once."""
    lab.once("neutron-tables", lambda: _tables(lab))


def _tables(lab: Lab) -> None:
    databases(lab, "neutron")
    files = ("--config-file", CONFIG, "--config-file", ML2)
    manage(lab, lab.api[0], "neutron-db-manage", *files, "upgrade", "heads")


def start(lab: Lab) -> None:
    """Tables, then the server."""
    tables(lab)
    if workers(lab):
        lab.each(lab.api, lambda machine: machine.start(*workers(lab)))
    lab.each(lab.api, lambda machine: start_api(machine, API))
