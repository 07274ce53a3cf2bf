"""The simulator against the real thing: the same fault in both, and what our kinds say of it, row by row.

Compared is every row that is not well: what it is, how bad it is, and the reason with its figures left out; and, where
a read fails, its exit code and its words. A difference is the simulator's mistake, and is mended there.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import pytest

from runbooks.ground.declared import plans
from tests.agreement import BIN
from tests.ground import Ground, simulator
from tests.lab.real import POLLS, RealLab, until
from tests.lab.told import rows_of

pytestmark = [pytest.mark.lab, pytest.mark.timeout(1800)]

IDENTITY: Mapping[str, tuple[str, ...]] = {
    "compute-services": ("binary", "host"),
    "hypervisors": ("name",),
    "agents": ("binary", "host"),
    "volume-services": ("binary", "host"),
    "galera-members": ("member",),
    "rabbitmq-nodes": ("name",),
    "hosts": ("name",),
    "endpoints": ("service", "interface"),
    "queues": ("name",),
    "broker-alarms": ("node", "resource"),
}
"""What names a row of a kind in any cloud; ids differ."""
SHARED = re.compile(
    r"(ctl|net|cmp)0[123]|rabbit@ctl0[123]|keystone|nova|placement|neutron|cinder|cinderv3|glance|notifications\.\w+"
)
"""Hosts, services and queues that both grounds have."""


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
    one("galera-member-out", ("galera-members",), host="ctl03"),
    one("galera-no-quorum", ("galera-members",), ("flavors",)),
    one("rabbitmq-memory-alarm", ("rabbitmq-nodes", "broker-alarms"), host="ctl02"),
    one("rabbitmq-disk-alarm", ("rabbitmq-nodes", "broker-alarms"), host="ctl01"),
    one("rabbitmq-partition", ("rabbitmq-nodes",), host="ctl03"),
    one("rabbitmq-node-out", ("rabbitmq-nodes",), host="ctl03"),
    Case(
        (("queue-without-consumer", {}),),
        ("queues",),
        traffic=("keypair create nephoscope-test", "keypair delete nephoscope-test"),
    ),
    one("endpoint-dead", ("endpoints",), service="glance", interface="internal"),
    one("endpoint-dead", ("endpoints",), ("flavors",), service="nova", interface="public"),
    one("api-500", ("endpoints",), ("flavors",), service="nova"),
    one("api-500", ("endpoints",), ("images",), service="glance"),
    one("api-500", ("endpoints",), ("volumes",), service="cinder"),
    one("api-500", ("endpoints",), ("resource-providers",), service="placement"),
    one("api-hang", ("endpoints",), ("images",), service="glance"),
    one("api-drip", ("endpoints",), ("images",), service="glance"),
    one("api-reset", ("endpoints",), ("flavors",), service="nova"),
]


def test_every_fault_of_both_grounds_is_compared() -> None:
    assert {fault for case in CASES for fault, _ in case.faults} == set(plans("simulator")) & set(plans("lab"))


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with simulator(tmp_path_factory.mktemp("simulated"), "--computes", "3") as ground:
        yield ground


def bad(ground: Ground, kind: str) -> dict[tuple[str, ...], tuple[str, str]]:
    """Identity → (health, reason without figures) of the rows that are not well, on hosts that both grounds have."""
    found = {}
    for row in rows_of(ground, kind):
        identity = tuple(str(row[column]) for column in IDENTITY[kind])
        if row["reason"].startswith("load "):
            continue  # the hosts of a lab share the processors, and the load, of one machine
        if row["health"] != "ok" and any(SHARED.fullmatch(part) for part in identity):
            found[identity] = (row["health"], plain(row["reason"]))
    return found


def plain(reason: str) -> str:
    """Without ages, sizes, addresses, and how much was on it."""
    text = re.sub(r"\b\d+(\.\d+){3}(:\d+)?", "ADDRESS", reason)
    text = re.sub(r"req-[0-9a-f-]{36}", "REQUEST", text)
    # On loopback nobody can say that there is no way to a host: a simulated one that is off is silent.
    text = text.replace("No route to host", "no answer to the connection attempt")
    text = re.sub(r"( for \d+ \w+)?, [^,]*: publishers", ": publishers", text)
    text = re.sub(r", [\d,]+ wait now", "", text)
    text = re.sub(r"\b[\d,]+ messages", "N messages", text)
    text = re.sub(r"; [\d,]+ .* on it", "; N on it", text)
    return re.sub(r"\b\d+(\.\d+)? ?(s|min|h|d|ms|[KMGT]?i?B|%)\b", "N", text)


def seen(ground: Ground, case: Case) -> dict[str, Any]:
    """What the kinds of a case say."""
    rows = {kind: bad(ground, kind) for kind in case.kinds}
    return rows | {kind: failure(ground, kind) for kind in case.failing}


def failure(ground: Ground, kind: str) -> tuple[int, str]:
    """Exit code and words of a `get` that cannot succeed."""
    command = [str(BIN / "nephoscope"), "--timeout", "9", "get", kind]
    done = subprocess.run(command, env=ground.environment(), capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, plain(done.stderr)


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


@pytest.mark.parametrize("case", CASES, ids=title)
def test_both_grounds_say_the_same(case: Case, lab: RealLab, simulated: Ground) -> None:
    with broken(simulated, case):
        simulated.ask("clock", advance=case.clock)
        expected = seen(simulated, case)
    simulated.ask("clock", advance=case.clock)
    assert any(expected.values()), "the simulator shows nothing"
    with broken(lab, case):
        for words in case.traffic:
            command = [str(BIN / "openstack"), *words.split()]
            subprocess.run(command, env=lab.environment(), stdout=subprocess.DEVNULL, check=True)
        with suppress(AssertionError):  # the comparison below says what differs
            until(lambda: seen(lab, case), lambda found: found == expected, POLLS + case.clock)
        assert seen(lab, case) == expected
    until(lambda: {kind: bad(lab, kind) for kind in case.kinds}, lambda found: not any(found.values()), POLLS + 120)


@pytest.mark.parametrize("kind", sorted(IDENTITY))
def test_a_healthy_cloud_is_healthy_in_both(kind: str, lab: RealLab, simulated: Ground) -> None:
    assert bad(simulated, kind) == {}
    until(lambda: bad(lab, kind), lambda found: found == {})
