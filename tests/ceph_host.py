"""A host with a monitor of Ceph, scripted: what librados and the program `ceph` give there are recordings in a folder.

The resident program that the console sends is run as it is; only the module `rados` under it is ours. Answers are files
of `answers`, named by the command (`osd dump` → `osd-dump.json`); a missing one is refused as Ceph does.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from msgspec.structs import replace

from collectors.connections import Connections
from collectors.site import CephDashboard, CephSite, Mon, Site
from tests.scripted_ssh import ScriptedHost, scripted_host

WIRE = Path(__file__).parent / "wire" / "ceph"

MONS = ("ceph01", "ceph02", "ceph03")
"""One scripted host stands for all three; each monitor has its socket there."""

HEALTHY = {
    "health": "health.json",
    "status": "status.json",
    "quorum_status": "quorum-by-host.json",
    "time-sync-status": "time-sync-by-host.json",
    "mgr-stat": "mgr-stat.json",
    "mgr-metadata": "mgr-metadata.json",
    "mgr-services": "mgr-services.json",
    "mon-metadata": "mon-metadata.json",
    "osd-dump": "osd-dump.json",
    "osd-tree": "osd-tree.json",
    "osd-metadata": "osd-metadata.json",
    "osd-df": "osd-df.json",
    "osd-perf": "osd-perf.json",
    "osd-pool-ls": "pool-ls.json",
    "df": "df.json",
    "crash-ls": "crash.json",
}
"""Command → its recording."""

_RADOS = """
import json, os, pathlib, signal
FOLDER = pathlib.Path({folder!r})

class Error(Exception):
    def __init__(self, message, errno=None):
        super().__init__(message)
        self.errno = errno

class PermissionDeniedError(Error): pass
class TimedOut(Error): pass

class Rados:
    def __init__(self, conffile, rados_id, conf):
        assert float(conf["client_mount_timeout"]) <= 5 and float(conf["rados_mon_op_timeout"]) <= 5
        (FOLDER / "as").write_text(rados_id + " " + conffile)
    def connect(self):
        if (FOLDER / "refuses").exists():
            raise PermissionDeniedError("error calling conf_read_file", 13)
        if (FOLDER / "late").exists():
            raise TimedOut("error connecting to the cluster", 110)
    def get_fsid(self):
        return "1d165a34-7462-4f58-b65b-a6265305ed1c"
    def mon_command(self, cmd, inbuf):
        asked = json.loads(cmd)
        with (FOLDER / "asked").open("a") as log:
            log.write(cmd + "\\n")
        name = asked["prefix"].replace(" ", "-")
        if (FOLDER / "dies").exists():
            os._exit(3)
        if (FOLDER / "hangs").exists():
            signal.pause()
        special = FOLDER / (name + ".status")
        if special.exists():
            path = FOLDER / (name + ".json")
            return int(special.read_text()), path.read_bytes() if path.exists() else b"", "not today"
        path = FOLDER / (name + ".json")
        return (0, path.read_bytes(), "") if path.exists() else (-22, b"", "command not known")
    def open_ioctx(self, pool):
        raise Error("open_ioctx", 1)
"""

_CEPH = """
if [ "$1" = --admin-daemon ]; then
  name=${{2#/var/run/ceph/ceph-}}; name=${{name%.asok}}
  if [ -f "{folder}/$name.json" ]; then cat "{folder}/$name.json"; exit 0; fi
  cat {wire}/mon-status-absent.err >&2; exit 22
fi
while [ "$1" != json ]; do shift; done; shift
[ -f {folder}/late ] && {{ echo "[errno 110] RADOS timed out (error connecting to the cluster)" >&2; exit 1; }}
name=$(echo "$1 $2 $3" | sed 's/ detail.*//; s/ creating.*//; s/ *$//; s/ /-/g')
[ -f "{folder}/$name.json" ] || {{ echo "Error EINVAL: invalid command" >&2; exit 22; }}
cat "{folder}/$name.json"
"""


@dataclass(slots=True)
class CephHost:
    """The host and its answers."""

    ssh: ScriptedHost
    answers: Path

    def answer(self, name: str, text: str) -> None:
        """What the command `name` gives from now on."""
        (self.answers / f"{name}.json").write_text(text)

    def recorded(self, name: str, recording: str) -> None:
        """The same from a recording."""
        shutil.copy(WIRE / recording, self.answers / f"{name}.json")

    def monitor(self, name: str, rank: int = 0, recording: str = "mon-status.json") -> None:
        """What the socket of this monitor says: the first one's recording, or what the others say alike."""
        said = json.loads((WIRE / recording).read_text())
        state = said["state"] if rank == 0 else "peon"
        self.answer(f"mon.{name}", json.dumps(said | {"name": name, "rank": rank, "state": state}))

    def down(self, *monitors: str) -> None:
        """These monitors do not run."""
        for name in monitors:
            (self.answers / f"mon.{name}.json").unlink()

    def fails(self, name: str, status: int) -> None:
        """The command fails with this (negative) errno."""
        (self.answers / f"{name}.status").write_text(str(status))

    def state(self, name: str, *, on: bool = True) -> None:
        """`refuses`, `late` (no monitor lets us in), `dies`, `hangs`: what the cluster does."""
        path = self.answers / name
        path.touch() if on else path.unlink(missing_ok=True)

    def without(self, program: str) -> None:
        """The host has no such program."""
        self.ssh.program(program, f'echo "sh: 1: {program}: not found" >&2; exit 127')

    @property
    def asked(self) -> list[dict[str, object]]:
        """What librados was asked."""
        path = self.answers / "asked"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    @property
    def sessions(self) -> list[str]:
        """`python3` or `ceph` for the command lines that arrived, in their order; several in a row are one turn."""
        turns = ["python3" if "python3" in line else "ceph" for line in self.ssh.lines]
        return [turn for turn, _ in groupby(turns)]

    def connections(self, dashboard: CephDashboard | None = None) -> Connections:
        """The real sources on it."""
        found = self.ssh.site("ceph01")
        ceph = CephSite(tuple(Mon(name, name) for name in MONS), "viewer", "/etc/ceph/ceph.conf", dashboard)
        hosts = {name: replace(found.hosts["ceph01"], name=name) for name in MONS}
        return Connections(Site("test", hosts=hosts, ssh=found.ssh, ceph=ceph))


@contextmanager
def ceph_host(folder: Path) -> Iterator[CephHost]:
    """A running host with Ceph's bindings, the program, and a healthy cluster."""
    answers, modules = folder / "answers", folder / "modules"
    answers.mkdir()
    modules.mkdir()
    (modules / "rados.py").write_text(_RADOS.format(folder=str(answers)))
    with scripted_host(folder) as ssh:
        host = CephHost(ssh, answers)
        for name, recording in HEALTHY.items():
            host.recorded(name, recording)
        host.answer("pg-ls", '{"pg_ready":true}')
        for rank, name in enumerate(MONS):
            host.monitor(name, rank)
        ssh.program("python3", f"""exec {sys.executable} -u -c "import sys; sys.path.insert(0, '{modules}'); $4" """)
        ssh.program("ceph", _CEPH.format(folder=answers, wire=WIRE))
        yield host
