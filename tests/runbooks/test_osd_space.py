"""How full OSDs become when one gives its data away."""

from __future__ import annotations

import pytest

from runbooks.operations.osd_space import Osd, fullest

G = 1 << 30


def three_hosts(*, each: int = 2, used: int = 40) -> list[Osd]:
    return [Osd(str(n), f"ceph0{n // each + 1}", 100 * G, used * G) for n in range(3 * each)]


def test_with_as_many_hosts_as_copies_the_others_of_its_host_take_it_all() -> None:
    found = fullest(three_hosts(), {"2"}, copies=3)
    assert found is not None
    assert found.id == "3"
    assert found.percent == pytest.approx(80.0)


def test_with_more_hosts_than_copies_everybody_takes_some() -> None:
    found = fullest(three_hosts(), {"2"}, copies=2)
    assert found is not None
    assert found.percent == pytest.approx(48.0)


def test_two_of_a_host_at_once_leave_less_room_than_one() -> None:
    found = fullest(three_hosts(each=3), {"3", "4"}, copies=3)
    assert found is not None
    assert found.id == "5"
    assert found.percent == pytest.approx(120.0)


def test_a_part_of_it_only() -> None:
    found = fullest(three_hosts(), {"2"}, copies=3, share=0.5)
    assert found is not None
    assert found.percent == pytest.approx(60.0)


def test_the_one_that_is_the_fullest_counts() -> None:
    osds = three_hosts(each=3)
    osds[4] = Osd("4", "ceph02", 100 * G, 70 * G)
    found = fullest(osds, {"3"}, copies=3)
    assert found is not None
    assert found.id == "4"
    assert found.percent == pytest.approx(90.0)


def test_a_small_one_takes_less() -> None:
    osds = [*three_hosts(each=1), Osd("9", "ceph01", 20 * G, 8 * G), Osd("10", "ceph01", 80 * G, 32 * G)]
    found = fullest(osds, {"0"}, copies=3)
    assert found is not None
    assert found.percent == pytest.approx(80.0)


@pytest.mark.parametrize("up", [True, False])
def test_alone_on_its_host_it_keeps_its_data(up: bool) -> None:
    osds = three_hosts(each=1)
    if not up:
        osds.append(Osd("8", "ceph03", 100 * G, 0, up=False))
    assert fullest(osds, {"2"}, copies=3) is None
