"""The lab's own process while it is up: `python -m runbooks.lab serve` answers at the control socket.

`pid` and `ground.json` say that it runs. It makes no cloud: the hosts live without it, and `up` starts it again.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from uuid import uuid4

from runbooks.lab.control import Control, Server
from runbooks.lab.faults.active import Faults
from runbooks.lab.lab import KIND, Lab, write
from runbooks.lab.shell import LabError, alive, began, wait_until

START_SECONDS = 20.0


def serve(lab: Lab) -> bool:
    """Answer until SIGTERM or `stop`; True when a client said `stop`: the lab is to be switched off."""
    control = Control(Faults(lab))
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: over.set())
    with Server(lab.state / "control.sock", control) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        about = {"kind": KIND, "run": uuid4().hex, "number": lab.layout.number, "vip": lab.layout.vip}
        write(lab.state / "ground.json", json.dumps(about | {"profile": lab.layout.profile}) + "\n")
        write(lab.state / "pid", f"{os.getpid()}\n")
        while not (over.wait(0.2) or control.stopped.is_set()):
            pass
        server.shutdown()
    return control.stopped.is_set()


def pid_of(state: Path) -> int:
    """The process that answers at the control socket; 0 when there is none."""
    try:
        pid = int((state / "pid").read_text())
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except (OSError, ValueError):
        return 0
    # The id may long be another program's.
    return pid if b"serve" in words and str(state).encode() in words and alive(pid) else 0


def start(lab: Lab) -> None:
    """Start it, unless it runs."""
    if pid_of(lab.state):
        return
    (lab.state / "pid").unlink(missing_ok=True)
    log = lab.state / "log" / "control"
    words = [sys.executable, "-m", "runbooks.lab", "serve", "--state", str(lab.state)]
    # From this program's own folder, so that it finds the same modules as we do.
    source = Path(__file__).resolve().parents[2]
    with log.open("ab") as out:
        process = subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=source, start_new_session=True
        )
    if not wait_until(lambda: process.poll() is not None or bool(pid_of(lab.state)), START_SECONDS, 0.05):
        process.kill()
    if not pid_of(lab.state):
        said = log.read_text(errors="replace").strip().splitlines()[-1:]
        raise LabError("the control socket", said[0] if said else "nobody answers there", f"see {log}")


def stop(state: Path) -> None:
    """End it; whatever it was doing is interrupted and stays known."""
    pid = pid_of(state)
    if pid and pid != os.getpid():
        when = began(pid)
        os.kill(pid, signal.SIGTERM)
        if not wait_until(lambda: began(pid) != when, 3, 0.05):
            os.kill(pid, signal.SIGKILL)
            wait_until(lambda: began(pid) != when, 3, 0.05)
    for name in ("pid", "control.sock"):
        (state / name).unlink(missing_ok=True)
