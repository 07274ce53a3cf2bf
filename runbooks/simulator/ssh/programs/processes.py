"""`ps` and `pgrep`: the units' main processes, and what lives in network namespaces."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from runbooks.simulator.model.wires.namespaces import OWN_INODE, namespaces, processes
from runbooks.simulator.ssh import changes
from runbooks.simulator.ssh.getopt import options
from runbooks.simulator.ssh.program import Call, Place, UsageError, program


@dataclass(frozen=True, slots=True)
class _Process:
    pid: int
    netns: int
    state: str
    command: str
    arguments: str


_NAMES = {
    "mariadb": "mariadbd",
    "mariadb_bootstrap": "mariadbd",
    "rabbitmq": "beam.smp",
    "ssh": "sshd",
    "chrony": "chronyd",
    "docker": "dockerd",
}
"""Unit → its process, where that has another name."""


def _all(place: Place) -> Iterator[_Process]:
    yield _Process(1, OWN_INODE, "Ss", "systemd", "/sbin/init")
    for unit in place.host.units.values():
        if unit.state in ("running", "hung"):
            state = "T" if unit.state == "hung" else "Ssl"
            name = _NAMES.get(unit.name, unit.name.replace("_", "-"))
            yield _Process(changes.process_id(place, unit), OWN_INODE, state, name, name)
    for namespace in namespaces(place.cloud, place.host.name):
        for each in processes(place.cloud, place.host.name, namespace):
            yield _Process(each.pid, namespace.inode, each.state, each.name, each.arguments)


_COLUMNS = {
    "pid": ("PID", 7, True), "netns": ("NETNS", 10, True), "stat": ("STAT", 4, False), "comm": ("COMMAND", 15, False),
    "args": ("COMMAND", 27, False), "cmd": ("CMD", 27, False), "user": ("USER", 8, False),
}  # fmt: skip


def _cell(place: Place, process: _Process, column: str) -> str:
    """Other people's namespaces are shown to root only."""
    if column == "netns":
        return str(process.netns) if place.root else "-"
    if column == "comm":
        return process.command[:15]
    return {"pid": str(process.pid), "stat": process.state, "user": "root"}.get(column, process.arguments)


@program("ps")
def _ps(call: Call) -> int:
    """`ps -e|-ef|aux|-C NAMES`, with the columns that `-o` names (`netns=,pid=,stat=,comm=`)."""
    words = [word.lstrip("-") for word in call.args]
    chosen, names = "pid,stat,args", words[words.index("C") + 1].split(",") if "C" in words[:-1] else []
    for at, word in enumerate(words):
        if word.endswith("o") and at + 1 < len(words):
            chosen = words[at + 1]
    columns = [(name.partition("=")[0].strip(), "=" in name) for name in chosen.split(",")]
    for name, _ in columns:
        if name not in _COLUMNS:
            raise UsageError(f'error: unknown user-defined format specifier "{name}"\n\nUsage:\n ps [options]')
    last = len(columns) - 1

    def line(cells: list[str]) -> str:
        padded = []
        for at, ((name, _), cell) in enumerate(zip(columns, cells, strict=True)):
            _, width, right = _COLUMNS[name]
            padded.append(cell if at == last and not right else cell.rjust(width) if right else cell.ljust(width))
        return " ".join(padded)

    if not all(bare for _, bare in columns):
        call.print(line([_COLUMNS[name][0] for name, _ in columns]))
    found = sorted(_all(call.place), key=lambda each: each.pid)
    wanted = [process for process in found if not names or process.command in names]
    for process in wanted:
        call.print(line([_cell(call.place, process, name) for name, _ in columns]))
    return 0 if wanted else 1


@program("pgrep")
def _pgrep(call: Call) -> int:
    """`pgrep [-l] [-a] [-x] [-c] PATTERN`."""
    given = options(call, flags="laxc", usage_status=2)
    if len(given.operands) != 1:
        raise UsageError("pgrep: no matching criteria specified\nTry `pgrep --help' for more information.", 2)
    pattern = re.compile(given.operands[0])
    match = pattern.fullmatch if "x" in given else pattern.search
    found = sorted((p for p in _all(call.place) if match(p.command[:15])), key=lambda each: each.pid)
    if "c" in given:
        call.print(str(len(found)))
        return 0 if found else 1
    for process in found:
        told = process.arguments if "a" in given else process.command[:15] if "l" in given else ""
        call.print(f"{process.pid} {told}".rstrip())
    return 0 if found else 1
