"""One command on seven real SSH servers (OpenSSH, started here on loopback) beside `ansible -m command`."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from collectors.connections import Connections
from collectors.request import HostCommands
from collectors.site import Site, SiteHost, SshSettings
from collectors.sources.base import Where
from tests.benchmarks.figure import Figure, best

HOSTS = [f"127.88.1.{n}" for n in range(1, 8)]
PORT = 2299


def _server(folder: Path, address: str) -> subprocess.Popen[bytes]:
    """One sshd in the foreground, with a key and a configuration of its own."""
    mine = folder / address
    mine.mkdir()
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(mine / "host_key")], check=True)
    (mine / "sshd_config").write_text(
        f"ListenAddress {address}:{PORT}\nHostKey {mine}/host_key\nAuthorizedKeysFile {folder}/id.pub\nUsePAM no\n"
        f"StrictModes no\nPidFile {mine}/pid\nMaxStartups 100:30:200\nPermitRootLogin yes\nLogLevel QUIET\n"
        "PasswordAuthentication no\nSubsystem sftp internal-sftp\n"
        "SetEnv SHLVL=3\n"  # bash under sshd reads ~/.bashrc unless it is nested: that file is not what is measured
    )
    public = (mine / "host_key.pub").read_text().split()
    with (folder / "known_hosts").open("a") as known:
        known.write(f"[{address}]:{PORT} {public[0]} {public[1]}\n")
    return subprocess.Popen([shutil.which("sshd") or "/usr/sbin/sshd", "-D", "-f", str(mine / "sshd_config")])


def _site(folder: Path) -> Site:
    hosts = {a: SiteHost(a, a, ("control",), user=getpass.getuser(), port=PORT) for a in HOSTS}
    empty = folder / "ssh_config"
    empty.write_text("")
    return Site("bench", hosts=hosts, ssh=SshSettings(empty, folder / "known_hosts", "", "", folder / "id"))


def _everywhere(connections: Connections, pool: ThreadPoolExecutor) -> None:
    """One command on all hosts, as a read of the kind `hosts` does it."""
    source = connections.system("ssh")

    def one(host: str) -> None:
        pages = list(source.read(HostCommands(("load",)), host, connections.deadline(10), Where()))
        assert pages, host

    list(pool.map(one, HOSTS))


def _answers(address: str) -> None:
    """Return once its sshd listens. Raises `OSError` when it does not within ten seconds."""
    until = time.monotonic() + 10
    while True:
        try:
            socket.create_connection((address, PORT), 1).close()
            return
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.02)


def figures() -> Iterator[Figure]:
    """Warm and cold, ours and ansible's."""
    if not (shutil.which("sshd") or Path("/usr/sbin/sshd").exists()):
        print("  skipped: no OpenSSH server on this machine")
        return
    Path("/run/sshd").mkdir(exist_ok=True) if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="nephoscope-bench-") as name, ExitStack() as stack:
        folder = Path(name)
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / "id")], check=True)
        for address in HOSTS:
            process = _server(folder, address)
            stack.callback(process.wait)
            stack.callback(process.terminate)
        for address in HOSTS:
            _answers(address)
        pool = stack.enter_context(ThreadPoolExecutor(len(HOSTS)))
        ansible = str(Path(sys.executable).with_name("ansible"))
        inventory = folder / "hosts.ini"
        inventory.write_text("".join(f"{a} ansible_port={PORT}\n" for a in HOSTS))
        environ = {
            **os.environ,
            "ANSIBLE_PRIVATE_KEY_FILE": str(folder / "id"),
            "ANSIBLE_SSH_ARGS": f"-o ControlMaster=auto -o ControlPersist=60s -o ControlPath={folder}/cp-%C "
            f"-o UserKnownHostsFile={folder}/known_hosts",
            "ANSIBLE_FORKS": "7",
            "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
        }
        command = [ansible, "all", "-i", str(inventory), "-m", "command", "-a", "cat /proc/loadavg"]

        def peer() -> None:
            subprocess.run(command, env=environ, check=True, capture_output=True, cwd=folder)

        cold_began = time.perf_counter()
        peer()
        peer_cold = time.perf_counter() - cold_began
        peer_warm = best(peer, 3)

        def cold() -> None:
            connections = Connections(_site(folder))
            _everywhere(connections, pool)
            connections.close()

        yield Figure("one command on seven hosts, cold", best(cold, 5), "s", None, "ansible", peer_cold, 8)
        connections = Connections(_site(folder))
        _everywhere(connections, pool)
        warm = best(lambda: _everywhere(connections, pool), 10)
        yield Figure("one command on seven hosts, warm", warm, "s", None, "ansible, ControlPersist", peer_warm, 30)
        connections.close()
