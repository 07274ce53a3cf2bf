"""The help of any view (`?`), made from the declarations: what the signs mean, the keys here, filters, the kind. Pure.

Nothing here is written twice: a key that was rebound, a column that was added, a roll-up that changed are right here at
once, because they are read from where they are declared.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from collectors.health import LEVELS
from collectors.kind import AnyKind
from themes.roles import ROLES
from views.glyphs import Glyphs
from views.keys import Context, Keys
from views.lines import Text
from views.paint import wrapped
from views.text.reference import Section, filter_section, key_sections, kind_sections

_TERM = 22
"""Cells for a term; a longer one has a line of its own."""


def legend(glyphs: Glyphs) -> Section:
    """What the signs mean."""
    rows = [(glyphs.severity(level), ROLES[level]) for level in LEVELS]
    return Section("Signs", rows=(*rows, (f"{glyphs.known} known", ROLES["acknowledged"])))


def sections(
    context: Context, kind: AnyKind | None, keys: Keys, glyphs: Glyphs, labels: Mapping[str, str] | None = None
) -> list[Section]:
    """What belongs on the help page of a view: most needed first."""
    found = [*key_sections(keys, context, "everywhere", labels=labels)]
    if context in ("list", "log"):
        found.append(filter_section())
    if kind is not None:
        found.extend(kind_sections(kind))
    return [*found, legend(glyphs)]


def texts(found: Iterable[Section], width: int) -> list[Text]:
    """The sections as lines of at most `width` cells; nothing is cut."""
    lines: list[Text] = []
    for section in found:
        if lines:
            lines.append(Text())
        lines.append(Text(((section.title, "accent"),)))
        lines += [Text(((f"  {line}", "dim"),)) for line in wrapped(section.about, max(width - 2, 10)) if line]
        lines += _rows(section.rows, width)
    return lines


def _rows(rows: Sequence[tuple[str, str]], width: int) -> Iterable[Text]:
    room = max((len(term) for term, _ in rows if len(term) <= _TERM), default=0) + 2
    for term, meaning in rows:
        lead = f"  {term:<{room}}"
        if len(term) > room - 2:
            yield Text(((f"  {term}", "hint-key"),))
            lead = " " * (room + 2)
        for line in wrapped(meaning, max(width - room - 2, 10)):
            yield Text(((lead, "hint-key"), (line, "text")))
            lead = " " * (room + 2)
