"""The hosts as such: names, keys, who may log in; booted and ready. What runs on them is in `services/`."""

from __future__ import annotations

from uuid import uuid4

from runbooks.lab.lab import Lab
from runbooks.lab.machine import Machine
from runbooks.lab.shell import run

LATER = frozenset({"network", "compute"})
"""Roles whose hosts are only booted when the controllers answer: what runs there would wait for them anyway."""


def up(lab: Lab) -> None:
    """Make and prepare every host that is off; boot all but those whose time comes later."""
    make_keys(lab)
    lab.each(lab.machines.values(), lambda machine: make(lab, machine))
    lab.each([machine for machine in lab.machines.values() if not later(machine)], boot)


def later(machine: Machine) -> bool:
    """True for a host that is booted when the controllers answer."""
    return not LATER.isdisjoint(machine.roles)


def make(lab: Lab, machine: Machine) -> None:
    """Its disk and its own files, when it is off."""
    if not machine.running:
        machine.create()
        prepare(lab, machine)


def boot(machine: Machine) -> None:
    """Boot a host that is not on, and wait until it lets people in; its services may still look for each other."""
    machine.boot()
    machine.reachable()


def make_keys(lab: Lab) -> None:
    """The key that clients log in with, and that of a colleague, who approves what wants a second person."""
    for name, comment in (("id_ed25519", "nephoscope-lab"), ("colleague_ed25519", "colleague")):
        key = lab.state / name
        if key.exists() and key.with_suffix(".pub").exists():
            continue
        key.unlink(missing_ok=True)
        run(("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", str(key)))


def prepare(lab: Lab, machine: Machine) -> None:
    """The files that make a host itself; nothing that exists and must stay the same is made again."""
    machine.write("/etc/hostname", f"{machine.name}\n")
    machine.write("/etc/hosts", hosts_file(lab))
    if not machine.exists("/etc/machine-id"):
        machine.write("/etc/machine-id", f"{uuid4().hex}\n", 0o444)
    if not machine.exists("/etc/ssh/ssh_host_ed25519_key"):
        run(("ssh-keygen", "-q", "-A", "-f", str(machine.root)))
    machine.write("/root/.ssh/authorized_keys", (lab.state / "id_ed25519.pub").read_text(), 0o600)
    machine.systemctl("enable", "--quiet", "ssh.service")


def hosts_file(lab: Lab) -> str:
    """/etc/hosts, the same everywhere."""
    lines = ["127.0.0.1 localhost", f"{lab.layout.vip} vip.lab vip"]
    lines += [f"{machine.address} {machine.name}.lab {machine.name}" for machine in lab.machines.values()]
    return "\n".join(lines) + "\n"


def known_hosts(lab: Lab) -> str:
    """The hosts' real keys, by name and by address."""
    lines = []
    for machine in lab.machines.values():
        for kind in ("ed25519", "ecdsa", "rsa"):
            path = f"/etc/ssh/ssh_host_{kind}_key.pub"
            if machine.exists(path):
                lines.append(f"{machine.name},{machine.address} {' '.join(machine.read(path).split()[:2])}\n")
    return "".join(lines)
