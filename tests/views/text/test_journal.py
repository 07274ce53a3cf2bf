"""The journal as text, Markdown and shell: complete, harmless whatever it holds, and nothing that acts unquoted."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path

import pytest

from runbooks.journal import Run, read, runs
from tests.runbooks.journal.story import about, began, did, story
from tests.runbooks.journal.written import NOW, journal
from views.text.journal import one_run
from views.text.journal_markdown import code, lines, told
from views.text.journal_shell import lines as shell
from views.text.journal_shell import quoted


@pytest.fixture
def found(tmp_path: Path) -> dict[str, Run]:
    story(tmp_path / "j")
    return {run.id: run for run in runs(read(tmp_path / "j"))}


def test_everything_about_one_run(found: dict[str, Run]) -> None:
    text = "".join(one_run(found["aaaa1111"], NOW + 7200))
    for part in (
        "compute-service.disable: cmp01, cmp02\ndone: 2 disabled",
        "who          ana on ops01, from 10.1.2.3; as admin in admin (admin)",
        "reason       disks are swapped",
        "approved by  eve",
        "began        2027-01-15 08:00:01 UTC (1 h ago)",
        "ended        2027-01-15 08:00:08 UTC",
        "take back    compute-service.enable cmp01, valid until 2027-01-15 09:00:00 UTC (over): moves nothing back",
        "quorum-kept      open     2 of 3 stay",
        "08:00:02  cmp01  1.1  disable cmp01",
        "done, 250 ms, status 200, req-1, status is done",
        "$ openstack compute service set --disable --disable-reason 'a b' cmp01 nova-compute",
        "cmp01: holds: status is disabled",
    ):
        assert part in text


def test_what_is_in_flight_is_said_in_words(found: dict[str, Run]) -> None:
    text = "".join(one_run(found["dddd4444"], NOW))
    assert "in flight: it still runs, or what ran it is gone" in text
    assert "in flight: it was begun, what became of it is not known" in text


def test_markdown_tells_each_call(found: dict[str, Run]) -> None:
    text = "".join(lines(list(found.values())))
    assert "## 2027-01-15 08:00:01 UTC: compute\\-service" not in text, "a hyphen is no markup"
    assert "## 2027-01-15 08:00:01 UTC: compute-service.disable on cmp01, cmp02" in text
    assert "- Who: ana on ops01, from 10.1.2.3; as admin in admin \\(admin\\)" in text
    row = next(line for line in text.splitlines() if "| cmp01 | 1.1 |" in line)
    assert "| 200 | 250 ms | `req-1` | done: status is done |" in row
    assert "`openstack compute service set --disable --disable-reason 'a b' cmp01 nova-compute`" in row


def test_markdown_shows_hostile_text_and_stays_in_its_place(found: dict[str, Run]) -> None:
    text = "".join(lines([found["bbbb2222"]]))
    assert "web\\|1\\`\\<b\\>" in text
    assert "it \\| hangs\\\\nfor \\`days\\`" in text
    span = "`` openstack server reboot 'web\\|1`<b>' ``"
    assert span in text
    assert "<b>" not in text.replace(span, "")
    tables = [line for line in text.splitlines() if line.startswith("|")]
    assert all(line.replace("\\|", "").count("|") in (4, 9) for line in tables)


@pytest.mark.parametrize("text", ["`", "``a``", " x ", "a|b", "\x1b[31m", "`a"])
def test_a_code_span_is_closed_by_its_own_end_only(text: str) -> None:
    found = code(text)
    ticks = len(found) - len(found.lstrip("`"))
    assert ticks * "`" not in found.strip("`")
    assert "\x1b" not in found + told(text)


def test_the_script_runs_what_was_done_and_nothing_else(tmp_path: Path, found: dict[str, Run]) -> None:
    script = "".join(shell(list(found.values())))
    commands = [line for line in script.splitlines() if line and not line.startswith("#")]
    assert commands == [
        "set -eu",
        "openstack compute service set --disable --disable-reason 'a b' cmp01 nova-compute",
        "openstack compute service set --disable --disable-reason 'a b' cmp02 nova-compute",
    ]
    assert "# not to be repeated blind: its answer was lost" in script
    assert "#   ceph osd out osd.3" in script


def test_what_was_not_needed_is_told_and_not_repeated(tmp_path: Path) -> None:
    """A server that was to be moved had gone already: the step was never begun."""
    own = journal(tmp_path / "j")
    own.append("began", "r1", began("hypervisor.drain", ["cmp01"]))
    gone = {"text": "live-migrate web-3", "words": "servers web-3: gone, or not host=cmp01"}
    own.append("did", "r1", did("cmp01", "not-needed") | gone)
    own.append("ended", "r1", {"outcome": "done"})
    (run,) = runs(read(tmp_path / "j"))
    assert [(step.text, step.outcome, step.in_flight) for step in run.steps] == [
        ("live-migrate web-3", "not-needed", False)
    ]
    script = "".join(shell([run]))
    assert "# not needed: it was so already, and nothing was sent: servers web-3: gone, or not host=cmp01" in script
    assert [line for line in script.splitlines() if line and not line.startswith("#")] == ["set -eu"]
    assert "not needed" in "".join(lines([run]))


HOSTILE = [
    "openstack server delete x; rm -rf /",
    "echo $(id)",
    "echo `id`",
    'echo "$HOME"',
    'echo "\\$x"',
    "a | b",
    "a > b",
    "a && b",
    "echo *",
    "echo a\nid",
    "echo a\\\nid",
    "echo 'open",
    "x\x1b[2J",
    "echo ~root",
    "# only a comment",
    "{ id; }",
    "a=b\u2028id",
]


@pytest.mark.parametrize("command", HOSTILE)
def test_what_a_shell_would_do_more_with_is_a_comment(tmp_path: Path, command: str) -> None:
    assert quoted(command) is None
    own = journal(tmp_path / "j")
    own.append("began", "r1", began("x.y", ["a\nid"], reason="b\nid"))
    own.append("about", "r1", about("a\nid", command=command))
    own.append("did", "r1", did("a\nid", "done"))
    own.append("ended", "r1", {"outcome": "done", "words": "c\nid"})
    script = "".join(shell(runs(read(tmp_path / "j"))))
    assert [line for line in script.splitlines() if line and not line.startswith("#")] == ["set -eu"]


@pytest.mark.parametrize(
    "words",
    [
        ["curl", "-X", "PUT", "-d", '{"a": "b c"}', "http://h:1/x?y=1&z=2"],
        ["ssh", "ctl01", "sudo systemctl restart 'x y'; echo $?"],
        ["mysql", "-e", "SET GLOBAL wsrep_desync='ON'"],
        ["echo", "", "it's", "\\", "~", "*", "!"],
    ],
)
def test_quoted_words_arrive_as_they_were(words: list[str]) -> None:
    command = quoted(shlex.join(words))
    assert command is not None
    done = subprocess.run(["sh", "-c", f"printf '%s\\0' {command}"], capture_output=True, text=True, check=True)
    assert done.stdout.split("\0")[:-1] == words
