"""The time that commands take: the shell runs a line at once, and its words are sent when they would have come.

A program that would wait says so (`Call.wait`); what it and later programs write is stamped with the sum of all waits.
The session holds each piece back until then. So a client of a cluster without a quorum hangs as long as a real one,
while the model answers everybody else.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Protocol

FOREVER = 86400.0
"""Seconds that a command waits which nothing ends but the client's own patience."""


class Sink(Protocol):
    """Where output goes."""

    def write(self, data: bytes, /) -> object: ...


@dataclass(slots=True)
class Pace:
    """How long the commands of one session have waited, in all."""

    waited: float = 0.0
    end: float = math.inf
    """When a signal ends the command that runs now (`timeout`)."""

    @property
    def ended(self) -> bool:
        """True when the moment of the signal has come: a program that heeds it says its last words now."""
        return self.waited >= self.end

    def until(self, moment: float) -> bool:
        """Wait until a moment; False when the signal came before."""
        self.waited = max(self.waited, min(moment, self.end))
        return not self.ended


@dataclass(slots=True)
class Until:
    """A sink that takes what is written by a moment, and drops what comes later: the command was ended by then."""

    sink: Sink
    pace: Pace
    end: float

    def write(self, data: bytes, /) -> object:
        if self.pace.waited > self.end:
            return len(data)
        return self.sink.write(data)


@dataclass(slots=True)
class Stamped:
    """What is written, in order, each piece with its moment and the stream that it is for."""

    pace: Pace
    pieces: list[tuple[float, Sink, bytes]] = field(default_factory=list)

    def onto(self, sink: Sink) -> Sink:
        """A sink that leads to `sink`, at the right moment."""
        return _Onto(self, sink)


@dataclass(slots=True)
class _Onto:
    stamped: Stamped
    sink: Sink

    def write(self, data: bytes, /) -> object:
        if not self.stamped.pieces and not self.stamped.pace.waited:
            return self.sink.write(data)  # nothing has waited yet: it may go at once
        self.stamped.pieces.append((self.stamped.pace.waited, self.sink, data))
        return len(data)
