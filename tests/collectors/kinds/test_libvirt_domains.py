"""libvirt's domains: the tables of two versions, and where Nova disagrees."""

from __future__ import annotations

from typing import Any

import pytest

from collectors import registry
from collectors.decode import rows_of
from collectors.kind import Reading
from collectors.kinds.libvirt_domains import KIND, Domain, health
from collectors.sources.base import Page
from collectors.sources.parsers.libvirt import domains, uuids
from tests.collectors.kinds.host_recordings import NOW

OLD = b""" Id    Name                           State
----------------------------------------------------
 1     instance-00000001              running
 -     instance-00000002              shut off

"""
"""libvirt 4."""
NEW = b""" Id   Name                State
------------------------------------
 1    instance-00000001   running
 -    instance-00000002   shut off

"""
"""libvirt 9."""
EMPTY = b" Id   Name   State\n--------------------\n\n"
SERVERS = registry.kind("servers")


def server(**fields: Any) -> Any:
    wire = {"id": "s1", "name": "web-1", "status": "ACTIVE", "host": "cmp01"}
    return SERVERS.row(SERVERS.wire(**(wire | fields)), Reading("nova", NOW))


def domain(state: str = "running", name: str = "instance-00000001", **fields: Any) -> Domain:
    alone, uuid = fields.pop("alone", False), fields.pop("uuid", "s1")
    joins = {} if alone else {"servers": {"s1": server(**fields)}}
    item = {"host": "cmp01", "name": name, "state": state, "uuid": uuid}
    (row,) = rows_of(Page(items=[item]), KIND, Reading("cmp01", NOW, joins=joins))
    assert isinstance(row, Domain), row
    return row


def test_tables_of_two_versions() -> None:
    wanted = [
        {"name": "instance-00000001", "state": "running", "number": 1},
        {"name": "instance-00000002", "state": "shut off", "number": None},
    ]
    assert domains(OLD) == domains(NEW) == wanted
    assert domains(EMPTY) == []


def test_ids_beside_names() -> None:
    one = "0f6a1c1e-0000-4000-8000-000000000001"
    assert uuids(f"{one} instance-00000001\n\n".encode()) == [{"name": "instance-00000001", "uuid": one}]
    assert uuids(f"{one}\n\n".encode()) == []  # libvirt 4 prints the ids alone
    with pytest.raises(ValueError, match="not what virsh list --uuid prints"):
        uuids(b"error: no")


@pytest.mark.parametrize("output", [b"", b"error: failed to connect to the hypervisor", b"\xff\xfe"])
def test_what_virsh_does_not_print_is_refused(output: bytes) -> None:
    with pytest.raises(ValueError, match="not what virsh list prints"):
        domains(output)


@pytest.mark.parametrize(
    ("found", "level", "reason"),
    [
        (domain(), "ok", ""),
        (domain("shut off"), "critical", "is off, but Nova says ACTIVE"),
        (domain("paused"), "warning", "is paused, but Nova says ACTIVE"),
        (domain("shut off", task_state="rebooting"), "ok", "Nova is rebooting it"),
        (domain("shut off", status="SHUTOFF"), "ok", ""),
        (domain(status="SHUTOFF"), "warning", "runs, but Nova says SHUTOFF"),
        (domain("crashed"), "critical", "crashed"),
        (domain(host="cmp02"), "critical", "runs here, but Nova has it on cmp02: two of it may write to one disk"),
        (domain("shut off", host="cmp02"), "warning", "Nova has it on cmp02"),
        (domain(host="cmp02", task_state="migrating"), "ok", "Nova is migrating it"),
        (domain(uuid="gone"), "warning", "Nova knows no such server: was it left behind?"),
        (domain(name="my-own-machine", uuid="other"), "ok", ""),
        (domain(alone=True), "ok", ""),
        (domain(uuid=None), "ok", ""),  # an older virsh does not tell the ids
    ],
)
def test_health(found: Domain, level: str, reason: str) -> None:
    judged = health(found, NOW)
    assert (judged.level, judged.reason) == (level, reason)


def test_the_server_is_joined() -> None:
    row = domain()
    assert (row.server, row.uuid, row.server_status, row.known) == ("web-1", "s1", "ACTIVE", True)
