"""Silences: the recorded one, matchers as amtool writes them, and those that hide too much or for too long."""

from __future__ import annotations

from typing import Any

import pytest

from tests.collectors.kinds.cluster_recordings import decoded, one, verdict
from tests.collectors.kinds.monitoring_recordings import FIRING, recorded

KIND = "silences"
ACTIVE: dict[str, Any] = {
    "id": "16b6bfa5", "status": {"state": "active"}, "comment": "RAM swap", "createdBy": "ana",
    "startsAt": "2026-11-27T18:00:00Z", "endsAt": "2026-11-27T20:16:00Z",
    "matchers": [{"name": "alertname", "value": "HostDown", "isRegex": False, "isEqual": True}],
}  # fmt: skip


def test_the_recorded_silences() -> None:
    found: list[Any] = decoded(KIND, recorded("am-silences-active"))
    active = next(row for row in found if row.state == "active")
    assert active.matchers == 'alertname="HostDown", host=~"cmp.*"'
    assert (active.created_by, active.comment, active.everything) == ("ana", "RAM swap", False)
    (expired,) = decoded(KIND, recorded("am-silences-expired"))
    assert verdict(KIND, expired, FIRING) == ("ok", "")
    assert expired.left is None


def matcher(value: str, *, regex: bool = False, equal: bool = True) -> dict[str, Any]:
    return {"name": "alertname", "value": value, "isRegex": regex, "isEqual": equal}


@pytest.mark.parametrize(
    ("matchers", "text"),
    [
        ([matcher("A")], 'alertname="A"'),
        ([matcher("A", equal=False)], 'alertname!="A"'),
        ([matcher("A|B", regex=True)], 'alertname=~"A|B"'),
        ([matcher("A", regex=True, equal=False)], 'alertname!~"A"'),
        ([{"name": "a", "value": "1"}], 'a="1"'),  # before 0.22 there was no isEqual
        ([], None),
    ],
)
def test_matchers(matchers: list[dict[str, Any]], text: str | None) -> None:
    assert one(KIND, **(ACTIVE | {"matchers": matchers})).matchers == text


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ("ok", "")),
        ({"endsAt": "2026-11-27T18:36:00Z"}, ("ok", "ends in 20 min")),
        ({"endsAt": "2027-01-27T18:16:00Z"}, ("warning", "silences for 61 d more: will somebody remember?")),
        ({"matchers": [matcher(".+", regex=True)]}, ("warning", "silences every alert")),
        ({"matchers": [matcher(".+", regex=True)], "status": {"state": "expired"}}, ("ok", "")),
        ({"status": {"state": "pending"}}, ("ok", "")),
        ({"status": None}, ("unknown", "state is missing")),
    ],
)
def test_health(changes: dict[str, Any], expected: tuple[str, str]) -> None:
    assert verdict(KIND, one(KIND, **(ACTIVE | changes)), FIRING) == expected
