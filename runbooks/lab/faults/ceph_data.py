"""What is wrong with Ceph's data: no room, a damaged copy, a flag that somebody left, a client without its rights."""

from __future__ import annotations

import json

from runbooks.ground.declared import FaultError
from runbooks.lab.faults.ceph_daemons import osd, seen, storage
from runbooks.lab.faults.fault import Fault, Parameters, host
from runbooks.lab.faults.units import must_be_active
from runbooks.lab.lab import Lab
from runbooks.lab.machine import Machine
from runbooks.lab.services import ceph_client as ceph
from runbooks.lab.services.ceph_text import CAPS
from runbooks.lab.shell import wait_until

FILLER = "volumes/nephoscope-fault-filler"
FILLING = "nephoscope-fault-filling"
OBJECT = "nephoscope-fault-object"
_LEVELS = {"nearfull": ("OSD_NEARFULL", 0.83), "full": ("OSD_FULL", 0.925)}
"""What Ceph says at each level (at 85 and 95 percent), and how far one writes without looking."""
PIECES = 40
_FULL_RATIO, _ROOM = "0.95", "0.97"


# No room


def _fill(lab: Lab, parameters: Parameters) -> None:
    """An image is written in earnest: the most of it at once, the rest in small pieces, so as not to overshoot."""
    machine = ceph.asked(lab)
    machine.run("rbd", "create", "--size", "64G", FILLER, seconds=90)
    wanted, share = _LEVELS[parameters["level"]]
    room = min(each["kb"] * share - each["kb_used"] for each in ceph.ask(lab, "osd", "df")["nodes"])
    _write(machine, int(room) >> 10, "seq")
    for _ in range(PIECES):
        if wait_until(lambda: wanted in ceph.health(lab), 4, 1):
            return
        _write(machine, 24, "rand")


def _write(machine: Machine, mib: int, pattern: str) -> None:
    """Write so much into the filler; in a cluster that is full by then it would wait for ever, so it is ended."""
    size = ("--io-type", "write", "--io-size", "2M", "--io-threads", "2", "--io-total", f"{max(mib, 2)}M")
    unit = ("systemd-run", "--quiet", "--wait", "--collect", f"--unit={FILLING}")
    limits = ("--property=RuntimeMaxSec=240", "--property=TimeoutStopSec=1")
    machine.run(*unit, *limits, "rbd", "bench", *size, "--io-pattern", pattern, FILLER, seconds=300, check=False)


def _make_room(lab: Lab, parameters: Parameters) -> None:
    """In a full cluster nothing can be deleted, so the limit is raised a little for as long as that takes."""
    for each in lab.with_role("storage"):
        if each.running:
            each.run("systemctl", "kill", "--signal=KILL", FILLING, check=False)
    machine = ceph.asked(lab)
    ceph.tell(lab, "osd", "set-full-ratio", _ROOM)
    try:
        # The ended writer counts as a watcher of the image for half a minute.
        if not wait_until(lambda: _removed(machine), 120, 3):
            machine.run("rbd", "rm", "--no-progress", FILLER, seconds=120)
    finally:
        ceph.tell(lab, "osd", "set-full-ratio", _FULL_RATIO)


def _removed(machine: Machine) -> bool:
    names = machine.run("rbd", "ls", FILLER.partition("/")[0], seconds=90).out.split()
    if FILLER.partition("/")[2] not in names:
        return True
    return machine.run("rbd", "rm", "--no-progress", FILLER, seconds=120, check=False).ok


def _no_room(lab: Lab, parameters: Parameters) -> bool:
    codes = set(ceph.health(lab))
    return bool(codes & {"OSD_FULL", "POOL_FULL", "OSD_BACKFILLFULL", "OSD_NEARFULL", "POOL_NEARFULL"})


# A damaged copy


def _damage(lab: Lab, parameters: Parameters) -> None:
    """One copy of one object gets other bytes while its OSD is stopped; a deep scrub finds it."""
    machine, number = host(lab, parameters), osd(lab, parameters)
    machine.run("rados", "-p", "volumes", "put", OBJECT, "-", input="what was written\n" * 64)
    unit, path = f"ceph-osd@{number}", f"/var/lib/ceph/osd/ceph-{number}"
    group = _group_of(lab)
    machine.stop(unit)
    try:
        tool = ("ceph-objectstore-tool", "--data-path", path, "--pgid", group)
        listed = machine.run("runuser", "-u", "ceph", "--", *tool, "--op", "list", OBJECT, seconds=120)
        found = json.dumps(json.loads(listed.out.splitlines()[0])[1])
        other = "what was not written\n" * 64
        machine.run("runuser", "-u", "ceph", "--", *tool, found, "set-bytes", input=other[: 17 * 64], seconds=120)
    finally:
        machine.run("systemctl", "reset-failed", unit, check=False)
        machine.start(unit)
    machine.wait("its copies are complete again", lambda: ceph.clean(lab), 120)
    ceph.tell(lab, "pg", "deep-scrub", group)


def _group_of(lab: Lab) -> str:
    return str(ceph.ask(lab, "osd", "map", "volumes", OBJECT)["pgid"])


def _repair(lab: Lab, parameters: Parameters) -> None:
    machine = ceph.asked(lab)
    if _damaged(lab, parameters):
        ceph.tell(lab, "pg", "repair", _group_of(lab))
        machine.wait("the damaged copy is repaired", lambda: not _damaged(lab, parameters), 120)
    machine.run("rados", "-p", "volumes", "rm", OBJECT, check=False)


def _damaged(lab: Lab, parameters: Parameters) -> bool:
    return bool({"PG_DAMAGED", "OSD_SCRUB_ERRORS"} & set(ceph.health(lab)))


def _osd_runs(lab: Lab, parameters: Parameters) -> None:
    storage(lab, parameters)
    must_be_active(host(lab, parameters), f"ceph-osd@{osd(lab, parameters)}")
    if not ceph.clean(lab):
        raise FaultError("some placement groups are not clean: first let the cluster heal")


# A flag


def _set_flag(lab: Lab, parameters: Parameters) -> None:
    ceph.tell(lab, "osd", "set", parameters["flag"])


def _unset_flag(lab: Lab, parameters: Parameters) -> None:
    ceph.tell(lab, "osd", "unset", parameters["flag"])


def _flag_is_set(lab: Lab, parameters: Parameters) -> bool:
    return parameters["flag"] in ceph.ask(lab, "osd", "dump")["flags"].split(",")


def _flag_is_free(lab: Lab, parameters: Parameters) -> None:
    storage(lab, parameters)
    if _flag_is_set(lab, parameters):
        raise FaultError(f"the flag {parameters['flag']} is set already")


# Rights


def _caps(lab: Lab, *without: str) -> None:
    words: list[str] = []
    for system, rights in CAPS["client.cinder"]:
        parts = [each for each in rights.split(", ") if not any(each.endswith(f"pool={pool}") for pool in without)]
        words += [system, ", ".join(parts)]
    ceph.tell(lab, "auth", "caps", "client.cinder", *words)


def _take_rights(lab: Lab, parameters: Parameters) -> None:
    _caps(lab, "volumes")


def _give_rights(lab: Lab, parameters: Parameters) -> None:
    _caps(lab)


def _without_rights(lab: Lab, parameters: Parameters) -> bool:
    """Tried as the client itself; a cluster that does not answer refuses nothing."""
    done = ceph.asked(lab).run("rbd", "--id", "cinder", "ls", "volumes", seconds=60, check=False)
    return not done.ok and "Operation not permitted" in done.err


FAULTS = {
    "ceph-full": Fault(_fill, _make_room, seen(_no_room), storage, 300),
    "ceph-object-damaged": Fault(_damage, _repair, seen(_damaged), _osd_runs, 180),
    "ceph-flag-left": Fault(_set_flag, _unset_flag, seen(_flag_is_set), _flag_is_free, 30),
    "ceph-client-without-rights": Fault(_take_rights, _give_rights, seen(_without_rights), storage, 60),
}
"""The faults of this file."""
