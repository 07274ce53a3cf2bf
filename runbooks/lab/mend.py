"""`up` makes a lab whole: what was broken on purpose is taken back, also what an earlier run left behind.

First as soon as the hosts are on, because a broken host or link would let everything after it fail; what cannot be
taken back then is tried again when all services run.
"""

from __future__ import annotations

from runbooks.ground.declared import FaultError
from runbooks.lab.faults import FAULTS
from runbooks.lab.faults.active import Faults
from runbooks.lab.lab import Lab
from runbooks.lab.shell import LabError


def early(lab: Lab) -> None:
    """Take back what can be, without waiting until the system shows it."""
    for each in reversed(Faults(lab).active.values()):
        lab.say(f"takes back {each.fault} ({each.id}) …")
        try:
            FAULTS[each.fault].undo(lab, each.parameters)
        except (FaultError, LabError) as error:
            lab.say(f"  not yet: {error}")


def late(lab: Lab) -> None:
    """Take back all of it, and see that it is gone. Raises LabError."""
    faults = Faults(lab)
    for each in reversed(faults.active):
        lab.say(f"what was broken on purpose: {each} …")
        try:
            faults.undo(each)
        except FaultError as error:
            raise LabError(each, str(error)) from error
