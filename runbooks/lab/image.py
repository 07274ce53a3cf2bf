"""The image that all hosts of a lab share: a system of the machine's own release, from the machine's own sources.

It is made beside the final place and renamed when it is complete. Nothing in it starts by itself, and nothing in it
that must differ between hosts is left: keys, ids, logs.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from runbooks.lab import disk
from runbooks.lab.debian import environment, proxies, release, sources
from runbooks.lab.lab import Lab
from runbooks.lab.packages import image_packages
from runbooks.lab.shell import LabError, run

MASKED = (
    "console-getty.service",
    "getty.target",
    "systemd-udevd.service",
    "systemd-udev-trigger.service",
    "systemd-timesyncd.service",
    "systemd-networkd.service",
    "systemd-resolved.service",
    "systemd-logind.service",
    "apt-daily.timer",
    "apt-daily-upgrade.timer",
    "dpkg-db-backup.timer",
    "e2scrub_all.timer",
    "fstrim.timer",
    "logrotate.timer",
    "man-db.timer",
)
"""What makes no sense in a host that has no devices and no console of its own, or would work behind our back."""

SSHD = """\
UseDNS no
UsePAM no
PermitRootLogin prohibit-password
PasswordAuthentication no
MaxStartups 100:30:200
"""
"""No PAM and no logind: logins take a quarter of a second. Many at once: a console opens them all."""


FILES = {
    "etc/ssh/sshd_config.d/lab.conf": SSHD,
    # A host may set what belongs to its network; the rest of the kernel's settings are the machine's.
    "etc/systemd/system/systemd-sysctl.service.d/lab.conf": (
        "[Service]\nExecStart=\nExecStart=/lib/systemd/systemd-sysctl --prefix=/net\n"
    ),
}
"""More files of the image."""


def make(lab: Lab) -> None:
    """Make the image where it is missing."""
    if lab.image.is_dir():
        return
    partial = lab.state / "image.new"
    disk.remove_tree(partial)
    packages = image_packages(lab.layout.profile)
    words = ["mmdebstrap", "--mode=root", "--variant=minbase", f"--include={','.join(packages)}"]
    words += ["--dpkgopt=path-exclude=/usr/share/doc/*", "--dpkgopt=path-exclude=/usr/share/man/*"]
    words += ["--dpkgopt=path-exclude=/usr/share/locale/*", "--dpkgopt=force-unsafe-io"]
    words += [f"--aptopt={option}" for option in proxies()]
    done = run((*words, release(), str(partial), *sources()), seconds=3600, check=False, env=environment())
    log = lab.state / "log" / "image"
    log.write_text(done.err)
    if not done.ok:
        disk.remove_tree(partial)
        said = [line for line in done.err.splitlines() if line.startswith("E:")][:1] or done.err.splitlines()[-1:]
        raise LabError("the image of the hosts", said[0] if said else f"exit status {done.status}", f"see {log}")
    _prepare(partial)
    partial.rename(lab.image)


def _prepare(root: Path) -> None:
    """Nothing starts by itself, nothing is the same in two hosts."""
    system = root / "etc/systemd/system"
    for pattern in ("*.wants", "*.requires"):
        for folder in system.glob(pattern):
            shutil.rmtree(folder)
    for name in MASKED:
        (system / name).unlink(missing_ok=True)
        (system / name).symlink_to("/dev/null")
    for pattern in ("etc/ssh/ssh_host_*", "etc/machine-id", "var/lib/dbus/machine-id", "usr/sbin/policy-rc.d"):
        for file in root.glob(pattern):
            file.unlink()
    for file in (root / "var/log").rglob("*"):
        if file.is_file():
            file.unlink()
    shutil.rmtree(root / "var/lib/apt/lists", ignore_errors=True)
    (root / "var/log/journal").mkdir(exist_ok=True)
    for path, text in FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
