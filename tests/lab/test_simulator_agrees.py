"""The simulator against the real thing: the same fault in both, and what our kinds say of it, row by row.

Compared is every row that is not well: what it is, how bad it is, and the reason with its figures left out; and, where
a read fails, its exit code and its words. A difference is the simulator's mistake, and is mended there.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass

import pytest

from runbooks.ground.declared import plans
from tests.agreement import BIN
from tests.ground import Ground
from tests.lab.compared import IDENTITY, bad, seen
from tests.lab.real import POLLS, RealLab, until
from tests.lab.test_faults_real import CASES as ALONE

pytestmark = [pytest.mark.lab, pytest.mark.timeout(1800)]


@dataclass(frozen=True)
class Case:
    """Faults that are there at the same time, and the kinds that show them."""

    faults: tuple[tuple[str, Mapping[str, str]], ...]
    kinds: tuple[str, ...]
    failing: tuple[str, ...] = ()
    """Kinds that cannot be read meanwhile."""
    traffic: tuple[str, ...] = ()
    """What somebody does in the lab meanwhile: nothing happens there by itself."""
    clock: float = 120.0
    """Seconds after which a cloud has noticed."""


def one(fault: str, kinds: tuple[str, ...], failing: tuple[str, ...] = (), **parameters: str) -> Case:
    """A fault alone."""
    return Case(((fault, parameters),), kinds, failing)


HEARTBEATS = Case(
    (
        ("compute-service-dead", {"host": "cmp02"}),
        ("agent-dead", {"host": "net01", "binary": "neutron-l3-agent"}),
        ("agent-dead", {"host": "cmp01", "binary": "neutron-openvswitch-agent"}),
        ("host-down", {"host": "cmp03"}),
    ),
    ("hosts", "compute-services", "hypervisors", "agents"),
)
"""All that a cloud notices by silence, together: each alone takes minutes."""

CASES = [
    HEARTBEATS,
    Case(
        (("queue-without-consumer", {}),),
        ("queues",),
        traffic=("keypair create nephoscope-test", "keypair delete nephoscope-test"),
    ),
    one("endpoint-dead", ("endpoints",), ("flavors",), service="nova", interface="public"),
    one("api-500", ("endpoints",), ("images",), service="glance"),
    one("api-500", ("endpoints",), ("volumes",), service="cinder"),
    one("api-500", ("endpoints",), ("resource-providers",), service="placement"),
    one("tap-dead-vlan", ("bridge-ports",), host="cmp01"),
]
WHERE_HOSTS_ARE_FOUND = {
    "vip-duplicated",
    "floating-address-without-nat",
    "router-two-active",
    "security-group-member-missing",
    "metadata-secret-wrong",
}
"""Compared by tests of their own in `test_faults_real`, which look first for who has the address."""


def test_every_fault_of_both_grounds_is_compared() -> None:
    compared = {fault for case in CASES for fault, _ in case.faults} | {case.fault for case in ALONE if case.kinds}
    assert compared | WHERE_HOSTS_ARE_FOUND == set(plans("simulator")) & set(plans("lab"))


@contextmanager
def broken(ground: Ground, case: Case) -> Iterator[None]:
    """With the faults of a case in effect; healed again afterwards."""
    with ExitStack() as taken_back:
        for fault, parameters in case.faults:
            made = ground.inject(fault, **parameters)
            taken_back.callback(ground.ask, "undo", id=made)
        yield


def title(case: Case) -> str:
    """What pytest calls a case."""
    return "-".join(word for fault, parameters in case.faults for word in (fault, *parameters.values()))


@pytest.mark.parametrize(
    "case", [pytest.param(each, marks=[pytest.mark.long] * (each is HEARTBEATS)) for each in CASES], ids=title
)
def test_both_grounds_say_the_same(case: Case, lab: RealLab, simulated: Ground) -> None:
    with broken(simulated, case):
        simulated.ask("clock", advance=case.clock)
        expected = seen(simulated, case.kinds, case.failing)
    simulated.ask("clock", advance=case.clock)
    assert any(expected.values()), "the simulator shows nothing"
    with broken(lab, case):
        for words in case.traffic:
            command = [str(BIN / "openstack"), *words.split()]
            subprocess.run(command, env=lab.environment(), stdout=subprocess.DEVNULL, check=True)
        with suppress(AssertionError):  # the comparison below says what differs
            until(lambda: seen(lab, case.kinds, case.failing), lambda found: found == expected, POLLS + case.clock)
        assert seen(lab, case.kinds, case.failing) == expected
    until(lambda: {kind: bad(lab, kind) for kind in case.kinds}, lambda found: not any(found.values()), POLLS + 120)


@pytest.mark.parametrize("kind", sorted(IDENTITY))
def test_a_healthy_cloud_is_healthy_in_both(kind: str, lab: RealLab, simulated: Ground) -> None:
    assert bad(simulated, kind) == {}
    until(lambda: bad(lab, kind), lambda found: found == {})
