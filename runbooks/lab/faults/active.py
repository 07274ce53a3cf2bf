"""What is broken on one lab now. It is kept in STATE/faults.json, so that another process can take it back.

A fault is entered before it is injected and removed after the system has healed: whatever is interrupted in between
stays known and can be undone. Injecting and undoing wait for the system to show it, which takes up to a minute or
two for some faults: clients of the control socket need that patience, too.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from runbooks.ground.declared import FaultError
from runbooks.lab.faults import FAULTS
from runbooks.lab.faults.declared import checked
from runbooks.lab.lab import Lab, write
from runbooks.lab.shell import LabError, wait_until


@dataclass(frozen=True, slots=True)
class Active:
    """A fault that is in effect."""

    id: str
    fault: str
    parameters: dict[str, str]
    since: float


class Faults:
    """The faults of one lab."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._path: Path = lab.state / "faults.json"

    @property
    def active(self) -> dict[str, Active]:
        """By id, oldest first."""
        return {each.id: each for each in self._load()[1]}

    def inject(self, name: str, given: Mapping[str, object]) -> Active:
        """Break something; returns when the system shows it. Raises FaultError, LabError."""
        parameters = checked(self._lab, name, given)
        made, known = self._load()
        for other in known:
            if (other.fault, other.parameters) == (name, parameters):
                raise FaultError(f"{name} is already in effect there, as {other.id}; undo it first")
        fault = FAULTS[name]
        fault.refuse(self._lab, parameters)
        found = Active(f"f{made + 1}", name, parameters, time.time())
        self._save(made + 1, [*known, found])
        try:
            fault.inject(self._lab, parameters)
            if not wait_until(lambda: fault.in_effect(self._lab, parameters), fault.seconds, 0.5):
                raise FaultError(f"{name} was injected, but the system does not show it after {fault.seconds:g} s")
        except FaultError:
            fault.undo(self._lab, parameters)
            self._save(made + 1, known)
            raise
        return found

    def undo(self, fault_id: str) -> Active:
        """Take one back; returns when the system has healed. Raises FaultError, LabError."""
        made, known = self._load()
        found = next((each for each in known if each.id == fault_id), None)
        if found is None:
            ids = ", ".join(each.id for each in known) or "none"
            raise FaultError(f"no fault {fault_id!r} is in effect; there are: {ids}")
        fault = FAULTS[found.fault]
        fault.undo(self._lab, found.parameters)
        if not wait_until(lambda: not fault.in_effect(self._lab, found.parameters), fault.seconds, 0.5):
            what = f"{found.fault} ({found.id}) was taken back"
            raise LabError(what, f"but the system still shows it after {fault.seconds:g} s", "undo it again, or look")
        self._save(made, [each for each in known if each.id != fault_id])
        return found

    def _load(self) -> tuple[int, list[Active]]:
        try:
            kept = json.loads(self._path.read_text())
            return int(kept["made"]), [Active(**each) for each in kept["active"]]
        except FileNotFoundError:
            return 0, []
        except (ValueError, KeyError, TypeError) as error:
            raise LabError(f"{self._path}", f"is damaged ({error})", "remove it; `up` repairs the lab") from error

    def _save(self, made: int, active: list[Active]) -> None:
        write(self._path, json.dumps({"made": made, "active": [asdict(each) for each in active]}, indent=1) + "\n")
