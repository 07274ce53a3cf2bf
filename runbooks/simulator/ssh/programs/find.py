"""find: files by folder, depth, kind, name and age; printed plainly or as a format says, or given to a program.

Its tests and actions are the usual few. Besides the files that can be read there are the namespaces in /run/netns.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fnmatch import fnmatchcase

from runbooks.simulator.ssh import files
from runbooks.simulator.ssh.program import Call, encode, program
from runbooks.simulator.ssh.programs.stat import NETNS, inodes

_VALUED = ("-maxdepth", "-mindepth", "-type", "-name", "-printf", "-newermt", "-mmin", "-regextype",
           "-regex")  # fmt: skip
_PLAIN = ("-print", "-follow", "-xdev")


@dataclass(frozen=True, slots=True)
class _Found:
    path: str
    kind: str
    """`f` or `d`, as -type names it."""
    at: float
    size: int


@dataclass(slots=True)
class _Asked:
    """A command line, read."""

    folders: list[str] = field(default_factory=list)
    tests: list[tuple[str, str]] = field(default_factory=list)
    form: str = r"%p\n"
    program: list[str] = field(default_factory=list)
    """That all paths are given to, instead of printing them."""
    wrong: str = ""


@program("find")
def _find(call: Call) -> int:
    asked = _read([word for word in call.args if word not in ("-L", "-H", "-P")])
    if asked.wrong:
        return call.fail(f"find: {asked.wrong}")
    status, paths = 0, []
    for folder in asked.folders or ["."]:
        within = _within(call, folder)
        if within is None:
            status = call.fail(f"find: ‘{folder}’: No such file or directory")
            continue
        for closed in files.closed(call.place, folder):
            status = call.fail(f"find: ‘{closed}’: Permission denied")
        for found in within:
            if all(_holds(call, folder, found, *test) for test in asked.tests):
                paths.append(found.path)
                if not asked.program:
                    call.out.write(encode(_printed(asked.form, found)))
    if not asked.program or not paths:
        return status
    streams = (call.stdin, call.out, call.err)
    return call.shell.spawn([*asked.program, *paths], streams, builtins=False) or status


def _read(words: list[str]) -> _Asked:
    asked = _Asked()
    while words and not words[0].startswith("-"):
        asked.folders.append(words.pop(0))
    while words:
        name = words.pop(0)
        if name in _PLAIN:
            continue
        if name == "-exec":
            if words[-2:] != ["{}", "+"]:
                asked.wrong = "missing argument to `-exec'"
            asked.program = words[:-2]
            return asked
        if name not in _VALUED or not words:
            asked.wrong = f"missing argument to `{name}'" if name in _VALUED else f"unknown predicate `{name}'"
            return asked
        value = words.pop(0)
        if name == "-printf":
            asked.form = value
        else:
            asked.tests.append((name, value))
    return asked


def _within(call: Call, folder: str) -> Iterator[_Found] | None:
    """The folder and the files below it; None when there is no such folder."""
    names = inodes(call.place)
    if re.sub("^/var/run/", "/run/", folder.rstrip("/")) == NETNS and names:
        at, start = call.place.host.booted, folder.rstrip("/")
        below = (_Found(path.replace(NETNS, start), "f", at, 0) for path in sorted(names))
        return iter([_Found(folder, "d", at, 40), *below])
    return _files(call, folder) if files.is_folder(call.place, folder) else None


def _files(call: Call, folder: str) -> Iterator[_Found]:
    yield _Found(folder, "d", call.place.host.booted, 4096)
    for path, at in sorted(files.listed(call.place, folder).items()):
        content = files.read(call.place, path)
        if isinstance(content, bytes):
            yield _Found(path, "f", at, len(content))


def _holds(call: Call, folder: str, found: _Found, name: str, value: str) -> bool:
    depth = 0 if found.path == folder else found.path.removeprefix(folder.rstrip("/")).count("/")
    match name:
        case "-maxdepth":
            return depth <= int(value)
        case "-mindepth":
            return depth >= int(value)
        case "-type":
            return value == found.kind
        case "-name":
            return fnmatchcase(found.path.rpartition("/")[2], value)
        case "-regex":
            return re.fullmatch(value, found.path) is not None
        case "-newermt":
            return found.at > float(value.removeprefix("@"))
        case "-mmin":
            return (call.place.now - found.at) / 60 < float(value.removeprefix("-")) if value[:1] == "-" else True
        case _:
            return True


def _printed(form: str, found: _Found) -> str:
    """`%T@ %s %p` with escapes."""
    words = {"%T@": f"{found.at:.10f}", "%s": str(found.size), "%p": found.path, "%f": found.path.rpartition("/")[2],
             "%t": datetime.fromtimestamp(found.at, UTC).strftime("%a %b %e %H:%M:%S.0000000000 %Y"),
             "%%": "%"}  # fmt: skip
    text = re.sub(r"%T@|%.", lambda escape: words.get(escape[0], escape[0]), form)
    return text.replace(r"\n", "\n").replace(r"\t", "\t")
