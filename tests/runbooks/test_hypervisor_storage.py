"""A hypervisor with OSDs on it: they are kept in while it is drained, and given back with it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from collectors.call import HostCall
from collectors.errors import Unreachable, UsageError
from collectors.site import CephSite, Mon
from runbooks.operation import Asked, Stage
from runbooks.operations.hypervisor_storage import given_back, kept_in

SITE = SimpleNamespace(ceph=CephSite(mons=(Mon("a", "ctl01"), Mon("b", "ctl02"))))


class Cloud:
    """Two hosts with an OSD each; `flags` that are set."""

    def __init__(self, *flags: str, fails: bool = False, there: bool = True) -> None:
        self.site = SITE
        self._flags, self._fails, self._there = flags, fails, there

    def can_ask(self, kind: str) -> bool:
        return self._there

    def rows(self, kind: str) -> list[Any]:
        if self._fails:
            raise Unreachable("ceph", "the monitors have no quorum")
        return {
            "osds": [SimpleNamespace(id="0", name="osd.0", host="cmp01"), SimpleNamespace(id="1", host="cmp02")],
            "ceph-flags": [SimpleNamespace(id=flag, set=True) for flag in self._flags],
            "mons": [SimpleNamespace(name="a", in_quorum=False), SimpleNamespace(name="b", in_quorum=True)],
        }[kind]


def asked(cloud: Cloud, noout: str = "auto") -> Asked:
    return Asked(None, "1", "cmp01", {"noout": noout}, cloud, 0.0)  # type: ignore[arg-type]


def told(stages: list[Stage]) -> list[tuple[str, str]]:
    calls = [step.call for stage in stages for step in stage.steps]
    assert all(isinstance(call, HostCall) for call in calls)
    return [(call.host, " ".join(call.words[5:])) for call in calls if isinstance(call, HostCall)]


@pytest.mark.parametrize("host", ["cmp01", "cmp01.example.org"])
def test_its_osds_are_kept_in_by_a_monitor_that_is_in_the_quorum(host: str) -> None:
    stages, notes = kept_in(asked(Cloud()), host)
    assert told(stages) == [("ctl02", "osd set-group noout cmp01")]
    assert "cmp01" in notes[0]
    (step,) = stages[0].steps
    assert step.expect is not None
    assert step.expect.row == "noout@CRUSH node cmp01"


def test_one_without_osds_is_left_alone() -> None:
    assert kept_in(asked(Cloud()), "cmp07") == ([], ())
    assert kept_in(asked(Cloud(there=False)), "cmp01") == ([], ())
    assert kept_in(asked(Cloud(fails=True), "no"), "cmp01") == ([], ())
    with pytest.raises(UsageError, match="no OSDs"):
        kept_in(asked(Cloud(), "yes"), "cmp07")


def test_what_is_set_already_is_not_set_again() -> None:
    stages, notes = kept_in(asked(Cloud("noout@CRUSH node cmp01")), "cmp01")
    assert stages == []
    assert notes


def test_what_cannot_be_read_lets_nothing_be_drained() -> None:
    with pytest.raises(Unreachable):
        kept_in(asked(Cloud(fails=True)), "cmp01")


def test_with_the_host_the_flag_goes() -> None:
    assert told(given_back(asked(Cloud("noout@CRUSH node cmp01")), "cmp01")[0]) == [
        ("ctl02", "osd unset-group noout cmp01")
    ]
    assert given_back(asked(Cloud("noout@CRUSH node cmp02", "noout")), "cmp01") == ([], ())


def test_a_ceph_that_does_not_answer_keeps_no_hypervisor_away() -> None:
    stages, notes = given_back(asked(Cloud(fails=True)), "cmp01")
    assert stages == []
    assert "no quorum" in notes[0]
