"""What our kinds say of a ground, in a form that is the same for any cloud: rows that are not well, by what names them.

Compared are what a row is, how bad it is, and the reason with its figures left out; of Ceph, whose daemons are numbered
differently, the reason stays out as well.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any

from collectors.health import RANK
from tests.agreement import BIN
from tests.ground import Ground
from tests.lab.told import rows_of

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
    "certificates": ("used_by", "port"),
    "ceph-health-checks": ("id",),
    "ceph-flags": ("id",),
    "crashes": ("host",),
    "broker-alarms": ("node", "resource"),
    "bridge-ports": ("host", "bridge"),
    "bridges": ("name", "host"),
    "interfaces": ("host",),
    "router-instances": ("active_on",),
    "routers": ("active_on",),
    "mgrs": ("name",),
    "mons": ("name",),
    "osds": ("host",),
    "namespaces": ("host", "purpose"),
    "pools": ("name",),
    "memcached-servers": ("member",),
    "haproxy-backends": ("host", "server"),
    "vips": ("hosts",),
    "targets": ("job", "host"),
    "alerts": ("name", "host"),
}
"""What names a row of a kind in any cloud; ids differ."""
SHARED = re.compile(
    r"(ctl|net|cmp|ceph)0[123]|rabbit@ctl0[123]|[A-Z_]+|noout|active manager|images|vms|volumes|keystone|nova|placement"
    r"|neutron|cinder|cinderv3|glance|Ceph dashboard|notifications\.\w+|ctl01, ctl02, ctl03|net01, net02"
)
"""Hosts, services and queues that both grounds have; and all that share the virtual addresses."""


NUMBERED = {"ceph-health-checks", "ceph-flags", "crashes", "mgrs", "mons", "osds", "pools"}
"""Kinds whose reasons name OSDs and count groups, of which the grounds have not the same."""
OF_THE_LAYOUT = {("OSD_HOST_DOWN",), ("PG_AVAILABILITY",)}
"""A lab has one OSD on a host; and peering lasts as long as it lasts."""


def bad(ground: Ground, kind: str) -> dict[tuple[str, ...], tuple[str, str]]:
    """Identity → (health, reason without figures) of the rows that are not well, on hosts that both grounds have."""
    found: dict[tuple[str, ...], tuple[str, str]] = {}
    for row in rows_of(ground, kind):
        identity = tuple(str(row[column]) for column in IDENTITY[kind])
        if row["reason"].startswith("load "):
            continue  # the hosts of a lab share the processors, and the load, of one machine
        if row["health"] != "ok" and any(SHARED.fullmatch(part) for part in identity):
            told = "" if kind in NUMBERED else plain(row["reason"])
            worse = RANK.get(found.get(identity, ("ok", ""))[0], len(RANK)) > RANK[row["health"]]
            if worse and identity not in OF_THE_LAYOUT:
                found[identity] = (row["health"], told)
    return found


def plain(reason: str) -> str:
    """Without ages, sizes, addresses, and how much was on it."""
    text = re.sub(r"\b\d+(\.\d+){3}(:\d+)?", "ADDRESS", reason)
    text = re.sub(r"\bport [0-9a-f-]{36}", "port ID", text)
    text = re.sub(r"req-[0-9a-f-]{36}", "REQUEST", text)
    # Who has it before is chance.
    text = re.sub(r"(held by|do not hear each other:) \w+ and \w+", r"\1 HOST and HOST", text)
    text = re.sub(r"floating IPs? ADDRESS(, ADDRESS)*", "floating IPs", text)
    text = re.sub(r"(is dropped here), by .*", r"\1", text)  # a flow where the kernel sees no packet, a rule elsewhere
    # On loopback nobody can say that there is no way to a host: a simulated one that is off is silent.
    text = text.replace("No route to host", "no answer to the connection attempt")
    text = re.sub(r"( for \d+ \w+)?, [^,]*: publishers", ": publishers", text)
    text = re.sub(r", [\d,]+ wait now", "", text)
    text = re.sub(r"\b[\d,]+ (messages|write sets)", r"N \1", text)
    text = re.sub(r"; [\d,]+ .* on it", "; N on it", text)
    return re.sub(r"\b\d+(\.\d+)? ?(s|min|h|d|ms|[KMGT]?i?B|%)\b", "N", text)


def failure(ground: Ground, kind: str) -> tuple[int, str]:
    """Exit code and words of a `get` that cannot succeed."""
    command = [str(BIN / "nephoscope"), "--timeout", "9", "get", kind]
    done = subprocess.run(command, env=ground.environment(), capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, plain(done.stderr)


def seen(ground: Ground, kinds: Sequence[str], failing: Sequence[str] = ()) -> dict[str, Any]:
    """What some kinds say, and how those fail that cannot be read."""
    return {kind: bad(ground, kind) for kind in kinds} | {kind: failure(ground, kind) for kind in failing}
