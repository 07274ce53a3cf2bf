"""`nephoscope do` on a simulated cloud: who must be asked, what it prints, how it ends."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.__main__ import main
from console.cli.exits import Exit
from runbooks.journal import Journal
from tests.ground import Ground, simulator


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with simulator(tmp_path_factory.mktemp("cloud")) as ground:
        yield ground


@pytest.fixture
def home(cloud: Ground, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, value in cloud.environment().items():
        if name.startswith(("OS_", "NEPHOSCOPE_")):
            monkeypatch.setenv(name, value)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return tmp_path


NAME = "ci-app-07"


def events(home: Path) -> list[str]:
    journal = Journal(home / "nephoscope" / "journal.jsonl", lambda: 0.0, lambda words: None)
    return [record.event for record in journal.records()]


def test_what_changes_something_must_be_confirmed(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["do", "server.lock", NAME]) == Exit.USAGE
    assert "nobody is there to confirm it" in capsys.readouterr().err
    assert events(home) == []


@pytest.mark.parametrize("locked", [False, True])
def test_what_only_reads_is_done_unasked_and_journaled(
    cloud: Ground, home: Path, locked: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if locked:
        monkeypatch.setenv("NEPHOSCOPE_READ_ONLY", "1")
    writes = len(cloud.ask("writes", since=0))
    assert main(["do", "server.console-log", NAME, "lines=3", "-o", "json"]) == Exit.DONE
    (told,) = json.loads(capsys.readouterr().out)
    assert (told["name"], told["outcome"]) == (NAME, "done")
    assert told["shown"].strip(), "what its guest wrote"
    assert len(cloud.ask("writes", since=0)) == writes
    assert events(home) == ["began", "about", "did", "verified", "ended"]
    text = (home / "nephoscope" / "journal.jsonl").read_text()
    assert told["shown"].splitlines()[-1] not in text, "what is shown is not kept"


def test_where_all_is_read_only_the_rest_is_not(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NEPHOSCOPE_READ_ONLY", "1")
    assert main(["do", "server.console-url", NAME, "--yes", NAME]) == Exit.GUARD
    assert "read-only is closed" in capsys.readouterr().err
    assert events(home) == []
