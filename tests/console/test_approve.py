"""`nephoscope approve`: what is signed was shown and is what the hash says; nothing is signed by mistake."""

from __future__ import annotations

import io
import json
import os
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from console.__main__ import main
from console.config import journal_path, load_site
from runbooks import approval
from runbooks.approval import approved
from runbooks.journal import Record, read
from runbooks.operation import Inverse, Stage, Step
from runbooks.plan import GuardSeen, Part, Plan, encoded
from tests.console.config.files import toml
from tests.runbooks.signing import key, line, needs_ssh_keygen
from tests.terminal import Terminal

pytestmark = needs_ssh_keygen

PLAN = Plan(
    operation="galera-member.bootstrap", kind="galera-members", cloud="prod", region="RegionOne", risk="R4",
    account="ssh", who_may=("admin",), values={"force": "no"},
    parts=(
        Part(
            target="ctl01", name="ctl01", title="bootstrap ctl01", scope="galera",
            stages=(Stage((Step("start a new cluster on ctl01", command="galera_new_cluster"),)),),
            inverse=Inverse("galera-member.stop", "ctl01"), stops="the database",
        ),
    ),
    guards=(GuardSeen("quorum-kept", "open", "no member is in a cluster", at=5.0),),
    demands=("named", "two-person"), irreversible=True, locks="only this machine", at=7.0,
)  # fmt: skip


class Desk:
    """The second person's desk: configuration, keys, and the plan of the first."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.eve = key(folder, "eve")
        (folder / "allowed").write_text(line("eve@example.com", self.eve) + line("ana", key(folder, "ana")))
        (folder / "allowed").chmod(0o600)
        text = '[site.prod]\nlock_dir = "locks"\nallowed_signers = "allowed"\nprincipals = {u1 = "ana"}\n'
        self.environ = toml(folder, text) | {"XDG_STATE_HOME": str(folder / "state"), "HOME": str(folder)}
        self.write(encoded(PLAN))

    @property
    def plan(self) -> str:
        return str(self.folder / "plan.json")

    def write(self, found: object) -> None:
        (self.folder / "plan.json").write_bytes(msgspec.json.encode(found))

    @property
    def approvals(self) -> list[Path]:
        return sorted((self.folder / "locks" / "approvals").glob("*"))

    def journal(self) -> list[Record]:
        return [found for found in read(journal_path(self.environ)) if isinstance(found, Record)]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    found = Desk(tmp_path)
    for name in ("OS_CLOUD", "OS_REGION_NAME", "NEPHOSCOPE_READ_ONLY", "SSH_AUTH_SOCK"):
        monkeypatch.delenv(name, raising=False)
    for name, value in found.environ.items():
        monkeypatch.setenv(name, value)
    return found


def approve(desk: Desk, *more: str, yes: bool = True) -> int:
    return main(["approve", desk.plan, "--key", str(desk.eve), *(["--yes", PLAN.hash] if yes else []), *more])


def test_an_approval_is_found_by_the_other_console(
    desk: Desk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert approve(desk) == 0
    told = capsys.readouterr()
    assert told.out == ""
    for part in (
        "bootstrap ctl01", "risk R4, irreversible", "start a new cluster on ctl01", "galera_new_cluster",
        "the database", "targets   ctl01", "with      force=no", "cloud     prod/RegionOne", PLAN.hash,
        "valid until 20", "approved as eve@example.com until", "only this machine",
    ):  # fmt: skip
        assert part in told.err, part
    monkeypatch.setattr(approval, "users", lambda environ: ("u1",))
    site = load_site("prod", "RegionOne", desk.environ)
    assert site.principals == {"u1": "ana"}
    (record,) = desk.journal()
    until = record.data["until"]
    (found,) = approved(site, PLAN.hash, until - 60)
    assert (found.who, found.until) == ("eve@example.com", until)
    assert (record.event, record.run, record.data["who"], record.data["plan_hash"]) == (
        "approved", "", "eve@example.com", PLAN.hash,
    )  # fmt: skip
    assert abs(until - record.at - 900) < 5
    assert approved(site, PLAN.hash, until - 60, not_by="eve") == []


def test_it_may_hold_shorter(desk: Desk) -> None:
    assert approve(desk, "--for", "2m") == 0
    assert abs(desk.journal()[0].data["until"] - desk.journal()[0].at - 120) < 5


@pytest.mark.parametrize("span", ["2h", "5s", "soon", "-5m", "nan"])
def test_but_neither_very_long_nor_no_time(desk: Desk, span: str) -> None:
    assert approve(desk, f"--for={span}") == 64
    assert desk.approvals == []


def test_a_beginning_of_the_hash_is_enough(desk: Desk) -> None:
    assert approve(desk, "--yes", PLAN.hash[:12].upper(), yes=False) == 0


@pytest.mark.parametrize("yes", ["", "12345678", PLAN.hash[:7], PLAN.hash + "0"])
def test_without_a_terminal_the_hash_must_be_given(
    desk: Desk, yes: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("approve\n"))
    assert approve(desk, *(["--yes", yes] if yes else []), yes=False) == 64
    told = capsys.readouterr().err
    assert ("without a terminal" if not yes else "the plan's hash is") in told
    assert desk.approvals == []
    assert desk.journal() == []


def other(**changed: Any) -> dict[str, Any]:
    return encoded(PLAN) | changed


CHANGED: list[tuple[str, Any, str]] = [
    ("another operation", other(operation="galera-member.restart"), "does not match its hash"),
    ("other parts", other(parts=[]), "does not match its hash"),
    ("other targets", other(targets=["ctl02"]), "its targets are not those of the plan"),
    ("no targets", {k: v for k, v in other().items() if k != "targets"}, "its targets are not those"),
    ("another hash", other(hash="ab" * 32), "does not match its hash"),
    ("no hash", {k: v for k, v in other().items() if k != "hash"}, "no plan with a hash"),
    ("hash is a number", other(hash=3), "no plan with a hash"),
    ("a text", "plan", "no plan with a hash"),
    ("two plans", [other(), other()], "no plan with a hash"),
    ("no plan", {"hash": "ab" * 32, "targets": []}, "this is no plan"),
    ("an odd risk", other(risk="R9"), "this is no plan"),
]


@pytest.mark.parametrize(("found", "words"), [row[1:] for row in CHANGED], ids=[row[0] for row in CHANGED])
def test_what_was_shown_is_what_is_signed(
    desk: Desk, found: object, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.write(found)
    assert approve(desk) == 64
    assert words in capsys.readouterr().err
    assert desk.approvals == []


@pytest.mark.parametrize("text", [b"", b"{", b"\xff", b"[" * 100_000])
def test_no_json_is_no_plan(desk: Desk, text: bytes) -> None:
    (desk.folder / "plan.json").write_bytes(text)
    assert approve(desk) in (64, 78)
    assert desk.approvals == []


def test_a_list_of_one_plan_is_that_plan(desk: Desk) -> None:
    desk.write([encoded(PLAN)])
    assert approve(desk) == 0


def test_the_plan_may_come_on_stdin(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    stdin = io.TextIOWrapper(io.BytesIO(json.dumps(encoded(PLAN)).encode()))
    monkeypatch.setattr(sys, "stdin", stdin)
    assert main(["approve", "-", "--key", str(desk.eve), "--yes", PLAN.hash]) == 0
    assert len(desk.approvals) == 1


def test_a_plan_of_another_cloud_than_named(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    assert approve(desk, "--cloud", "test") == 64
    assert "the plan is for cloud prod, not test" in capsys.readouterr().err
    assert approve(desk, "--cloud", "prod", "--region", "RegionOne") == 0


def test_a_stranger_is_told_so(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    stranger = key(desk.folder, "mallory")
    assert main(["approve", desk.plan, "--key", str(stranger), "--yes", PLAN.hash]) == 77
    assert "its key is nobody's in" in capsys.readouterr().err
    assert desk.approvals == []
    assert desk.journal() == []


@pytest.mark.parametrize("how", ["option", "variable"])
def test_read_only_approves_nothing(desk: Desk, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if how == "variable":
        monkeypatch.setenv("NEPHOSCOPE_READ_ONLY", "1")
    assert approve(desk, *(["--read-only"] if how == "option" else [])) == 77
    assert desk.approvals == []


def test_a_site_without_signers(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    toml(desk.folder, '[site.prod]\nlock_dir = "locks"\n')
    assert approve(desk) == 78
    assert "whose signature approves a plan" in capsys.readouterr().err


def test_what_cannot_be_recorded_is_not_given_away(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    journal_path(desk.environ).mkdir(parents=True)
    assert approve(desk) == 78
    assert "journal.jsonl: cannot be written" in capsys.readouterr().err
    assert desk.approvals == []


def test_it_may_be_written_elsewhere(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    assert approve(desk, "--output", str(desk.folder / "out.json")) == 0
    assert set(json.loads((desk.folder / "out.json").read_text())) == {"text", "signature"}
    assert desk.approvals == []
    assert approve(desk, "--output", str(desk.folder / "no" / "out.json")) == 78
    assert "cannot be written" in capsys.readouterr().err


def test_hostile_names_cannot_hide_what_is_signed(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    part = msgspec.structs.replace(PLAN.parts[0], name="x\x1b[2J\u202e", title="do\x1b[1A it")
    plan = msgspec.structs.replace(PLAN, parts=(part,))
    desk.write(encoded(plan))
    assert main(["approve", desk.plan, "--key", str(desk.eve), "--yes", plan.hash]) == 0
    assert all(told.isprintable() for told in capsys.readouterr().err.splitlines())


@pytest.mark.parametrize(("typed", "count"), [("approve", 1), ("yes", 0), ("", 0)])
def test_at_a_terminal_it_is_asked(desk: Desk, typed: str, count: int) -> None:
    environ = dict(os.environ) | desk.environ
    command = [str(Path(sys.executable).with_name("nephoscope")), "approve", desk.plan, "--key", str(desk.eve)]
    with Terminal(command, environ) as terminal:
        terminal.until(lambda: terminal.shows("anything else to leave it:"), 20)
        terminal.press(f"{typed}\r")
        assert terminal.ended(20) == (0 if count else 64)
    assert len(desk.approvals) == count
