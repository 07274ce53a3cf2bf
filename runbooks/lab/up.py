"""The life of a lab: up, down, destroyed. Everything here can be repeated after any interruption."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from runbooks.lab import debian, disk, kernel, mend, network, preflight, serve
from runbooks.lab.lab import MARK, Lab, check_folder, claim, marked, open_lab, take
from runbooks.lab.shell import LabError
from runbooks.lab.steps import STEPS, Step, of

DOWN_SECONDS = 8.0
"""What a host has for its shutdown; what needs longer is killed, and mended at the next `up`."""


@contextmanager
def _alone(state: Path) -> Iterator[None]:
    """While it is held, no other command changes this lab; a lock on its folder leaves no file."""
    folder = os.open(state, os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise LabError(f"the lab in {state}", "is being changed by another command", "wait for it") from error
        yield
    finally:
        os.close(folder)


def up(state: Path, profile: str | None, until: str = "") -> Lab:
    """Every step of the profile, in order, up to and with `until`; returns when everything answers."""
    preflight.root()
    check_folder(state)
    known = open_lab(state)
    wanted = profile or (known.layout.profile if known else "core")
    if known is not None and known.layout.profile != wanted:
        why = f"was made with the profile {known.layout.profile}"
        raise LabError(f"the lab in {state}", why, "destroy it first, or make another one with --state")
    if until and until not in [step.name for step in STEPS]:
        raise LabError(f"no step is called {until}", "", f"there are: {', '.join(step.name for step in STEPS)}")
    preflight.check(state, wanted)
    preflight.packages(state, wanted)
    made = preflight.plan(state, wanted)
    take(state)
    with _alone(state):
        for line in made:
            Lab.say(line)
        debian.install_packages()
        lab = claim(state, wanted)
        began = time.monotonic()
        for step in of(wanted):
            _do(lab, step)
            if step.name == until:
                break
        else:
            mend.late(lab)
        serve.start(lab)
        lab.say(f"the lab is up after {time.monotonic() - began:.0f} s; its folder is {state}")
    return lab


def _do(lab: Lab, step: Step) -> None:
    began = time.monotonic()
    if step.title:
        lab.say(f"{step.title} …")
    step.run(lab)
    if step.title:
        lab.say(f"{step.title}: done in {time.monotonic() - began:.0f} s")


def down(state: Path) -> bool:
    """Switch off; False when there is no lab. What it holds on disk stays."""
    lab = open_lab(state)
    if lab is None:
        return False
    with _alone(state):
        serve.stop(state)
        lab.each(lab.machines.values(), lambda machine: machine.power_off(DOWN_SECONDS))
        _remove(lab)
    return True


def _remove(lab: Lab) -> None:
    """All that the lab has on this machine outside of its folder."""
    lab.each(lab.machines.values(), lambda machine: machine.remove())
    disk.unmount_below(lab.state)
    with network.Exclusive():
        network.bridges_down(lab.layout, lab.id)
        kernel.restore()


def destroy(state: Path) -> bool:
    """Remove all that the lab made; False when there is nothing. Raises LabError for a folder that is not a lab's."""
    preflight.root()
    if not state.exists():
        return False
    check_folder(state)
    if not marked(state):
        return False
    with _alone(state):
        serve.stop(state)
        lab = open_lab(state)
        if lab is not None:
            _remove(lab)
        disk.unmount_below(state)
        for each in sorted(state.iterdir(), key=lambda each: each.name == MARK):  # the mark goes last
            disk.remove_tree(each)
        state.rmdir()
    return True
