"""What is looked at before anything is changed: may we, can this machine do it, is there room, are the packages there.

Whatever is missing is told in words, all that can be told at once. Debian's own lists of packages are fetched where
they are missing or old; nothing else is written.
"""

from __future__ import annotations

import os
import platform
import shutil
from pathlib import Path

from runbooks.lab.container import memory
from runbooks.lab.debian import absent, environment, lists_are_old, release, sources, unknown
from runbooks.lab.lab import check_folder, open_lab
from runbooks.lab.packages import image_packages
from runbooks.lab.shell import LabError, last_line, run

GIB = 1 << 30
NEEDED = {"core": 3.7, "network": 4.2, "storage": 5.7, "full": 6.4}
"""GiB of disk that a lab takes in its first hours, by profile: image, OpenStack, what the hosts write."""
MEMORY = {"core": 3.5, "network": 6.5, "storage": 5.0, "full": 12.5}
"""GiB of memory that programs of a lab take, by profile. A machine without it does not get slow, it stands still."""


class NotRootError(LabError):
    """Only root can make a lab."""


def root() -> None:
    """Raises NotRootError."""
    if os.geteuid() != 0:
        why = "a lab is made of network namespaces, mounts and processes of many users"
        raise NotRootError("this needs root", why, "sudo")


def check(state: Path, profile: str) -> None:
    """Raises LabError for the first thing that stands in the way; nothing of the machine has changed then."""
    root()
    check_folder(state)
    if shutil.which("apt-get") is None:
        raise LabError("this machine", "has no apt-get", "the lab needs Debian or Ubuntu")
    release()
    sources()
    troubles = kernel_troubles()
    if troubles:
        raise LabError("this machine cannot be a lab", "; ".join(troubles))
    missing = missing_bytes(state, profile)
    if missing > 0:
        why = f"{missing / GIB:.1f} GiB more must be free on the disk of {state}"
        raise LabError("not enough room", why, "free some, or choose a --state on another disk")
    short = MEMORY[profile] - used_memory(state) - available_memory()
    if short > 0:
        why = f"the profile {profile} takes {MEMORY[profile]:g} GiB, {short:.1f} GiB more must be free"
        raise LabError("not enough memory", why, "end other programs, or choose a smaller --profile")


def kernel_troubles() -> list[str]:
    """What the kernel, or a container around us, does not let us do."""
    found = []
    if Path("/proc/self/uid_map").read_text().split() != ["0", "0", "4294967295"]:
        return ["our root is the root of a container (a user namespace), not of the machine"]
    spaces = ("--mount", "--uts", "--ipc", "--net", "--pid", "--fork", "--cgroup")
    done = run(("unshare", *spaces, "true"), check=False)
    if not done.ok:
        return [f"no namespaces ({last_line(done.err)})"]
    if not _file_system("overlay"):
        found.append("no overlay file system")
    if not Path("/dev/loop-control").exists() and not run(("modprobe", "loop"), check=False).ok:
        found.append("no loop devices")
    if not Path("/dev/net/tun").exists():
        found.append("no /dev/net/tun")
    if shutil.which("ip") is not None:
        for words in (("veth", "peer", "name", "nlcheck1"), ("bridge",)):
            made = run(("unshare", "--net", "ip", "link", "add", "nlcheck0", "type", *words), check=False)
            if not made.ok:
                found.append(f"no network devices of the type {words[0]} ({last_line(made.err)})")
    if not os.access("/sys/fs/cgroup", os.W_OK) or not _cgroups_writable():
        found.append("control groups are read-only")
    return found


def _file_system(name: str) -> bool:
    def known() -> bool:
        return any(line.split()[-1:] == [name] for line in Path("/proc/filesystems").read_text().splitlines())

    return known() or (run(("modprobe", name), check=False).ok and known())


def _cgroups_writable() -> bool:
    """False where they are mounted read-only, as in most containers."""
    flags = [
        line.split()[5].split(",")
        for line in Path("/proc/self/mountinfo").read_text().splitlines()
        if line.split()[4].startswith("/sys/fs/cgroup/") or line.split()[4] == "/sys/fs/cgroup"
    ]
    return bool(flags) and any("rw" in flag for flag in flags)


def missing_bytes(state: Path, profile: str) -> int:
    """How much room is missing for a lab of the profile; what the lab already takes counts. Not positive: enough."""
    place = next(folder for folder in (state, *state.parents) if folder.exists())
    disk = os.statvfs(place)
    return int(NEEDED[profile] * GIB) - taken(state) - disk.f_bavail * disk.f_frsize


def taken(state: Path) -> int:
    """What the lab takes on the disk now."""
    if not state.is_dir():
        return 0
    folders = [str(state / name) for name in ("image", "openstack") if (state / name).is_dir()]
    folders += [str(disk) for disk in state.glob("hosts/*/disk.img")]
    if not folders:
        return 0
    done = run(("du", "--summarize", "--one-file-system", "--block-size=1", *folders), check=False, seconds=120)
    return sum(int(line.split("\t", 1)[0]) for line in done.out.splitlines())


def plan(state: Path, profile: str) -> list[str]:
    """What `up` will do to this machine, in words."""
    lacking = absent()
    lines = []
    if lacking:
        lines.append(f"installs in this machine: {', '.join(lacking)} (Debian's packages; nothing of them starts)")
    lab = open_lab(state)
    if lab is None or not lab.image.is_dir():
        count = len(image_packages(profile))
        lines.append(f"makes in {state}: an image of {release()} with {count} packages and what they need,")
        lines.append("  current OpenStack in an environment of its own, and the hosts' disks")
    left = max(0.0, NEEDED[profile] - taken(state) / GIB)
    free = os.statvfs(next(folder for folder in (state, *state.parents) if folder.exists()))
    room = free.f_bavail * free.f_frsize / GIB
    lines.append(f"takes about {left:.1f} GiB of disk ({room:.0f} GiB are free) and {MEMORY[profile]:g} GiB of memory")
    lines.append("`nephoscope lab destroy` removes all of it" + (", but not those packages" if lacking else ""))
    return lines


def available_memory() -> float:
    """GiB that programs can still have, swap included."""
    found = dict(line.split(":", 1) for line in Path("/proc/meminfo").read_text().splitlines())
    return sum(int(found.get(name, "0").split()[0]) for name in ("MemAvailable", "SwapFree")) / (1 << 20)


def used_memory(state: Path) -> float:
    """GiB that the hosts of the lab hold now."""
    lab = open_lab(state)
    return sum(memory(lab.layout.namespace(name)) for name in lab.machines) / GIB if lab else 0.0


def packages(state: Path, profile: str) -> None:
    """Raises LabError when Debian does not have a package that is needed."""
    lacking = absent()
    lab = open_lab(state)
    wanted = [*lacking, *(image_packages(profile) if lab is None or not lab.image.is_dir() else ())]
    if not wanted:
        return
    lost = unknown(wanted)
    if lost and lists_are_old():
        done = run(("apt-get", "update", "-q"), check=False, seconds=300, env=environment())
        lost = unknown(wanted)
        if lost and not done.ok:
            why = f"cannot be fetched ({last_line(done.err)})"
            raise LabError("the lists of packages", why, "is the network there, are the sources in /etc/apt right?")
    if lost:
        why = f"{release()} for {platform.machine()} has no package {', '.join(lost)}"
        raise LabError("packages are missing", why, "see the sources in /etc/apt, then `apt-get update`")
