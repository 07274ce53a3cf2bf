"""Log lines from Loki: which streams are meant, all of their lines page by page, and what is added to them later.

Loki answers with at most so many lines, so a reading goes back page by page from now; a page ends between two moments,
and lines of the very same moment are told apart by their text. Following asks again every few seconds, always for a
little more than what is new, because lines of different hosts arrive late by different times.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import msgspec

from collectors.deadline import Deadline
from collectors.errors import NoSuchObject
from collectors.logs import logql
from collectors.logs.formats import Parts, parts
from collectors.logs.line import LEVELS, LogLine
from collectors.logs.logql import Entry
from collectors.logs.places import Has
from collectors.sources.loki import PAGE, Direction, LokiSource

ASK_SECONDS: Final = 30.0
"""For one answer."""
POLL: Final = 2.0
LATE: Final = 20.0
"""Seconds by which lines may arrive after others that are younger."""
AHEAD: Final = 60.0
"""Seconds by which Loki's or a host's clock may be ahead of ours."""
_MESSAGES: Final = ("MESSAGE", "Payload", "message", "msg", "log", "line")
"""Members of a line that is JSON: journald's, Kolla's Fluentd's, and the usual ones."""


class Sought(msgspec.Struct, frozen=True):
    """What is looked for in Loki."""

    units: tuple[str, ...]
    words: str
    """Only lines that hold this; empty: all."""
    since: float
    lines: int
    follow: bool


class Central:
    """One site's Loki, as the readers of logs see it; many threads may use it at once."""

    def __init__(
        self,
        loki: LokiSource,
        hosts: Sequence[tuple[str, str]],
        limit: Callable[[float], Deadline] = Deadline,
        clock: Callable[[], float] = time.time,
        poll: float = POLL,
    ) -> None:
        """`hosts` are (name, address) of the site's."""
        self.loki = loki
        self.prefer = loki.site.prefer
        self._hosts, self._limit, self._clock, self._poll = hosts, limit, clock, poll
        self._lock = threading.Lock()
        self._known: tuple[str, dict[str, str], dict[str, list[str]]] | None = None

    @contextmanager
    def _within(self, cancel: Deadline) -> Iterator[Deadline]:
        """The time for one answer; it ends with the whole reading."""
        own = self._limit(min(ASK_SECONDS, cancel.remaining()))
        key = cancel.guard(own.end)
        try:
            yield own
        finally:
            cancel.release(key)

    def _labels(self, since: float, cancel: Deadline) -> list[str]:
        with self._within(cancel) as own:
            return self.loki.labels(since, own)

    def _values(self, label: str, since: float, cancel: Deadline) -> list[str]:
        with self._within(cancel) as own:
            return self.loki.values(label, since, own)

    def _page(
        self, query: str, start: int, end: int, limit: int, direction: Direction, cancel: Deadline
    ) -> list[Entry]:
        with self._within(cancel) as own:
            return self.loki.page(query, start, end, limit, direction, own)

    def known(self, since: float, cancel: Deadline) -> tuple[str, dict[str, str], dict[str, list[str]]]:
        """(label of hosts, its value → our host, label of services → values). Raises `SourceError`."""
        with self._lock:
            if self._known is None:
                self._known = self._look(since, cancel)
            return self._known

    def _look(self, since: float, cancel: Deadline) -> tuple[str, dict[str, str], dict[str, list[str]]]:
        told = self._labels(since, cancel)
        wanted = (self.loki.site.host_label,) if self.loki.site.host_label else logql.HOST_LABELS
        found: dict[str, str] = {}
        label = ""
        for name in wanted:
            if name in told:
                values = self._values(name, since, cancel)
                found = logql.hosts_by(values, self._hosts) if self._hosts else {value: value for value in values}
                label = name
            if found:
                break
        if not found:
            why = f"none of its labels names a host of ours: {', '.join(sorted(told)[:12]) or 'it has no streams'}"
            raise NoSuchObject("loki", why, f"set host_label in {self.loki.web.table}")
        own = self.loki.site.service_label
        names = [name for name in ((own,) if own else logql.SERVICE_LABELS) if name in told]
        return label, found, {name: self._values(name, since, cancel) for name in names}

    def has(self, since: float, cancel: Deadline) -> Has:
        """All that logs there, for words about what somebody may have meant. Raises `SourceError`."""
        there = self.known(since, cancel)[2]
        return Has(units=tuple(logql.named(label, each) for label, values in there.items() for each in values))

    def means(self, units: Sequence[str], since: float, cancel: Deadline) -> bool:
        """True when something there is called like one of `units`. Raises `SourceError`."""
        return bool(logql.services(units, self.known(since, cancel)[2]))

    def lines(self, hosts: Sequence[str], sought: Sought, cancel: Deadline) -> Iterator[list[LogLine]]:
        """Lines of `hosts` (none: of all), newest page first; with `follow`, for ever. Raises `SourceError`."""
        label, by_value, there = self.known(sought.since, cancel)
        values = [value for value, name in by_value.items() if name in hosts] if hosts else list(by_value)
        if sought.units:
            chosen = logql.services(sought.units, there)
            asked = logql.queries(label, values, chosen, sought.words)
        else:
            chosen = there
            asked = [logql.selector(label, values) + logql.containing(sought.words)]
        began = self._clock()

        def made(found: Sequence[Entry]) -> list[LogLine]:
            return [_line(entry, by_value.get(dict(entry[1]).get(label, ""), ""), chosen) for entry in found]

        start, end = int(sought.since * 1e9), int((began + AHEAD) * 1e9)
        seen: dict[Entry, None] = {}
        for query in asked:
            for page in self._back(query, start, end, sought.lines, cancel):
                seen |= dict.fromkeys(entry for entry in page if entry[0] > (began - LATE) * 1e9)
                yield made(page)
        if sought.follow and asked:
            for page in self._onwards(asked, seen, max(sought.since, began - LATE), cancel):
                yield made(page)

    def _back(self, query: str, start: int, end: int, lines: int, cancel: Deadline) -> Iterator[list[Entry]]:
        """The latest `lines` of a query, page by page, from `end` back to `start`."""
        before: set[Entry] = set()
        while lines > 0 and not cancel.expired:
            limit = min(PAGE, lines + len(before))
            page = self._page(query, start, end, limit, "backward", cancel)
            fresh = [entry for entry in page if entry not in before]
            lines -= len(fresh)
            if fresh:
                yield fresh
            if len(page) < limit:
                return
            oldest = page[0][0]
            # The end is exclusive; where one moment fills a page, what else it has cannot be asked for.
            end = oldest + 1 if fresh else oldest
            before = {entry for entry in page if entry[0] == oldest}

    def _onwards(
        self, asked: Sequence[str], seen: dict[Entry, None], since: float, cancel: Deadline
    ) -> Iterator[list[Entry]]:
        """What is new, every few seconds."""
        stop = threading.Event()
        cancel.guard(stop.set)
        while not stop.wait(self._poll) and not cancel.expired:
            now = self._clock()
            for query in asked:
                start, end = int(since * 1e9), int((now + AHEAD) * 1e9)
                for page in self._forth(query, start, end, cancel):
                    fresh = [entry for entry in page if entry not in seen]
                    seen |= dict.fromkeys(fresh)
                    if fresh:
                        yield fresh
            since = max(since, now - LATE)
            for old in [entry for entry in seen if entry[0] < since * 1e9]:
                del seen[old]

    def _forth(self, query: str, start: int, end: int, cancel: Deadline) -> Iterator[list[Entry]]:
        """All that a query has from `start` on, the oldest first."""
        while not cancel.expired:
            page = self._page(query, start, end, PAGE, "forward", cancel)
            yield page
            if len(page) < PAGE:
                return
            newest = page[-1][0]
            start = newest if page[0][0] < newest else newest + 1


def _line(entry: Entry, host: str, services: dict[str, list[str]]) -> LogLine:
    """A line with its stream's labels: its own level and request where it says them, else the labels'."""
    stamp, pairs, text = entry
    labels = dict(pairs)
    said = _parts(text)
    level = said.level or next((parts(f"level={labels[n]}").level for n in logql.LEVEL_LABELS if n in labels), "")
    label = next((name for name in services if name in labels), "")
    return LogLine(
        time=stamp / 1e9, level=level if level in LEVELS else "", host=host,
        service=logql.named(label, labels[label]) if label else labels.get("job", ""),
        request_id=said.request_id, logger=said.logger, message=said.message, source="loki",
    )  # fmt: skip


def _parts(text: str) -> Parts:
    """The parts of a line; of one that is a JSON object, of its message."""
    if text[:1] == "{":
        try:
            found: Any = msgspec.json.decode(text)
        except msgspec.DecodeError:
            return parts(text)
        name = next((name for name in _MESSAGES if isinstance(found.get(name), str)), "")
        if name:
            said = parts(found[name])
            level = str(found.get("log_level") or found.get("level") or "")
            own = said.level or (parts(f"level={level}").level if level else "")
            return Parts(said.time, own, said.logger or found.get("python_module"), said.request_id, said.message)
    return parts(text)
