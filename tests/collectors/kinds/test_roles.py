"""Roles: which Keystone lets nobody change."""

from __future__ import annotations

from tests.collectors.kinds.recordings import row, rows, verdict


def test_the_recorded_roles() -> None:
    found = {role.name: role.immutable for role in rows("roles")}  # type: ignore[union-attr]
    assert found["admin"] is found["reader"] is True
    assert found["load-balancer_admin"] is False


def test_a_role_without_options() -> None:
    role = row("roles", id="r", options=None)
    assert role.immutable is False
    assert verdict(role, "roles") == ("ok", "")
