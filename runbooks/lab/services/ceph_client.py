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


def ceph(machine: Machine, *words: str, input: str | None = None, seconds: float = 90, check: bool = True) -> Done:
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


def own_words(machine: Machine, daemon: str, command: str) -> dict[str, Any] | None:
    """What a daemon of the host (`mon.ceph01`) says at its own socket; None when it does not answer."""
    words: Sequence[str] = ("ceph", "--admin-daemon", f"/var/run/ceph/ceph-{daemon}.asok", command)
    try:
        done = machine.run("timeout", "8", *words, seconds=20, check=False)
    except LabError:
        return None
    if not done.ok:
        return None
    found = json.loads(done.out)
    return found if isinstance(found, dict) else None


def mon_status(machine: Machine) -> dict[str, Any] | None:
    """What the host's monitor says about itself."""
    return own_words(machine, f"mon.{machine.name}", "mon_status")


def clean(lab: Lab) -> bool:
    """True when every OSD is in service in its own words, and every placement group is active and clean.

    After a restart the monitors and managers go on telling what was before, for some seconds; an OSD knows whether it
    has been taken up again, and a placement group's report holds the epoch that it is from.
    """
    try:
        known = osd_states(lab)
        groups = ask(lab, "pg", "dump", "pgs")["pg_stats"]
    except LabError:
        return False
    if not groups or not all(known.get(node.osd, {}).get("up") for node in nodes(lab)):
        return False
    if not all(
        each["state"] == "active+clean" and each["reported_epoch"] >= known[each["acting_primary"]]["up_from"]
        for each in groups
    ):
        return False
    said = [own_words(lab.machines[node.name], f"osd.{node.osd}", "status") for node in nodes(lab)]
    return all(each is not None and each["state"] == "active" for each in said)
