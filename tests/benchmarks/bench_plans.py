"""A plan with its guards: on the default cloud and on a thousand hosts, warm, beside the command that would do it.

The peer is `openstack compute service set --disable`, which looks at nothing before it acts.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from argparse import Namespace
from collections.abc import Iterator, Mapping
from pathlib import Path

from console.doing import Doing
from runbooks.registry import operation
from tests.benchmarks.figure import Figure, best
from tests.ground import simulator

PLANS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "compute-service.disable": ("cmp01", {"reason": "a benchmark"}),
    "hypervisor.drain": ("cmp01", {"reason": "a benchmark"}),
    "galera-member.restart": ("ctl02", {}),
    "queue.purge": ("notifications.info", {"reason": "a benchmark"}),
    "osd.out": ("osd.1", {}),
}
SMALL = ("queue.purge",)
"""Not on the large cloud: there the simulated broker takes longer for its list of queues than any real one."""
SIZES = ((4, 40, 1.0), (1000, 5000, 3.0))
"""(computes, servers, seconds that a plan may take)."""


def _peer(environ: Mapping[str, str]) -> float:
    words = [str(Path(sys.executable).with_name("openstack")), "compute", "service", "set", "--disable"]
    command = [*words, "--disable-reason", "a benchmark", "cmp01", "nova-compute"]
    return best(lambda: subprocess.run(command, env=dict(environ), check=True, capture_output=True), 3)


def _plan(doing: Doing, name: str, target: str, values: Mapping[str, str]) -> float:
    """Seconds of a plan whose connections are open already."""
    wanted = operation(name)
    doing.plan(wanted, [target], values)
    return best(lambda: doing.plan(wanted, [target], values), 3)


def figures() -> Iterator[Figure]:
    """Each plan on each cloud; the first one of a cloud opens the connections and is not counted."""
    for computes, servers, most in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            state = Path(folder) / "state"
            with simulator(state, "--computes", str(computes), "--servers", str(servers)) as ground:
                environ = ground.environment() | {"XDG_STATE_HOME": folder}
                os.environ.update({n: v for n, v in environ.items() if n.startswith(("OS_", "NEPHOSCOPE_"))})
                doing = Doing(Namespace(cloud="", region="", read_only=False, environ=environ))
                peer = _peer(environ)
                for name, (target, values) in PLANS.items():
                    if name in SMALL and computes > SIZES[0][0]:
                        continue
                    took = _plan(doing, name, target, values)
                    told, of_peer = f"{name}, {computes:,} computes", name == "compute-service.disable"
                    yield Figure(told, took, "s", most, "openstack" if of_peer else "", peer if of_peer else None)
                doing.close()
                doing.connections.close()
