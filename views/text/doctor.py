"""Facts of `doctor` as text and as records: per address who we are, the version, how fast, what we may not do.

The first line of a fact is for the eye that looks for trouble; everything else stands below, one thing a line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from collectors.kind import Value
from collectors.sources.base import Fact
from collectors.untrusted import neutral
from views.glyphs import UNICODE, Glyphs

FEW: Final = 12
"""Facts of one system that are told in full; of more, those that are ok take one line each."""

MANY: Final = 50
"""Facts that are ok and are told at all; further ones are counted."""


def block(title: str, facts: Sequence[Fact], glyphs: Glyphs = UNICODE) -> Iterator[str]:
    """The lines of one system, the title first. What is not ok is always told in full."""
    yield title
    room = max((len(fact.system) for fact in facts if fact.system != title), default=0)
    well = 0
    for fact in facts:
        well += fact.level == "ok"
        if fact.level == "ok" and well > MANY:
            continue
        name = fact.system if fact.system != title else ""
        sign = glyphs.level(fact.level)
        lead = f"{sign} {name:<{room}}  " if room else f"{sign} "
        for line in _lines(fact, brief=fact.level == "ok" and len(facts) > FEW):
            yield glyphs.text(lead + neutral(line)).rstrip()
            lead = " " * len(lead)
    if well > MANY:
        yield glyphs.text(f"{glyphs.level('ok')} {well - MANY:,} more are ok")


def _lines(fact: Fact, *, brief: bool) -> list[str]:
    first = "  ".join(part for part in (fact.address, fact.version, _took(fact.round_trip)) if part)
    more = [part for part in (fact.identity, fact.refused, fact.detail) if part]
    lines = [first, *more] if first else more
    if brief:
        return lines[:1]
    return [*lines, f"next: {fact.next_step}"] if fact.next_step else lines


def _took(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


def record(source: str, fact: Fact, cloud: str, region: str) -> dict[str, Value]:
    """A fact with the keys of the command line contract; `round_trip` is in seconds."""
    return {
        "id": f"{source}/{fact.system}/{fact.address}",
        "health": fact.level,
        "reason": fact.refused or fact.detail or None,
        "cloud": cloud or None,
        "region": region or None,
        "source": source,
        "system": fact.system,
        "address": fact.address or None,
        "identity": fact.identity or None,
        "version": fact.version or None,
        "round_trip": round(fact.round_trip, 6) if fact.round_trip is not None else None,
        "refused": fact.refused or None,
        "detail": fact.detail or None,
        "next_step": fact.next_step or None,
    }
