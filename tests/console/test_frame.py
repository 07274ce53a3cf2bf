"""The frame of the command line: options before or behind the command, exit codes, words on stderr."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from collectors.errors import (
    BadConfiguration,
    CircuitOpen,
    NoSuchObject,
    NotUnderstood,
    Refused,
    TooLate,
    Unreachable,
    UsageError,
)
from collectors.registry import entries
from console.__main__ import main
from console.cli.exits import MEANING, Exit, exit_of
from console.cli.frame import COMMANDS, parsed, parser
from console.version import VERSION

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UsageError("x"), 64),
        (NotUnderstood("x", "y"), 65),
        (NoSuchObject("x", "y"), 66),
        (Unreachable("x", "y"), 69),
        (TooLate("x", "y"), 69),
        (CircuitOpen("x", "y", retry_at=1.0), 69),
        (Refused("x", "y"), 77),
        (BadConfiguration("x", "y"), 78),
        (ValueError("x"), 70),
    ],
)
def test_every_error_has_its_exit_code(error: Exception, code: int) -> None:
    assert exit_of(error) == code


def test_every_exit_code_is_explained() -> None:
    assert set(MEANING) == set(Exit)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["get", "no-such-kind"], "unknown kind “no-such-kind”"),
        (["get", "compute-servces"], "Did you mean compute-services"),
        (["get", "cs", "hots=x"], "Did you mean host"),
        (["get", "cs", "--columns", "nope"], "no column “nope”"),
        (["get", "cs", "--sort", "nope"], "no column “nope”"),
        (["get", "cs", "-o", "xml"], "invalid choice"),
        (["get"], "KIND"),
        (["fly"], "invalid choice"),
        (["--timeout", "soon", "kinds"], "is no duration"),
        (["completion", "tcsh"], "invalid choice"),
        (["simulator", "up", "--computes", "99999"], "0 to 10,000 computes"),
    ],
)
def test_usage_errors_are_64_with_words(
    arguments: list[str],
    words: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert main(arguments) == Exit.USAGE
    out, err = capsys.readouterr()
    assert out == ""
    assert words in err
    assert "Traceback" not in err


@pytest.mark.parametrize("arguments", [["kinds", "-o", "json"], ["--ascii", "kinds", "-o", "json"]])
def test_kinds_prints_the_index(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == Exit.DONE
    assert [k["name"] for k in json.loads(capsys.readouterr().out)] == list(entries())


def test_global_options_stand_before_or_behind_the_command() -> None:
    for arguments in (
        ["--cloud", "prod", "get", "cs"],
        ["get", "--cloud", "prod", "cs"],
        ["get", "cs", "--cloud=prod"],
    ):
        found = parsed(parser(), arguments)
        assert (found.command, found.cloud, found.kind) == ("get", "prod", "cs")


def test_options_stand_between_the_words_as_people_type_them() -> None:
    found = parsed(parser(), ["get", "cs", "-o", "json", "host=cmp01", "--wide", "status=enabled"])
    assert (found.kind, found.output, found.filters, found.wide) == (
        "cs",
        "json",
        ["host=cmp01", "status=enabled"],
        True,
    )
    found = parsed(parser(), ["--cloud", "simulator", "--region", "get", "kinds", "-o", "json"])
    assert (found.command, found.cloud, found.region) == ("kinds", "simulator", "get")
    found = parsed(parser(), ["--cloud", "x", "simulator", "fault", "inject", "--state", "/s", "host-down", "host=a"])
    assert (found.command, found.action, found.what, str(found.state)) == ("simulator", "fault", "inject", "/s")
    assert (found.name, found.parameters, found.cloud) == ("host-down", ["host=a"], "x")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_knows_every_command_and_kind(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell]) == Exit.DONE
    script = capsys.readouterr().out
    for word in (*COMMANDS, *entries()):
        assert word in script


def test_the_bash_completion_is_valid_and_completes(capsys: pytest.CaptureFixture[str]) -> None:
    main(["completion", "bash"])
    script = capsys.readouterr().out + (
        "COMP_WORDS=(nephoscope get compute-s); COMP_CWORD=2; _nephoscope; echo ${COMPREPLY[@]}"
    )
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["compute-services"]


def test_help_of_every_command_works(capsys: pytest.CaptureFixture[str]) -> None:
    for name in COMMANDS:
        with pytest.raises(SystemExit) as done:
            main([name, "--help"])
        assert done.value.code == 0
        assert COMMANDS[name].split()[0] in capsys.readouterr().out


def test_a_closed_pipe_is_silent() -> None:
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {sys.executable} -m console kinds | head -1"],
        capture_output=True, text=True, check=False, cwd=ROOT,
    )  # fmt: skip
    assert done.stderr == ""
    assert done.returncode == 0


def test_the_version_is_that_of_the_distribution() -> None:
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == VERSION


def test_a_cloud_may_be_called_like_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--cloud", "simulator", "get", "no-such-kind"]) == Exit.USAGE
    assert "unknown kind" in capsys.readouterr().err


def test_a_state_folder_whose_socket_cannot_be_named_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    folder = tmp_path / ("x" * 120)
    assert main(["simulator", "up", "--state", str(folder)]) == Exit.USAGE
    assert "choose a shorter --state" in capsys.readouterr().err
    assert not folder.exists()
