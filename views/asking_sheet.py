"""A sheet that asks: one question after another in a bar over line 2, what may be answered in the text below.

`esc` in the middle answers none of them; what that means is for the sheet (`left`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from textual.app import ComposeResult

from collectors.overview import Overview
from views.asking import AskBar, Question
from views.bars import Bar, CommandBar
from views.completion import Proposal
from views.header import Identity
from views.keys import Keys
from views.lines import Text
from views.sheet import Sheet, laid_out
from views.text.plan import Line

SHOWN: Final = 12
"""Proposals under a question."""


class AskingSheet(Sheet):
    """A sheet with questions."""

    def __init__(self, identity: Identity, overview: Overview | None, keys: Keys) -> None:
        super().__init__(identity, overview, keys)
        self.waiting: list[Question] = []
        """Questions that are not answered yet; the first one is in the bar."""
        self._answers: list[str] = []
        self._answered: Callable[[Sequence[str]], None] = lambda answers: None
        self._proposals: tuple[Sequence[Proposal], int] = ((), -1)

    def compose(self) -> ComposeResult:
        """The sheet and the bar for questions."""
        yield from super().compose()
        yield AskBar(self._offer)

    @property
    def bar(self) -> AskBar:
        """Where questions are answered."""
        return self.query_one(AskBar)

    def left(self) -> None:
        """Nothing was answered."""

    def ask(self, questions: Sequence[Question], answered: Callable[[Sequence[str]], None]) -> None:
        """Ask one after another, then say what was answered."""
        self.waiting, self._answers, self._answered = list(questions), [], answered
        self._next()

    def _next(self) -> None:
        self._proposals, self._said = ((), -1), ("", "message")
        if self.waiting:
            self.bar.ask(self.waiting[0])
            self.reread()
            return
        self._close()
        self._answered(self._answers)

    def _close(self) -> None:
        self.waiting = []
        self.bar.close()
        self.set_focus(None, scroll_visible=False)
        self.reread()

    def _offer(self, found: Sequence[Proposal], at: int) -> None:
        self._proposals = (found, at)
        self.reread()

    def on_bar_changed(self, event: Bar.Changed) -> None:
        """A letter more or less: what was wrong is not said any more."""
        if not isinstance(event.bar, CommandBar):
            event.stop()
            event.bar.say("")

    def bar_done(self, event: Bar.Submitted | Bar.Left) -> None:
        """An answer, or none."""
        if isinstance(event, Bar.Left):
            self._close()
            self.left()
            return
        text = event.text.strip()
        if wrong := self.waiting[0].wrong(text):
            self.bar.say(wrong, error=True)
            return
        self._answers.append(text)
        self.waiting = self.waiting[1:]
        self._next()

    def question_texts(self, width: int) -> list[Text]:
        """What may be answered, with the proposals."""
        about = [Line("", words, indent=False) for words in self.waiting[0].about if words]
        texts = [Text(), *laid_out(about, width)]
        found, at = self._proposals
        first = max(min(at - SHOWN // 2, len(found) - SHOWN), 0)
        for number, proposal in enumerate(found[first : first + SHOWN], first):
            texts.append(Text(((f"   {proposal.label}", "completion-chosen" if number == at else "text"),)))
        if len(found) > first + SHOWN:
            texts.append(Text(((f"   and {len(found) - first - SHOWN} more", "dim"),)))
        return texts

    def key_hints(self, width: int) -> str:
        """The last line: the bar's keys while something is asked."""
        return AskBar.hint if self.waiting else super().key_hints(width)
