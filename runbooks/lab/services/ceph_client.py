"""Asking the Ceph cluster, from inside one of its hosts, as client.admin. Every question has a time limit.

Without a quorum nothing but a monitor's own socket answers, so `mon_status` asks there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from runbooks.lab.lab import Lab
from runbooks.lab.machine import Machine
from runbooks.lab.services.ceph_text import Node
from runbooks.lab.shell import Done, LabError

WAIT = 10
"""Seconds that a client tries to reach the monitors."""


def nodes(lab: Lab) -> list[Node]:
    """The hosts of the cluster; each has a monitor and an OSD."""
    return [Node(machine.name, machine.address, number) for number, machine in enumerate(lab.with_role("storage"))]


def managers(lab: Lab) -> list[Node]:
    """The hosts that have a manager."""
    return nodes(lab)[:2]


def ceph(machine: Machine, *words: str, input: str | None = None, seconds: float = 40, check: bool = True) -> Done:
    """`ceph WORDS` on that host. Raises LabError."""
    return machine.run("ceph", "--connect-timeout", str(WAIT), *words, input=input, seconds=seconds, check=check)


def asked(lab: Lab) -> Machine:
    """A host to ask on. Raises LabError when no host of the cluster runs."""
    for machine in lab.with_role("storage"):
        if machine.running:
            return machine
    raise LabError("Ceph", "none of its hosts is on")


def tell(lab: Lab, *words: str, input: str | None = None, seconds: float = 40) -> str:
    """Do something with the cluster; what it said."""
    return ceph(asked(lab), *words, input=input, seconds=seconds).out


def ask(lab: Lab, *words: str, seconds: float = 40) -> Any:
    """The answer to a question, decoded."""
    return json.loads(tell(lab, *words, "--format", "json", seconds=seconds))


def health(lab: Lab) -> Mapping[str, Any]:
    """The health checks by their codes, as `ceph health detail` tells them; empty when all is well."""
    checks = ask(lab, "health", "detail")["checks"]
    assert isinstance(checks, dict)
    return checks


def osd_states(lab: Lab) -> dict[int, dict[str, Any]]:
    """What the monitors know about each OSD: `up`, `in`, `state` …"""
    return {each["osd"]: each for each in ask(lab, "osd", "dump")["osds"]}


def mon_status(machine: Machine) -> dict[str, Any] | None:
    """What the host's monitor says about itself; None when it does not answer."""
    words: Sequence[str] = ("ceph", "--admin-daemon", f"/var/run/ceph/ceph-mon.{machine.name}.asok", "mon_status")
    try:
        done = machine.run("timeout", "8", *words, seconds=20, check=False)
    except LabError:
        return None
    if not done.ok:
        return None
    found = json.loads(done.out)
    return found if isinstance(found, dict) else None


def placed(lab: Lab) -> dict[str, int]:
    """How many placement groups are in which state."""
    return {each["state_name"]: each["count"] for each in ask(lab, "status")["pgmap"].get("pgs_by_state", [])}


def clean(lab: Lab) -> bool:
    """True when every placement group is active and clean, and a manager is there to know it."""
    try:
        status = ask(lab, "status")
    except LabError:
        return False
    pgs = status["pgmap"]
    states = {each["state_name"]: each["count"] for each in pgs.get("pgs_by_state", [])}
    return bool(status["mgrmap"]["available"] and pgs["num_pgs"] and states == {"active+clean": pgs["num_pgs"]})
