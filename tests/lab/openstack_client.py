"""python-openstackclient on the lab, kept running: the witness of what an operation did."""

from __future__ import annotations

import json
from typing import Any

from tests.lab.real import RealLab
from tests.runbooks.trial import OpenStack


class Client:
    """The openstack client on the lab, kept running."""

    def __init__(self, lab: RealLab) -> None:
        self._run = OpenStack(lab.environment())

    def __call__(self, *words: str) -> str:
        """What a command prints; it must work."""
        found = self._run(words)
        assert not found["status"], found["err"]
        return str(found["out"])

    def json(self, *words: str) -> Any:
        """The same, read."""
        return json.loads(self(*words, "-f", "json"))

    def tried(self, *words: str) -> None:
        """To clean up: it may fail."""
        self._run(words)

    def close(self) -> None:
        self._run.close()
