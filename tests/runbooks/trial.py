"""One cloud to try operations on: planning and performing in this process, on a simulator in another, on its clock.

Nobody sleeps: a pause of the performance moves the simulator's clock on, and so does waiting for an expectation.
"""

from __future__ import annotations

import json
import os
import select
import shlex
import subprocess
import sys
from argparse import Namespace
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from collectors.snapshot import OddRow
from console.doing import Doing
from runbooks.approval import Statement, folder, keep
from runbooks.operation import Operation
from runbooks.outcome import Outcome
from runbooks.plan import Plan
from runbooks.registry import operation
from runbooks.signature import signed
from tests.ground import ROOT, Ground
from tests.runbooks.scenario import Before, Did, Fault, Passed, Ran

PATIENCE = 60.0
"""Seconds for one command of a client."""
CLIENTS = Path(sys.executable).parent


class OpenStack:
    """python-openstackclient, kept running: starting it costs more than a second."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.simulator.openstack_commands"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=dict(environ), cwd=ROOT,
        )  # fmt: skip

    def __call__(self, arguments: Sequence[str]) -> dict[str, Any]:
        """Run one command: status, out, err."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([list(arguments)]) + "\n")
        self._process.stdin.flush()
        if not select.select([self._process.stdout], [], [], PATIENCE)[0]:
            self._process.kill()
            raise AssertionError(f"openstack {shlex.join(arguments)} does not come back: does it ask something?")
        found: dict[str, Any] = json.loads(self._process.stdout.readline())[0]
        return found

    def close(self) -> None:
        """End it."""
        self._process.communicate()


class Signers:
    """Two people who may approve, with their keys; made once, because each key costs a program's start."""

    def __init__(self, folder: Path) -> None:
        self.allowed = folder / "allowed_signers"
        self.keys = {name: self._made(folder / name) for name in ("ana", "ben")}

    def _made(self, path: Path) -> Path:
        words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", path.name, "-f", str(path)]
        subprocess.run(words, check=True, capture_output=True)
        with open(self.allowed, "a") as allowed:
            kind, key, _ = path.with_suffix(".pub").read_text().split()
            allowed.write(f"{path.name}@ops {kind} {key}\n")
        return path


class Trial:
    """What a test needs to plan, do and compare."""

    def __init__(self, ground: Ground, home: Path, client: OpenStack, signers: Signers) -> None:
        self.ground = ground
        self._signers = signers
        self._client = client
        self.home = home
        environ = {name: value for name, value in os.environ.items() if not name.startswith(("OS_", "NEPHOSCOPE_"))}
        self.environ = environ | {
            name: value for name, value in ground.environment().items() if name.startswith(("OS_", "NEPHOSCOPE_"))
        }
        self.environ["XDG_STATE_HOME"] = str(home)
        options = Namespace(cloud="", region="", read_only=False, environ=self.environ)
        self.doing = Doing(options, None, self.now, self.pause)
        self.doing.connections.site = replace(
            self.doing.connections.site, lock_dir=home / "locks", allowed_signers=signers.allowed
        )

        broker: Any = self.doing.connections.system("rabbitmq")
        broker._clock = self.now  # time goes by on the simulator's clock: for its circuit breakers as well

    def approve(self, plan: Plan) -> None:
        """Two people sign: whoever runs the tests is nobody's account, so it might be either of them."""
        now, site = float(int(self.now())), self.doing.connections.site
        statement = Statement(plan.hash, plan.cloud, plan.region, plan.operation, now, now + 600)
        for name, key in self._signers.keys.items():
            keep(
                statement,
                signed(statement.text(), key, os.environ, terminal=False),
                folder(site, make=True) / f"{name}.json",
            )

    def now(self) -> float:
        """The simulator's clock."""
        return float(self.ground.ask("clock", advance=0)["now"])

    def pause(self, seconds: float) -> None:
        """Time goes by."""
        self.ground.ask("clock", advance=seconds)

    def writes(self) -> int:
        """How often anything of the cloud was changed."""
        return len(self.ground.ask("writes", since=0))

    # -- what was done before --------------------------------------------------------------------------------------

    def prepare(self, before: Sequence[Before]) -> None:
        """Bring the cloud to where a scenario begins."""
        for each in before:
            match each:
                case Fault(name, parameters):
                    self.ground.inject(name, **parameters)
                case Did(name, words, values):
                    outcome = self.do(operation(name), words, values)[1]
                    assert outcome.result == "done", outcome.words
                case Ran(command):
                    status, said = self.by_hand([command])
                    assert status == 0, said
                case Passed(seconds):
                    for _ in range(max(int(seconds // 10), 1)):
                        self.pause(min(seconds, 10))

    # -- planning and doing -----------------------------------------------------------------------------------------

    def plan(self, wanted: Operation, words: Sequence[str], values: Mapping[str, str]) -> Plan:
        """The plan for what was typed."""
        return self.doing.plan(wanted, words, values)

    def perform(self, plan: Plan, wanted: Operation, undoes: str = "") -> Outcome:
        """Confirm it and carry it out; a second person approves what needs one."""
        names = [part.name for part in plan.parts]
        if "two-person" in plan.demands:
            self.approve(plan)
        return self.doing.perform(plan, wanted, names, "a test", undoes=undoes)

    def do(self, wanted: Operation, words: Sequence[str], values: Mapping[str, str]) -> tuple[Plan, Outcome]:
        """Both."""
        plan = self.plan(wanted, words, values)
        assert not plan.closed, plan.closed
        return plan, self.perform(plan, wanted)

    def row(self, kind: str, identity: str) -> dict[str, object]:
        """A row as it is now; nothing when it is not there."""
        snapshot = self.doing.cloud.fresh(kind)
        at = snapshot.keys.get(identity)
        if at is None:
            return {}
        row: Any = snapshot.rows[at]
        assert not isinstance(row, OddRow), row
        return {name: getattr(row, name) for name in row.__struct_fields__}

    # -- by hand ----------------------------------------------------------------------------------------------------

    def by_hand(self, commands: Sequence[str]) -> tuple[int, str]:
        """Run equivalent commands with real clients, as a person would paste them: (worst status, what they said)."""
        worst, told = 0, []
        for command in commands:
            words = shlex.split(command)
            status, said = self._openstack(words[1:]) if words[0] == "openstack" else self._shell(command)
            worst = worst or status
            told.append(f"$ {command}\n{said}")
        return worst, "\n".join(told)

    def _openstack(self, arguments: Sequence[str]) -> tuple[int, str]:
        found = self._client(arguments)
        return int(found["status"] or 0), str(found["err"] or found["out"])

    def _shell(self, command: str) -> tuple[int, str]:
        """With what an operator's own configuration holds: his ssh_config, the admin accounts, the hosts' addresses."""
        state = self.ground.state
        hosts = {host.name: host.address for host in self.doing.connections.site.hosts.values()}
        words = shlex.split(command)
        if words[0] == "ssh":
            command = command.replace("ssh ", f"ssh -F {shlex.quote(str(state / 'ssh_config'))} ", 1)
        if words[0] == "mariadb":
            site = self.doing.connections.site.galera
            assert site is not None
            assert site.admin is not None
            command = command.replace(" -u ADMIN -p", f" -u {site.admin.user} --skip-ssl", 1)
            command = command.replace(f"-h {words[2]}", f"-h {hosts[words[2]]}", 1)
        if words[0] == "curl" and "15672" in command:
            broker = self.doing.connections.site.rabbitmq
            assert broker is not None
            assert broker.admin is not None
            secret = f"{broker.admin.user}:{broker.admin.password.reveal()}"
            command = command.replace("-u USER", f"--fail-with-body -u {shlex.quote(secret)}", 1)
            for name, address in (*hosts.items(), ("NODE", next(iter(hosts.values())))):
                command = command.replace(f"http://{name}:15672", f"http://{address}:15672")
        environ = self.environ | {"PATH": f"{CLIENTS}:{os.environ['PATH']}"}
        if words[0] == "mariadb":
            assert self.doing.connections.site.galera is not None
            admin = self.doing.connections.site.galera.admin
            assert admin is not None
            environ["MYSQL_PWD"] = admin.password.reveal()
        done = subprocess.run(
            ["bash", "-c", command], env=environ, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120
        )
        return done.returncode, done.stderr + done.stdout

    def close(self) -> None:
        """Close the connections."""
        self.doing.connections.close()
