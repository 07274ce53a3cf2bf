"""Debian's and Ubuntu's packages: where they come from, which are there, which could be; installing them."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path

from runbooks.lab.packages import MACHINE
from runbooks.lab.shell import LabError, last_line, run

LISTS_AGE = 86400.0
"""Seconds after which the lists of packages are fetched again before a package is called missing."""


PROXIES = ("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")


def environment() -> dict[str, str]:
    """What apt is told: never to ask, and the proxies that our own environment names."""
    found = {name: os.environ[name] for name in PROXIES if name in os.environ}
    return {"DEBIAN_FRONTEND": "noninteractive"} | found


def release() -> str:
    """The code name of the machine's own release. Raises LabError when it has none."""
    for file in (Path("/etc/os-release"), Path("/usr/lib/os-release")):
        if file.is_file():
            for line in file.read_text().splitlines():
                name, _, value = line.partition("=")
                if name == "VERSION_CODENAME":
                    return value.strip().strip('"')
    raise LabError("this machine", "is neither Debian nor Ubuntu of a named release")


def sources(apt: Path = Path("/etc/apt"), suite: str = "") -> list[str]:
    """The files that say where the machine's own packages come from. Raises LabError without one.

    Others' sources are left out where Debian's and Ubuntu's own files have their usual names.
    """
    wanted = suite or release()
    usual = [apt / name for name in ("sources.list.d/debian.sources", "sources.list.d/ubuntu.sources", "sources.list")]
    folder = apt / "sources.list.d"
    others = sorted((*folder.glob("*.sources"), *folder.glob("*.list"))) if folder.is_dir() else []
    for files in (usual, others):
        found = [str(file) for file in files if file.is_file() and offers(file.read_text(), wanted)]
        if found:
            return found
    raise LabError(str(apt), f"names no source of the packages of {wanted}", "its sources.list")


def offers(text: str, suite: str) -> bool:
    """True when a file of sources names that release with its component main, in either format."""
    lines = [line.split() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    if any(words[0] == "deb" and suite in words and "main" in words[words.index(suite) :] for words in lines):
        return True
    fields = {words[0].lower(): words[1:] for words in lines if words[0].endswith(":")}
    every = [words for words in lines if words[0].lower() == "suites:"]
    return any(suite in words for words in every) and "main" in fields.get("components:", [])


def proxies() -> list[str]:
    """The machine's own proxies of apt, as options."""
    dump = run(("apt-config", "dump", "--format", "%f %v%n", "Acquire"), check=False).out
    wanted = ("Acquire::http::Proxy ", "Acquire::https::Proxy ")
    return [
        f'{line.split(" ", 1)[0]} "{line.split(" ", 1)[1]}";' for line in dump.splitlines() if line.startswith(wanted)
    ]


def absent() -> list[str]:
    """Which packages the machine lacks."""
    return [name for name in MACHINE if not _installed(name)]


def _installed(name: str) -> bool:
    return "install ok installed" in run(("dpkg-query", "-W", "-f", "${Status}", name), check=False).out


def unknown(names: Sequence[str]) -> list[str]:
    """The packages that cannot be installed from anywhere."""
    said = run(("apt-cache", "policy", *names), check=False, seconds=120).out
    known = set()
    name = ""
    for line in said.splitlines():
        if not line.startswith(" "):
            name = line.rstrip(":")
        elif line.strip().startswith("Candidate:") and "(none)" not in line:
            known.add(name.split(":")[0])
    return [name for name in names if name not in known]


def lists_are_old() -> bool:
    """True when they should be fetched again before a package is called missing."""
    lists = [file.stat().st_mtime for file in Path("/var/lib/apt/lists").glob("*Packages*")]
    return not lists or time.time() - max(lists) > LISTS_AGE


def install_packages() -> None:
    """Install what the machine lacks. Nothing of it starts by itself: it has no service that would."""
    lacking = absent()
    if not lacking:
        return
    words = ("apt-get", "install", "-q", "-y", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=300", *lacking)
    done = run(words, check=False, seconds=1200, env=environment())
    if not done.ok:
        said = [line for line in done.err.splitlines() if line.startswith("E:")] or [last_line(done.err)]
        raise LabError("packages for this machine", said[0], "install them by hand: " + " ".join(lacking))
