"""The simulator against the real thing: the same fault in both, and what our kinds say of it, row by row.

Compared is every row that is not well: what it is, how bad it is, and the reason with its figures left out; and, where
a read fails, its exit code and its words. A difference is the simulator's mistake, and is mended there.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import suppress
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
}
"""What names a row of a kind in any cloud; ids differ."""
SHARED = re.compile(
    r"(ctl|net|cmp)0[123]|rabbit@ctl0[123]|keystone|nova|placement|neutron|cinder|cinderv3|glance|notifications\.\w+"
)
"""Hosts, services and queues that both grounds have."""


@dataclass(frozen=True)
class Case:
    """A fault, and the kinds that show it."""

    fault: str
    parameters: Mapping[str, str]
    kinds: tuple[str, ...]
    failing: tuple[str, ...] = ()
    """Kinds that cannot be read meanwhile."""
    clock: float = 120.0
    """Seconds after which a cloud has noticed."""


CASES = [
    Case("compute-service-dead", {"host": "cmp02"}, ("compute-services", "hypervisors")),
    Case("agent-dead", {"host": "net01", "binary": "neutron-l3-agent"}, ("agents",)),
    Case("agent-dead", {"host": "cmp01", "binary": "neutron-openvswitch-agent"}, ("agents",)),
    Case("host-down", {"host": "cmp03"}, ("hosts", "compute-services", "hypervisors", "agents")),
    Case("galera-member-out", {"host": "ctl03"}, ("galera-members",)),
    Case("galera-no-quorum", {}, ("galera-members",)),
    Case("rabbitmq-memory-alarm", {"host": "ctl02"}, ("rabbitmq-nodes",)),
    Case("queue-without-consumer", {}, ("queues",)),
    Case("endpoint-dead", {"service": "glance", "interface": "internal"}, ("endpoints",)),
    Case("endpoint-dead", {"service": "nova", "interface": "public"}, ("endpoints",), ("flavors",)),
    Case("api-500", {"service": "nova"}, ("endpoints",), ("flavors",)),
    Case("api-500", {"service": "neutron"}, ("endpoints",), ("networks",)),
    Case("api-500", {"service": "glance"}, ("endpoints",), ("images",)),
    Case("api-500", {"service": "cinder"}, ("endpoints",), ("volumes",)),
    Case("api-500", {"service": "placement"}, ("endpoints",), ("resource-providers",)),
    Case("api-hang", {"service": "glance"}, ("endpoints",), ("images",)),
    Case("api-drip", {"service": "glance"}, ("endpoints",), ("images",)),
    Case("api-reset", {"service": "nova"}, ("endpoints",), ("flavors",)),
]


def test_every_fault_of_both_grounds_is_compared() -> None:
    assert {case.fault for case in CASES} == set(plans("simulator")) & set(plans("lab"))


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


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.fault}-{'-'.join(case.parameters.values())}")
def test_both_grounds_say_the_same(case: Case, lab: RealLab, simulated: Ground) -> None:
    made = simulated.inject(case.fault, **case.parameters)
    try:
        simulated.ask("clock", advance=case.clock)
        expected = seen(simulated, case)
    finally:
        simulated.ask("undo", id=made)
        simulated.ask("clock", advance=case.clock)
    assert any(expected.values()), "the simulator shows nothing"
    with lab.broken(case.fault, **case.parameters):
        with suppress(AssertionError):  # the comparison below says what differs
            until(lambda: seen(lab, case), lambda found: found == expected, POLLS + case.clock)
        assert seen(lab, case) == expected
    until(lambda: {kind: bad(lab, kind) for kind in case.kinds}, lambda found: not any(found.values()), POLLS + 120)


@pytest.mark.parametrize("kind", sorted(IDENTITY))
def test_a_healthy_cloud_is_healthy_in_both(kind: str, lab: RealLab, simulated: Ground) -> None:
    assert bad(simulated, kind) == {}
    until(lambda: bad(lab, kind), lambda found: found == {})
