"""`nephoscope lab`: what it asks the lab's own program, what it prints, and its exit codes."""

from __future__ import annotations

import argparse
import json
import socketserver
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from collectors.errors import BadConfiguration, Refused, Unreachable, UsageError
from console.cli import lab
from console.cli.exits import Exit


@pytest.fixture(autouse=True)
def pretended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lab, "MODULE", "tests.console.pretended_lab")


def options(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    lab.add(parser)
    return parser.parse_args(list(words))


def test_up_prints_the_exports(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    state = tmp_path / "ends-0"
    assert lab.run(options("up", "--profile", "network", "--state", str(state))) is Exit.DONE
    out, err = capfd.readouterr()
    assert out.splitlines() == [
        f"export OS_CLIENT_CONFIG_FILE={state}/clouds.yaml",
        f"export NEPHOSCOPE_CONFIG={state}/nephoscope.toml",
        "export OS_CLOUD=lab",
    ]
    assert err == f"asked: up --state {state} --profile network\n"


@pytest.mark.parametrize("code", [Exit.UNREACHABLE, Exit.REFUSED, Exit.INTERRUPTED, Exit.USAGE])
def test_up_that_fails_exports_nothing(tmp_path: Path, capfd: pytest.CaptureFixture[str], code: Exit) -> None:
    assert lab.run(options("up", "--state", str(tmp_path / f"ends-{int(code)}"))) is code
    assert capfd.readouterr().out == ""


def test_what_the_program_never_says_is_our_bug(tmp_path: Path) -> None:
    assert lab.run(options("down", "--state", str(tmp_path / "ends-99"))) is Exit.BUG


@pytest.mark.parametrize("action", ["down", "destroy"])
def test_the_rest_is_passed_on(tmp_path: Path, capfd: pytest.CaptureFixture[str], action: str) -> None:
    state = tmp_path / "ends-0"
    assert lab.run(options(action, "--state", str(state))) is Exit.DONE
    assert capfd.readouterr().err == f"asked: {action} --state {state}\n"


@pytest.mark.parametrize("words", [("env",), ("fault", "list")])
def test_without_a_lab_the_next_step_is_told(tmp_path: Path, words: tuple[str, ...]) -> None:
    with pytest.raises(BadConfiguration, match="nephoscope lab up"):
        lab.run(options(*words, "--state", str(tmp_path)))


def test_who_may_not_look_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> bool:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "is_file", refuse)
    with pytest.raises(Refused, match="only root"):
        lab.run(options("env", "--state", str(tmp_path)))


class Answering(socketserver.StreamRequestHandler):
    """A control socket that has one fault and refuses another."""

    def handle(self) -> None:
        request: dict[str, Any] = json.loads(self.rfile.readline())
        found: dict[str, Any] = {"ok": True, "result": []}
        if request["command"] == "inject":
            if request["fault"] == "rain":
                found = {"ok": False, "error": "no fault is called 'rain'"}
            else:
                told = {"id": "f1", "fault": request["fault"], "parameters": request["parameters"], "since": "now"}
                found = {"ok": True, "result": told}
        elif request["command"] == "faults":
            parameter = {"type": "host", "choices": []}
            found["result"] = {"host-down": {"title": "A host loses power", "parameters": {"host": parameter}}}
        self.wfile.write(json.dumps(found).encode() + b"\n")


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    """The folder of a lab whose control socket answers."""
    (tmp_path / "clouds.yaml").touch()
    with socketserver.UnixStreamServer(str(tmp_path / "control.sock"), Answering) as server:
        serving = threading.Thread(target=server.serve_forever, args=(0.01,))
        serving.start()
        yield tmp_path
        server.shutdown()
        serving.join()


def test_faults_are_listed_injected_and_refused(state: Path, capfd: pytest.CaptureFixture[str]) -> None:
    lab.run(options("fault", "list", "--state", str(state)))
    assert capfd.readouterr().out == "host-down host=<host>\n    A host loses power\n"
    lab.run(options("fault", "inject", "host-down", "host=cmp01", "--state", str(state)))
    assert capfd.readouterr().out == "f1  host-down host=cmp01  since now\n"
    for words in (("inject", "rain"), ("inject", "host-down", "cmp01"), ("inject",)):
        with pytest.raises(UsageError):
            lab.run(options("fault", *words, "--state", str(state)))


def test_a_lab_that_is_down_is_told_with_its_own_command(tmp_path: Path) -> None:
    (tmp_path / "clouds.yaml").touch()
    with pytest.raises(Unreachable, match="nephoscope lab up"):
        lab.run(options("fault", "list", "--state", str(tmp_path)))
