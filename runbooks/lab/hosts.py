"""The hosts as such: names, keys, who may log in; booted and ready. What runs on them is in `services/`."""

from __future__ import annotations

from uuid import uuid4

from runbooks.lab.lab import Lab, write
from runbooks.lab.machine import Machine
from runbooks.lab.shell import run


def up(lab: Lab) -> None:
    """Make, prepare and boot every host that is not on."""
    login_key(lab)
    lab.each(lab.machines.values(), lambda machine: _up(lab, machine))


def _up(lab: Lab, machine: Machine) -> None:
    if not machine.running:
        machine.create()
        prepare(lab, machine)
        machine.boot()
    machine.ready(120)
    machine.heal()
    machine.wait_port(22)


def login_key(lab: Lab) -> None:
    """The key that clients log in with."""
    key = lab.state / "id_ed25519"
    if key.exists() and key.with_suffix(".pub").exists():
        return
    key.unlink(missing_ok=True)
    run(("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "nephoscope-lab", "-f", str(key)))


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


def write_known_hosts(lab: Lab) -> None:
    """STATE/known_hosts."""
    write(lab.state / "known_hosts", known_hosts(lab))
