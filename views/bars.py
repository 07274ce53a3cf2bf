"""The two bars that are typed into, `:` and `/`: one line over line 2, with completion and what was typed before.

A bar only says what was typed; what it means is for the screen (`/`, at every letter) and the app (`:`). Nothing in it
blinks. A closed bar waits above the first line: hiding it would make the whole screen be painted again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input

from views.cells import readable
from views.completion import Proposal
from views.lines import Lines, Text
from views.paint import Run
from views.recall import Recall
from views.text.width import cells

Propose = Callable[[str], Sequence[Proposal]]
"""Typed text → what it may become."""

SHOWN = 8
"""Proposals under the bar."""


class Typed(Input):
    """The line itself; keys that are not letters go to the bar."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "older", show=False),
        Binding("down", "newer", show=False),
        Binding("tab", "complete(1)", show=False),
        Binding("shift+tab", "complete(-1)", show=False),
    ]

    @property
    def bar(self) -> Bar:
        """Whose line it is."""
        assert isinstance(self.parent, Bar)
        return self.parent

    def action_older(self) -> None:
        """What was typed before."""
        found = self.bar.recall.older(self.value)
        if found is not None:
            self.put(found)

    def action_newer(self) -> None:
        """What was typed after that."""
        found = self.bar.recall.newer()
        if found is not None:
            self.put(found)

    def action_complete(self, by: int) -> None:
        """Take the next proposal."""
        self.bar.complete(by)

    def put(self, text: str) -> None:
        """Set the line, the cursor at its end."""
        self.value = text
        self.cursor_position = len(text)


class Bar(Horizontal):
    """A prompt, the line, and something at the right end."""

    DEFAULT_CSS = """
    Bar { layer: above; position: absolute; offset: 0 -1; width: 100%; height: 1; background: $background; }
    Bar.-open { offset: 0 1; }
    Bar > Lines { height: 1; width: auto; }
    Bar > Typed { width: 1fr; }
    """

    hint: ClassVar[str] = "enter keep  esc take back  tab complete  ↑ typed before"
    """The keys that work while it is open."""

    class Changed(Message):
        """Something was typed."""

        def __init__(self, bar: Bar, text: str) -> None:
            self.bar, self.text = bar, text
            super().__init__()

    class Submitted(Changed):
        """Enter was pressed."""

    class Left(Message):
        """The bar was closed without enter."""

        def __init__(self, bar: Bar) -> None:
            self.bar = bar
            super().__init__()

    def __init__(self, recall: Recall, propose: Propose, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.recall = recall
        self.propose = propose
        self._base: str | None = None
        self._at = -1
        self._widths: dict[str, int] = {}

    def compose(self) -> ComposeResult:
        """Prompt, line, what is said at the right."""
        yield Lines(id="prompt")
        typed = Typed(select_on_focus=False, compact=True)
        typed.cursor_blink = False
        typed.can_focus = False
        yield typed
        yield Lines(id="said")

    @property
    def typed(self) -> Typed:
        """The line."""
        return self.query_one(Typed)

    @property
    def is_open(self) -> bool:
        """True while it is typed into."""
        return self.has_class("-open")

    def open(self, prompt: Run, text: str = "") -> None:
        """Show the bar and take the keys."""
        self.recall.begin()
        self._base = None
        self._line("#prompt", prompt)
        self.say("")
        with self.prevent(Input.Changed):
            self.typed.put(text)
        self.add_class("-open")
        self.typed.can_focus = True
        # At once, not with the next message: the keys typed behind this one are for the line already.
        self.screen.set_focus(self.typed, scroll_visible=False)
        for keys in self.screen.query("#keys").results(Lines):
            keys.line((self.hint, "hint"))

    def close(self) -> None:
        """Hide the bar; the caller puts the focus back. It stays off the screen, where tab must not find its line."""
        self.remove_class("-open")
        self.typed.can_focus = False

    def say(self, text: str, *, error: bool = False) -> None:
        """At the right end: a count, or what is wrong."""
        self._line("#said", (f"  {text}" if text else "", "error" if error else "crumb"))

    def _line(self, selector: str, run: Run) -> None:
        line = self.query_one(selector, Lines)
        width = cells(readable(run[0]))
        if self._widths.get(selector) != width:
            self._widths[selector] = line.styles.width = width
        line.show([Text([run])])

    def complete(self, by: int) -> None:
        """Put the next proposal into the line."""
        if self._base is None:
            self._base, self._at = self.typed.value, -1 if by > 0 else 0
        found = self.propose(self._base)
        if found:
            self._at = (self._at + by) % len(found)
            base = self._base
            self.typed.put(found[self._at].text)
            self._base = base
            self.proposals_changed(found, self._at)

    def proposals_changed(self, found: Sequence[Proposal], at: int) -> None:
        """Proposals and which of them is in the line; a bar that shows them overrides this."""

    def on_input_changed(self, event: Input.Changed) -> None:
        """Tell what was typed."""
        event.stop()
        completed = self._base is not None and any(p.text == event.value for p in self.propose(self._base))
        if not completed:
            self._base = None
            self.proposals_changed(self.propose(event.value), 0)
        self.post_message(self.Changed(self, event.value))


class CommandBar(Bar):
    """The `:` bar, with its proposals below."""

    hint = "enter go  tab complete  ↑ typed before  esc leave"

    def open(self, prompt: Run = (":", "prompt"), text: str = "") -> None:
        """Show the bar; the proposals come with the first letter."""
        super().open(prompt, text)
        self.proposals_changed(self.propose(text) if text else (), 0)

    def proposals_changed(self, found: Sequence[Proposal], at: int) -> None:
        """Show them below."""
        self.screen.query_one(Proposals).propose(found if self.is_open else (), at)

    def close(self) -> None:
        """Hide the bar and its proposals."""
        super().close()
        self.screen.query_one(Proposals).propose((), 0)


class Proposals(Lines):
    """What a command may become, over the first lines of the list."""

    DEFAULT_CSS = """
    Proposals { layer: above; position: absolute; offset: 0 -20; width: 100%; height: auto; }
    Proposals.-open { offset: 0 2; }
    """

    def propose(self, found: Sequence[Proposal], at: int) -> None:
        """Show the proposals around the chosen one."""
        first = max(min(at - SHOWN // 2, len(found) - SHOWN), 0)
        shown = found[first : first + SHOWN]
        room = max((cells(readable(p.label)) for p in shown), default=0)
        texts: list[Text] = []
        for number, proposal in enumerate(shown, first):
            label = readable(proposal.label)
            words = f" {label}{' ' * (room - cells(label))}  {proposal.about}"
            line = words + " " * max(self.app.size.width - cells(words), 0)
            texts.append(Text([(line, "completion-chosen" if number == at else "completion")]))
        if len(found) > first + len(shown):
            texts.append(Text([(f" and {len(found) - first - len(shown)} more", "completion")]))
        self.set_class(bool(texts), "-open")
        self.show(texts)
