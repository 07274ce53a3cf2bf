"""What a new Ceph cluster is given: pools, a few RBD images with data, and the dashboard's certificate and people."""

from __future__ import annotations

from runbooks.lab.lab import Lab
from runbooks.lab.machine import Machine
from runbooks.lab.services.ceph_client import ceph
from runbooks.lab.services.ceph_text import POOLS
from runbooks.lab.shell import wait_until

CERTIFICATE = "/etc/ceph/dashboard.crt"
KEY = "/etc/ceph/dashboard.key"

_IMAGE = "images/debian-12"
_SERVER = "vms/5d0f7a52-6f3e-4c5b-9e0a-1f4c7d2b8a01_disk"
_VOLUME = "volumes/volume-8b1f6c1e-2a0b-4a55-9d3c-7f6d5e4c3b02"


def pools(machine: Machine) -> None:
    """The pools of an OpenStack cloud. Repeating it changes nothing."""
    for name, groups, copies in POOLS:
        ceph(machine, "osd", "pool", "create", name, str(groups), str(groups), "--size", str(copies))
        ceph(machine, "osd", "pool", "application", "enable", name, "rbd")


def images(machine: Machine) -> None:
    """An image with a protected snapshot, a server's disk cloned from it, a volume with data and a snapshot."""
    machine.run("dd", "if=/dev/urandom", "of=/var/tmp/seed.raw", "bs=1M", "count=32", "status=none")
    try:
        _import(machine, "/var/tmp/seed.raw", _IMAGE, "snap")
        if not _exists(machine, _SERVER):
            machine.run("rbd", "clone", f"{_IMAGE}@snap", _SERVER, seconds=90)
        _import(machine, "/var/tmp/seed.raw", _VOLUME, "before-upgrade")
    finally:
        machine.run("rm", "-f", "/var/tmp/seed.raw")
    machine.run("rbd", "resize", "--size", "1G", _VOLUME, seconds=90)


def _exists(machine: Machine, image: str) -> bool:
    return machine.run("rbd", "info", image, check=False, seconds=90).ok


def _import(machine: Machine, file: str, image: str, snapshot: str) -> None:
    """Import as a whole: what an interruption left is removed first."""
    if machine.run("rbd", "info", f"{image}@{snapshot}", check=False, seconds=90).ok:
        return
    if _exists(machine, image):
        machine.run("rbd", "rm", "--no-progress", image, seconds=90)
    machine.run("rbd", "import", "--no-progress", "--image-format", "2", file, image, seconds=120)
    machine.run("rbd", "snap", "create", "--no-progress", f"{image}@{snapshot}", seconds=90)
    machine.run("rbd", "snap", "protect", f"{image}@{snapshot}", seconds=90)


def dashboard(lab: Lab, machine: Machine) -> None:
    """A certificate of its own, an administrator and a viewer."""
    certificate(machine)
    for person, role in (("operator", "administrator"), ("viewer", "read-only")):
        password = lab.secrets[f"ceph_dashboard_{person}"]
        if not ceph(machine, "dashboard", "ac-user-show", person, check=False).ok:
            words = ("dashboard", "ac-user-create", person, "-i", "-", role, "--force-password")
            ceph(machine, *words, input=password)


def certificate(machine: Machine, *under: str, days: int = 730) -> None:
    """Give the dashboard a new self-signed certificate; `under` are words in front of openssl."""
    words = ("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", str(days))
    machine.run(*under, *words, "-subj", "/CN=ceph-dashboard", "-keyout", KEY, "-out", CERTIFICATE)
    for verb, file in (("set-ssl-certificate", CERTIFICATE), ("set-ssl-certificate-key", KEY)):
        _patiently(machine, "dashboard", verb, "-i", file)
    # It reads them when it starts.
    ceph(machine, "mgr", "module", "disable", "dashboard")
    ceph(machine, "mgr", "module", "enable", "dashboard")
    _patiently(machine, "dashboard", "ac-user-show")


def _patiently(machine: Machine, *words: str) -> None:
    """The dashboard's commands are known only some seconds after it was enabled."""
    if not wait_until(lambda: ceph(machine, *words, check=False).ok, 60, 1):
        ceph(machine, *words)
