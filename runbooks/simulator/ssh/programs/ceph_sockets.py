"""`ceph daemon mon.NAME …` and `ceph --admin-daemon PATH …`: a daemon of this host is asked at its own socket.

It answers without a quorum and without the network: what a monitor thinks of itself, what an OSD does.
"""

from __future__ import annotations

import json
import re

from runbooks.simulator.ceph.monitors import mon_status, quorum_status
from runbooks.simulator.model.ceph import Ceph
from runbooks.simulator.model.ceph.daemons import RELEASE, VERSION
from runbooks.simulator.ssh.pace import FOREVER
from runbooks.simulator.ssh.program import Call
from runbooks.simulator.ssh.programs.ceph_ask import Given

_PATH = re.compile(r"/(?:var/)?run/ceph/ceph-((?:mon|osd|mgr)\..+)\.asok")
_GONE = "admin_socket: exception getting command descriptions: [Errno 2] No such file or directory"
_DENIED = "admin_socket: exception getting command descriptions: [Errno 13] Permission denied"


def ask(call: Call, given: Given) -> int:
    """Ask the daemon that the words or the path name."""
    words = given.words
    if given.socket:
        found = _PATH.fullmatch(given.socket)
        name = found[1] if found else ""
    else:
        if len(words) < 3:
            return call.fail("daemon requires at least 2 arguments", 22)
        name, words = words[1], words[2:]
    kind, _, which = name.partition(".")
    unit = call.place.host.units.get(f"ceph-{kind}@{which}")
    if unit is None or unit.state in ("stopped", "failed"):
        return call.fail(_GONE, 22)
    if not call.place.root:
        return call.fail(_DENIED, 22)
    if unit.state == "hung":
        call.wait(FOREVER)
        return 1
    answer = _answer(call.place.cloud.ceph, kind, which, " ".join(words))
    if answer is None:
        return call.fail("no valid command found; 1 closest matches:\nversion\nadmin_socket: invalid command", 22)
    call.print(json.dumps(answer, indent=4) if given.form != "json" else json.dumps(answer, separators=(",", ":")))
    return 0


def _answer(ceph: Ceph, kind: str, which: str, command: str) -> object:
    if command == "version":
        return {"version": VERSION, "release": RELEASE, "release_type": "stable"}
    if kind == "mon" and command == "mon_status":
        return mon_status(ceph, which)
    if kind == "mon" and command == "quorum_status" and which in ceph.monitors.quorum:
        return quorum_status(ceph)
    if kind == "osd" and command == "status":
        osd = ceph.osds[int(which)]
        held = ceph.pgmap().held.get(osd.id, 0)
        return {
            "cluster_fsid": ceph.fsid,
            "osd_fsid": osd.uuid,
            "whoami": osd.id,
            "state": "active" if osd.up else "booting",
            "oldest_map": 1,
            "newest_map": ceph.epoch,
            "num_pgs": held,
        }
    return None
