"""Lines of every service's own form, as they were printed on real hosts, and what is made of odd ones."""

from __future__ import annotations

import pytest

from collectors.logs.formats import Parts, parts

ID = "req-1af244c4-28de-4505-a713-8d290ca2da77"
OTHER = "req-dab03922-38e4-4fe1-988d-6ed458060675"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            f"2026-11-27 17:36:03.532 77 INFO nova.compute.manager [None {ID} - - - - - -] Looking for instances",
            Parts(1795800963.532, "info", "nova.compute.manager", ID, "Looking for instances"),
        ),
        (  # before 2023: one id, no global one; a comma before the milliseconds
            f"2026-11-27 17:36:03,532 77 ERROR nova.api [{ID} u p - default default] Unexpected",
            Parts(1795800963.532, "error", "nova.api", ID, "Unexpected"),
        ),
        (  # called by another service: the global id is not the one of this request
            f"2026-11-27 17:36:03.532 77 WARNING neutron.x [{OTHER} {ID} u p - - default default] slow",
            Parts(1795800963.532, "warning", "neutron.x", ID, "slow"),
        ),
        (
            "2026-11-27 17:38:41.873 1812 INFO nova.requestlog [-] GET /",
            Parts(1795801121.873, "info", "nova.requestlog", None, "GET /"),
        ),
        (
            "2026-11-27 17:37:37 508 [Warning] Aborted connection 508 to db: 'barbican'",
            Parts(1795801057.0, "warning", None, None, "508 [Warning] Aborted connection 508 to db: 'barbican'"),
        ),
        (
            "2026-11-27 17:52:43.776624+00:00 [info] <0.7157.0> accepting\x1b[0m",
            Parts(1795801963.776624, "info", None, None, "[info] <0.7157.0> accepting"),
        ),
        (
            "2026-11-27T17:39:29.750Z|00155|connmgr|WARN|br-ex: gone",
            Parts(1795801169.75, "warning", None, None, "00155|connmgr|WARN|br-ex: gone"),
        ),
        (
            '10.0.0.1 - - [27/Nov/2026:18:38:41 +0100] "GET /v3" 200',
            Parts(1795801121.0, "", None, None, '10.0.0.1 - - [27/Nov/2026:18:38:41 +0100] "GET /v3" 200'),
        ),
        (
            "Fri Nov 27 17:38:41 2026: (VI_1) Entering MASTER STATE",
            Parts(1795801121.0, "", None, None, "(VI_1) Entering MASTER STATE"),
        ),
        ("Traceback (most recent call last):", Parts(None, "", None, None, "Traceback (most recent call last):")),
        ("", Parts(None, "", None, None, "")),
        ("2026-99-99 99:99:99 what", Parts(None, "", None, None, "what")),
    ],
)
def test_forms(text: str, expected: Parts) -> None:
    assert parts(text) == expected


def test_a_time_without_a_zone_is_the_hosts() -> None:
    line = "2026-11-27 18:36:03.532 77 INFO nova.compute.manager [-] here"
    assert parts(line, zone=3600.0).time == 1795800963.532
    assert parts(line.replace(".532", ".532+01:00"), zone=7200.0).time == 1795800963.532


def test_hostile_text_stays_text() -> None:
    found = parts("\x1b]0;title\x07 \u202e evil\nline")
    assert found.message == "\x1b]0;title\x07 \u202e evil\nline"
