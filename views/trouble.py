"""Lines about a system that does not answer: who, since when, how often we tried, when next, and what is shown instead.

An error never empties a list: what was read before stays, with its age. Pure; what only the poller knows (tries, the
next one) is passed in.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from collectors.errors import BadConfiguration, CircuitOpen, NotUnderstood, Refused, SourceError
from collectors.snapshot import Snapshot, TargetRead
from themes.roles import Role
from views.glyphs import Glyphs
from views.lines import Text
from views.paint import wrapped
from views.when import hour

TOLD: Final = 2
"""Targets that get lines of their own; further ones are named together."""
LINES_EACH: Final = 3


class Tries(msgspec.Struct, frozen=True):
    """What the poller knows about a subject that fails."""

    failed: int = 0
    """Reads in a row."""
    next_at: float = 0.0
    """When it is tried again, seconds since the epoch; 0 when that is not known."""
    since: float = 0.0
    """When it was first seen to fail; 0 when that is not known."""


def _tries(tries: Tries) -> str:
    parts: list[str] = []
    if tries.failed > 1:
        parts.append(f"{tries.failed} tries")
    if tries.since:
        parts.append(f"since {hour(tries.since)}")
    words = " ".join(parts)
    if tries.next_at:
        words += f"{', ' if words else ''}next {hour(tries.next_at)}"
    return f" ({words})" if words else ""


def sentence(error: SourceError) -> str:
    """What failed and why, with the request id where the service gave one."""
    request = f" (request {error.request_id})" if error.request_id else ""
    return f"{error.what}: {error.why}{request}"


def trouble_sentence(target: TargetRead, tries: Tries, others: str = "") -> str:
    """Everything about one target that could not be read, as one paragraph."""
    error = target.error
    assert error is not None
    words = f"{sentence(error)}{_tries(tries)}."
    if target.at:
        words += f" What you see is from {hour(target.at)}."
    if others:
        words += f" {others}"
    return f"{words} Try: {error.hint}" if error.hint else words


def _role(error: SourceError) -> tuple[Role, bool]:
    """Colour, and whether it is as bad as it gets (refused and misunderstood do not heal by waiting)."""
    if isinstance(error, Refused | NotUnderstood | BadConfiguration):
        return "critical", True
    return "warning", False


def trouble_texts(snapshot: Snapshot | None, tries: Tries, width: int, glyphs: Glyphs, others: str = "") -> list[Text]:
    """The lines above the list; none while everything answers."""
    failing = [t for t in snapshot.targets if t.error is not None] if snapshot is not None else []
    several = snapshot is not None and len(snapshot.targets) > 1
    texts: list[Text] = []
    for target in failing[:TOLD]:
        error = target.error
        assert error is not None
        role, bad = _role(error)
        lead = f"{glyphs.level('critical' if bad else 'warning')} "
        name = f"{target.target}: " if several and target.target not in error.what else ""
        each = 2 if len(failing) > 1 else LINES_EACH
        lines = wrapped(name + trouble_sentence(target, tries, others), width - 2, each)
        texts += [Text([(lead if number == 0 else "  ", role), (line, "message")]) for number, line in enumerate(lines)]
    if rest := failing[TOLD:]:
        texts.append(Text([(f"  {_rest(rest)}", "message")]))
    return texts


def _rest(targets: Sequence[TargetRead]) -> str:
    names = ", ".join(t.target for t in targets[:6])
    more = f" and {len(targets) - 6} more" if len(targets) > 6 else ""
    return f"Also {names}{more}; :errors tells all."


def all_troubles(snapshot: Snapshot | None, tries: Tries) -> list[str]:
    """Every failing target in full, for `:errors`."""
    failing = [t for t in snapshot.targets if t.error is not None] if snapshot is not None else []
    return [f"{t.target}: {trouble_sentence(t, tries)}" for t in failing]


def resting(snapshot: Snapshot | None) -> bool:
    """True when every failing target is left alone just now."""
    errors = snapshot.errors if snapshot is not None else ()
    return bool(errors) and all(isinstance(error, CircuitOpen) for error in errors)
