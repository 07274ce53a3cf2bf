"""Line 1: where, who, mode, and the worst thing with its reason, in any width."""

from __future__ import annotations

import pytest

from collectors.health import critical, ok
from collectors.overview import Overview, SystemHealth
from views.header import Identity, header_text
from views.lines import Text
from views.text.width import cells

PROD = Identity("prod", "RegionOne", "ana", "operations", "READ-ONLY")
RED = Overview((SystemHealth("rabbitmq", critical("2 of 3 nodes running; ctl03: connection refused")),))
GREEN = Overview((SystemHealth("compute", ok("48 of 48 up")), SystemHealth("galera", ok("3 of 3 Synced"))))


def sides(text: Text) -> tuple[str, str]:
    return "".join(t for t, _ in text.left), "".join(t for t, _ in text.right)


def test_at_80_columns() -> None:
    left, right = sides(header_text(PROD, RED, 80, sign="✖"))
    assert left == "prod/RegionOne  ana  READ-ONLY"
    assert right.startswith("✖ rabbitmq: 2 of 3 nodes running")


@pytest.mark.parametrize("width", [20, 40, 60, 80, 120, 200])
@pytest.mark.parametrize("protection", ["normal", "production"])
@pytest.mark.parametrize("frozen", [False, True])
def test_it_never_is_wider_than_the_screen(width: int, protection: str, frozen: bool) -> None:
    identity = Identity(
        "a-cloud-with-a-long-name", "RegionTwentyThree", "operator", "project", "READ-ONLY", protection=protection
    )
    left, right = sides(header_text(identity, RED, width, frozen=frozen, sign="✖"))
    if width >= 60:
        assert cells(left) + cells(right) + 3 <= width
        assert "READ-ONLY" in left
        assert right.startswith("✖")


def test_the_project_leaves_first_then_the_user_then_the_region() -> None:
    def left(width: int) -> str:
        return sides(header_text(PROD, RED, width, sign="✖"))[0]

    assert left(100) == "prod/RegionOne  ana/operations  READ-ONLY"
    assert left(70) == "prod/RegionOne  ana  READ-ONLY"
    assert left(56) == "prod/RegionOne  READ-ONLY"
    assert left(40) == "prod  READ-ONLY"


def test_user_and_project_of_one_name_are_told_once() -> None:
    assert Identity("c", "r", "admin", "admin").who == "admin"


def test_production_is_a_word_and_a_role() -> None:
    text = header_text(Identity("prod", "R1", protection="production"), RED, 80)
    assert ("PRODUCTION", "production") in text.left


def test_armed_is_a_role_of_its_own() -> None:
    text = header_text(Identity("prod", mode="ARMED 9 min: INC-4711", armed=True), RED, 80)
    assert ("ARMED 9 min: INC-4711", "armed") in text.left


def test_frozen_is_told() -> None:
    assert "FROZEN" in sides(header_text(PROD, RED, 80, frozen=True))[0]


def test_the_worst_has_the_role_of_its_level() -> None:
    assert header_text(PROD, RED, 80).right[0][1] == "critical"


def test_when_all_is_well_it_says_of_how_many() -> None:
    assert sides(header_text(PROD, GREEN, 80, sign="●"))[1] == "● all 2 systems ok"


def test_before_anything_is_known_there_is_nothing_to_say() -> None:
    assert header_text(PROD, None, 80).right == ()


def test_an_unknown_cloud_is_told() -> None:
    assert sides(header_text(Identity(), None, 80))[0] == "no cloud"


def test_names_cannot_act_on_the_terminal() -> None:
    left, right = sides(
        header_text(Identity("pr\x1b[2Jod", "r\n1"), Overview((SystemHealth("x", critical("a\x1b]0;b")),)), 80)
    )
    assert "\x1b" not in left + right
    assert "\n" not in left + right


def test_a_long_reason_gives_way_to_the_name_of_the_cloud() -> None:
    identity = Identity(
        "production-west", "RegionOne", "admin", mode="ARMED 29 min: INC-4711 drain cmp01", armed=True,
        protection="production",
    )  # fmt: skip
    words = "".join(text for text, _ in header_text(identity, None, 80).left)
    assert words.startswith("production-west  PRODUCTION  ARMED 29 min: ")
    assert words.endswith("…")
