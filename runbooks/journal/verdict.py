"""Is the journal what was written? Every hash is computed again, every link of the chain followed.

A write that was cut off is told apart from tampering: it is the beginning of a record, and either the last thing in the
file or accounted for by the record `torn` behind it. Records cut off at the end leave a chain that holds: only a head
that was kept elsewhere (syslog) shows them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, TypeAlias

import msgspec

from runbooks.journal.reading import raw_lines
from runbooks.journal.record import Line, OddLine, cut_off, line_of

State: TypeAlias = Literal["ok", "torn", "edited", "missing", "reordered", "cut"]


class Verdict(msgspec.Struct, frozen=True):
    """What is wrong first, if anything."""

    state: State
    words: str
    seq: int = 0
    """The record that is broken, or would be next; 0 when that is not known."""
    line: int = 0
    """Where in the file; 0: nowhere."""
    records: int = 0
    """Records that hold, from the first on."""
    head: str = ""
    """Hash of the last of them."""
    torn: tuple[int, ...] = ()
    """Writes that were cut off and are accounted for: seq of each record `torn`."""

    @property
    def ok(self) -> bool:
        """True when nothing is wrong."""
        return self.state == "ok"


class _Broken(Exception):  # noqa: N818 - it carries a finding, and never leaves this file
    def __init__(self, state: State, words: str, seq: int, line: int) -> None:
        super().__init__(words)
        self.found = (state, words, seq, line)


def verify(path: Path, head: str | None = None) -> Verdict:
    """Look at all of it; `head` is a hash that must be in it (or how it begins). Raises `JournalError`."""
    chain = _Chain(path)
    try:
        chain.follow()
    except _Broken as broken:
        state, words, seq, line = broken.found
        return Verdict(state, words, seq, line, chain.records, chain.head, tuple(chain.torn))
    found = Verdict("ok", chain.words(), 0, 0, chain.records, chain.head, tuple(chain.torn))
    if head:
        found = _with_head(found, chain, head.strip().lower())
    if found.ok and chain.loose:
        size = sum(odd.size for odd in chain.loose)
        words = f"a write of {size} bytes was cut off at the end; the next append says so in the journal"
        return msgspec.structs.replace(found, state="torn", words=words, line=chain.loose[0].line)
    return found


def _with_head(found: Verdict, chain: _Chain, head: str) -> Verdict:
    at = next((n for n, known in enumerate(chain.hashes) if len(head) >= 8 and known.startswith(head)), None)
    if at is None:
        words = f"no record has the head {head[:16]}…: the tail was cut off, or this is another journal"
        return msgspec.structs.replace(found, state="cut", words=words, seq=chain.records + 1)
    if later := chain.records - at - 1:
        more = f"; that head is seq {at + 1}, {later} record{'s' if later != 1 else ''} came after it"
        return msgspec.structs.replace(found, words=found.words + more)
    return msgspec.structs.replace(found, words=f"{found.words}; that head is the last record")


class _Chain:
    """The chain as far as it holds."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.records = 0
        self.head = ""
        self.hashes: list[str] = []
        self.torn: list[int] = []
        self.loose: list[OddLine] = []
        """Odd lines since the last record."""

    def words(self) -> str:
        told = f"{self.records:,} record{'s' if self.records != 1 else ''}, the chain holds"
        if self.torn:
            told += f"; {len(self.torn)} write{'s' if len(self.torn) != 1 else ''} cut off and accounted for"
        return told

    def follow(self) -> None:
        """Link by link. Raises `_Broken`."""
        for number, raw, ended in raw_lines(self._path):
            line = line_of(raw, number)
            if isinstance(line, Line):
                self._record(line, raw, number)
            elif ended and not cut_off(raw):
                raise _Broken("edited", f"line {number} is no record: {line.why}", self.records + 1, number)
            else:
                self.loose.append(line)

    def _record(self, line: Line, raw: bytes, number: int) -> None:
        if line.digest() != line.hash or _says_twice(raw):
            raise _Broken("edited", f"record {line.seq} was changed after it was written", line.seq, number)
        if line.seq != self.records + 1:
            raise self._out_of_order(line, number)
        if line.prev != self.head:
            if not self.records:
                raise _Broken("missing", "the first record follows one that is not there", 1, number)
            words = f"record {self.records} is not the one that record {line.seq} was written behind: it was replaced"
            raise _Broken("edited", words, self.records, number)
        self._account_for(line, number)
        self.records, self.head = line.seq, line.hash
        self.hashes.append(line.hash)

    def _account_for(self, line: Line, number: int) -> None:
        """Writes that were cut off stand right before the record that tells of them."""
        if line.event == "torn":
            if line.data.get("bytes") != sum(odd.size for odd in self.loose):
                words = f"record {line.seq} tells of a write that was cut off; what was left of it was changed"
                raise _Broken("edited", words, line.seq, number)
            self.torn.append(line.seq)
        elif self.loose:
            odd = self.loose[0]
            words = f"line {odd.line} is no record, and nothing accounts for it: {odd.why}"
            raise _Broken("edited", words, line.seq, odd.line)
        self.loose = []

    def _out_of_order(self, line: Line, number: int) -> _Broken:
        expected = self.records + 1
        if line.seq < expected:
            return _Broken("reordered", f"record {line.seq} stands behind record {self.records}", line.seq, number)
        if any(seq == expected for seq in self._later(number)):
            words = f"record {line.seq} stands where record {expected} should; that one comes later"
            return _Broken("reordered", words, expected, number)
        last = line.seq - 1
        which = f"record {expected} is" if last == expected else f"records {expected} to {last} are"
        return _Broken("missing", f"{which} missing before record {line.seq}", expected, number)

    def _later(self, number: int) -> Iterator[int]:
        for at, raw, _ in raw_lines(self._path):
            line = line_of(raw) if at > number else None
            if isinstance(line, Line):
                yield line.seq


def _says_twice(raw: bytes) -> bool:
    """Does an object in it have a key twice? Readers differ in which of the two they believe."""
    twice = False

    def pairs(found: list[tuple[str, Any]]) -> None:
        nonlocal twice
        twice = twice or len({key for key, _ in found}) != len(found)

    json.loads(raw, object_pairs_hook=pairs)
    return twice
