"""stat: inode, name and kind of a file. Namespaces have the inodes that `ip` and the kernel know them by."""

from __future__ import annotations

from runbooks.simulator.model.wires.namespaces import namespaces
from runbooks.simulator.ssh import files
from runbooks.simulator.ssh.program import Call, Place, program

NETNS = "/run/netns"


def inodes(place: Place) -> dict[str, int]:
    """Path → inode, of the namespaces that have names."""
    found = namespaces(place.cloud, place.host.name)
    return {f"{NETNS}/{each.name}": each.inode for each in found}


@program("stat")
def _stat(call: Call) -> int:
    """`stat -c FORMAT FILE…` with %i, %n and %F."""
    words = call.args
    if words[:1] != ["-c"] or len(words) < 2:
        return call.fail("stat: missing operand\nTry 'stat --help' for more information.")
    named, status = inodes(call.place), 0
    for path in words[2:]:
        known = named.get(path.replace("/var/run/", "/run/"))
        if known is None and isinstance(files.read(call.place, path), str) and not files.is_folder(call.place, path):
            status = call.fail(f"stat: cannot statx '{path}': No such file or directory")
            continue
        inode = known if known is not None else 1 + call.place.cloud.seed.number(900_000, "inode", path)
        kind = "regular empty file" if known is not None else "regular file"
        call.print(words[1].replace("%i", str(inode)).replace("%n", path).replace("%F", kind))
    return status
