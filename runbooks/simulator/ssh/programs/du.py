"""du: what folders hold, from the sizes that the model knows: those of files that were left, and of whole folders.

What is below such a folder is not told apart. As the real one does, it prints a folder after what is in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from runbooks.simulator.model import disks
from runbooks.simulator.ssh.getopt import options
from runbooks.simulator.ssh.program import Call, UsageError, program

_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}


@program("du")
def _du(call: Call) -> int:
    """`du [-akxs] [-d DEPTH] [-t SIZE] FOLDER…`; always in KiB."""
    given = options(
        call,
        flags="akxs",
        valued="dt",
        long="all one-file-system summarize",
        long_valued="max-depth threshold",
    )
    depth = _number(given.last("d/max-depth", "0" if "s/summarize" in given else "99"), "maximum depth")
    least = _size(given.last("t/threshold", "0"))
    host, status = call.place.host, 0
    for name in given.operands or ["."]:
        top = name.rstrip("/") or "/"
        if not call.place.root and f"{top}/".startswith(f"{disks.ENGINE}/"):
            status = call.fail(f"du: cannot read directory '{top}': Permission denied")
            continue
        if not disks.is_folder(host, top) and top not in host.left:
            status = call.fail(f"du: cannot access '{name}': No such file or directory")
            continue
        if not call.place.root:
            status = call.fail(f"du: cannot read directory '{top.rstrip('/')}/lost+found': Permission denied")
        mounts = [disks.mount_of(host, top)]
        if "x/one-file-system" not in given:
            mounts += [mount for mount in host.disks if mount.startswith(f"{top.rstrip('/')}/")]
        leaves = {path: kib for mount in mounts for path, kib in disks.contents(host, mount).items()}
        for path, kib in _printed(leaves, top):
            shown = path == top or "a/all" in given or path not in host.left
            if shown and kib * 1024 >= least and path.removeprefix(top.rstrip("/")).count("/") <= depth:
                call.print(f"{kib}\t{path}")
    return status


def _printed(leaves: dict[str, int], top: str) -> Iterator[tuple[str, int]]:
    """(path, KiB) of everything at or below `top`, folders after what is in them."""
    total: dict[str, int] = {}
    start = top.rstrip("/")
    for leaf, kib in leaves.items():
        if leaf != top and not leaf.startswith(f"{start}/"):
            continue
        path = leaf
        while True:
            total[path] = total.get(path, 0) + kib
            if path == top:
                break
            path = path.rpartition("/")[0] or "/"
            path = top if len(path) < len(top) else path
    total.setdefault(top, 4)
    deep_first = sorted(total, key=lambda path: [*([] if path == "/" else path.split("/")), "\U0010ffff"])
    return iter([(path, total[path]) for path in deep_first])


def _number(text: str, what: str) -> int:
    if not text.isdigit():
        raise UsageError(f"du: invalid {what} ‘{text}’\nTry 'du --help' for more information.")
    return int(text)


def _size(text: str) -> int:
    found = re.fullmatch(r"(\d+)([KMG]?)", text)
    if found is None:
        raise UsageError(f"du: invalid --threshold argument '{text}'")
    return int(found[1]) * _UNITS[found[2]]
