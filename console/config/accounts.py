"""The accounts that operations change things with: told beside the ones that only look, and opened only inside one."""

from __future__ import annotations

from typing import Literal

from collectors.site import Account, Secret
from console.config.schema_systems import GaleraTable, RabbitmqTable
from console.config.systems import Around


def admin(
    table: GaleraTable | RabbitmqTable | None, system: Literal["galera", "rabbitmq"], around: Around
) -> Account | None:
    """The admin account of a system: as told, else Kolla's, else none. Raises `BadConfiguration`."""
    told_user, told_password = (table.admin_user, table.admin_password) if table is not None else ("", None)
    user = told_user or _usual(system, around)
    if not user:
        if told_password is not None:
            raise around.wrong("is missing", 'add admin_user = "root"', system, "admin_user")
        return None
    if told_password is None and not told_user:
        found = _kolla(system, user, around)
        return Account(user, found) if found is not None else None
    return Account(user, around.secret(told_password, user, system, "admin_password"))


def _usual(system: Literal["galera", "rabbitmq"], around: Around) -> str:
    """What Kolla calls it."""
    if around.kolla is None:
        return ""
    if system == "galera":
        return around.kolla.variables.text("database_user") or "root"
    return around.kolla.variables.text("rabbitmq_user") or "openstack"


def _kolla(system: Literal["galera", "rabbitmq"], user: str, around: Around) -> Secret | None:
    assert around.kolla is not None
    return around.kolla.database_password(user) if system == "galera" else around.kolla.broker_password(user)
