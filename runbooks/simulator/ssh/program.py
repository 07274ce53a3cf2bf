"""What a program of a simulated host is: a function of its call that writes to its streams and returns its exit status.

No process of the machine is ever started: programs read the model, and change it where the real one would.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

from runbooks.simulator.model.cloud import Cloud
from runbooks.simulator.model.hosts import Host

if TYPE_CHECKING:
    from runbooks.simulator.ssh.shell import Shell


Dialect = Literal["bash", "sh"]
"""Whose words the shell uses: bash for logins, dash for `sh`."""
NESTED_SHELLS = 20
"""`sh -c` inside `sh -c` …: more than this is refused, as a real host runs out of processes."""


class Waiting(Exception):  # noqa: N818 - no error
    """A command in the background waits for input that its client may still send."""


class ShellExit(Exception):  # noqa: N818 - not an error
    """`exit N` ran."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Sink(Protocol):
    """Where output goes: a byte buffer, a channel."""

    def write(self, data: bytes, /) -> object: ...


class Discard:
    """/dev/null."""

    def write(self, data: bytes, /) -> object:
        return len(data)


@dataclass(frozen=True, slots=True)
class Account:
    """A login of every host."""

    name: str
    uid: int
    home: str
    sudo: bool
    """May run everything as root without a password."""
    docker: bool
    """Is in the group that may talk to the container engine."""


ACCOUNTS = {
    account.name: account
    for account in (
        Account("root", 0, "/root", sudo=True, docker=True),
        Account("kolla", 1000, "/home/kolla", sudo=True, docker=True),
        Account("guest", 1001, "/home/guest", sudo=False, docker=False),
    )
}
"""Who may log in: root, the deployment's user, and one who may look but has no rights."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a shell runs: the cloud, the host, and as whom."""

    cloud: Cloud
    host: Host
    account: Account
    namespace: str = ""
    """The network namespace that its programs are in; empty for the host's own."""

    @property
    def now(self) -> float:
        """The cloud's time, seconds since the epoch."""
        return self.cloud.clock.now()

    @property
    def root(self) -> bool:
        return self.account.uid == 0

    def enter(self, namespace: str) -> Place:
        """The same as seen from inside a network namespace."""
        return replace(self, namespace=namespace)

    def become(self, name: str) -> Place:
        """The same host as the account `name`."""
        return replace(self, account=ACCOUNTS[name])


@dataclass(frozen=True, slots=True)
class Call:
    """One run of a program."""

    shell: Shell
    argv: Sequence[str]
    stdin: bytes
    out: Sink
    err: Sink

    @property
    def name(self) -> str:
        return self.argv[0].rpartition("/")[2]

    @property
    def args(self) -> list[str]:
        return list(self.argv[1:])

    @property
    def place(self) -> Place:
        return self.shell.place

    def print(self, text: str, end: str = "\n") -> None:
        self.out.write(encode(text + end))

    def wait(self, seconds: float) -> None:
        """The real program would take this long until it goes on."""
        self.shell.pace.waited += seconds

    def fail(self, text: str, status: int = 1) -> int:
        """Write `text` to standard error; return `status`."""
        self.err.write(encode(text + "\n"))
        return status


Program: TypeAlias = Callable[[Call], int]


@dataclass(frozen=True, slots=True)
class Installed:
    """A program and where it lies; `on` says on which hosts."""

    path: str
    run: Program
    on: Callable[[Host], bool]


PROGRAMS: dict[str, Installed] = {}
"""Every program by name."""


def program(
    *names: str, folder: str = "/usr/bin", on: Callable[[Host], bool] = lambda host: True
) -> Callable[[Program], Program]:
    """Install the decorated function under `names` on the hosts that `on` accepts."""

    def install(run: Program) -> Program:
        for name in names:
            if name in PROGRAMS:
                raise ValueError(f"two programs are called {name}")
            PROGRAMS[name] = Installed(f"{folder}/{name}", run, on)
        return run

    return install


def find_program(host: Host, name: str) -> Installed | None:
    """The program that `name` (or its whole path) means on `host`."""
    found = PROGRAMS.get(name.rpartition("/")[2])
    if found is None or not found.on(host) or ("/" in name and name != found.path):
        return None
    return found


class UsageError(Exception):
    """Wrong arguments: what the program says on standard error, and its exit status."""

    def __init__(self, text: str, status: int = 1) -> None:
        super().__init__(text)
        self.text = text
        self.status = status


def encode(text: str) -> bytes:
    """Text to bytes; undecodable bytes that came in go out as they were."""
    return text.encode("utf-8", "surrogateescape")


def decode(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")
