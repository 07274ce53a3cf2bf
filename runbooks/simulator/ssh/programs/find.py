"""`find` and `stat` over the few folders that these hosts have: what /run/netns holds, above all."""

from __future__ import annotations

from runbooks.simulator.model.wires.namespaces import namespaces
from runbooks.simulator.ssh import files
from runbooks.simulator.ssh.program import Call, Place, program

NETNS = "/run/netns"


def _inodes(place: Place) -> dict[str, int]:
    """Path → inode, of the namespaces that have names."""
    found = namespaces(place.cloud, place.host.name)
    return {f"{NETNS}/{each.name}": each.inode for each in found}


@program("find")
def _find(call: Call) -> int:
    """`find DIR [-maxdepth N] [-type f|d] [-exec PROGRAM ARGUMENT… {} +]`."""
    words = call.args
    folder = words[0].rstrip("/") if words and not words[0].startswith("-") else "."
    inodes = _inodes(call.place)
    if folder not in (NETNS, "/var/run/netns") or not inodes:
        return call.fail(f"find: '{folder}': No such file or directory")
    kind = words[words.index("-type") + 1] if "-type" in words[:-1] else ""
    paths = ([] if kind == "f" else [folder]) + ([] if kind == "d" else sorted(inodes))
    if "-exec" not in words:
        for path in paths:
            call.print(path)
        return 0
    argv = words[words.index("-exec") + 1 :]
    if argv[-2:] != ["{}", "+"]:
        return call.fail("find: missing argument to `-exec'")
    return call.shell.spawn([*argv[:-2], *paths], (call.stdin, call.out, call.err), builtins=False) if paths else 0


@program("stat")
def _stat(call: Call) -> int:
    """`stat -c FORMAT FILE…` with %i, %n and %F."""
    words = call.args
    if words[:1] != ["-c"] or len(words) < 2:
        return call.fail("stat: missing operand\nTry 'stat --help' for more information.")
    inodes, status = _inodes(call.place), 0
    for path in words[2:]:
        known = inodes.get(path)
        if known is None and isinstance(files.read(call.place, path), str) and not files.is_folder(call.place, path):
            status = call.fail(f"stat: cannot statx '{path}': No such file or directory")
            continue
        inode = known if known is not None else 1 + call.place.cloud.seed.number(900_000, "inode", path)
        kind = "regular empty file" if known is not None else "regular file"
        call.print(words[1].replace("%i", str(inode)).replace("%n", path).replace("%F", kind))
    return status
