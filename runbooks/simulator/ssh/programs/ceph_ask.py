"""One request of the ceph command: its options, whether the cluster answers, the table of commands, ways to answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from runbooks.simulator.model.ceph import Ceph
from runbooks.simulator.model.ceph.words import stamp
from runbooks.simulator.model.hosts import Host
from runbooks.simulator.ssh.program import Call, Place, UsageError

Form = Literal["plain", "json", "json-pretty"]

MOUNT_TIMEOUT = 300.0
"""`client_mount_timeout`: how long a client looks for monitors."""
READERS = frozenset(("kolla",))
"""Accounts that may read the keyring of client.viewer, besides root, who may read all."""
ENTITIES = frozenset(("client.admin", "client.viewer"))


def installed(host: Host) -> bool:
    """Ceph's commands are on the storage hosts."""
    return "storage" in host.machine.roles


class Refused(Exception):  # noqa: N818 - an answer, not a fault of ours
    """The cluster refuses: its words, and the exit status, which is the error's number."""

    def __init__(self, text: str, status: int) -> None:
        super().__init__(text)
        self.text = text
        self.status = status


@dataclass(slots=True)
class Given:
    """The options of a call, and the words of the command."""

    words: list[str] = field(default_factory=list)
    form: Form = "plain"
    entity: str = "client.admin"
    timeout: float = 0.0
    socket: str = ""
    pool: str = ""


@dataclass(slots=True)
class Ask:
    """A request that reached the cluster."""

    call: Call
    ceph: Ceph
    words: list[str]
    """What follows the command's own words."""
    form: Form
    entity: str

    @property
    def now(self) -> float:
        return self.ceph.now

    def text(self, text: str) -> int:
        """Print plain text as it is."""
        self.call.print(text, end="")
        return 0

    def document(self, found: Any, plain: str | None = None, *, end: str = "") -> int:
        """Print JSON; or the plain form, where there is one and nobody asked for JSON."""
        if self.form == "plain" and plain is not None:
            return self.text(plain)
        if self.form == "json":
            return self.text(f"\n{compact(found)}{end}")
        lead = "" if self.form == "plain" else "\n"
        return self.text(f"{lead}{json.dumps(found, indent=4)}\n")

    def done(self, words: str) -> int:
        """What the cluster says about a change goes to standard error."""
        self.call.fail(words)
        return 0


def compact(found: Any) -> str:
    return json.dumps(found, separators=(",", ":"))


Run = Callable[[Ask], int]


@dataclass(frozen=True, slots=True)
class Command:
    """One command: who answers it, and whether it changes something."""

    run: Run
    by: Literal["mon", "mgr"]
    writes: bool


COMMANDS: dict[tuple[str, ...], Command] = {}
"""Every command by its words."""


def command(words: str, *, by: Literal["mon", "mgr"] = "mon", writes: bool = False) -> Callable[[Run], Run]:
    """Declare the decorated function as the command `words`."""

    def declare(run: Run) -> Run:
        COMMANDS[tuple(words.split())] = Command(run, by, writes)
        return run

    return declare


def find(words: list[str]) -> tuple[Command | None, list[str]]:
    """The command with the most words that `words` begin with, and the words after it."""
    for length in range(min(len(words), 4), 0, -1):
        found = COMMANDS.get(tuple(words[:length]))
        if found is not None:
            return found, words[length:]
    return None, words


_VALUED = {
    "--id": "id", "--user": "id", "-n": "name", "--name": "name", "-f": "form", "--format": "form",
    "--connect-timeout": "timeout", "-c": "", "--conf": "", "-k": "", "--keyring": "", "--cluster": "", "-p": "pool",
    "--pool": "pool", "--admin-daemon": "socket", "-m": "",
}  # fmt: skip


def options(call: Call, short: Mapping[str, str]) -> Given:
    """Take the options out of the words; Ceph lets them stand anywhere. `short`: options that are commands."""
    given, words = Given(), call.args
    while words:
        word = words.pop(0)
        name, has_value, value = word.partition("=") if word.startswith("--") else (word, "", "")
        if name in short:
            given.words.append(short[name])
        elif name in _VALUED:
            if not has_value:
                if not words:
                    raise UsageError(f"{call.name}: error: argument {name}: expected one argument", 22)
                value = words.pop(0)
            _take(call, given, _VALUED[name], value)
        elif word.startswith("-") and not word.lstrip("-").replace(".", "").isdigit() and not word.startswith("--yes"):
            given.words.append(word)  # an option of the command itself, as `health mute`'s --sticky
        else:
            given.words.append(word)
    return given


def _take(call: Call, given: Given, what: str, value: str) -> None:
    if what == "id":
        given.entity = f"client.{value}"
    elif what == "name":
        given.entity = value
    elif what == "timeout":
        given.timeout = float(value) if value.replace(".", "", 1).isdigit() else 0.0
    elif what == "socket":
        given.socket = value
    elif what == "pool":
        given.pool = value
    elif what == "form":
        if value not in ("plain", "json", "json-pretty"):
            raise UsageError(
                f"{call.name}: error: argument -f/--format: invalid choice: '{value}' (choose from 'json', "
                "'json-pretty', 'xml', 'xml-pretty', 'plain', 'yaml')",
                2,
            )
        given.form = value  # type: ignore[assignment]


def may_read_key(place: Place, entity: str) -> bool:
    """Whether the account can read the entity's keyring, and there is one."""
    if entity not in ENTITIES:
        return False
    return place.root or (entity == "client.viewer" and place.account.name in READERS)


def connected(call: Call, given: Given) -> int | None:
    """None when the monitors let the client in; else its exit status, after the words and the time of a real one."""
    if not may_read_key(call.place, given.entity):
        stem = f"/etc/ceph/ceph.{given.entity}.keyring,/etc/ceph/ceph.keyring,/etc/ceph/keyring,/etc/ceph/keyring.bin,"
        head = f"{stamp(call.place.now)[:-8]}+0000 7f8d872246c0 -1"
        call.fail(f"{head} auth: unable to find a keyring on {stem}: (2) No such file or directory")
        call.fail(f"{head} AuthRegistry(0x7f8d8005b630) no keyring found at {stem}, disabling cephx")
        return call.fail("[errno 2] RADOS object not found (error connecting to the cluster)")
    ceph, host = call.place.cloud.ceph, call.place.host
    if ceph.monitors.quorum and host.reachable:
        return None
    call.wait(given.timeout or MOUNT_TIMEOUT)
    if given.timeout:
        return call.fail("timed out")
    return call.fail("[errno 110] RADOS timed out (error connecting to the cluster)")
