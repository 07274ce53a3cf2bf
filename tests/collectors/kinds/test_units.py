"""Units: rows from recorded output, and what makes a service or a container ill."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from collectors.health import Health
from collectors.kinds.units import KIND, Unit, health, image_and_tag
from collectors.snapshot import OddRow
from tests.collectors.kinds.host_recordings import NOW, findings, printed, rows

TROUBLE = (
    b"Result=exit-code\nNRestarts=5\nExecMainStatus=1\nId=mariadb.service\n"
    b"StateChangeTimestamp=Fri 2026-11-20 22:38:16 UTC\n"
)


def unit(**fields: Any) -> Unit:
    """A running container, unless told otherwise."""
    (row,) = rows(KIND, [{"host": "ctl01", "name": "nova_api", "engine": "docker", "state": "running"} | fields])
    assert isinstance(row, Unit), row
    return row


def test_recorded_services() -> None:
    found = findings("ctl01", KIND, service_states=b"")
    assert (found.failed, found.errors) == ({}, [])
    made = rows(KIND, [{"host": "ctl01"} | item for item in found.rows])
    listed = json.loads(printed("ctl01", "systemctl-list-units-json"))
    wanted = {(u["unit"].removesuffix(".service"), u["active"], u["sub"]) for u in listed if u["load"] != "not-found"}
    assert {(row.name, row.state, row.detail) for row in made if isinstance(row, Unit)} == wanted
    assert {row.id for row in made if isinstance(row, Unit)} == {f"ctl01/systemd/{name}" for name, _, _ in wanted}
    assert {health(row, NOW).level for row in made if isinstance(row, Unit)} == {"ok"}


def test_a_service_in_trouble_is_completed() -> None:
    found = findings("ctl01", KIND, service_states=TROUBLE)
    (row,) = rows(KIND, [{"host": "ctl01"} | i | {"state": "failed"} for i in found.rows if i["name"] == "mariadb"])
    assert isinstance(row, Unit)
    assert (row.since, row.result, row.exit_code, row.restarts) == (NOW - 240, "exit-code", 1, 5)
    assert health(row, NOW) == Health("critical", "failed 4 min ago: exit-code, status 1")


def test_the_age_of_a_containers_state_becomes_a_moment() -> None:
    row = unit(age=7200.0, image="quay.io/openstack.kolla/nova-api:2025.1", container="ab" * 32)
    assert (row.since, row.image, row.tag, row.container) == (
        NOW - 7200, "quay.io/openstack.kolla/nova-api", "2025.1", "abababababab",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "level", "reason"),
    [
        ({}, "ok", ""),
        ({"detail": "healthy"}, "ok", ""),
        ({"detail": "starting"}, "ok", "its health check has not passed yet"),
        ({"detail": "unhealthy"}, "critical", "its health check fails"),
        ({"detail": "unhealthy", "age": 300.0}, "critical", "its health check fails, up 5 min"),
        (
            {"state": "restarting", "exit_code": 1, "age": 5.0},
            "critical",
            "restarting, last ended just now with status 1",
        ),
        ({"state": "restarting"}, "critical", "restarting"),
        ({"state": "exited", "exit_code": 137, "age": 240.0}, "critical", "ended 4 min ago with status 137 (KILL)"),
        ({"state": "exited", "exit_code": 2}, "critical", "ended with status 2"),
        ({"state": "exited", "exit_code": 0, "age": 7200.0}, "warning", "stopped 2 h ago"),
        ({"state": "created"}, "warning", "was created, but never started"),
        ({"state": "paused", "age": 60.0}, "warning", "paused 1 min ago"),
        ({"state": "dead"}, "warning", "dead"),
        ({"state": "verschollen"}, "unknown", "state is verschollen"),
        ({"state": None}, "unknown", "state is missing"),
        ({"engine": "systemd", "state": "active", "detail": "running"}, "ok", ""),
        ({"engine": "systemd", "state": "inactive", "detail": "dead"}, "ok", ""),
        ({"engine": "systemd", "state": "inactive", "load": "masked"}, "ok", ""),
        ({"engine": "systemd", "state": "failed"}, "critical", "failed"),
        ({"engine": "systemd", "state": "failed", "result": "timeout"}, "critical", "failed: timeout"),
        (
            {"engine": "systemd", "state": "activating", "detail": "auto-restart", "exit_code": 1, "restarts": 12},
            "critical",
            "restarting, last ended with status 1, 12 restarts",
        ),
        (
            {"engine": "systemd", "state": "activating", "detail": "start", "since": NOW - 60},
            "ok",
            "activating 1 min ago",
        ),
        (
            {"engine": "systemd", "state": "active", "load": "bad-setting"},
            "warning",
            "its unit file is wrong (bad-setting)",
        ),
        ({"engine": "systemd", "state": None}, "unknown", "state is missing"),
    ],
)
def test_health(fields: dict[str, Any], level: str, reason: str) -> None:
    assert health(unit(**fields), NOW) == Health(level, reason)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("reference", "image", "tag"),
    [
        (
            "quay.io/openstack.kolla/nova-api:2025.1-debian-bookworm",
            "quay.io/openstack.kolla/nova-api",
            "2025.1-debian-bookworm",
        ),
        ("registry:4000/kolla/nova-api", "registry:4000/kolla/nova-api", None),
        ("registry:4000/kolla/nova-api:1", "registry:4000/kolla/nova-api", "1"),
        ("nginx", "nginx", None),
        ("nginx:1", "nginx", "1"),
        ("quay.io/ceph/ceph@sha256:abcd", "quay.io/ceph/ceph", "sha256:abcd"),
        ("sha256:abcd", "sha256", "abcd"),
        (None, None, None),
        ("", None, None),
    ],
)
def test_images_and_tags(reference: str | None, image: str | None, tag: str | None) -> None:
    assert image_and_tag(reference) == (image, tag)


@pytest.mark.parametrize("item", [{"raw": "WARNING: odd"}, {"name": 5, "engine": "docker"}, {"name": "a"}])
def test_odd_items_are_odd_rows(item: dict[str, Any]) -> None:
    (row,) = rows(KIND, [{"host": "ctl01"} | item])
    assert isinstance(row, OddRow)


def test_names_with_control_characters_stay_as_they_are() -> None:
    assert unit(name="a\x1b[31m\u202eb").id == "ctl01/docker/a\x1b[31m\u202eb"


def test_every_column_is_a_field_of_the_row() -> None:
    assert {column.name for column in KIND.columns} == {field.name for field in msgspec.structs.fields(Unit)}
