"""Cables: pulled out, or long. The kernel of a lab's machine need not know netem, so a relay of our own makes delay.

A pulled cable is the machine's end of it set down; the host sees NO-CARRIER. For delay the machine's end leaves the
bridge, a second cable takes its place there, and a small process carries frames between the two, some time later.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

from runbooks.ground.declared import FaultError
from runbooks.lab.faults import relay
from runbooks.lab.faults.fault import Fault, Parameters, forget, host, mark, recall, remember
from runbooks.lab.lab import Lab
from runbooks.lab.shell import LabError, began, run, wait_until


def carrier(lab: Lab, name: str, link: str) -> bool:
    """What the host itself sees of its cable."""
    done = lab.machines[name].run("cat", f"/sys/class/net/{link}/carrier", check=False)
    return done.out.strip() == "1"


def has_link(lab: Lab, parameters: Parameters) -> None:
    """Raises FaultError when the host has no such interface."""
    machine = host(lab, parameters)
    if not Path(f"/sys/class/net/{lab.layout.link(machine.name, _index(parameters))}").exists():
        raise FaultError(f"{machine.name} has no {parameters['link']}")


def _index(parameters: Parameters) -> int:
    return int(parameters["link"].removeprefix("eth"))


def _cut(lab: Lab, parameters: Parameters) -> None:
    lab.machines[parameters["host"]].cut(parameters["link"])


def _heal(lab: Lab, parameters: Parameters) -> None:
    lab.machines[parameters["host"]].heal(parameters["link"])


def _is_cut(lab: Lab, parameters: Parameters) -> bool:
    machine = lab.machines[parameters["host"]]
    return machine.running and not carrier(lab, machine.name, parameters["link"])


# Delay


def _names(lab: Lab, parameters: Parameters) -> tuple[str, str, str]:
    """The host's cable, and the two ends of the one that is put between."""
    cable = lab.layout.link(parameters["host"], _index(parameters))
    short = f"nl{lab.layout.number}-{mark('packet-delay', parameters)[:6]}"
    return cable, f"{short}-a", f"{short}-b"


def _slow(lab: Lab, parameters: Parameters) -> None:
    cable, outer, inner = _names(lab, parameters)
    _fast(lab, parameters)
    mtu = Path(f"/sys/class/net/{cable}/mtu").read_text().strip()
    run(("ip", "link", "add", outer, "mtu", mtu, "type", "veth", "peer", "name", inner, "mtu", mtu))
    run(("ip", "link", "set", cable, "nomaster"))
    run(("ip", "link", "set", outer, "master", lab.layout.bridge(_index(parameters)), "up"))
    run(("ip", "link", "set", inner, "up"))
    words = [sys.executable, "-I", relay.__file__, cable, inner, parameters["milliseconds"]]
    process = subprocess.Popen(
        words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    kept = {"pid": str(process.pid), "began": began(process.pid)}
    remember(lab, mark("packet-delay", parameters), kept)


def _fast(lab: Lab, parameters: Parameters) -> None:
    cable, outer, _ = _names(lab, parameters)
    key = mark("packet-delay", parameters)
    kept = recall(lab, key)
    if kept and began(int(kept["pid"])) == kept["began"]:
        os.kill(int(kept["pid"]), signal.SIGTERM)
        if not wait_until(lambda: _ended(int(kept["pid"]), kept["began"]), 5):
            raise LabError(f"the relay of {cable}", "does not end")
    if Path(f"/sys/class/net/{outer}").exists():
        run(("ip", "link", "delete", outer))
    run(("ip", "link", "set", cable, "master", lab.layout.bridge(_index(parameters))))
    forget(lab, key)


def _ended(pid: int, when: str) -> bool:
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
    return began(pid) != when


def _is_slow(lab: Lab, parameters: Parameters) -> bool:
    """Half of the time that was asked for: there and back each take it once."""
    machine = lab.machines[parameters["host"]]
    if not machine.running:
        return False
    gateway = f"10.{lab.layout.number}.{_index(parameters)}.1"
    done = machine.run("ping", "-q", "-c", "5", "-i", "0.2", "-W", "15", gateway, check=False)
    found = re.search(r"= ([\d.]+)/", done.out)
    return bool(found) and float(found[1] if found else 0) >= int(parameters["milliseconds"])


FAULTS = {
    "link-cut": Fault(_cut, _heal, _is_cut, has_link, 10),
    "packet-delay": Fault(_slow, _fast, _is_slow, has_link, 30),
}
"""The faults of this file."""
