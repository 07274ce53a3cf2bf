"""`nephoscope journal`: what people see, filters, formats, exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from console.__main__ import main
from console.config import journal_path
from console.wiring import CLOCK
from tests.runbooks.journal.story import began, story
from tests.runbooks.journal.written import journal, lines, rewritten


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.delenv("NEPHOSCOPE_CONFIG", raising=False)
    return journal_path({"XDG_STATE_HOME": str(tmp_path)})


def shown(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(["journal", *words]) == 0
    return capsys.readouterr().out


def ids(capsys: pytest.CaptureFixture[str], *words: str) -> list[str]:
    return [found["id"][:4] for found in json.loads(shown(capsys, "show", "-o", "json", *words))]


def test_it_is_where_the_state_is(tmp_path: Path, path: Path) -> None:
    assert path == tmp_path / "nephoscope" / "journal.jsonl"


def test_nothing_was_done_yet(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["journal", "show"]) == 0
    assert "no runs in" in capsys.readouterr().err
    assert main(["journal", "verify"]) == 0
    assert "there is no journal yet" in capsys.readouterr().err
    assert not path.exists()


def test_a_line_per_run_newest_last(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    story(path)
    found = shown(capsys, "show").splitlines()
    assert found[0].split()[:5] == ["BEGAN", "RUN", "OPERATION", "TARGET", "OUTCOME"]
    assert [line.split()[2] for line in found[1:]] == ["aaaa1111", "bbbb2222", "cccc3333", "dddd4444", "eeee5555"]
    assert found[1].startswith("2027-01-15 08:00:01  aaaa1111  compute-service.disable  cmp01, cmp02  done")
    assert "in flight" in found[4]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["operation=queue.*"], ["cccc"]),
        (["target=*cmp02*"], ["aaaa"]),
        (["run=dddd4444"], ["dddd"]),
        (["run!=dddd4444", "run~^[de]"], ["eeee"]),
        (["who=ana", "outcome=failed"], ["bbbb"]),
        (["who=eve"], []),
        (["cloud=prod", "run=aaaa1111"], ["aaaa"]),
        (["cloud=pro*", "region=RegionOne", "run=aaaa1111"], ["aaaa"]),
        (["cloud=pro"], []),
        (["--cloud", "test"], []),
        (["--region", "West"], []),
        (["from=10.1.*", "run=aaaa1111"], ["aaaa"]),
        (["health=critical"], ["bbbb", "eeee"]),
        (["swapped", "osd"], ["dddd", "eeee"]),
        (["since=2027-01-15T09:00:00Z"], ["dddd", "eeee"]),
        (["since=2030-01-01"], []),
    ],
)
def test_filters(path: Path, capsys: pytest.CaptureFixture[str], words: list[str], found: list[str]) -> None:
    story(path)
    assert ids(capsys, *words) == found


def test_since_counts_back_from_now(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for back, name in ((7200.0, "old11111"), (600.0, "new22222")):
        journal(path, clock=lambda back=back: CLOCK() - back).append("began", name, began("x.y", ["a"]))  # type: ignore[misc]
    assert ids(capsys, "since=1h") == ["new2"]
    assert ids(capsys, "since=3h") == ["old1", "new2"]


@pytest.mark.parametrize("words", [["nope=1"], ["since=x"], ["--for"]])
def test_what_no_filter_knows_is_usage(path: Path, capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    story(path)
    assert main(["journal", "show", *words]) == 64
    assert capsys.readouterr().out == ""


def test_one_run_by_its_id_or_its_beginning(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    story(path)
    assert shown(capsys, "show", "aaaa1111") == shown(capsys, "show", "aaaa")
    found = json.loads(shown(capsys, "show", "aaaa", "-o", "json"))
    assert (found["id"], found["outcome"], len(found["steps"])) == ("aaaa1111", "done", 2)
    assert found["inverse"][0]["until"] == "2027-01-15T09:00:00Z"
    assert yaml.safe_load(shown(capsys, "show", "aaaa", "-o", "yaml")) == found


def test_a_beginning_of_several_runs_is_ambiguous(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("abcd1111", "abcd2222"):
        journal(path).append("began", name, began("x.y", ["a"]))
    assert main(["journal", "show", "abcd"]) == 64
    assert "abcd1111, abcd2222" in capsys.readouterr().err


def test_every_record_with_events(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    story(path)
    found = json.loads(shown(capsys, "show", "--events", "-o", "json"))
    assert found == [json.loads(line) for line in lines(path)]
    table = shown(capsys, "show", "--events").splitlines()
    assert len(table) == 1 + len(found)
    assert "cmp01  1.1  disable cmp01" in table[3]
    assert {r["run"] for r in json.loads(shown(capsys, "show", "--events", "cccc", "-o", "json"))} == {"cccc3333"}
    assert len(json.loads(shown(capsys, "show", "--events", "event=torn", "-o", "json"))) == 0


def test_formats_keep_hostile_text_escaped(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = "web\x1b[2J\u202e"
    journal(path).append("began", "r1", began("x.y", [name]))
    for words in (["show"], ["show", "--events"], ["show", "-o", "json"], ["show", "r1"], ["show", "-o", "yaml"]):
        assert all(line.isprintable() for line in shown(capsys, *words).splitlines()), words
    (found,) = json.loads(shown(capsys, "show", "-o", "json"))
    assert found["targets"] == [name]


def test_verify_says_whether_it_is_whole(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    story(path)
    before = lines(path)
    head = json.loads(before[-1])["hash"]
    assert shown(capsys, "verify").startswith(f"ok: {len(before)} records, the chain holds")
    assert "that head is the last record" in shown(capsys, "verify", "--head", head)
    rewritten(path, [*before[:-1], before[-1][:30]])
    assert main(["journal", "verify"]) == 1
    assert capsys.readouterr().out.startswith("torn: a write of 30 bytes was cut off at the end")
    rewritten(path, before[:-1])
    assert main(["journal", "verify"]) == 0
    assert main(["journal", "verify", "--head", head]) == 2
    assert "cut: no record has the head" in capsys.readouterr().out
    rewritten(path, [*before[:3], *before[4:]])
    assert main(["journal", "verify", "-o", "json"]) == 2
    found = json.loads(capsys.readouterr().out)
    assert (found["ok"], found["state"], found["seq"], found["records"]) == (False, "missing", 4, 3)


def test_a_head_without_any_journal_is_a_cut_one(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["journal", "verify", "--head", "ab" * 32]) == 2


def test_show_says_when_it_is_not_whole(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    story(path)
    before = lines(path)
    rewritten(path, [*before[:2], *before[3:]])
    assert main(["journal", "show"]) == 0
    told = capsys.readouterr()
    assert "the journal is not whole: record 3 is missing" in told.err
    assert "aaaa1111" in told.out


def test_one_that_cannot_be_read_is_a_configuration_error(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path.mkdir(parents=True)
    for words in (["show"], ["verify"], ["export", "--format", "shell"]):
        assert main(["journal", *words]) == 78
        assert "cannot be read: is a directory" in capsys.readouterr().err


def test_export(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    story(path)
    assert shown(capsys, "export", "--format", "markdown").count("\n## ") == 5
    assert shown(capsys, "export", "--format", "markdown", "aaaa", "bbbb2222").count("\n## ") == 2
    assert shown(capsys, "export", "--format", "shell", "aaaa").startswith("#!/bin/sh\n")
    assert main(["journal", "export", "--format", "shell", "nope"]) == 66
    assert main(["journal", "export"]) == 64
