"""Clocks: chrony's word and our own estimate, and how wrong is wrong."""

from __future__ import annotations

from typing import Any

import pytest

from collectors.kinds.clocks import KIND, Clock, health
from collectors.sources.parsers.chrony import tracking
from tests.collectors.kinds.host_recordings import NOW, rows

TRACKING = (
    b"C000020A,192.0.2.10,3,1795214500.123456789,0.000012345,-0.000001,0.000020,1.234,0.001,0.020,0.004000000,"
    b"0.000500000,64.2,Normal\n"
)
"""chrony 4.3."""
NEWER = TRACKING.replace(b"C000020A,192.0.2.10", b"C000020A,ntp.example.net")
LOST = b"7F7F0101,,0,0.000000000,0.000000000,0.0,0.0,0.0,0.0,0.0,1.000000000,1.000000000,0.0,Not synchronised\n"


def clock(**fields: Any) -> Clock:
    (found,) = rows(KIND, [{"host": "ctl01", "roles": "control", "failed": {}} | fields])
    assert isinstance(found, Clock), found
    return found


def ours(offset: float, trip: float = 0.1) -> dict[str, float]:
    """Asked now, answered `trip` later by a clock that is `offset` ahead."""
    return {"asked": NOW, "heard": NOW + trip, "clock": NOW + trip / 2 + offset}


def test_chrony_is_believed_where_it_is_synchronised() -> None:
    found = clock(**ours(3.0), **tracking(TRACKING))
    assert (found.offset, found.measured, found.reference, found.stratum) == (-0.000012, "by chrony", "192.0.2.10", 3)
    assert found.uncertainty == 0.0025
    assert tracking(NEWER)["reference"] == "ntp.example.net"
    assert health(found, NOW).level == "ok"


def test_a_lost_chrony_leaves_our_estimate() -> None:
    found = clock(**ours(3.0), **tracking(LOST))
    assert (found.offset, found.measured) == (3.0, "against our clock")
    assert health(found, NOW).reason == "3.0 s ahead (± 50 ms, against our clock)"
    assert health(clock(**ours(0.0), **tracking(LOST)), NOW).reason == "chrony is not synchronised (not synchronised)"


@pytest.mark.parametrize(
    ("fields", "level", "words"),
    [
        (ours(0.2), "ok", ""),
        (ours(0.55), "ok", ""),  # within half a second, given the doubt
        (ours(0.6), "warning", "600 ms ahead (± 50 ms, against our clock)"),
        (ours(-40.0), "warning", "40.0 s behind (± 50 ms, against our clock)"),
        (ours(-90.0), "critical", "Keystone's tokens are refused"),
        (ours(7200.0), "critical", "2 h ahead"),
        (ours(50.0, trip=200.0), "ok", ""),
        ({"trouble": "no route to host", "answers": False}, "critical", "no route to host"),
        ({}, "unknown", "its clock was not read"),
        (ours(0.0) | {"failed": {"chrony-tracking": "506 no daemon"}}, "warning", "506 no daemon"),
        (ours(0.0) | tracking(TRACKING) | {"updated": NOW - 7300.0}, "warning", "192.0.2.10 2 h ago"),
    ],
)
def test_health(fields: dict[str, Any], level: str, words: str) -> None:
    found = health(clock(**fields), NOW)
    assert found.level == level
    assert words in found.reason


def test_cephs_monitors_allow_less() -> None:
    off = tracking(TRACKING.replace(b"0.000012345", b"-0.080000000"))
    assert health(clock(**off), NOW).level == "ok"
    found = health(clock(**off | {"roles": "storage"}), NOW)
    assert (found.level, "more than Ceph's monitors allow" in found.reason) == ("warning", True)


@pytest.mark.parametrize("output", [b"", b"506 Cannot talk to daemon", b"a,b,c", b"x," * 13 + b"y", TRACKING * 2])
def test_what_chronyc_does_not_print_is_refused(output: bytes) -> None:
    with pytest.raises(ValueError, match="not what chronyc -c prints"):
        tracking(output)
