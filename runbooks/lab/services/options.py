"""Text of oslo.config files, and the sections that OpenStack's services have in common.

A service's configuration is a stack of such sections: `ini(own, service(lab, "heat"))`. Passwords
come from the lab's secrets and go into files that only root can read.
"""

from __future__ import annotations

from collections.abc import Mapping

from runbooks.lab.lab import Lab

Value = str | int | float | bool
Options = Mapping[str, Mapping[str, Value]]

REGION = "RegionOne"

REPORT_INTERVAL = 10
"""Seconds between two signs of life of an agent or service: a third of what clouds use, so that faults show soon."""

DOWN_TIME = 60
"""Seconds without one after which Nova and Cinder call a service down."""

AGENT_DOWN_TIME = 75
"""Seconds without one after which Neutron calls an agent dead."""


def ini(*parts: Options) -> str:
    """One file of all the parts; a section that several parts have becomes one, the later value wins."""
    merged: dict[str, dict[str, Value]] = {}
    for part in parts:
        for section, values in part.items():
            merged.setdefault(section, {}).update(values)
    return "\n".join(_section(name, values) for name, values in merged.items())


def _section(name: str, values: Mapping[str, Value]) -> str:
    return f"[{name}]\n" + "".join(f"{key} = {_text(value)}".rstrip() + "\n" for key, value in values.items())


def _text(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def auth_url(lab: Lab) -> str:
    """Where Keystone is for everybody."""
    return f"http://{lab.layout.vip}:5000/v3"


def memcached(lab: Lab) -> str:
    """All memcached servers."""
    return ",".join(f"{machine.address}:11211" for machine in lab.control)


def database(lab: Lab, user: str, name: str = "") -> str:
    """The URL of a database; the account is called like the service."""
    return (
        f"mysql+pymysql://{user}:{lab.secrets[f'{user}_database']}@{lab.layout.vip}:3306/{name or user}?charset=utf8mb3"
    )


def transport_url(lab: Lab) -> str:
    """The URL of the RabbitMQ cluster, with all its nodes."""
    account = f"openstack:{lab.secrets['rabbitmq_openstack']}"
    return "rabbit://" + ",".join(f"{account}@{machine.address}:5672" for machine in lab.control) + "/"


def credentials(lab: Lab, user: str) -> dict[str, Value]:
    """How a service signs in at Keystone as its own user."""
    return {
        "auth_type": "password",
        "auth_url": auth_url(lab),
        "username": user,
        "password": lab.secrets[f"keystone_{user}"],
        "project_name": "service",
        "user_domain_name": "Default",
        "project_domain_name": "Default",
        "region_name": REGION,
    }


def authtoken(lab: Lab, user: str) -> Options:
    """How an API checks the tokens of its callers."""
    return {
        "keystone_authtoken": {
            **credentials(lab, user),
            "www_authenticate_uri": auth_url(lab),
            "memcached_servers": memcached(lab),
            "service_token_roles": "service",
            "service_token_roles_required": True,
        }
    }


def messaging(lab: Lab) -> Options:
    """RPC and notifications over RabbitMQ."""
    return {
        "DEFAULT": {"transport_url": transport_url(lab)},
        "oslo_messaging_notifications": {"driver": "messagingv2", "topics": "notifications"},
        "oslo_messaging_rabbit": {"heartbeat_timeout_threshold": 30, "kombu_reconnect_delay": 1},
    }


def behind_proxy() -> Options:
    """An API behind HAProxy believes its headers."""
    return {"oslo_middleware": {"enable_proxy_headers_parsing": True}}


def pool() -> dict[str, Value]:
    """Few database connections each, because there are many processes; a database that is away is waited for."""
    size: dict[str, Value] = {"max_pool_size": 3, "max_overflow": 12, "connection_recycle_time": 280}
    return {**size, "max_retries": -1, "retry_interval": 3}


def locks(service: str) -> Options:
    """Where the service's processes on a host lock each other out."""
    return {"oslo_concurrency": {"lock_path": f"/var/lib/{service}/tmp"}}


def service(lab: Lab, name: str) -> Options:
    """What a service with an API has in common with the others: whose tokens it checks, RPC, the proxy, locks."""
    return {**authtoken(lab, name), **messaging(lab), **behind_proxy(), **locks(name)}
