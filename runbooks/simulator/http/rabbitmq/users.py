"""Accounts and permissions of the broker."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Callable

from runbooks.simulator.http.rabbitmq.ask import VHOST, Answer, Ask, Object, User
from runbooks.simulator.model.cloud import Cloud
from runbooks.simulator.secret import Secrets

OWN = r"^nephoscope\."
"""Queues that a listener to notifications may make for itself."""
HEARD = r"^(nephoscope\..*|nova|neutron|cinder|glance|keystone|openstack)$"
"""Those, and the exchanges that it may bind them to."""


def users_of(secrets: Secrets) -> dict[str, tuple[User, Callable[[], str]]]:
    """Name → (account, what gives its password)."""
    return {
        "monitor": (User("monitor", ("monitoring",), OWN, OWN, HEARD), lambda: secrets.rabbitmq_monitor),
        "openstack": (User("openstack", ("administrator",), ".*", ".*", ".*"), lambda: secrets.rabbitmq_admin),
    }


def list_users(ask: Ask) -> list[Object]:
    found = []
    for user, password in users_of(ask.cloud.secrets).values():
        salt = ask.cloud.seed.digest("salt", user.name, size=4)
        stored = b64encode(salt + hashlib.sha256(salt + password().encode()).digest()).decode()
        found.append(
            {
                "name": user.name,
                "password_hash": stored,
                "hashing_algorithm": "rabbit_password_hashing_sha256",
                "tags": list(user.tags),
                "limits": {},
            }
        )
    return found


def list_permissions(cloud: Cloud) -> list[Object]:
    return [
        {"user": user.name, "vhost": VHOST, "configure": user.configure, "write": user.write, "read": user.read}
        for user, _ in users_of(cloud.secrets).values()
    ]


def own_permissions(ask: Ask) -> Answer:
    return Answer([found for found in list_permissions(ask.cloud) if found["user"] == ask.args["name"]])
