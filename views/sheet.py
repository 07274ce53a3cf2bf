"""A page about what is done: line 1 as everywhere, a crumb, text that scrolls, what runs, one sentence, the keys.

Plans, runs and the journal are such sheets. Each says what is on it (`texts`) and in which words around; what is the
same is not painted again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.reactive import Reactive
from textual.widget import Widget

from collectors.overview import Overview
from themes.roles import Role
from views.cells import cut, readable
from views.header import Header, Identity
from views.keys import Context, Keys, hints
from views.lines import Lines, Text
from views.look import look_of
from views.page import Page
from views.paint import Run, wrapped
from views.run_line import RunLine
from views.text.plan import LABEL, Line
from views.text.width import cells

ROLE_OF: dict[str, Role] = {"open": "ok", "closed": "critical", "unknown": "unknown", "strong": "strong", "dim": "dim"}
"""Style of a line → its role; others are plain text."""


def laid_out(lines: Sequence[Line], width: int) -> list[Text]:
    """Labelled lines in `width` cells: folded behind their label, the command under what it does."""
    texts: list[Text] = []
    for line in lines:
        label = f" {line.label:<{LABEL - 1}}" if line.label or line.indent else " "
        role, head, rest = ROLE_OF.get(line.style, "text"), line.text[: line.hang], line.text[line.hang :]
        for place, part in enumerate(wrapped(rest, max(width - cells(label) - line.hang - 1, 20))):
            if place:
                texts.append(Text(((" " * (cells(label) + line.hang), "dim"), (part, role))))
            elif line.style in ("open", "closed", "unknown") and head:
                texts.append(Text(((label, "dim"), (head[:1], role), (head[1:] + part, "text"))))
            else:
                texts.append(Text(((label, "dim"), (head + part, role))))
        if line.right:
            lead = " " * (LABEL + 3)
            for place, part in enumerate(wrapped(line.right, max(width - len(lead) - 3, 20))):
                texts.append(Text(((f"{lead}{' ' if place else '$'} {part}", "dim"),)))
    return texts


class Sheet(Page):
    """Text about something that is done."""

    DEFAULT_CSS = """
    Sheet > .line { height: 1; }
    Sheet > #page { height: 1fr; }
    """
    focused: Reactive[Widget | None] = Reactive(None, repaint=False)
    """Textual paints the whole screen when the focus moves; here nothing shows it."""
    context: ClassVar[Context] = "plan"

    def __init__(self, identity: Identity, overview: Overview | None, keys: Keys) -> None:
        super().__init__("", self.texts, keys)
        self.identity = identity
        self.overview = overview
        self._said: Run = ("", "message")

    def compose(self) -> ComposeResult:
        """Top to bottom."""
        yield Header(self.identity, self.overview)
        yield Lines(id="title", classes="line")
        yield Lines(id="page")
        yield RunLine()
        yield Lines(id="foot", classes="line")
        yield Lines(id="keys", classes="line")

    # -- given by the subclasses ----------------------------------------------------------------------------------

    def texts(self, width: int) -> Sequence[Text]:
        """What is on it."""
        return ()

    def crumb(self) -> tuple[str, str]:
        """Line 2: what it is about, and how it is."""
        return "", ""

    def foot(self) -> Run:
        """The sentence above the keys, when nothing else was said."""
        return "", "message"

    def labels(self) -> dict[str, str]:
        """What keys do here; an empty one is not offered."""
        return {}

    # -- words around ---------------------------------------------------------------------------------------------

    @property
    def room(self) -> int:
        """Lines of text that are on the screen."""
        return max(self.query_one("#page").size.height or self.size.height - 4, 1)

    def say(self, text: str, *, error: bool = False) -> None:
        """One sentence at the foot, until the next one or the next move."""
        self._said = (text, "error" if error else "message")
        self.tell()

    def scroll_text(self, by: int) -> None:
        """Scroll by lines."""
        if not self.is_mounted or not self.size.width:
            return
        if by:
            self._said = ("", "message")
        self.top = max(min(self.top + by, len(self._texts) - self.room), 0)
        self.query_one("#page", Lines).show(self._texts, top=self.top)
        self.tell()

    def tell(self) -> None:
        """Bring the lines around the text up to date."""
        if not self.is_mounted or not self.size.width:
            return
        width = self.size.width
        what, how = self.crumb()
        shown = look_of(self).glyphs.text(cut(readable(what), max(width - cells(how) - 2, 10)))
        self.query_one("#title", Lines).line((shown, "crumb"), right=((how, "dim"),) if how else ())
        more = len(self._texts) > self.room
        place = f"{self.top + 1}-{min(self.top + self.room, len(self._texts))} of {len(self._texts)}" if more else ""
        said = self._said if self._said[0] else self.foot()
        words = cut(readable(said[0]), max(width - cells(place) - 2, 10))
        self.query_one("#foot", Lines).line((words, said[1]), right=((place, "crumb"),) if place else ())
        self.query_one("#keys", Lines).line((self.key_hints(width), "hint"))

    def key_hints(self, width: int) -> str:
        """The last line."""
        labels = {"nav.back": "back"} | self.labels()
        absent = frozenset(name for name, label in labels.items() if not label)
        return hints([self.context], width, self.keys, labels, absent, frozenset({"nav.back"}))
