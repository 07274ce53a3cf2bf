"""Versions: packages and images as they are listed, and the one that is not like the others."""

from __future__ import annotations

from typing import Any

import pytest

from collectors.decode import rows_of
from collectors.kind import Reading
from collectors.kinds.versions import KIND, Version, health
from collectors.snapshot import OddRow
from collectors.sources.base import Page
from collectors.sources.parsers.packages import deb, rpm
from tests.collectors.kinds.host_recordings import NOW

DPKG = (
    b"ceph-client-tools\t\tnot-installed\nhaproxy\t2.6.12-1+deb12u4\tinstalled\nmariadb-server\t1:10.11.19-0+deb12u1\t"
    b"installed\nlibvirt-daemon:amd64\t9.0.0-4\tinstalled\n"
)
"""dpkg-query of Debian 12."""
RPM = b"openstack-nova-compute\t29.2.0-1.el9s\nrabbitmq-server\t3.9.21-1.el9s\n"


def made(items: list[dict[str, Any]], joins: dict[str, dict[str, Any]] | None = None) -> list[Any]:
    return rows_of(Page(items=items), KIND, Reading("ctl01", NOW, joins=joins or {}))


def packages(**versions: str) -> dict[str, Version]:
    """Host → its row of haproxy, as they were read before."""
    rows = made([{"host": h, "service": "haproxy", "version": v, "how": "deb"} for h, v in versions.items()])
    return {row.id: row for row in rows}


def test_packages_of_both_worlds() -> None:
    assert [(p["service"], p["version"]) for p in deb(DPKG)] == [
        ("haproxy", "2.6.12-1+deb12u4"), ("mariadb-server", "1:10.11.19-0+deb12u1"), ("libvirt-daemon", "9.0.0-4"),
    ]  # fmt: skip
    assert [(p["service"], p["how"]) for p in rpm(RPM)] == [
        ("openstack-nova-compute", "rpm"),
        ("rabbitmq-server", "rpm"),
    ]
    assert deb(b"") == rpm(b"\n") == []
    assert "raw" in deb(b"odd\n")[0]


def test_a_containers_version_is_its_tag() -> None:
    (row,) = made([{"host": "ctl01", "name": "nova_api", "engine": "docker", "state": "running",
                    "image": "quay.io/openstack.kolla/nova-api:2025.1"}])  # fmt: skip
    assert (row.id, row.version, row.how, row.image) == (
        "ctl01/docker/nova_api", "2025.1", "docker", "quay.io/openstack.kolla/nova-api",
    )  # fmt: skip
    assert health(row, NOW).level == "ok"


@pytest.mark.parametrize(
    ("before", "mine", "level"),
    [
        ({"ctl01": "2", "ctl02": "2", "ctl03": "2"}, "2", "ok"),
        ({"ctl01": "2", "ctl02": "2", "ctl03": "1"}, "2", "ok"),  # the others are behind, not this one
        ({"ctl01": "1", "ctl02": "2", "ctl03": "2"}, "1", "warning"),
        ({"ctl01": "1", "ctl02": "2"}, "1", "warning"),  # nobody is like most
        ({"ctl01": "1", "ctl02": "2", "ctl03": "2"}, "2", "ok"),  # upgraded just now
        ({}, "2", "ok"),
    ],
)
def test_the_one_that_is_not_like_most_is_named(before: dict[str, str], mine: str, level: str) -> None:
    (row,) = made(
        [{"host": "ctl01", "service": "haproxy", "version": mine, "how": "deb"}], {"versions": packages(**before)}
    )
    found = health(row, NOW)
    assert found.level == level
    if level == "warning":
        others = sum(1 for version in before.values() if version != mine)
        assert found.reason == f"haproxy is 1 here, 2 on {others} hosts"


def test_without_the_others_nothing_is_said_of_them() -> None:
    (row,) = made([{"host": "ctl01", "service": "haproxy", "version": "1", "how": "deb"}])
    assert (row.elsewhere, row.most) == (None, None)


@pytest.mark.parametrize("item", [{"raw": "odd"}, {"name": "x"}, {"service": 5, "how": "deb"}])
def test_odd_items_are_odd_rows(item: dict[str, Any]) -> None:
    (row,) = made([{"host": "ctl01"} | item])
    assert isinstance(row, OddRow)
