"""Processes of Designate and Manila that are stopped, and what the kinds and the overview say of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.lab.real import RealLab, until

pytestmark = [pytest.mark.lab, pytest.mark.timeout(600)]

HOST = "ctl02"
UNITS = ("designate-worker", "manila-share")


@pytest.fixture(scope="module")
def stopped(lab: RealLab) -> Iterator[RealLab]:
    """Both stopped in order; started again afterwards."""
    lab.on(HOST, "systemctl", "stop", *UNITS)
    try:
        yield lab
    finally:
        lab.on(HOST, "systemctl", "start", *UNITS)


def bad(lab: RealLab, kind: str) -> dict[str, str]:
    """What is critical of it: host → reason."""
    return {row["host"]: row["reason"] for row in lab.get(kind) if row["health"] == "critical"}


def system(lab: RealLab, name: str) -> dict[str, Any]:
    """One line of the overview."""
    told = json.loads(lab.nephoscope("health", "-o", "json").stdout)
    return next(each for each in told if each["system"] == name)


def test_manila_says_that_its_back_end_was_stopped(stopped: RealLab) -> None:
    until(lambda: bad(stopped, "share-services"), lambda found: found == {f"{HOST}@dummy": "stopped"})
    told = system(stopped, "shared-file-system")
    assert told["health"] == "critical"
    assert "manila-share" in told["reason"]


def test_designate_is_silent_or_says_so(stopped: RealLab) -> None:
    found = until(lambda: bad(stopped, "dns-services"), lambda found: set(found) == {HOST}, 120)
    assert found[HOST] == "stopped" or found[HOST].startswith("no heartbeat for ")
    told = system(stopped, "dns")
    assert told["health"] == "critical"
    assert "worker" in told["reason"]
