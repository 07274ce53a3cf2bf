"""dpkg-query: the packages of a host. Kolla's services are in images, so what is installed is what runs below them."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase

from runbooks.simulator.ssh.getopt import options
from runbooks.simulator.ssh.program import Call, Place, program

_EVERYWHERE = {"chrony": "4.3-2+deb12u1", "openssh-server": "1:9.2p1-2+deb12u3", "rsyslog": "8.2302.0-1+deb12u1"}
_DOCKER = {"docker-ce": "5:28.2.2-1~debian.12~bookworm", "containerd.io": "1.7.27-1"}
_PODMAN = {"podman": "4.3.1+ds1-8+deb12u1", "cephadm": "18.2.4-1"}


def installed(place: Place) -> dict[str, str]:
    """Name → version."""
    names = place.host.names
    storage = "storage" in place.host.machine.roles
    return _EVERYWHERE | (_DOCKER if "docker" in names else {}) | (_PODMAN if storage else {})


@program("dpkg-query")
def _dpkg_query(call: Call) -> int:
    """`dpkg-query -W [-f FORMAT] [PATTERN…]`; a pattern without a match is told, and makes the status 1."""
    given = options(call, flags="W", valued="f", long="show", long_valued="showformat")
    if "W/show" not in given:
        return call.fail("dpkg-query: error: need an action option", 2)
    form = given.last("f/showformat", r"${binary:Package}\t${Version}\n")
    packages, status = installed(call.place), 0
    chosen: dict[str, str] = {}
    for pattern in given.operands or ["*"]:
        found = {name: version for name, version in packages.items() if fnmatchcase(name, pattern)}
        chosen |= found
        if not found:
            status = call.fail(f"dpkg-query: no packages found matching {pattern}")
    for name, version in sorted(chosen.items()):
        values = {"Package": name, "binary:Package": name, "Version": version, "db:Status-Status": "installed"}
        text = re.sub(r"\$\{([^}]+)\}", lambda field, values=values: values.get(field[1], ""), form)  # type: ignore[misc]
        call.print(text.replace(r"\t", "\t").replace(r"\n", "\n"), end="")
    return status
