"""Ceph: a monitor and an OSD on every storage host, managers on the first two.

The units, paths and users are those of Debian's packages. An OSD keeps its blocks in a sparse file on its host's
disk, where a real one has a device. What is made once on a host is marked there, so that a host whose disk is made
anew gets its daemons again.
"""

from __future__ import annotations

from runbooks.lab.lab import Lab, write
from runbooks.lab.machine import Machine
from runbooks.lab.services import ceph_seed
from runbooks.lab.services import ceph_text as text
from runbooks.lab.services.ceph_client import asked, ceph, clean, managers, nodes
from runbooks.lab.shell import LabError

PACKAGES = (
    "ceph-mon",
    "ceph-mgr",
    "ceph-osd",
    "ceph-common",
    "ceph-mgr-dashboard",
    "python3-rados",
    "python3-rbd",
)

_LIB = "/var/lib/ceph"
_FIRST_KEYRING = f"{_LIB}/first.keyring"
_OWNER = "ceph:ceph"


def secret(lab: Lab) -> str:
    """What the cluster's id and keys are made from."""
    return lab.secrets["ceph"]


def install(lab: Lab) -> None:
    """The files of the hosts, and what clients outside need."""
    lab.each(lab.with_role("storage"), lambda machine: _install(lab, machine))
    for machine in lab.control:
        _client(lab, machine)
    every = nodes(lab)
    write(lab.state / "ceph.conf", text.client_conf(secret(lab), every, str(lab.state)))
    viewer = {"client.viewer": text.CAPS["client.viewer"]}
    write(lab.state / "ceph.client.viewer.keyring", text.keyring(secret(lab), viewer))
    write(lab.state / "ceph.secret", lab.secrets["ceph_dashboard_viewer"] + "\n")


def _install(lab: Lab, machine: Machine) -> None:
    made_from = secret(lab)
    # The numbers of processes repeat from boot to boot of a host, and the cluster would take a new daemon for the old.
    machine.write("/etc/default/ceph", "TCMALLOC_MAX_TOTAL_THREAD_CACHE_BYTES=33554432\nCEPH_USE_RANDOM_NONCE=1\n")
    machine.write("/etc/ceph/ceph.conf", text.conf(made_from, nodes(lab), lab.layout.net(0)))
    for name in text.CAPS:
        keyring = text.keyring(made_from, {name: text.CAPS[name]})
        machine.write(f"/etc/ceph/ceph.{name}.keyring", keyring, 0o600, "ceph" if name == "client.crash" else "root")
    machine.write(_FIRST_KEYRING, text.first_keyring(made_from, managers(lab)), 0o600, _OWNER)
    if machine.name in [node.name for node in managers(lab)]:
        manager = text.keyring(made_from, {f"mgr.{machine.name}": text.MGR_CAPS})
        folder = f"{_LIB}/mgr/ceph-{machine.name}"
        machine.write(f"{folder}/keyring", manager, 0o600, _OWNER)
        machine.run("chown", _OWNER, folder)


def _client(lab: Lab, machine: Machine) -> None:
    """What a controller has of Ceph: the address, and the keys of the services."""
    made_from = secret(lab)
    machine.write("/etc/ceph/ceph.conf", text.client_conf(made_from, nodes(lab), "/etc/ceph"))
    for name in ("client.glance", "client.cinder"):
        machine.write(f"/etc/ceph/ceph.{name}.keyring", text.keyring(made_from, {name: ()}), 0o640)


def start(lab: Lab) -> None:
    """Bring the daemons up, and wait until every placement group is clean."""
    machines = lab.with_role("storage")
    lab.each(machines, lambda machine: _monitor(lab, machine))
    machines[0].wait("the monitors have a quorum", lambda: _quorum(machines), 90)
    lab.once("ceph-settings", lambda: _settings(lab))
    lab.each(machines, lambda machine: _others(lab, machine))
    lab.once("ceph-pools", lambda: ceph_seed.pools(asked(lab)))
    asked(lab).wait("every placement group is active and clean", lambda: clean(lab), 240)
    lab.once("ceph-dashboard", lambda: ceph_seed.people(lab, asked(lab)))


def _others(lab: Lab, machine: Machine) -> None:
    """What needs monitors."""
    if machine.name in [node.name for node in managers(lab)]:
        _up(machine, "ceph-mgr.target", f"ceph-mgr@{machine.name}")
    _osd(lab, machine)


def _up(machine: Machine, *units: str) -> None:
    machine.enable("ceph.target", "ceph-crash.service", *units)
    machine.run("systemctl", "reset-failed", *units, check=False)  # its units allow three starts in half an hour
    machine.start(*units, "ceph-crash.service")


def _monitor(lab: Lab, machine: Machine) -> None:
    folder = f"{_LIB}/mon/ceph-{machine.name}"
    if not machine.exists(f"{folder}/done"):
        machine.run("rm", "-rf", folder)
        machine.run("install", "-d", "-o", "ceph", "-g", "ceph", "-m", "750", folder, f"{_LIB}/crash/posted")
        monmap = f"{_LIB}/first.monmap"
        words = ["--create", "--clobber", "--fsid", text.fsid(secret(lab)), "--set-min-mon-release", _release(machine)]
        for node in nodes(lab):
            words += ["--addv", node.name, text.addresses([node])]
        machine.run("monmaptool", *words, monmap)
        made = ("--mkfs", "-i", machine.name, "--monmap", monmap, "--keyring", _FIRST_KEYRING)
        machine.run("ceph-mon", *made, "--setuser", "ceph", "--setgroup", "ceph", seconds=120)
        machine.write(f"{folder}/done", "", owner=_OWNER)
    _up(machine, "ceph-mon.target", f"ceph-mon@{machine.name}")


def _release(machine: Machine) -> str:
    """The name of the release: `ceph version 16.2.15 (…) pacific (stable)`."""
    said = machine.run("ceph-mon", "--version").out.split()
    if len(said) < 5:
        raise LabError("ceph-mon --version", f"says {' '.join(said)}, which names no release")
    return said[4]


def _quorum(machines: list[Machine]) -> bool:
    done = ceph(machines[0], "quorum_status", "--format", "json", check=False)
    return done.ok and all(f'"{machine.name}"' in done.out.split('"monmap"')[0] for machine in machines)


def _settings(lab: Lab) -> None:
    """What the managers' modules are told before they run for the first time."""
    lines = "".join(f"{name} = {value}\n" for name, value in text.manager_settings(managers(lab)).items())
    ceph(asked(lab), "config", "assimilate-conf", "-i", "-", input=f"[mgr]\n{lines}")
    ceph_seed.certificate(lab)


def _osd(lab: Lab, machine: Machine) -> None:
    number = next(node.osd for node in nodes(lab) if node.name == machine.name)
    folder, name = f"{_LIB}/osd/ceph-{number}", f"osd.{number}"
    if not machine.exists(f"{folder}/done"):
        made_from = secret(lab)
        machine.run("rm", "-rf", folder)
        machine.run("install", "-d", "-o", "ceph", "-g", "ceph", "-m", "750", folder)
        entered = f'{{"cephx_secret": "{text.key(made_from, name)}"}}'
        ceph(machine, "osd", "new", text.osd_uuid(made_from, number), str(number), "-i", "-", input=entered)
        machine.write(f"{folder}/keyring", text.keyring(made_from, {name: ()}), 0o600, _OWNER)
        made = ("-i", str(number), "--mkfs", "--osd-uuid", text.osd_uuid(made_from, number))
        machine.run("ceph-osd", *made, "--setuser", "ceph", "--setgroup", "ceph", seconds=180)
        machine.write(f"{folder}/done", "", owner=_OWNER)
    _up(machine, "ceph-osd.target", f"ceph-osd@{number}")
