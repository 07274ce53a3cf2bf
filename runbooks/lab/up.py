"""Bring a lab up, take it down, destroy it."""

from __future__ import annotations

import time
from pathlib import Path

from runbooks.lab import disk, network
from runbooks.lab.lab import MARK, Lab, check_folder, claim, marked, open_lab
from runbooks.lab.shell import LabError
from runbooks.lab.steps import of

DOWN_SECONDS = 9.0
"""What a host has for its shutdown; services that need longer are built to be killed."""


def up(state: Path, profile: str, say_only: bool = False) -> Lab:
    """Every step of the profile, in order; returns when the last one's service answers."""
    lab = claim(state, profile)
    if lab.layout.profile != profile:
        why = f"was made with the profile {lab.layout.profile}"
        raise LabError(f"the lab in {state}", why, "destroy it first, or make another one with --state")
    for step in of(profile):
        began = time.monotonic()
        lab.say(f"{step.title} …")
        step.run(lab)
        lab.say(f"{step.title}: done in {time.monotonic() - began:.0f} s")
    return lab


def down(state: Path) -> bool:
    """Switch off; False when there is no lab. What it holds on disk stays."""
    lab = open_lab(state)
    if lab is None:
        return False
    hosts = list(lab.machines.values())
    lab.each(hosts, lambda machine: machine.power_off(DOWN_SECONDS))
    lab.each(hosts, lambda machine: machine.remove())
    disk.unmount_below(state)
    network.bridges_down(lab.layout, lab.id)
    return True


def destroy(state: Path) -> bool:
    """Remove all that the lab made; False when there is nothing. Raises LabError for a folder that is not a lab's."""
    if not state.exists():
        return False
    check_folder(state)
    if not marked(state):
        return False
    lab = open_lab(state)
    if lab is not None:
        lab.each(lab.machines.values(), lambda machine: machine.remove())
        network.bridges_down(lab.layout, lab.id)
    disk.unmount_below(state)
    for each in sorted(state.iterdir(), key=lambda each: each.name == MARK):  # the mark goes last
        disk.remove_tree(each)
    state.rmdir()
    return True
