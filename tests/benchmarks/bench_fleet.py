"""All that the overview reads of 200 hosts in one period: one batch a host, beside the same kinds one by one.

What the hosts answer is prepared (`prepared_hosts`), so that who asks is measured: the processor time is the client's
alone, and the wall time is what two cores take for it and for the servers' side of SSH. Bytes are those on the wire, as
the kernel counts them on the connections' sockets.
"""

from __future__ import annotations

import json
import os
import resource
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from msgspec.structs import replace

from collectors import registry
from collectors.connections import Connections
from collectors.kind import AnyKind
from collectors.overview import watched
from collectors.read import read, read_together
from collectors.reader import Ask
from collectors.request import HostCommands
from collectors.site import Site, SshSettings
from collectors.snapshot import Snapshot
from console.cli import grounds
from console.config.site import load_site
from tests.benchmarks.figure import Figure

COMPUTES = 190
PATIENCE = 300.0
"""Seconds, for the rounds in which one process computes what 200 hosts have to say."""
PERIOD = 30.0
"""Seconds in which everything on every host is read once."""


def _kinds(connections: Connections) -> list[AnyKind]:
    """The kinds of the overview that are read on hosts."""
    return [k for k in watched(registry.kinds(), connections.can_ask) if isinstance(k.read, HostCommands)]


def _processor() -> float:
    """Seconds that this process has used."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _bytes(connections: Connections) -> int:
    """Bytes sent and received on the open connections, as their TCP_INFO says (linux/tcp.h: two 64-bit at 120)."""
    total = 0
    for each in list(connections.ssh().connections._open.values()):
        info = each._sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 192)
        total += sum(struct.unpack_from("QQ", info, 120))
    return total


def _together(connections: Connections, kinds: Sequence[AnyKind]) -> list[Snapshot]:
    asks = [Ask(kind, deadline=PATIENCE) for kind in kinds]
    found = [outcome for _, outcome in read_together(asks, connections, clock=time.time)]
    assert all(isinstance(each, Snapshot) for each in found), found
    return [each for each in found if isinstance(each, Snapshot)]


def _one_by_one(connections: Connections, kinds: Sequence[AnyKind]) -> list[Snapshot]:
    return [read(kind, connections, clock=time.time, deadline=PATIENCE) for kind in kinds]


@contextmanager
def _prepared(site: Site, state: Path) -> Iterator[Site]:
    """The same site, its hosts on ports of this machine."""
    words = [sys.executable, "-m", "tests.benchmarks.prepared_hosts", str(state), ",".join(site.hosts)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        known, config = state / "prepared_known_hosts", state / "prepared_config"
        known.write_text("".join(f"[127.0.0.1]:{port} {told['key']}\n" for port in told["ports"].values()))
        config.touch()
        ssh = SshSettings(config, known, "kolla", identity=state / "id_ed25519")
        hosts = {
            name: replace(host, address="127.0.0.1", port=told["ports"][name]) for name, host in site.hosts.items()
        }
        try:
            yield replace(site, hosts=hosts, ssh=ssh)
        finally:
            process.stdin.close()


def figures() -> Iterator[Figure]:
    """Warm: the connections are open already, as they are in a console that has run for a period."""
    with tempfile.TemporaryDirectory(prefix="nephoscope-bench-") as folder, ExitStack() as stack:
        state = Path(folder)
        grounds.start("runbooks.simulator", state, ["--computes", str(COMPUTES), "--servers", "1000"])
        try:
            environ = {**os.environ, **grounds.exports(state, "simulator")}
            connections = Connections(stack.enter_context(_prepared(load_site("simulator", "", environ), state)))
            kinds = _kinds(connections)
            for run in (_together, _one_by_one, _together):
                run(connections, kinds)  # from the second round on their answers are known, and the connections open
            measured, failed = {}, 0
            for name, run in (("one by one", _one_by_one), ("together", _together)):
                moved = _bytes(connections)
                began, used = time.perf_counter(), _processor()
                snapshots = run(connections, kinds)
                took, used = time.perf_counter() - began, _processor() - used
                moved = _bytes(connections) - moved
                trips = sum(target.calls for snapshot in snapshots for target in snapshot.targets)
                failed += sum(len(snapshot.errors) for snapshot in snapshots)
                measured[name] = (took, used, float(trips), moved / 1e6)
            hosts = len(connections.site.hosts)
            connections.close()
            words = f"{len(kinds)} kinds on {hosts} hosts"
            together, single = measured["together"], measured["one by one"]
            yield Figure(f"{words}: wall", together[0], "s", PERIOD, "one by one", single[0])
            yield Figure("  processor of the client", together[1], "s", PERIOD, "one by one", single[1])
            yield Figure("  round trips", together[2], "", float(hosts), "one by one", single[2], 5)
            yield Figure("  on the wire", together[3], "MB", None, "one by one", single[3])
            yield Figure("  reads that failed (a machine too busy to measure on)", float(failed), "", 0)
        finally:
            grounds.stop(state)
