"""Start-up: a cold `get` beside python-openstackclient, and the simulator itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from console.cli import grounds
from tests.benchmarks.figure import Figure, best, command, ours


def _resident(pid: int) -> float:
    """Resident memory of a process, MiB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise AssertionError("no VmRSS")


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
            get = best(command(ours("get", "compute-services"), environ), 10)
            peer = best(command([openstack, "compute", "service", "list"], environ), 3)
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
