"""A cluster whose time stands still until it is moved, its commands, and the recordings that they are compared with."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runbooks.simulator.faults import Faults
from runbooks.simulator.model.ceph import Ceph
from runbooks.simulator.model.cloud import Cloud
from runbooks.simulator.ssh.program import ACCOUNTS, Place
from runbooks.simulator.ssh.shell import Shell
from tests.simulator.calls import cloud

WIRE = Path(__file__).resolve().parents[2] / "wire" / "ceph"


@dataclass(frozen=True, slots=True)
class Ran:
    """What one line did, and how long it would have taken."""

    status: int
    out: str
    err: str
    seconds: float

    def json(self) -> Any:
        return json.loads(self.out)


class Cluster:
    """The simulated cluster in a test's hand."""

    def __init__(self) -> None:
        self.cloud: Cloud = cloud()

    @property
    def ceph(self) -> Ceph:
        return self.cloud.ceph

    def run(self, line: str, host: str = "ceph01", user: str = "root") -> Ran:
        """Run a line on a host."""
        self.cloud.catch_up()
        out, err = io.BytesIO(), io.BytesIO()
        shell = Shell(Place(self.cloud, self.cloud.hosts[host], ACCOUNTS[user]))
        status = shell.run_to_end(line, out, err)
        return Ran(status, out.getvalue().decode(), err.getvalue().decode(), shell.pace.waited)

    def json(self, words: str) -> Any:
        """The document of `ceph WORDS`."""
        done = self.run(f"ceph {words} --format json")
        assert done.status == 0, done.err
        return done.json()

    def pass_time(self, seconds: float) -> None:
        self.cloud.clock.advance(seconds)
        self.cloud.catch_up()

    def unit(self, host: str, unit: str, verb: str = "stop") -> None:
        """Stop or start a unit as an operator does."""
        assert self.run(f"systemctl {verb} {unit}", host).status == 0

    def checks(self) -> dict[str, Any]:
        """The health checks as `ceph health detail` tells them."""
        found: dict[str, Any] = self.json("health detail")["checks"]
        return found

    def messages(self) -> dict[str, str]:
        """Code → summary."""
        return {code: check["summary"]["message"] for code, check in self.checks().items()}


def inject(
    cluster: Cluster, fault: str, given: Mapping[str, str] | None = None, after: float = 0.0
) -> tuple[Faults, str]:
    """Break something, let time pass; what to undo it with."""
    faults = Faults(cluster.cloud)
    made = faults.inject(fault, given or {})
    cluster.pass_time(after)
    return faults, made.id


def heal(cluster: Cluster, made: tuple[Faults, str], after: float) -> None:
    made[0].undo(made[1])
    cluster.pass_time(after)


def recorded(name: str) -> Any:
    """A recorded document."""
    return json.loads((WIRE / name).read_text())


def commands() -> dict[str, dict[str, Any]]:
    """Recorded command lines: `line`, `status`, `out`, `err`."""
    found: dict[str, dict[str, Any]] = recorded("commands.json")
    return found


BY_NAME = {
    *(
        "erasure_code_profiles",
        "always_on_modules",
        "module_options",
        "options",
        "application_metadata",
        "hit_set_params",
    ),
    *("services", "time_skew_status", "statuses", "checks", "stats_by_class", "progress_events", "mon", "mgr", "osd"),
    *("overall", "mds", "permissions"),
}
"""Objects whose keys are data."""
SOMETIMES = {
    *(
        "degraded_objects",
        "degraded_total",
        "degraded_ratio",
        "misplaced_objects",
        "misplaced_total",
        "misplaced_ratio",
    ),
    *("read_bytes_sec", "write_bytes_sec", "read_op_per_sec", "write_op_per_sec", "inactive_pgs_ratio", "quorum_age"),
    *("recovering_bytes_per_sec", "recovering_objects_per_sec", "recovering_keys_per_sec", "ok_become_degraded"),
    *("bad_become_inactive", "container_name", "container_image", "bluestore_bdev_devices", "details", "ttl"),
    *("pg_num_max", "pg_num_min", "objectstore_numa_unknown_devices"),
}
"""Keys that are there in some states, or on some hosts, only."""


def kind(value: object) -> str:
    if isinstance(value, bool):
        return "bool"
    return "number" if isinstance(value, int | float) else type(value).__name__


def differences(real: Any, ours: Any, where: str = "", *, order: bool = True) -> list[str]:
    """Where `ours` has other keys, another order of them, or other types than `real`; null stands for any type.

    Every item of our list is compared with the recorded item that it is most like.
    """
    if real is None or ours is None:
        return []
    if isinstance(real, dict) and isinstance(ours, dict):
        if where.rpartition(".")[2] in BY_NAME or where == ".osd_map.osd_metadata":
            model = next(iter(real.values()), None)
            return [line for key in ours for line in differences(model, ours[key], f"{where}.{key}", order=order)]
        keys, mine = ([key for key in each if key not in SOMETIMES] for each in (real, ours))
        if (keys != mine) if order else (set(keys) != set(mine)):
            return [f"{where}: only there {set(keys) - set(mine)}, only here {set(mine) - set(keys)}, or the order"]
        both = [key for key in real if key in ours]
        return [line for key in both for line in differences(real[key], ours[key], f"{where}.{key}", order=order)]
    if isinstance(real, list) and isinstance(ours, list):
        found = []
        for place, item in enumerate(ours):
            tries = [differences(model, item, f"{where}[{place}]", order=order) for model in real]
            found += sorted(tries, key=len)[0] if tries else []
        return found
    return [] if kind(real) == kind(ours) else [f"{where}: {kind(real)} there, {kind(ours)} here ({ours!r})"]
