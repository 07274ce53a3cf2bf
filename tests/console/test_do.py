"""`nephoscope do` and `undo`, scripted, on a Nova that counts its writes: what is confirmed, refused, done and told."""

from __future__ import annotations

import io
import json
import os
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from console.__main__ import main
from console.config import journal_path
from console.doing import Doing
from runbooks.journal import Record, read
from tests.console.config.files import toml
from tests.wire_nova import WireNova, wire_nova
from tests.wire_server import json_reply

DISABLE = "compute-service.disable"
DELETE = "compute-service.delete"


@pytest.fixture
def nova(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[WireNova]:
    """Four computes, nobody at the terminal."""
    site(tmp_path, monkeypatch)
    monkeypatch.setenv("OS_CLOUD", "wire")
    monkeypatch.delenv("NEPHOSCOPE_READ_ONLY", raising=False)
    monkeypatch.setattr(sys, "stdin", io.StringIO("cmp01\n"))
    with wire_nova(tmp_path, monkeypatch) as found:
        yield found


def site(folder: Path, monkeypatch: pytest.MonkeyPatch, more: str = "") -> None:
    environ = toml(folder, f'[site.wire]\nlock_dir = "{folder}/locks"\n{more}')
    for name, value in (environ | {"XDG_STATE_HOME": str(folder / "state"), "HOME": str(folder)}).items():
        monkeypatch.setenv(name, value)


def events() -> list[str]:
    return [found.event for found in read(journal_path(os.environ)) if isinstance(found, Record)]


def test_a_plan_is_shown_and_nothing_is_done(nova: WireNova, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["do", DISABLE, "host=cmp01", "reason=RAM", "--plan"]) == 0
    text = capsys.readouterr().out
    assert "openstack compute service set --disable --disable-reason RAM cmp01 nova-compute" in text
    assert "compute-service.enable" in text
    assert main(["do", DISABLE, "host=cmp01", "reason=RAM", "--plan", "-o", "json"]) == 0
    plan = json.loads(capsys.readouterr().out)
    assert plan["parts"][0]["stages"][0]["steps"][0]["call"]["method"] == "PUT"
    assert plan["risk"] == "R1"
    assert main(["do", DISABLE, "host=cmp01", "reason=RAM", "--plan", "-o", "markdown"]) == 0
    assert capsys.readouterr().out.startswith("# Plan: ")
    assert (nova.writes, events()) == ([], [])


def test_without_a_terminal_and_without_yes_nothing_is_done(nova: WireNova, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["do", DISABLE, "host=cmp01", "reason=RAM"]) == 64
    told = capsys.readouterr().err
    assert "nobody is there to confirm it" in told
    assert "--yes NAME for each target, or --plan to look only" in told
    assert (nova.writes, events()) == ([], [])


@pytest.mark.parametrize(
    ("operation", "yes", "words"),
    [
        (DISABLE, ["cmp03"], "names no target of the plan"),
        (DISABLE, ["3"], "--yes 3, but the plan has 2 targets"),
        (DISABLE, ["cmp01"], "not confirmed: cmp02"),
        (DELETE, ["2"], "this cannot be taken back: --yes wants each name"),
    ],
)
def test_a_consent_that_is_not_one(
    nova: WireNova, capsys: pytest.CaptureFixture[str], operation: str, yes: list[str], words: str
) -> None:
    for service in nova.services[:2]:
        service["state"] = "down" if operation == DELETE else "up"
        service["status"] = "disabled" if operation == DELETE else "enabled"
    nova.cloud.on("/compute/v2.1/servers/detail", json_reply({"servers": []}))
    nova.cloud.on("/compute/v2.1/os-hypervisors/detail", json_reply({"hypervisors": []}))
    options = [word for name in yes for word in ("--yes", name)]
    more = ["reason=RAM"] if operation == DISABLE else []
    assert main(["do", operation, "cmp01", "cmp02", *more, *options]) == 64
    assert words in capsys.readouterr().err
    assert (nova.writes, events()) == ([], [])


def test_names_are_confirmed_one_by_one_or_counted(nova: WireNova, capsys: pytest.CaptureFixture[str]) -> None:
    two = ["cmp01", "cmp02"]
    assert main(["do", DISABLE, *two, "reason=RAM", "--yes", "cmp01", "--yes", "cmp02"]) == 0
    told = capsys.readouterr()
    assert [line.split()[:2] for line in told.out.splitlines()] == [["done", "cmp01:"], ["done", "cmp02:"]]
    assert "`nephoscope undo" in told.err
    assert main(["do", "compute-service.enable", *two, "--yes", "2"]) == 0
    done = [(host, body["status"]) for host, body in nova.writes]
    assert sorted(done[:2]) == [("cmp01", "disabled"), ("cmp02", "disabled")]
    assert sorted(done[2:]) == [("cmp01", "enabled"), ("cmp02", "enabled")]


def test_the_reason_is_said_once(nova: WireNova) -> None:
    """The cloud keeps one, and so does the journal."""
    assert main(["do", DISABLE, "host=cmp01", "--reason", "RAM swap", "--yes", "cmp01"]) == 0
    assert main(["do", DISABLE, "host=cmp02", "reason=for itself", "--yes", "cmp02"]) == 0
    assert main(["do", DISABLE, "host=cmp03", "reason=short", "--reason", "INC-4711: long", "--yes", "1"]) == 0
    assert [body["disabled_reason"] for _, body in nova.writes] == ["RAM swap", "for itself", "short"]
    kept = [r.data["reason"] for r in read(journal_path(os.environ)) if isinstance(r, Record) and "reason" in r.data]
    assert kept == ["RAM swap", "for itself", "INC-4711: long"]


def test_production_wants_a_reason(
    nova: WireNova, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    nova.of("cmp01").update(status="disabled", disabled_reason="RAM")
    site(tmp_path, monkeypatch, 'protection = "production"\n')
    assert main(["do", "compute-service.enable", "host=cmp01", "--yes", "cmp01"]) == 64
    assert "--reason" in capsys.readouterr().err
    assert nova.writes == []
    assert main(["do", "compute-service.enable", "host=cmp01", "--yes", "cmp01", "--reason", "INC-4711"]) == 0
    assert len(nova.writes) == 1


@pytest.mark.parametrize("way", ["option", "variable", "site"])
def test_read_only_beats_everything(
    nova: WireNova, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], way: str
) -> None:
    if way == "variable":
        monkeypatch.setenv("NEPHOSCOPE_READ_ONLY", "1")
    if way == "site":
        site(tmp_path, monkeypatch, 'protection = "read-only"\n')
    more = ["--read-only"] if way == "option" else []
    assert main(["do", *more, DISABLE, "host=cmp01", "reason=RAM", "--yes", "cmp01"]) == 6
    assert "nothing was done" in capsys.readouterr().err
    assert (nova.writes, events()) == ([], [])


def test_targets_that_are_wrong(nova: WireNova, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["do", DISABLE, "cmp09", "reason=RAM", "--yes", "cmp09"]) == 66
    assert "cmp09" in capsys.readouterr().err
    assert main(["do", "compute-service.dissable", "cmp01", "--yes", "cmp01"]) == 64
    assert DISABLE in capsys.readouterr().err
    assert main(["do", DISABLE, "host=cmp01", "--yes", "cmp01"]) == 64
    assert "wants reason" in capsys.readouterr().err
    assert nova.writes == []


def test_the_second_of_three_fails(nova: WireNova, capsys: pytest.CaptureFixture[str]) -> None:
    """It stops there, and says of each what became of it; with --carry-on the third is done."""
    nova.refuse["cmp02"] = json_reply({"conflictingRequest": {"code": 409, "message": "busy"}}, status=409)
    three = ["cmp01", "cmp02", "cmp03", "reason=RAM", "--yes", "3", "--at-once", "1"]
    assert main(["do", DISABLE, *three]) == 5
    told = {line.split()[1]: line.split()[0] for line in capsys.readouterr().out.splitlines()}
    assert told["cmp01:"] == "done"
    assert [host for host, _ in nova.writes] == ["cmp01"]
    assert told.keys() == {"cmp01:", "cmp02:", "cmp03:"}
    nova.of("cmp01").update(status="enabled")
    assert main(["do", DISABLE, *three, "--carry-on"]) == 5
    assert [host for host, _ in nova.writes] == ["cmp01", "cmp01", "cmp03"]


def test_what_cannot_be_proved(
    nova: WireNova, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The API says yes and nothing changes: not done, and 5."""
    ahead = [0.0]

    def pause(seconds: float) -> None:
        ahead[0] += seconds

    monkeypatch.setattr("console.doing.Doing", partial(Doing, clock=lambda: time.time() + ahead[0], pause=pause))
    nova.deaf = True
    assert main(["do", DISABLE, "host=cmp01", "reason=RAM", "--yes", "cmp01", "-o", "json"]) == 5
    (found,) = json.loads(capsys.readouterr().out)
    assert found["outcome"] != "done"
    assert len(nova.writes) == 1


def test_it_is_taken_back(nova: WireNova, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["undo"]) in (64, 66)  # there is nothing yet
    assert main(["do", DISABLE, "host=cmp01", "reason=RAM", "--yes", "cmp01"]) == 0
    capsys.readouterr()
    assert main(["undo", "--plan"]) == 0
    assert "openstack compute service set --enable cmp01 nova-compute" in capsys.readouterr().out
    assert main(["undo"]) == 64  # nobody confirms
    assert len(nova.writes) == 1
    assert main(["undo", "--yes", "cmp01"]) == 0
    assert nova.of("cmp01")["status"] == "enabled"
    capsys.readouterr()
    assert main(["undo", "--yes", "cmp01"]) == 0  # the last that can be taken back is now what took it back
    assert [body["status"] for _, body in nova.writes] == ["disabled", "enabled", "disabled"]
    assert nova.of("cmp01")["disabled_reason"] == "RAM"


def test_a_guard_that_closes_after_the_plan_was_read(
    nova: WireNova, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody was faster: nothing is done, and it says which guard it is."""
    seen = Doing.plan

    def plan(self: Doing, *what: Any, **more: Any) -> Any:
        found = seen(self, *what, **more)
        self.read_only = "somebody said so meanwhile"
        return found

    monkeypatch.setattr(Doing, "plan", plan)
    assert main(["do", DISABLE, "cmp01", "reason=RAM", "--yes", "cmp01"]) == 6
    assert "somebody said so meanwhile" in capsys.readouterr().err
    assert (nova.writes, events()) == ([], [])
