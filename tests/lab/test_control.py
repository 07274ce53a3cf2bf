"""The lab's control socket: the same protocol as the simulator's."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from runbooks.ground.declared import FILE, FaultError
from runbooks.lab.control import Control, Server
from runbooks.lab.faults.active import Active, Faults
from runbooks.lab.lab import Lab
from runbooks.lab.layout import Layout

NOW = 1_790_000_000.0


class Pretended(Faults):
    """Faults that break nothing."""

    def __init__(self, lab: Lab) -> None:
        super().__init__(lab)
        self.made: list[Active] = []

    @property
    def active(self) -> dict[str, Active]:
        return {each.id: each for each in self.made}

    def inject(self, name: str, given: Any) -> Active:
        if name != "host-down":
            raise FaultError(f"no fault is called {name!r}")
        found = Active(f"f{len(self.made) + 1}", name, dict(given), NOW)
        self.made.append(found)
        return found

    def undo(self, fault_id: str) -> Active:
        found = self.active[fault_id]
        self.made.remove(found)
        return found


@pytest.fixture
def control(tmp_path: Path) -> Control:
    return Control(Pretended(Lab(tmp_path, Layout(99, "core"), "test")), lambda: NOW)


def ask(control: Control, **request: object) -> dict[str, Any]:
    line = control.answer(json.dumps(request).encode() + b"\n")
    assert line.endswith(b"\n")
    found: dict[str, Any] = json.loads(line)
    return found


def test_a_fault_is_made_seen_and_taken_back(control: Control) -> None:
    made = ask(control, command="inject", fault="host-down", parameters={"host": "cmp01"})
    wanted = {"id": "f1", "fault": "host-down", "parameters": {"host": "cmp01"}, "since": "2026-09-21T14:13:20Z"}
    assert made == {"ok": True, "result": wanted}
    assert ask(control, command="active")["result"] == [wanted]
    assert ask(control, command="undo", id="f1")["result"] == [wanted]
    assert ask(control, command="active")["result"] == []


def test_undo_without_an_id_takes_all_back_the_last_one_first(control: Control) -> None:
    for host in ("cmp01", "cmp02"):
        ask(control, command="inject", fault="host-down", parameters={"host": host})
    assert [each["id"] for each in ask(control, command="undo")["result"]] == ["f2", "f1"]


def test_reset_takes_all_back_and_says_nothing(control: Control) -> None:
    ask(control, command="inject", fault="host-down", parameters={})
    assert ask(control, command="reset") == {"ok": True, "result": None}
    assert ask(control, command="active")["result"] == []


def test_faults_are_those_of_the_lab(control: Control) -> None:
    found = ask(control, command="faults")["result"]
    declared = yaml.safe_load(FILE.read_text())
    assert set(found) == {name for name, plan in declared.items() if "lab" in plan["grounds"]}
    assert found["host-down"]["parameters"]["host"]["type"] == "host"


@pytest.mark.parametrize(
    ("request_line", "words"),
    [
        (b"what?\n", "not a request"),
        (b'{"fault": "host-down"}\n', "not a request"),
        (b'{"command": "dance"}\n', "no command is called 'dance'"),
        (b'{"command": "inject", "fault": "rain"}\n', "no fault is called 'rain'"),
        (b'{"command": "writes"}\n', "no list"),
        (b'{"command": "clock", "advance": 60}\n', "cannot be moved on"),
    ],
)
def test_what_cannot_be_done_is_told_in_words(control: Control, request_line: bytes, words: str) -> None:
    found = json.loads(control.answer(request_line))
    assert found["ok"] is False
    assert words in found["error"]


def test_the_time_is_told(control: Control) -> None:
    assert ask(control, command="clock")["result"] == {"now": NOW, "iso": "2026-09-21T14:13:20Z"}


def test_stop_is_heard(control: Control) -> None:
    assert ask(control, command="stop") == {"ok": True, "result": None}
    assert control.stopped.is_set()


@pytest.fixture
def path(control: Control, tmp_path: Path) -> Iterator[Path]:
    """A socket that answers."""
    found = tmp_path / "control.sock"
    with Server(found, control) as server:
        serving = threading.Thread(target=server.serve_forever, args=(0.01,))
        serving.start()
        yield found
        server.shutdown()
        serving.join()


def test_the_socket_is_ours_alone_and_answers_line_by_line(path: Path) -> None:
    assert path.stat().st_mode & 0o777 == 0o600
    with socket.socket(socket.AF_UNIX) as client, client.makefile("rwb") as stream:
        client.settimeout(5)
        client.connect(str(path))
        for _ in range(2):
            stream.write(b'{"command": "active"}\n')
            stream.flush()
            assert json.loads(stream.readline()) == {"ok": True, "result": []}


def test_a_line_that_does_not_end_is_hung_up_on(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(5)
        client.connect(str(path))
        client.sendall(b"x" * 1000)
        client.shutdown(socket.SHUT_WR)
        assert client.recv(10) == b""
