"""Barbican: secrets, encrypted with a key that is in its configuration (the plugin simple_crypto)."""

from __future__ import annotations

from runbooks.lab.lab import Lab
from runbooks.lab.services.databases import databases, manage
from runbooks.lab.services.keystone import fernet_key
from runbooks.lab.services.options import Options, authtoken, behind_proxy, database, ini, messaging, pool
from runbooks.lab.services.units import Api, install_api, start_api

PACKAGES: tuple[str, ...] = ()

CONFIG = "/etc/barbican/barbican.conf"
"""The only place where Barbican's API looks for it; the paste file is read from the same folder."""
PASTE = "/etc/barbican/barbican-api-paste.ini"
API = Api("barbican-api", "OpenStack Barbican API", 9311, "barbican.wsgi.api", "barbican")


def configuration(lab: Lab) -> str:
    """barbican.conf."""
    own: Options = {
        "DEFAULT": {"host_href": f"http://{lab.layout.vip}:{API.port}"},
        "database": {"connection": database(lab, "barbican"), **pool()},
        "secretstore": {"enabled_secretstore_plugins": "store_crypto"},
        "crypto": {"enabled_crypto_plugins": "simple_crypto"},
        "simple_crypto_plugin": {"kek": fernet_key(lab.secrets["barbican_kek"])},
    }
    return ini(own, authtoken(lab, "barbican"), messaging(lab), behind_proxy())


def install(lab: Lab) -> None:
    """Configuration and unit."""
    machine = lab.further
    machine.write(CONFIG, configuration(lab), mode=0o640)
    machine.write(PASTE, (lab.venv / PASTE.removeprefix("/")).read_text())
    install_api(lab, machine, API)


def start(lab: Lab) -> None:
    """Tables, then the API."""
    lab.once("barbican-tables", lambda: _tables(lab))
    start_api(lab.further, API)


def _tables(lab: Lab) -> None:
    databases(lab, "barbican")
    manage(lab, lab.further, "barbican-manage", "db", "upgrade")
