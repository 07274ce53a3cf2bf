"""Operations on the real lab: a console with its own journal and locks, and two people who approve what wants a second.

The lab's own site file has the admin accounts; a lab that was brought up before it had them has `nephoscope-ops.toml`
beside it.
"""

from __future__ import annotations

import os
import subprocess
import time
from argparse import Namespace
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from msgspec.structs import replace

from console.doing import Doing
from runbooks.approval import Statement, folder, keep
from runbooks.outcome import Outcome
from runbooks.plan import Plan
from runbooks.registry import operation
from runbooks.signature import signed
from tests.lab.real import RealLab


class Operating:
    """Plans and carries out on the lab, in this process."""

    def __init__(self, lab: RealLab, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.home = home
        own, beside = lab.state / "nephoscope.toml", lab.state / "nephoscope-ops.toml"
        site = own if "admin_user" in own.read_text() else beside
        if not site.exists():
            pytest.skip("this lab has no admin accounts: bring it up anew")
        environ = {name: value for name, value in os.environ.items() if not name.startswith(("OS_", "NEPHOSCOPE_"))}
        environ |= {n: v for n, v in lab.environment().items() if n.startswith(("OS_", "NEPHOSCOPE_"))}
        environ |= {"NEPHOSCOPE_CONFIG": str(site), "XDG_STATE_HOME": str(home)}
        for name, value in environ.items():
            if name.startswith(("OS_", "NEPHOSCOPE_")):
                monkeypatch.setenv(name, value)  # openstacksdk reads the process's own
        self._signers = {name: self._key(name) for name in ("ana", "ben")}
        self.doing = Doing(Namespace(cloud="", region="", read_only=False, environ=environ))
        self.doing.connections.site = replace(
            self.doing.connections.site, lock_dir=home / "locks", allowed_signers=home / "allowed_signers"
        )

    def _key(self, name: str) -> Path:
        path = self.home / name
        words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(path)]
        subprocess.run(words, check=True, capture_output=True)
        with open(self.home / "allowed_signers", "a") as signers:
            kind, key, _ = path.with_suffix(".pub").read_text().split()
            signers.write(f"{name}@ops {kind} {key}\n")
        return path

    def plan(self, name: str, words: Sequence[str], values: Mapping[str, str] | None = None) -> Plan:
        """The plan, whatever its guards say."""
        return self.doing.plan(operation(name), words, values or {})

    def refused(self, name: str, *words: str, **values: str) -> dict[str, str]:
        """The guards that close its plan, with their words."""
        return {guard.name: guard.words for guard in self.plan(name, words, values).closed}

    def approve(self, plan: Plan) -> None:
        """Both sign, since whoever runs the tests might be one of them."""
        now, site = float(int(time.time())), self.doing.connections.site
        statement = Statement(plan.hash, plan.cloud, plan.region, plan.operation, now, now + 600)
        for name, key in self._signers.items():
            approval = signed(statement.text(), key, os.environ, terminal=False)
            keep(statement, approval, folder(site, make=True) / f"{name}.json")

    def tried(self, name: str, *words: str, **values: str) -> Outcome:
        """Plan, confirm, carry out; how it ended."""
        plan = self.plan(name, words, values)
        assert not plan.closed, [f"{guard.name}: {guard.words}" for guard in plan.closed]
        if "two-person" in plan.demands:
            self.approve(plan)
        return self.doing.perform(plan, operation(name), [part.name for part in plan.parts], "a test")

    def do(self, name: str, *words: str, **values: str) -> Outcome:
        """The same; it must work."""
        outcome = self.tried(name, *words, **values)
        assert outcome.result == "done", outcome.words
        return outcome

    def taken_back(self, outcome: Outcome) -> list[Outcome]:
        """Take it back; how that ended."""
        past, found = self.doing.undo_plans(outcome.run)
        ended = []
        for back, plan in found:
            assert not plan.closed, [f"{guard.name}: {guard.words}" for guard in plan.closed]
            names = [part.name for part in plan.parts]
            ended.append(self.doing.perform(plan, back, names, "a test", undoes=past.run))
        return ended

    def undo(self, outcome: Outcome) -> None:
        """The same; it must work."""
        for undone in self.taken_back(outcome):
            assert undone.result == "done", undone.words

    def close(self) -> None:
        """Close the connections."""
        self.doing.connections.close()
