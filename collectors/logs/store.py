"""The lines of many logs in order of time, in bounded memory: a million lines cost some tens of megabytes.

What sorting and levels need is held in flat arrays; the texts are packed in blocks, and only the blocks that are looked
at are unpacked. Lines arrive on readers' threads in any order between hosts; a line has the number of its arrival for
good, and `order` is the numbers in order of time. When there is too much, the lines that arrived first are dropped.
"""

from __future__ import annotations

import threading
import zlib
from array import array
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import msgspec

from collectors.logs.line import LEVELS, LogLine, rank

BLOCK: Final = 512
"""Lines of one block."""
MOST_LINES: Final = 1_000_000
MOST_BYTES: Final = 64 * 2**20
"""Of packed text."""
_UNPACKED: Final = 24
"""Blocks that are kept unpacked: a screen, and what lies around it in several logs."""
_DROPPED: Final = 10
"""A tenth is dropped at once, because every drop looks at all numbers."""
_NO_LEVEL: Final = len(LEVELS)
_FIELD, _LINE = "\x1f", "\x1e"


class Origin(msgspec.Struct, frozen=True):
    """What many lines share."""

    host: str
    service: str
    source: str
    logger: str | None


class LogStore:
    """Add from any thread; look from any thread."""

    def __init__(self, most_lines: int = MOST_LINES, most_bytes: int = MOST_BYTES) -> None:
        self._most_lines, self._most_bytes = most_lines, most_bytes
        self._lock = threading.Lock()
        self._times = array("d")
        self._levels = array("B")
        self._places = array("L")
        """Number of the origin."""
        self._origins: list[Origin] = []
        self._known: dict[Origin, int] = {}
        self._blocks: list[bytes] = []
        self._open: list[str] = []
        """Texts of the block that is not full yet."""
        self._texts: OrderedDict[int, list[str]] = OrderedDict()
        self._bytes = 0
        self._base = 0
        """Number of the first line that is still here; always the first of a block."""
        self._order = array("L")
        self._dropped = 0

    def __len__(self) -> int:
        return len(self._order)

    @property
    def order(self) -> Sequence[int]:
        """The numbers of all lines in order of time; it grows at its end, or is replaced."""
        return self._order

    @property
    def dropped(self) -> int:
        """Lines that had to go."""
        return self._dropped

    @property
    def size(self) -> int:
        """Bytes of packed text."""
        return self._bytes

    # -- adding ---------------------------------------------------------------------------------------------------

    def add(self, lines: Sequence[LogLine]) -> None:
        """Take lines; a line without a time follows the one before it."""
        if not lines:
            return
        with self._lock:
            first = self._base + len(self._times)
            for line in lines:
                self._take(line)
            self._sort(first)
            if len(self._times) > self._most_lines or self._bytes > self._most_bytes:
                self._drop()

    def _take(self, line: LogLine) -> None:
        origin = Origin(line.host, line.service, line.source, line.logger)
        place = self._known.get(origin)
        if place is None:
            place = self._known[origin] = len(self._origins)
            self._origins.append(origin)
        last = self._times[-1] if self._times else 0.0
        self._times.append(line.time if line.time is not None else last)
        self._levels.append(rank(line.level) if line.level else _NO_LEVEL)
        self._places.append(place)
        known = "" if line.time is not None else "?"
        self._open.append(f"{known}{_FIELD}{line.request_id or ''}{_FIELD}{line.message.replace(_LINE, ' ')}")
        if len(self._open) == BLOCK:
            packed = zlib.compress(_LINE.join(self._open).encode("utf-8", "surrogatepass"), 1)
            self._blocks.append(packed)
            self._bytes += len(packed)
            self._open = []

    def _sort(self, first: int) -> None:
        """Put the lines from number `first` on in their place; only what is newer than the oldest of them moves."""
        times, base = self._times, self._base
        added = range(first, base + len(times))

        def key(number: int) -> float:
            return times[number - base]

        oldest = min(times[first - base :])
        cut = bisect_right(self._order, oldest, key=key)
        tail = [*self._order[cut:], *added]
        tail.sort(key=key)
        if cut == len(self._order):
            self._order.extend(tail)
        else:
            self._order = self._order[:cut] + array("L", tail)

    def _drop(self) -> None:
        """The oldest tenth of what arrived, in whole blocks."""
        many = min(max(len(self._blocks) // _DROPPED, 1), len(self._blocks))
        gone = many * BLOCK
        del self._times[:gone], self._levels[:gone], self._places[:gone]
        self._bytes -= sum(map(len, self._blocks[:many]))
        del self._blocks[:many]
        self._base += gone
        self._dropped += gone
        self._texts.clear()
        self._order = array("L", [number for number in self._order if number >= self._base])

    def arranged(self, numbers: Iterable[int]) -> list[int]:
        """Those of `numbers` that are still here, in order of time."""
        with self._lock:
            times, base = self._times, self._base
            here = [number for number in numbers if base <= number < base + len(times)]
            here.sort(key=lambda number: times[number - base])
            return here

    @property
    def numbers(self) -> range:
        """The numbers that there are, in the order of their arrival."""
        with self._lock:
            return range(self._base, self._base + len(self._times))

    # -- looking --------------------------------------------------------------------------------------------------

    def line(self, number: int) -> LogLine | None:
        """The line with that number; None when it was dropped."""
        with self._lock:
            return self._line(number)

    def as_bad_as(self, worst: int, numbers: Sequence[int]) -> list[int]:
        """Those of `numbers` whose level has that rank or a worse one; nothing is unpacked for it."""
        with self._lock:
            levels, base = self._levels, self._base
            information = rank("")
            return [
                number
                for number in numbers
                if number >= base and (level if (level := levels[number - base]) < _NO_LEVEL else information) <= worst
            ]

    def some(self, numbers: Sequence[int]) -> Iterator[tuple[int, LogLine]]:
        """(number, line) of those that are still here."""
        with self._lock:
            found = [(number, self._line(number)) for number in numbers]
        yield from ((number, line) for number, line in found if line is not None)

    def _line(self, number: int) -> LogLine | None:
        at = number - self._base
        if not 0 <= at < len(self._times):
            return None
        known, request, message = self._text(at).split(_FIELD, 2)
        origin, level = self._origins[self._places[at]], self._levels[at]
        return LogLine(
            time=None if known else self._times[at],
            level="" if level == _NO_LEVEL else LEVELS[level],
            host=origin.host,
            service=origin.service,
            request_id=request or None,
            logger=origin.logger,
            message=message,
            source=origin.source,
            id=str(number),
        )

    def _text(self, at: int) -> str:
        block, inside = divmod(at, BLOCK)
        if block == len(self._blocks):
            return self._open[inside]
        found = self._texts.get(block)
        if found is None:
            found = zlib.decompress(self._blocks[block]).decode("utf-8", "surrogatepass").split(_LINE)
            self._texts[block] = found
            if len(self._texts) > _UNPACKED:
                self._texts.popitem(last=False)
        else:
            self._texts.move_to_end(block)
        return found[inside]
