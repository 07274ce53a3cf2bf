"""Manila: shared file systems of a backend that only pretends: Manila's own dummy driver stores and exports nothing."""

from __future__ import annotations

from runbooks.lab.lab import Lab
from runbooks.lab.machine import Machine
from runbooks.lab.services.databases import databases, manage
from runbooks.lab.services.options import DOWN_TIME, REPORT_INTERVAL, Options, credentials, database, ini, pool, service
from runbooks.lab.services.units import Api, install_api, install_daemon, start_api

PACKAGES: tuple[str, ...] = ()

CONFIG = "/etc/manila/manila.conf"
BACKEND = "dummy"
API = Api("manila-api", "OpenStack Manila API", 8786, "manila.wsgi.api", "manila", arguments=f"--config-file {CONFIG}")
DAEMONS = {"manila-scheduler": "OpenStack Manila scheduler", "manila-share": "OpenStack Manila share service"}
"""The units beside the API."""


def configuration(lab: Lab, machine: Machine) -> str:
    """manila.conf."""
    account = credentials(lab, "manila")
    own: Options = {
        "DEFAULT": {
            "host": machine.name,
            "my_ip": machine.address,
            "state_path": "/var/lib/manila",
            "api_paste_config": f"{lab.venv}/etc/manila/api-paste.ini",
            "rootwrap_config": f"{lab.venv}/etc/manila/rootwrap.conf",
            "enabled_share_backends": BACKEND,
            "enabled_share_protocols": "NFS,CIFS",
            "report_interval": REPORT_INTERVAL,
            "service_down_time": DOWN_TIME,
        },
        BACKEND: {
            "share_driver": "manila.tests.share.drivers.dummy.DummyDriver",
            "share_backend_name": BACKEND,
            "driver_handles_share_servers": False,
        },
        "database": {"connection": database(lab, "manila"), **pool()},
        "neutron": account,
        "nova": account,
        "cinder": account,
        "glance": account,
    }
    return ini(own, service(lab, "manila"))


def install(lab: Lab) -> None:
    """Configuration and units."""
    machine = lab.further
    machine.write(CONFIG, configuration(lab, machine), mode=0o640)
    machine.write("/var/lib/manila/tmp/.keep", "")
    install_api(lab, machine, API)
    for unit, title in DAEMONS.items():
        install_daemon(lab, machine, unit, title, CONFIG)


def start(lab: Lab) -> None:
    """Tables, then the services."""
    lab.once("manila-tables", lambda: _tables(lab))
    lab.further.start(*DAEMONS)
    start_api(lab.further, API)


def _tables(lab: Lab) -> None:
    databases(lab, "manila")
    manage(lab, lab.further, "manila-manage", "--config-file", CONFIG, "db", "sync")
