"""One host of the lab: made, booted, asked, cut off, crashed. The services' files use nothing else.

Words run inside the host by entering its namespaces; no network is needed for that, so a host that is cut off still
obeys. What enters stays in this machine's control groups: limits of the host do not touch it.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Mapping
from pathlib import Path

from runbooks.lab import container, disk, network
from runbooks.lab.layout import Layout, Place
from runbooks.lab.shell import PLAIN, Done, LabError, run, wait_until


class Machine:
    """A host. Its folder holds its disk and what is known about its processes."""

    def __init__(self, layout: Layout, place: Place, folder: Path, image: Path, binds: tuple[str, ...]) -> None:
        self._layout = layout
        self._place = place
        self._image = image
        self._binds = binds
        self.folder = folder
        self.name = place.name
        self.address = place.address
        self.tunnel = place.tunnel
        self.roles = place.roles
        self.root = folder / "root"
        """Its file system, mounted on this machine."""

    @property
    def leader(self) -> int:
        """Its process 1 as this machine sees it; 0 when it is off."""
        return container.leader(self.folder)

    @property
    def running(self) -> bool:
        """True when it is on (not necessarily booted to the end)."""
        return self.leader != 0

    @property
    def links(self) -> tuple[str, ...]:
        """Its network interfaces."""
        return ("eth0",) + ("eth1",) * bool(self.tunnel) + ("eth2",) * self._place.external

    # Life and death

    def create(self) -> None:
        """Mount its disk, which is made if it is missing."""
        disk.mount_disk(self.folder, self._image, self.name, self._place.disk)

    def boot(self) -> None:
        """Switch it on, with fresh cables; one that is on only gets its cables back, and is let go on."""
        container.thaw(self._layout.namespace(self.name))  # also what died frozen: its groups are still that
        if self.running and not network.wired(self._layout, self._place):
            self.power_off(10)  # somebody took its cables away: they cannot be put into a living host
        if self.running:
            for link in self.links:
                self.heal(link)
            return
        container.kill(self.folder)  # what is left of a boot that never got a process 1
        self.create()
        network.wire(self._layout, self._place)
        container.boot(self.folder, self.name, self._layout.namespace(self.name), self._binds)

    def ready(self, seconds: float = 60) -> None:
        """Wait until its systemd has finished booting (failed units or not)."""
        self.wait("systemd has booted", self._booted, seconds)

    def reachable(self, seconds: float = 120) -> None:
        """Wait until commands can be given and SSH lets people in; what is slow to start may still be starting."""
        self.wait("systemd obeys", self._obeys, seconds)
        self.wait_port(22, seconds)

    def _obeys(self) -> bool:
        return self.run("systemctl", "is-active", "basic.target", check=False, seconds=20).out.strip() == "active"

    def _booted(self) -> bool:
        done = self.run("systemctl", "is-system-running", check=False, seconds=20)
        return done.out.strip() in ("running", "degraded")

    def power_off(self, seconds: float = 60) -> None:
        """A clean shutdown; what hangs longer is killed."""
        container.thaw(self._layout.namespace(self.name))
        container.end(self.folder, seconds)

    def crash(self) -> None:
        """Pull the plug: everything of it is dead at once, and its address does not answer."""
        self.cut()
        container.kill(self.folder)

    def remove(self) -> None:
        """Everything that it has on this machine but its folder: processes, cables, mounts, control groups."""
        container.thaw(self._layout.namespace(self.name))
        container.kill(self.folder)
        network.unwire(self._layout, self._place)
        disk.unmount_disk(self.folder)
        container.remove_groups(self._layout.namespace(self.name))

    def cut(self, link: str = "eth0") -> None:
        """Pull a cable; the host sees NO-CARRIER."""
        network.cable(self._layout, self.name, link, up=False)

    def heal(self, link: str = "eth0") -> None:
        """Plug the cable in again."""
        network.cable(self._layout, self.name, link, up=True)

    # Commands

    def run(
        self,
        *words: str,
        input: str | None = None,
        seconds: float = 60,
        check: bool = True,
        env: Mapping[str, str] | None = None,
    ) -> Done:
        """Run a program inside. Raises LabError when the host is off, or as `shell.run` does."""
        pid = self.leader
        if not pid:
            raise LabError(f"{self.name}: {words[0]}", "the host is off")
        enter = ("nsenter", "-t", str(pid), "-m", "-u", "-i", "-n", "-p", "-C", "--root", "--wdns=/", "--")
        try:
            return run((*enter, *words), input=input, seconds=seconds, check=check, env={**PLAIN, **(env or {})})
        except LabError as error:
            what = " ".join(words)
            raise LabError(f"{self.name}: {what[:120]}", error.why, error.hint) from error

    # Files

    def write(self, path: str, text: str, mode: int = 0o644, owner: str = "root") -> None:
        """Write a file, at once, with its folders; `owner` is USER or USER:GROUP of the host."""
        user, _, group = owner.partition(":")
        target = disk.inside(self.root, path)
        target.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        partial = target.with_name(f".{target.name}.new")
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(text)
        uid, gid = self._ids(user)
        os.chown(partial, uid, self._group(group) if group else gid)
        partial.chmod(mode)
        partial.replace(target)

    def read(self, path: str) -> str:
        """What a file holds. Raises FileNotFoundError."""
        return disk.inside(self.root, path).read_text(errors="replace")

    def exists(self, path: str) -> bool:
        """True when there is such a file or folder."""
        return disk.inside(self.root, path).exists()

    def _ids(self, user: str) -> tuple[int, int]:
        for line in self.read("/etc/passwd").splitlines():
            words = line.split(":")
            if words[0] == user:
                return int(words[2]), int(words[3])
        raise LabError(f"{self.name}: no user is called {user}")

    def _group(self, group: str) -> int:
        for line in self.read("/etc/group").splitlines():
            words = line.split(":")
            if words[0] == group:
                return int(words[2])
        raise LabError(f"{self.name}: no group is called {group}")

    # Services

    def systemctl(self, *words: str, seconds: float = 60, check: bool = True) -> Done:
        """`systemctl` for the host, on or off."""
        if self.running:
            return self.run("systemctl", *words, seconds=seconds, check=check)
        return run(("systemctl", f"--root={self.root}", *words), seconds=seconds, check=check)

    def unit(self, name: str, text: str) -> None:
        """Write NAME.service (or NAME itself when it has a suffix), and let systemd know of it when it is new."""
        path = f"/etc/systemd/system/{name if '.' in name else name + '.service'}"
        if self.exists(path) and self.read(path) == text:
            return
        self.write(path, text)
        if self.running:
            self.run("systemctl", "daemon-reload")

    def enable(self, *units: str) -> None:
        """Let units start whenever the host boots."""
        self.systemctl("enable", "--quiet", *units)

    def start(self, *units: str, seconds: float = 120) -> None:
        """Start units; returns when systemd says that they are started."""
        self._do("start", units, seconds)

    def stop(self, *units: str, seconds: float = 120) -> None:
        """Stop units."""
        self._do("stop", units, seconds)

    def restart(self, *units: str, seconds: float = 120) -> None:
        """Restart units."""
        self._do("restart", units, seconds)

    def _do(self, verb: str, units: tuple[str, ...], seconds: float) -> None:
        done = self.run("systemctl", verb, *units, seconds=seconds, check=False)
        if not done.ok:
            said = (done.err or done.out).strip().splitlines()[:1]
            what = f"{self.name}: cannot {verb} {', '.join(units)}"
            raise LabError(what, self.last_words(units[0]) or "".join(said), "".join(said))

    def active(self, unit: str) -> bool:
        """True when systemd says `active`."""
        return self.run("systemctl", "is-active", unit, check=False).out.strip() == "active"

    def last_words(self, unit: str = "", lines: int = 5) -> str:
        """The end of the journal, of one unit or of all."""
        only = ("--unit", unit) if unit else ()
        done = self.run("journalctl", "--no-pager", "-o", "cat", "-n", str(lines), *only, check=False)
        return " / ".join(line.strip() for line in done.out.splitlines() if line.strip())

    # Waiting

    def wait_port(self, port: int, seconds: float = 60, address: str | None = None) -> None:
        """Wait until something accepts connections there."""
        at = address or self.address
        self.wait(f"{at}:{port} answers", lambda: accepts(at, port), seconds)

    def wait(self, what: str, test: Callable[[], bool], seconds: float = 60) -> None:
        """Wait until it is so. Raises LabError with the end of the journal."""
        if not wait_until(test, seconds):
            said = self.last_words() if self.running else "the host is off"
            raise LabError(f"{self.name}: not so after {seconds:g} s: {what}", said)


def accepts(address: str, port: int, seconds: float = 2) -> bool:
    """True when a connection can be made."""
    try:
        with socket.create_connection((address, port), timeout=seconds):
            return True
    except OSError:
        return False
