"""A lab: its folder, number and profile, its hosts, its passwords.

The folder is ours alone: it has the mark file, and nobody but root can look into it. `open_lab` reads what is there;
`claim` makes a new one or takes up one that was begun.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

from runbooks.lab import kernel, network
from runbooks.lab.layout import Layout
from runbooks.lab.machine import Machine
from runbooks.lab.secret_store import Secrets
from runbooks.lab.shell import LabError

KIND = "lab"
MARK = ".nephoscope-lab"
DEFAULT_STATE = Path("/var/lib/nephoscope-lab")


class Lab:
    """One lab."""

    def __init__(self, state: Path, layout: Layout, lab_id: str) -> None:
        self.state = state
        self.layout = layout
        self.id = lab_id
        self.secrets = Secrets(state / "secrets.json")
        self.image = state / "image"
        self.venv = state / "openstack"
        """OpenStack's environment; the hosts see it at the same path."""
        binds = ("--bind=/dev/net/tun", f"--bind-ro={self.venv}")
        self.machines: dict[str, Machine] = {
            place.name: Machine(layout, place, state / "hosts" / place.name, self.image, binds)
            for place in layout.machines
        }

    @staticmethod
    def say(words: str) -> None:
        """Tell the person at the terminal."""
        print(words, file=sys.stderr, flush=True)

    def with_role(self, role: str) -> list[Machine]:
        """The hosts that have the role."""
        return [machine for machine in self.machines.values() if role in machine.roles]

    @property
    def control(self) -> list[Machine]:
        """The controllers."""
        return self.with_role("control")

    @property
    def api(self) -> list[Machine]:
        """The controllers that run the stateless APIs, conductors and schedulers."""
        return [self.machines[name] for name in self.layout.api_hosts]

    @property
    def further(self) -> Machine:
        """The controller that runs the services of the further projects."""
        return self.machines[self.layout.further_host]

    def once(self, name: str, action: Callable[[], None]) -> None:
        """Do what need not be done again; it is marked as done only when it ended well."""
        mark = self.state / "done" / name
        if not mark.exists():
            action()
            mark.parent.mkdir(mode=0o700, exist_ok=True)
            mark.touch(mode=0o600)

    def each(self, machines: Iterable[Machine], action: Callable[[Machine], None]) -> None:
        """Do it on all of them side by side; the first thing that went wrong is raised when all have ended."""
        with ThreadPoolExecutor(max(1, len(self.machines))) as pool:
            doing = [pool.submit(action, machine) for machine in machines]
        for each in doing:
            each.result()


def write(path: Path, text: str) -> None:
    """Write a 0600 file at once: readers see the old one or the new one."""
    partial = path.with_name(path.name + ".new")
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    partial.replace(path)


def marked(state: Path) -> bool:
    """True when the folder is a lab's."""
    return (state / MARK).is_file()


def open_lab(state: Path) -> Lab | None:
    """The lab in that folder; None when there is none, or one that was given up before it had a number."""
    if not marked(state):
        return None
    try:
        known = json.loads((state / "lab.json").read_text())
        return Lab(state, Layout(known["number"], known["profile"]), known["id"])
    except FileNotFoundError:
        return None
    except (ValueError, KeyError) as error:
        raise LabError(f"{state}/lab.json", f"is damaged ({error})", "destroy the lab") from error


def check_folder(state: Path) -> None:
    """Raises LabError when the folder holds something that is not a lab."""
    if not state.is_absolute() or any(character in str(state) for character in ':,\\" \n'):
        # The path goes into mount options and file lists, where these characters have meanings.
        raise LabError(f"the folder {state}", "has a name that does not work", "letters, digits, / . _ - are fine")
    if state.exists() and not state.is_dir():
        raise LabError(f"{state}", "is no folder", "choose another --state")
    if state.is_dir() and not marked(state) and any(state.iterdir()):
        raise LabError(f"the folder {state}", "is not empty and holds no lab", "choose another --state")


def take(state: Path) -> None:
    """Make the folder a lab's. Raises LabError when it is something else."""
    check_folder(state)
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    state.chmod(0o700)
    write(state / MARK, "This folder belongs to `nephoscope lab`; `nephoscope lab destroy` removes it.\n")


def claim(state: Path, profile: str) -> Lab:
    """The lab of that folder, which is one; a new one gets a number and its networks."""
    with network.Exclusive():
        lab = open_lab(state)
        if lab is None:
            number, lab_id = network.free_number(network.taken()), uuid4().hex
            write(state / "lab.json", json.dumps({"number": number, "profile": profile, "id": lab_id}) + "\n")
            lab = Lab(state, Layout(number, profile), lab_id)
        network.bridges_up(lab.layout, lab.id)
        for words in kernel.prepare():
            Lab.say(f"sets for the kernel: {words}")
    for name in ("hosts", "log", "done"):
        (state / name).mkdir(mode=0o700, exist_ok=True)
    lab.venv.mkdir(mode=0o755, exist_ok=True)
    return lab


def names(machines: Sequence[Machine]) -> str:
    """`ctl01, ctl02, ctl03`."""
    return ", ".join(machine.name for machine in machines)
