"""Keystone: tokens, users, projects and the catalogue."""

from __future__ import annotations

import base64
import hashlib

from runbooks.lab.lab import Lab
from runbooks.lab.services.databases import databases, manage
from runbooks.lab.services.options import (
    REGION,
    Options,
    auth_url,
    behind_proxy,
    database,
    ini,
    memcached,
    messaging,
    pool,
)
from runbooks.lab.services.units import Api, install_api, start_api

PACKAGES: tuple[str, ...] = ("python3",)

CONFIG = "/etc/keystone/keystone.conf"
API = Api(
    "keystone",
    "OpenStack Keystone API",
    5000,
    "keystone.wsgi.api",
    "keystone",
    environment={"OS_KEYSTONE_CONFIG_FILES": CONFIG},
)


def configuration(lab: Lab) -> str:
    """keystone.conf."""
    own: Options = {
        "DEFAULT": {"notification_format": "basic"},
        "database": {"connection": database(lab, "keystone"), **pool()},
        "token": {"provider": "fernet"},
        "fernet_tokens": {"key_repository": "/etc/keystone/fernet-keys"},
        "credential": {"key_repository": "/etc/keystone/credential-keys"},
        "cache": {
            "enabled": True,
            "backend": "dogpile.cache.pymemcache",
            "memcache_servers": memcached(lab),
            # Without it, a memcached that was restarted costs an error 500 for every connection that it had.
            "enable_retry_client": True,
        },
    }
    return ini(own, messaging(lab), behind_proxy())


def fernet_key(secret: str) -> str:
    """A Fernet key made of a secret: the same on every controller."""
    return base64.urlsafe_b64encode(hashlib.sha256(secret.encode()).digest()).decode()


def install(lab: Lab) -> None:
    """Configuration, keys and unit."""
    for machine in lab.api:
        machine.write(CONFIG, configuration(lab), mode=0o640)
        for repository in ("fernet-keys", "credential-keys"):
            for number in ("0", "1"):
                path = f"/etc/keystone/{repository}/{number}"
                if not machine.exists(path):  # keys that were rotated since are not put back
                    machine.write(path, fernet_key(lab.secrets[f"keystone_{repository}_{number}"]), mode=0o600)
        install_api(lab, machine, API)


def start(lab: Lab) -> None:
    """Tables, the first admin, then the API."""
    lab.once("keystone-tables", lambda: _tables(lab))
    lab.each(lab.api, lambda machine: start_api(machine, API))


def _tables(lab: Lab) -> None:
    databases(lab, "keystone")
    first = lab.api[0]
    manage(lab, first, "keystone-manage", "--config-file", CONFIG, "db_sync")
    names = ("--bootstrap-username", "admin", "--bootstrap-project-name", "admin", "--bootstrap-role-name", "admin")
    urls = [word for kind in ("admin", "internal", "public") for word in (f"--bootstrap-{kind}-url", auth_url(lab))]
    service = ("--bootstrap-service-name", "keystone", "--bootstrap-region-id", REGION)
    password = {"OS_BOOTSTRAP_PASSWORD": lab.secrets["keystone_admin"]}
    manage(lab, first, "keystone-manage", "--config-file", CONFIG, "bootstrap", *names, *service, *urls, env=password)
