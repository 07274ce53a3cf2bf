"""Servers: what is wrong with one, in words; shapes of old and new microversions; how little memory a row takes."""

from __future__ import annotations

import gc
import tracemalloc
from typing import Any

import msgspec
import pytest

from collectors import registry
from collectors.decode import rows_of
from collectors.kind import Reading
from collectors.sources.base import Page
from tests.collectors.kinds.recordings import NOW, joined, row, rows, verdict
from tests.wire_cloud import recorded

STS = "OS-EXT-STS:"


def by_name(fixture: str = "") -> dict[str, Any]:
    """The recorded servers by name."""
    return {server.name: server for server in rows("servers", fixture, joins=joined("projects"))}  # type: ignore[union-attr]


def test_a_recorded_server() -> None:
    server = by_name()["lab-vm3"]
    assert server.id == "c55bf363-a92e-4ab0-8f60-44631d8e7196"
    assert (server.status, server.task_state, server.power, server.host_status) == ("ACTIVE", None, "running", "UP")
    assert (server.host, server.zone, server.flavor) == ("cmp01", "nova", "lab.tiny")
    assert (server.project, server.project_id) == ("admin", "ba12bdf57859444181e050c7545be5ab")
    assert server.addresses == "lab-net=192.168.70.136"
    assert (server.image, server.volumes, server.locked) == ("593a2b2a-d5dc-4a81-a0da-3ae62fa2bd5f", 0, False)
    assert (server.created, server.updated) == (1795214032.0, 1795214036.0)
    assert verdict(server, "servers") == ("ok", "")


def test_the_oldest_microversion() -> None:
    server = by_name("compute/servers_detail_all_tenants_1@2.1")["lab-vm3"]
    assert (server.flavor, server.host_status, server.locked) == ("add9d6b9-1009-4de7-b702-a0bea9a4c029", None, None)
    assert verdict(server, "servers") == ("ok", "")


@pytest.mark.parametrize(
    ("fixture", "name", "words"),
    [
        ("binding-failed-servers", "lab-nobind", "Binding failed for port 1e9f428f-fa82-484c-9ab1-99e81a55de9e"),
        ("spawn-fails-servers", "lab-spawnfail", "Failed to deploy instance: lab: no space left on device"),
    ],
)
def test_a_failed_build_says_novas_reason(fixture: str, name: str, words: str) -> None:
    level, reason = verdict(by_name(f"faults/{fixture}")[name], "servers")
    assert level == "critical"
    assert words in reason
    assert "Traceback" not in reason


def test_servers_on_a_killed_compute_are_unknown() -> None:
    found = by_name("faults/compute-killed-servers")
    assert verdict(found["lab-vm3"], "servers") == ("unknown", "nova-compute on cmp02 is not heard: is it running?")
    assert verdict(found["lab-vm1"], "servers") == ("ok", "")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"status": "ERROR"}, ("critical", "in error; Nova gives no reason")),
        (
            {"status": "ERROR", "fault": {"message": "No valid host was found. "}},
            ("critical", "No valid host was found. "),
        ),
        ({"status": "UNKNOWN"}, ("unknown", "its cell does not answer")),
        ({}, ("unknown", "no status")),
        ({"status": "BUILD", f"{STS}task_state": "spawning", "updated": "2026-11-20T22:55:00Z"}, ("ok", "")),
        (
            {"status": "BUILD", f"{STS}task_state": "spawning", "updated": "2026-11-20T22:45:00Z"},
            ("warning", "spawning for 20 min"),
        ),
        ({"status": "BUILD", "updated": "2026-11-20T21:05:00Z"}, ("warning", "building for 2 h")),
        (
            {"status": "ACTIVE", f"{STS}task_state": "deleting", "updated": "2026-11-19T23:05:00Z"},
            ("warning", "deleting for 24 h"),
        ),
        ({"status": "MIGRATING", f"{STS}task_state": "migrating", "updated": "2026-11-20T20:05:00Z"}, ("ok", "")),
        (
            {"status": "MIGRATING", f"{STS}task_state": "migrating", "updated": "2026-11-20T18:05:00Z"},
            ("warning", "migrating for 5 h"),
        ),
        ({"status": "BUILD", f"{STS}task_state": "scheduling"}, ("ok", "")),
        (
            {"status": "ACTIVE", "host_status": "DOWN", "OS-EXT-SRV-ATTR:host": "cmp17"},
            ("warning", "its host cmp17 is down"),
        ),
        ({"status": "ACTIVE", "host_status": "DOWN"}, ("warning", "its host is down")),
        (
            {"status": "ACTIVE", f"{STS}power_state": 4},
            ("warning", "should be running, but the guest is shut down"),
        ),
        (
            {"status": "ACTIVE", f"{STS}power_state": 6},
            ("warning", "should be running, but the guest is crashed"),
        ),
        ({"status": "ACTIVE", f"{STS}power_state": 4, f"{STS}task_state": "rebooting"}, ("ok", "")),
        ({"status": "SHUTOFF", f"{STS}power_state": 4}, ("ok", "")),
        ({"status": "VERIFY_RESIZE"}, ("ok", "resized: waits to be confirmed or reverted")),
        ({"status": "ACTIVE", "locked": True, "locked_reason": "audit"}, ("ok", "locked: audit")),
    ],
)
def test_health(fields: dict[str, Any], expected: tuple[str, str]) -> None:
    assert verdict(row("servers", id="s", **fields), "servers") == expected


@pytest.mark.parametrize(
    ("addresses", "text"),
    [
        ({}, None),
        (None, None),
        ({"net": []}, "net="),
        ({"a": [{"addr": "192.0.2.1"}, {"addr": "2001:db8::1"}], "b": [{"addr": "198.51.100.7"}]},
         "a=192.0.2.1, 2001:db8::1; b=198.51.100.7"),
    ],
)  # fmt: skip
def test_addresses_are_one_text(addresses: Any, text: str | None) -> None:
    assert row("servers", id="s", addresses=addresses).addresses == text


@pytest.mark.parametrize(("image", "expected"), [("", None), (None, None), ({"id": "i", "links": []}, "i")])
def test_a_server_that_boots_from_a_volume_has_no_image(image: Any, expected: str | None) -> None:
    assert row("servers", id="s", image=image).image == expected


def test_a_power_state_that_nobody_knows() -> None:
    assert row("servers", id="s", **{f"{STS}power_state": 99}).power == "unknown"


def test_names_are_kept_as_tenants_wrote_them() -> None:
    name = "[@click=app.quit]x[/]\x1b[31m\u202e\n" + "x" * 4000
    assert row("servers", id="s", name=name).name == name


def many(count: int) -> bytes:
    """A page of `count` servers that differ as servers do, made from a recorded one."""
    template = recorded("compute/servers_detail_all_tenants_1@2.96")["servers"][0]
    made = []
    for number in range(count):
        server = dict(template)
        server["id"] = f"{number:08x}-a92e-4ab0-8f60-{number:012x}"
        server["name"] = f"web-frontend-{number:05d}"
        server["tenant_id"] = f"{number % 100:032x}"
        server["user_id"] = f"{number % 300:032x}"
        server["OS-EXT-SRV-ATTR:host"] = f"cmp{number % 500:03d}"
        server["created"] = server["updated"] = f"2026-11-{1 + number % 20:02d}T12:{number % 60:02d}:01Z"
        server["addresses"] = {
            "tenant-net": [{"version": 4, "addr": f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"}]
        }
        made.append(server)
    return msgspec.json.encode(made)


def test_a_row_takes_no_more_than_500_bytes() -> None:
    page, kind = many(20_000), registry.kind("servers")
    # Words are held once, in a table of the interpreter that may grow at any moment: they are not what is measured.
    words = rows_of(Page(raw=page), kind, Reading("wire", NOW))
    gc.collect()
    tracemalloc.start()
    kept = rows_of(Page(raw=page), kind, Reading("wire", NOW))
    gc.collect()
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(kept) == len(words) == 20_000
    assert taken / len(kept) <= 500
