"""Questions that are answered in a bar over line 2: the parameters of an operation, a reason, the name that confirms.

A question says what it wants and what may be answered; the answer is looked at before it counts. `esc` answers none,
and whatever was begun with the questions ends there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice

import msgspec

from collectors.snapshot import OddRow, Snapshot
from runbooks.operation import Parameter
from views.bars import Bar
from views.completion import LOOKED_AT, MOST, Proposal
from views.recall import Recall


class Question(msgspec.Struct, frozen=True):
    """What is asked."""

    prompt: str
    """Before what is typed: `reason`."""
    about: Sequence[str] = ()
    """What an answer should say, a sentence a line."""
    default: str = ""
    """What is typed already."""
    propose: Callable[[str], Sequence[Proposal]] = lambda text: ()
    wrong: Callable[[str], str] = lambda text: ""
    """What is wrong with an answer; empty when it is good."""


def about_parameter(parameter: Parameter, known: Callable[[str], Snapshot | None], purpose: str = "") -> Question:
    """The question for a parameter of an operation; `known` gives the last snapshot of a kind."""
    import re

    def propose(text: str) -> Sequence[Proposal]:
        if parameter.choices:
            return [Proposal(choice, choice) for choice in parameter.choices if choice.startswith(text)]
        return rows_like(known(parameter.of), text) if parameter.of else ()

    def wrong(text: str) -> str:
        if not text:
            return "" if parameter.default is not None else "it must be said"
        if parameter.choices and text not in parameter.choices:
            return f"one of {', '.join(parameter.choices)}"
        if parameter.pattern and not re.fullmatch(parameter.pattern, text):
            return "it cannot be that"
        return ""

    about = [purpose, parameter.about]
    if parameter.choices:
        about.append(f"one of {', '.join(parameter.choices)}; tab goes through them")
    if parameter.of:
        about.append(f"id or name of one of the {parameter.of}; tab completes")
    if parameter.default is not None:
        about.append(f"may stay as it is: {parameter.default}" if parameter.default else "may be left empty")
    return Question(parameter.name, about, parameter.default or "", propose, wrong)


def rows_like(snapshot: Snapshot | None, start: str) -> list[Proposal]:
    """Names of rows that hold `start`, those that begin with it first; the id where a name is not the only one."""
    if snapshot is None:
        return []
    low, name_of = start.lower(), snapshot.kind.name_of
    found: list[tuple[bool, str]] = []
    for row in islice(snapshot.rows, LOOKED_AT):
        name = row.name if isinstance(row, OddRow) else str(name_of(row) or "")
        if name and name.isprintable() and low in name.lower():
            found.append((not name.lower().startswith(low), name))
            if len(found) >= MOST * 4:
                break
    names = [name for _, name in sorted(found)]
    return [Proposal(name, name) for name in dict.fromkeys(names)][:MOST]


class AskBar(Bar):
    """The bar; the screen shows what may be answered."""

    hint = "enter go on  tab complete  esc cancel"

    def __init__(self, asked: Callable[[Sequence[Proposal], int], None]) -> None:
        super().__init__(Recall(), self._proposed, id="ask")
        self.question = Question("")
        self._asked = asked

    def _proposed(self, text: str) -> Sequence[Proposal]:
        return self.question.propose(text)

    def ask(self, question: Question) -> None:
        """Ask it, and take the keys."""
        self.question = question
        self.open((f" {question.prompt}: ", "prompt"), question.default)
        self._asked(self._proposed(question.default if question.default else ""), -1)

    def proposals_changed(self, found: Sequence[Proposal], at: int) -> None:
        """The screen shows them."""
        if self.is_open:
            self._asked(found, at)
