"""Types are compiled once, under a lock: readers that meet one at the same moment must not end the process."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from collectors.shapes import converted, decoded, decoder

ROOT = Path(__file__).resolve().parents[2]

TOGETHER = """
import sys, threading
import msgspec
from collectors.shapes import converted, decoded
sys.setswitchinterval(1e-6)
for turn in range(60):
    inner = msgspec.defstruct("Inner", [(f"f{n}", int, 0) for n in range(40)])
    outer = msgspec.defstruct("Outer", [("one", inner), ("many", dict[str, inner], {})])
    start = threading.Barrier(8)
    said = []
    def read(number):
        start.wait()
        if number % 2:
            found = converted({"one": {"f1": 1}, "many": {"x": {"f3": 4}}}, outer)
        else:
            found = decoded(b'{"one": {"f1": 1}, "many": {"x": {"f3": 4}}}', outer)
        said.append(found.many["x"].f3 + found.one.f1)
    readers = [threading.Thread(target=read, args=(number,)) for number in range(8)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert said == [5] * 8, said
print("whole")
"""


def test_readers_that_meet_a_type_at_the_same_moment() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", TOGETHER], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert (ended.returncode, ended.stdout) == (0, "whole\n"), ended.stderr


class Row(msgspec.Struct):
    """A row."""

    id: str
    size: int = 0


def test_a_decoder_is_made_once() -> None:
    assert decoder(list[Row]) is decoder(list[Row])


def test_what_is_wrong_is_said() -> None:
    assert decoded(b'{"id": "a", "size": 3}', Row) == Row("a", 3)
    with pytest.raises(msgspec.ValidationError, match="size"):
        decoded(b'{"id": "a", "size": "3"}', Row)
    with pytest.raises(msgspec.ValidationError, match="size"):
        converted({"id": "a", "size": "3"}, Row)
    assert converted({"id": "a", "size": "3"}, Row, strict=False) == Row("a", 3)


GROUNDS = {"ground", "simulator", "lab"}
"""Below runbooks: processes of their own, which import nothing of ours."""


@pytest.mark.parametrize("package", ["collectors", "console", "views", "runbooks"])
def test_no_other_module_hands_a_type_to_msgspec(package: str) -> None:
    handed = re.compile(r"msgspec\.(convert\(|json\.Decoder\(|\w+\.decode\([^\n]*\btype=)")
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in sorted((ROOT / package).rglob("*.py"))
        if path != ROOT / "collectors" / "shapes.py" and not set(path.parts) & GROUNDS
        for line in path.read_text().splitlines()
        if handed.search(line)
    ]
    assert found == []
