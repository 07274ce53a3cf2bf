"""Asking the sources side by side: what each says is kept, and one that hangs delays nobody."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any, cast

import pytest

from collectors.connections import Connections
from collectors.deadline import Deadline
from collectors.errors import BadConfiguration, Refused, Unreachable
from collectors.site import Site, SiteHost
from collectors.sources.base import Fact, Source
from console.checkup.systems import ask, from_error

SITE = Site("prod", hosts={"ctl01": SiteHost("ctl01")})


class Spoken:
    """A source whose doctor does what a test wants."""

    workers = 1

    def __init__(self, doctor: Callable[[Deadline], Iterator[Fact]]) -> None:
        self.doctor = doctor

    def close(self) -> None:
        """Nothing is open."""


def says(*facts: Fact) -> Callable[[Deadline], Iterator[Fact]]:
    return lambda deadline: iter(facts)


def connections(**doctors: Callable[[Deadline], Iterator[Fact]]) -> Connections:
    made = Connections(SITE)
    made._sources = {name: cast(Source, Spoken(doctor)) for name, doctor in doctors.items()}
    return made


OK = Fact("openstack", "a", "ok")


def test_everybody_is_heard() -> None:
    made = connections(openstack=says(OK, OK), ssh=says(Fact("ssh", "b", "ok")))
    assert dict(ask(made, ["openstack", "ssh"], 5.0)) == {"openstack": [OK, OK], "ssh": [Fact("ssh", "b", "ok")]}


def test_nobody_is_asked_who_is_not_wanted() -> None:
    made = connections(openstack=says(OK), ssh=says(OK))
    assert [system for system, _ in ask(made, ["ssh"], 5.0)] == ["ssh"]


def test_a_system_that_the_site_does_not_know() -> None:
    ((system, (fact,)),) = ask(connections(), ["galera"], 5.0)
    assert system == "galera"
    assert fact.level == "ok"
    assert "[site.prod.galera]" in fact.next_step


def test_one_that_hangs_delays_nobody_and_keeps_what_it_said() -> None:
    ended = threading.Event()

    def hangs(deadline: Deadline) -> Iterator[Fact]:
        yield Fact("ssh", "ctl01", "ok")
        ended.wait(30)

    order = []
    ticks = iter([0.0, 0.0, 100.0, 100.0])
    try:
        for system, facts in ask(
            connections(openstack=says(OK), ssh=hangs), ["ssh", "openstack"], 5.0, lambda: next(ticks)
        ):
            order.append((system, [fact.level for fact in facts]))
    finally:
        ended.set()
    assert order == [("openstack", ["ok"]), ("ssh", ["ok", "unknown"])]


def test_a_source_gets_the_time_it_is_given() -> None:
    seen: list[float] = []

    def looks(deadline: Deadline) -> Iterator[Fact]:
        seen.append(deadline.seconds)
        return iter(())

    assert list(ask(connections(ssh=looks), ["ssh"], 7.5)) == [("ssh", [])]
    assert seen == [7.5]


@pytest.mark.parametrize(
    ("error", "refused", "detail"),
    [
        (Refused("login", "wrong password", "set it"), "wrong password", ""),
        (Unreachable("ctl01", "no route", "look"), "", "no route"),
        (BadConfiguration("galera.secret", "mode 0644", "chmod 600"), "", "mode 0644"),
    ],
)
def test_an_error_is_a_fact(error: Any, refused: str, detail: str) -> None:
    def fails(deadline: Deadline) -> Iterator[Fact]:
        yield OK
        raise error

    ((_, facts),) = ask(connections(ssh=fails), ["ssh"], 5.0)
    assert facts[0] == OK
    assert facts[1] == from_error("ssh", error)
    assert (facts[1].refused, facts[1].detail, facts[1].next_step) == (refused, detail, error.hint)


def test_a_bug_is_raised_after_all_others_have_spoken() -> None:
    def broken(deadline: Deadline) -> Iterator[Fact]:
        raise ZeroDivisionError

    asked = ask(connections(ssh=broken, openstack=says(OK)), ["ssh", "openstack"], 5.0)
    heard = [next(asked), next(asked)]
    assert sorted(heard, key=lambda one: one[0]) == [("openstack", [OK]), ("ssh", [])]
    with pytest.raises(ZeroDivisionError):
        next(asked)
