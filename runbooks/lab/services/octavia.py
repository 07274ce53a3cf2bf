"""Octavia: the API of load balancers, with a provider that does nothing (the driver `noop_driver`)."""

from __future__ import annotations

from runbooks.lab.lab import Lab
from runbooks.lab.machine import Machine
from runbooks.lab.services.databases import databases, manage
from runbooks.lab.services.options import (
    Options,
    authtoken,
    behind_proxy,
    credentials,
    database,
    ini,
    messaging,
    pool,
)
from runbooks.lab.services.units import Api, install_api, start_api

PACKAGES: tuple[str, ...] = ()

CONFIG = "/etc/octavia/octavia.conf"
PROVIDER = "noop_driver"
API = Api(
    "octavia-api",
    "OpenStack Octavia API",
    9876,
    "octavia.wsgi.api",
    "octavia",
    arguments=f"--config-file {CONFIG}",
)


def configuration(lab: Lab, machine: Machine) -> str:
    """octavia.conf."""
    account = credentials(lab, "octavia")
    own: Options = {
        "DEFAULT": {"host": machine.name},
        "api_settings": {
            "auth_strategy": "keystone",
            "api_base_uri": f"http://{lab.layout.vip}:{API.port}",
            "healthcheck_enabled": True,
            "enabled_provider_drivers": f"{PROVIDER}:A provider that does nothing",
            "default_provider_driver": PROVIDER,
        },
        "controller_worker": {"network_driver": "network_noop_driver"},
        "database": {"connection": database(lab, "octavia"), **pool()},
        "service_auth": account,
        "neutron": account,
    }
    return ini(own, authtoken(lab, "octavia"), messaging(lab), behind_proxy())


def install(lab: Lab) -> None:
    """Configuration and unit."""
    machine = lab.further
    machine.write(CONFIG, configuration(lab, machine), mode=0o640)
    install_api(lab, machine, API)


def start(lab: Lab) -> None:
    """Tables, then the API."""
    lab.once("octavia-tables", lambda: _tables(lab))
    start_api(lab.further, API)


def _tables(lab: Lab) -> None:
    databases(lab, "octavia")
    manage(lab, lab.further, "octavia-db-manage", "--config-file", CONFIG, "upgrade", "head")
