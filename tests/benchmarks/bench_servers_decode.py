"""20,000 servers over HTTP: CPU seconds of the client process beside openstacksdk, and bytes per row."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator

from tests.benchmarks.figure import ROOT, Figure

COUNT = int(os.environ.get("NEPHOSCOPE_BENCH_SERVERS", "20000"))

OURS = """
import json, time, tracemalloc
from collectors import registry
from collectors.connections import Connections
from collectors.read import read
from collectors.site import Site
connections = Connections(Site("wire", "RegionOne"))
kind = registry.kind("servers")
connections.system("openstack").access()
began = time.process_time()
found = read(kind, connections, clock=time.time)
cpu = time.process_time() - began
assert not found.errors and not found.odd, found.errors
print(json.dumps({"rows": len(found.rows), "cpu": cpu, "whole": time.process_time()}))
"""

PEER = """
import json, time
import openstack
conn = openstack.connect(cloud="wire")
conn.authorize()
began = time.process_time()
rows = sum(1 for _ in conn.compute.servers(all_projects=True))
cpu = time.process_time() - began
print(json.dumps({"rows": rows, "cpu": cpu, "whole": time.process_time()}))
"""

MEMORY = """
import gc, json, tracemalloc
from collectors import registry
from collectors.decode import rows_of
from collectors.kind import Reading
from collectors.sources.base import Page
from tests.collectors.kinds.test_servers import many
kind, page = registry.kind("servers"), Page(raw=many(COUNT))
rows_of(Page(raw=many(10)), kind, Reading("wire", 0.0))
gc.collect()
tracemalloc.start()
kept = rows_of(page, kind, Reading("wire", 0.0))
print(json.dumps({"rows": len(kept), "bytes": tracemalloc.get_traced_memory()[0] / len(kept)}))
"""


def _client(code: str, environ: dict[str, str]) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], env=environ, cwd=ROOT, check=True, capture_output=True, text=True
    )
    found: dict[str, float] = json.loads(done.stdout)
    assert found["rows"] == COUNT, found
    return found


def figures() -> Iterator[Figure]:
    """Both clients read the same pages from the same process, one after the other."""
    with tempfile.TemporaryDirectory(prefix="nephoscope-bench-") as folder:
        serving = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.prepared_cloud", folder, str(COUNT)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert serving.stdin is not None
        assert serving.stdout is not None
        try:
            assert serving.stdout.readline().strip() == "ready"
            environ = {k: v for k, v in os.environ.items() if not k.startswith("OS_")}
            environ["OS_CLIENT_CONFIG_FILE"] = f"{folder}/clouds.yaml"
            runs = [_client(OURS, environ) for _ in range(3)]
            peer = _client(PEER, environ)
        finally:
            serving.stdin.close()
            serving.wait(10)
    ours = min(run["cpu"] for run in runs)
    whole = min(run["whole"] for run in runs)
    yield Figure(f"{COUNT:,} servers: CPU of reading", ours, "s", None, "openstacksdk", peer["cpu"], 80.0)
    yield Figure("  CPU of the whole process, start and login included", whole, "s", None, "same", peer["whole"])
    memory = _client(MEMORY.replace("COUNT", str(COUNT)), environ)
    yield Figure("  memory of a decoded row", memory["bytes"], "bytes", 500.0)
