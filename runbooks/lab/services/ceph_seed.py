"""What a new Ceph cluster is given: pools, and the dashboard's certificate and people."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

from runbooks.lab.lab import Lab, write
from runbooks.lab.machine import Machine
from runbooks.lab.services.ceph_client import asked, ceph, managers
from runbooks.lab.services.ceph_text import POOLS
from runbooks.lab.shell import LabError, wait_until

CERTIFICATE = "/etc/ceph/dashboard.crt"
KEY = "/etc/ceph/dashboard.key"
TRUSTED = "ceph-dashboard.crt"
"""In the state folder."""

PEOPLE = {"operator": "administrator", "viewer": "read-only"}
"""Who may sign in at the dashboard, and in which role."""


def pools(machine: Machine) -> None:
    """The pools of an OpenStack cloud: one client tells it all. Repeating it changes nothing."""
    lines = "".join(
        f"osd pool create {name} {groups} {groups} --size {copies}\nosd pool application enable {name} rbd\n"
        for name, groups, copies in POOLS
    )
    said = machine.run("ceph", "--connect-timeout", "10", input=lines, seconds=120)
    made = {
        each["pool_name"]
        for each in json.loads(ceph(machine, "osd", "pool", "ls", "detail", "--format", "json").out)
        if "rbd" in each["application_metadata"]
    }
    if missing := [name for name, _, _ in POOLS if name not in made]:
        raise LabError(f"Ceph: no pool {', '.join(missing)}", (said.err.strip().splitlines() or [""])[-1])


def certificate(lab: Lab, *under: str, days: int = 730) -> None:
    """A new self-signed certificate for the dashboards, which read it when they start; `under` goes before openssl.

    Clients find it in the state folder, and trust it by itself.
    """
    machine = asked(lab)
    words = ("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", str(days))
    names = ",".join(f"DNS:{node.name},IP:{node.address}" for node in managers(lab))
    about = ("-subj", "/CN=ceph-dashboard", "-addext", f"subjectAltName={names}")
    machine.run(*under, *words, *about, "-keyout", KEY, "-out", CERTIFICATE)
    for name, file in (("crt", CERTIFICATE), ("key", KEY)):
        ceph(machine, "config-key", "set", f"mgr/dashboard/{name}", "-i", file)
    write(lab.state / TRUSTED, machine.run("cat", CERTIFICATE).out)


def restart_dashboard(machine: Machine) -> None:
    """Let it read its certificate again."""
    ceph(machine, "mgr", "module", "disable", "dashboard")
    ceph(machine, "mgr", "module", "enable", "dashboard")
    _patiently(machine, "dashboard", "ac-user-show")


def people(lab: Lab, machine: Machine) -> None:
    """An administrator and a viewer."""
    _patiently(machine, "dashboard", "ac-user-show")
    with ThreadPoolExecutor(len(PEOPLE)) as pool:
        for each in [pool.submit(_person, lab, machine, name, role) for name, role in PEOPLE.items()]:
            each.result()


def _person(lab: Lab, machine: Machine, name: str, role: str) -> None:
    if not ceph(machine, "dashboard", "ac-user-show", name, check=False).ok:
        password = lab.secrets[f"ceph_dashboard_{name}"]
        ceph(machine, "dashboard", "ac-user-create", name, "-i", "-", role, "--force-password", input=password)


def _patiently(machine: Machine, *words: str) -> None:
    """The dashboard's commands are known only some seconds after a manager has started."""
    if not wait_until(lambda: ceph(machine, *words, check=False).ok, 60, 1):
        ceph(machine, *words)
