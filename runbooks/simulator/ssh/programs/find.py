"""find: the files of a host by folder, depth, name and age, printed as a format says. Its tests are the usual few."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from fnmatch import fnmatchcase

from runbooks.simulator.ssh import files
from runbooks.simulator.ssh.program import Call, encode, program

_VALUED = ("-maxdepth", "-mindepth", "-type", "-name", "-printf", "-newermt", "-mmin")


@program("find")
def _find(call: Call) -> int:
    words = [word for word in call.args if word not in ("-L", "-H", "-P")]
    folders: list[str] = []
    while words and not words[0].startswith("-"):
        folders.append(words.pop(0))
    tests: list[tuple[str, str]] = []
    while words:
        name = words.pop(0)
        if name in ("-print", "-follow", "-xdev"):
            continue
        if name not in _VALUED:
            return call.fail(f"find: unknown predicate `{name}'")
        if not words:
            return call.fail(f"find: missing argument to `{name}'")
        tests.append((name, words.pop(0)))
    status = 0
    for folder in folders or ["."]:
        if not files.is_folder(call.place, folder):
            status = call.fail(f"find: ‘{folder}’: No such file or directory")
            continue
        for closed in files.closed(call.place, folder):
            status = call.fail(f"find: ‘{closed}’: Permission denied")
        for path, at, size in _under(call, folder):
            if all(_holds(call, folder, path, at, *test) for test in tests):
                form = next((value for name, value in tests if name == "-printf"), r"%p\n")
                call.out.write(encode(_printed(form, path, at, size)))
    return status


def _under(call: Call, folder: str) -> Iterator[tuple[str, float, int]]:
    for path, at in sorted(files.listed(call.place, folder).items()):
        content = files.read(call.place, path)
        if isinstance(content, bytes):
            yield path, at, len(content)


def _holds(call: Call, folder: str, path: str, at: float, name: str, value: str) -> bool:
    depth = path.removeprefix(folder.rstrip("/")).count("/")
    match name:
        case "-maxdepth":
            return depth <= int(value)
        case "-mindepth":
            return depth >= int(value)
        case "-type":
            return value == "f"
        case "-name":
            return fnmatchcase(path.rpartition("/")[2], value)
        case "-newermt":
            return at > float(value.removeprefix("@"))
        case "-mmin":
            return (call.place.now - at) / 60 < float(value.removeprefix("-")) if value.startswith("-") else True
        case _:
            return True


def _printed(form: str, path: str, at: float, size: int) -> str:
    """`%T@ %s %p` with escapes."""
    words = {"%T@": f"{at:.10f}", "%s": str(size), "%p": path, "%f": path.rpartition("/")[2], "%%": "%",
             "%t": datetime.fromtimestamp(at, UTC).strftime("%a %b %e %H:%M:%S.0000000000 %Y")}  # fmt: skip
    text = re.sub(r"%T@|%.", lambda found: words.get(found[0], found[0]), form)
    return text.replace(r"\n", "\n").replace(r"\t", "\t")
