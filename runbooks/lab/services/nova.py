"""Nova on the controllers: the API, the metadata API, the conductor and the scheduler."""

from __future__ import annotations

from runbooks.lab.lab import Lab
from runbooks.lab.services.databases import databases, manage
from runbooks.lab.services.nova_options import CONFIG, STATE, controller
from runbooks.lab.services.units import Api, daemon, install_api, start_api

PACKAGES: tuple[str, ...] = ()

ENVIRONMENT = {"OS_NOVA_CONFIG_DIR": "/etc/nova"}
PASTE = "/etc/nova/api-paste.ini"
"""Nova's WSGI modules look for it beside nova.conf."""

API = Api("nova-api", "OpenStack Nova API", 8774, "nova.wsgi.osapi_compute", "nova", environment=ENVIRONMENT, threads=8)
METADATA = Api(
    "nova-metadata", "OpenStack Nova metadata API", 8775, "nova.wsgi.metadata", "nova", environment=ENVIRONMENT
)
DAEMONS = {"nova-conductor": "OpenStack Nova conductor", "nova-scheduler": "OpenStack Nova scheduler"}


def apis(lab: Lab) -> tuple[Api, ...]:
    """The metadata API has no callers where no server has a network."""
    return (API,) if lab.layout.profile in ("core", "storage") else (API, METADATA)


def install(lab: Lab) -> None:
    """Configuration and units."""
    for machine in lab.api:
        machine.write(CONFIG, controller(lab, machine), mode=0o640)
        machine.write(PASTE, (lab.venv / PASTE.lstrip("/")).read_text())
        machine.write(f"{STATE}/tmp/.keep", "")
        for api in apis(lab):
            install_api(lab, machine, api)
        for unit, title in DAEMONS.items():
            machine.unit(unit, daemon(lab, title, f"{unit} --config-file {CONFIG}"))
        machine.enable(*DAEMONS)


def tables(lab: Lab) -> None:
    """The databases, and the cells: cell0 for servers that never got a host, cell1 for all others; once."""
    lab.once("nova-tables", lambda: _tables(lab))


def _tables(lab: Lab) -> None:
    databases(lab, "nova", "nova_api", "nova", "nova_cell0")
    for words in (
        ("api_db", "sync"),
        ("cell_v2", "map_cell0"),
        ("cell_v2", "create_cell", "--name", "cell1"),
        ("db", "sync"),
    ):
        nova_manage(lab, *words)


def nova_manage(lab: Lab, *words: str) -> None:
    """Run nova-manage on the first controller."""
    manage(lab, lab.api[0], "nova-manage", "--config-file", CONFIG, *words)


def start(lab: Lab) -> None:
    """Tables, then conductor, scheduler and APIs."""
    tables(lab)
    lab.each(lab.api, lambda machine: machine.start(*DAEMONS))
    for api in apis(lab):
        lab.each(lab.api, lambda machine, api=api: start_api(machine, api))  # type: ignore[misc]
