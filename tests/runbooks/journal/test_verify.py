"""Verifying: each way to tamper is found and named, a torn write is no tampering, a cut tail needs the head."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runbooks.journal import JournalError, Record, read, verify
from runbooks.journal.record import digest
from tests.runbooks.journal.written import changed, filled, journal, lines, rewritten


def test_no_journal_is_whole(tmp_path: Path) -> None:
    assert verify(tmp_path / "j").ok
    assert verify(tmp_path / "j").records == 0


def test_a_whole_one_tells_its_head(tmp_path: Path) -> None:
    before = filled(tmp_path / "j", 5)
    found = verify(tmp_path / "j")
    assert (found.state, found.records, found.head) == ("ok", 5, json.loads(before[4])["hash"])


def test_an_edited_record_is_named(tmp_path: Path) -> None:
    before = filled(tmp_path / "j", 5)
    before[2] = before[2].replace(b"disable", b"enable ")
    rewritten(tmp_path / "j", before)
    found = verify(tmp_path / "j")
    assert (found.state, found.seq, found.line, found.records) == ("edited", 3, 3, 2)
    assert "record 3 was changed" in found.words


def test_one_that_was_hashed_anew_is_named(tmp_path: Path) -> None:
    before = filled(tmp_path / "j", 5)
    body = json.loads(before[2]) | {"run": "other"}
    del body["hash"]
    before[2] = changed(before[2], run="other", hash=digest(body))
    rewritten(tmp_path / "j", before)
    found = verify(tmp_path / "j")
    assert (found.state, found.seq) == ("edited", 3)
    assert "replaced" in found.words


@pytest.mark.parametrize(("gone", "seq"), [([0], 1), ([2], 3), ([1, 2], 2)])
def test_missing_records_are_named(tmp_path: Path, gone: list[int], seq: int) -> None:
    before = filled(tmp_path / "j", 5)
    rewritten(tmp_path / "j", [line for n, line in enumerate(before) if n not in gone])
    found = verify(tmp_path / "j")
    assert (found.state, found.seq) == ("missing", seq)


def test_records_in_another_order_are_named(tmp_path: Path) -> None:
    before = filled(tmp_path / "j", 5)
    rewritten(tmp_path / "j", [before[0], before[2], before[1], *before[3:]])
    assert (verify(tmp_path / "j").state, verify(tmp_path / "j").seq) == ("reordered", 2)


def test_a_record_that_stands_twice_is_named(tmp_path: Path) -> None:
    before = filled(tmp_path / "j", 3)
    rewritten(tmp_path / "j", [*before, before[1]])
    assert (verify(tmp_path / "j").state, verify(tmp_path / "j").seq) == ("reordered", 2)


def test_a_key_that_stands_twice_is_tampering(tmp_path: Path) -> None:
    before = filled(tmp_path / "j", 3)
    before[1] = before[1].replace(b'{"seq":2,', b'{"seq":2,"run":"shown by some readers",')
    rewritten(tmp_path / "j", before)
    assert (verify(tmp_path / "j").state, verify(tmp_path / "j").seq) == ("edited", 2)


@pytest.mark.parametrize("garbage", [b"hello\n", b"\n", b"[]\n", b'{"seq":3}\n', b'{"seq":3,"at\n'])
def test_a_line_that_is_none_in_the_middle_is_tampering(tmp_path: Path, garbage: bytes) -> None:
    before = filled(tmp_path / "j", 4)
    rewritten(tmp_path / "j", [*before[:2], garbage, *before[2:]])
    found = verify(tmp_path / "j")
    assert (found.state, found.line) == ("edited", 3)


def test_a_tail_that_was_cut_off_is_seen_by_the_head_alone(tmp_path: Path) -> None:
    before = filled(tmp_path / "j", 5)
    head = json.loads(before[4])["hash"]
    rewritten(tmp_path / "j", before[:3])
    assert verify(tmp_path / "j").ok
    found = verify(tmp_path / "j", head)
    assert (found.state, found.seq, found.records) == ("cut", 4, 3)


def test_the_head_may_be_an_earlier_one_or_shortened(tmp_path: Path) -> None:
    heads = [json.loads(line)["hash"] for line in filled(tmp_path / "j", 5)]
    assert verify(tmp_path / "j", heads[4]).words.endswith("that head is the last record")
    found = verify(tmp_path / "j", heads[2][:12].upper())
    assert found.ok
    assert "that head is seq 3, 2 records came after it" in found.words
    assert verify(tmp_path / "j", heads[2][:4]).state == "cut", "too short to say anything"


def test_what_was_left_of_a_torn_write_cannot_be_changed(tmp_path: Path) -> None:
    before = filled(tmp_path / "j", 3)
    rewritten(tmp_path / "j", [*before[:2], before[2][:50]])
    journal(tmp_path / "j").append("armed", "", {})
    after = lines(tmp_path / "j")
    for found in (after[:2] + after[3:], [*after[:2], after[2][:20] + b"\n", *after[3:]]):
        rewritten(tmp_path / "j", found)
        assert verify(tmp_path / "j").state == "edited"


def test_one_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "j").mkdir()
    with pytest.raises(JournalError, match="cannot be read"):
        verify(tmp_path / "j")


VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(st.characters(), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
DATA = st.dictionaries(st.text(st.characters(), max_size=10), VALUES, max_size=5)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(DATA, min_size=1, max_size=6), st.data())
def test_any_records_make_a_chain_and_any_change_of_a_byte_breaks_it(found: list[dict[str, Any]], data: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "j"
        own = journal(path)
        written = [own.append("did", "r", values) for values in found]
        assert [r for r in read(path) if isinstance(r, Record)] == written
        head = written[-1].hash
        assert verify(path, head).words.endswith("that head is the last record")
        raw = bytearray(path.read_bytes())
        at = data.draw(st.integers(0, len(raw) - 2))  # without the last line end: its loss loses nothing
        raw[at] ^= data.draw(st.integers(1, 255))
        path.write_bytes(raw)
        after = verify(path, head)
        same = [r for r in read(path) if isinstance(r, Record)] == written
        assert not after.ok or same, "a change that changes nothing (of `a` and `A` in an escape) may pass"


@settings(max_examples=60, deadline=None)
@given(st.permutations(list(range(6))), st.integers(0, 6))
def test_any_other_choice_or_order_of_lines_is_found(order: list[int], count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "j"
        before = filled(path, 6)
        head = json.loads(before[5])["hash"]
        kept = order[:count]
        rewritten(path, [before[n] for n in kept])
        assert verify(path, head).ok is (kept == list(range(6)))
        assert verify(path).ok is (kept == list(range(count)))
