"""Start-up: a cold `get` beside python-openstackclient, and the simulator itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from compileall import compile_dir
from pathlib import Path

from console.cli import grounds
from tests.benchmarks.figure import ROOT, Figure, best, command, ours


def _resident(pid: int) -> float:
    """Resident memory of a process, MiB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise AssertionError("no VmRSS")


def _compiled() -> None:
    """Bytecode of our own packages, as pip leaves it for the peer's and for ours where they are not in a checkout."""
    for package in ("console", "collectors", "views", "runbooks", "themes"):
        compile_dir(ROOT / package, quiet=2)


def _alternating(ours: Callable[[], object], theirs: Callable[[], object], times: int = 20) -> tuple[float, float]:
    """The shortest wall times of both, run in turn: what else happens on the machine happens to both."""
    taken = [(best(ours, 1), best(theirs, 1)) for _ in range(times)]
    return min(one for one, _ in taken), min(other for _, other in taken)


def figures() -> Iterator[Figure]:
    """Against one simulator of the default size."""
    with tempfile.TemporaryDirectory(prefix="nephoscope-bench-") as folder:
        state = Path(folder)
        began = time.perf_counter()
        grounds.start("runbooks.simulator", state, [])
        yield Figure("simulator up", time.perf_counter() - began, "s", 2.0)
        try:
            yield Figure("simulator, resident", _resident(int((state / "pid").read_text())), "MiB", 200)
            environ = {**os.environ, **grounds.exports(state, "simulator")}
            openstack = str(Path(sys.executable).with_name("openstack"))
            _compiled()
            get, peer = _alternating(
                command(ours("get", "compute-services"), environ),
                command([openstack, "compute", "service", "list"], environ),
            )
            yield Figure("nephoscope get compute-services, cold", get, "s", 0.45, "openstack", peer, 6.0)
            yield Figure(
                "nephoscope health, cold",
                best(command(["sh", "-c", f"{ours('health')[0]} health; true"], environ), 5),
                "s",
            )
            done = subprocess.run(
                [openstack, "server", "list", "--all-projects", "-f", "json"],
                env=environ,
                capture_output=True,
                check=True,
            )
            servers = len(json.loads(done.stdout))
            listing = best(command(ours("get", "servers", "-o", "json"), environ), 5)
            peer = best(command([openstack, "server", "list", "--all-projects"], environ), 2)
            yield Figure(f"get servers ({servers}), cold", listing, "s", None, "openstack", peer)
        finally:
            grounds.stop(state)
