"""Running a program that prints a secret: time limit, size limit, both streams, its standard input."""

from __future__ import annotations

import os
import select
import time
from pathlib import Path

import pytest

from collectors.errors import BadConfiguration
from collectors.programs import LARGEST, Done, first_line, output_of
from tests.console.config.files import program

ENVIRON = {"PATH": "/usr/bin:/bin"}


def run(folder: Path, text: str, given: bytes | None = None, seconds: float = 10.0) -> Done:
    program(folder / "p", text)
    return output_of(["./p"], ENVIRON, folder=folder, what="test", given=given, seconds=seconds)


def test_code_and_both_streams(tmp_path: Path) -> None:
    done = run(tmp_path, "echo out; echo err >&2; exit 3")
    assert (done.code, done.output, done.complaint) == (3, b"out\n", b"err\n")


def test_input_is_given(tmp_path: Path) -> None:
    assert run(tmp_path, "cat", b"hello").output == b"hello"


def test_much_input_and_output_do_not_block_each_other(tmp_path: Path) -> None:
    data = b"x" * 1_000_000
    assert run(tmp_path, "cat", data).output == data


def test_a_program_need_not_read_its_input(tmp_path: Path) -> None:
    assert run(tmp_path, "exec <&-; echo done", b"x" * 1_000_000).output == b"done\n"


def test_only_the_environment_that_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEPHOSCOPE_TEST", "leaked")
    assert run(tmp_path, 'echo "[$NEPHOSCOPE_TEST]"').output == b"[]\n"


def ended(process: int) -> bool:
    """Whether a process that is not ours to wait for ends within 5 s."""
    try:
        handle = os.pidfd_open(process)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], 5)[0])
    finally:
        os.close(handle)


@pytest.mark.parametrize("text", ["sleep 60", "sleep 60 & wait", "exec >&- 2>&-; sleep 60", "trap '' TERM; sleep 60"])
def test_the_time_limit(tmp_path: Path, text: str) -> None:
    begin = time.monotonic()
    with pytest.raises(BadConfiguration, match=r"did not end within 0\.3 s"):
        run(tmp_path, text, seconds=0.3)
    assert time.monotonic() - begin < 5


def test_the_size_limit(tmp_path: Path) -> None:
    with pytest.raises(BadConfiguration, match="printed more than 4 MiB"):
        run(tmp_path, "yes")
    assert LARGEST == 4 * 2**20


def test_children_of_a_program_that_is_ended_end_too(tmp_path: Path) -> None:
    with pytest.raises(BadConfiguration):
        run(tmp_path, "sleep 61.5 & echo $! > child; wait", seconds=0.3)
    child = int((tmp_path / "child").read_text())
    assert ended(child)


def test_what_it_printed_is_not_in_its_repr() -> None:
    assert "hunter2" not in repr(Done(0, b"hunter2", b"hunter2"))


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"", ""),
        (b"\n \n", ""),
        (b"\n  one \ntwo", "one"),
        (b"\xff\n", "�"),
        (b"a\x07b", "a\\x07b"),
        (b"y" * 999, "y" * 199 + "…"),
    ],
)
def test_first_line(data: bytes, line: str) -> None:
    assert first_line(data) == line
