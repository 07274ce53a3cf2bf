"""The one table of actions: bindings, the key-hint line, the help page, docs/keys.md and overrides all come from it.

An action has a stable id (`list.mark`) that settings name in `[keys]`, a method named after it (`action_list_mark`),
default keys, a `:` word and the contexts in which it is offered. A letter keeps one meaning in all contexts. Keys that
a terminal, tmux or a slow link takes for itself are in `FORBIDDEN` and never used.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import msgspec

if TYPE_CHECKING:
    from textual.binding import BindingType

Context: TypeAlias = Literal[
    "everywhere",
    "list",
    "describe",
    "overview",
    "help",
    "log",
    "plan",
    "journal",
    "run",
    "chart",
]

CONTEXTS: Final[dict[Context, str]] = {
    "everywhere": "Everywhere",
    "overview": "On the overview",
    "list": "In a list",
    "describe": "Beside one row",
    "help": "On a help page",
    "log": "In a log",
    "plan": "On a plan",
    "journal": "In the journal of operations",
    "run": "Looking at one run of an operation",
    "chart": "In a chart",
}
"""Context → heading, in the order of the help page."""

FORBIDDEN: Final[Mapping[str, str]] = {
    "ctrl+a": "prefix of screen",
    "ctrl+b": "prefix of tmux",
    "ctrl+s": "stops the terminal's output",
    "ctrl+q": "starts the terminal's output again",
    "ctrl+z": "suspends the process",
    "ctrl+h": "the same byte as Backspace",
    "ctrl+i": "the same byte as Tab",
    "ctrl+j": "the same byte as Enter",
    "ctrl+m": "the same byte as Enter",
    "ctrl+left_square_bracket": "the same byte as Escape",
    "ctrl+space": "often not sent",
    "ctrl+at": "often not sent",
    "ctrl+enter": "often not sent",
    "f1": "taken by terminal emulators",
    "f10": "taken by terminal emulators",
    "f11": "taken by terminal emulators",
    "shift+up": "needs settings of tmux",
    "shift+down": "needs settings of tmux",
    "shift+left": "needs settings of tmux",
    "shift+right": "needs settings of tmux",
}
"""Key → why it must not be used on a bastion. Alt chords (read as Escape on a slow link) are refused as well."""


class Action(msgspec.Struct, frozen=True):
    """Something a person can do, and how."""

    id: str
    """Stable name: settings and tests use it; `list.mark` runs `action_list_mark`."""
    keys: tuple[str, ...]
    """Default keys in Textual's spelling (`slash`, `ctrl+d`); the first one is shown. Without any: only the word."""
    title: str
    """What it does, for the help page: `Mark the row`."""
    contexts: tuple[Context, ...]
    word: str
    """The `:` word that does the same."""
    hint: str = ""
    """Short label in the key-hint line; without one it is on the help page only."""
    order: int = 50
    """Place in the hint line; the first ones stay when the line is narrow."""
    tooltip: str = ""
    """A second sentence for the help page: when, what it changes, what it leaves."""

    @property
    def method(self) -> str:
        """The Textual action: `list_mark` (method `action_list_mark`)."""
        return self.id.replace(".", "_")


_ROWS: Final[tuple[Context, ...]] = ("list", "overview")
_PANES: Final[tuple[Context, ...]] = ("list", "overview", "describe", "help", "log", "plan", "journal", "run")
_LOG: Final[tuple[Context, ...]] = ("list", "describe", "log")
_ROW: Final[tuple[Context, ...]] = ("list", "describe")
_ALL: Final[tuple[Context, ...]] = ("everywhere",)

ACTIONS: Final[tuple[Action, ...]] = (
    # -- everywhere
    Action("app.command", ("colon",), "Go to a kind or run a command", _ALL, "", "go", 70, "Tab completes, ↑ recalls."),
    Action("app.help", ("question_mark",), "Help for this view", _ALL, "help", "help", 99),
    Action("app.palette", ("ctrl+p",), "Search kinds, actions and rows by name", _ALL, "palette"),
    Action("nav.back", ("escape",), "Close, clear marks or filter, then back", _ALL, "back", "", 98),
    Action("nav.close", ("q",), "Back; at the first screen, leave", _ALL, "quit"),
    Action("nav.overview", ("exclamation_mark",), "Health of every system", _ALL, "overview"),
    Action("nav.backward", ("left_square_bracket",), "The view before this one", _ALL, "backward"),
    Action("nav.forward", ("right_square_bracket",), "Forward again", _ALL, "forward"),
    Action("nav.last", ("minus",), "The last view, and back again", _ALL, "last"),
    Action("app.refresh", ("ctrl+r",), "Read again now", _ALL, "refresh"),
    Action("app.freeze", ("Z",), "Freeze: start no reads until pressed again", _ALL, "freeze"),
    Action("app.redraw", ("ctrl+l",), "Draw the screen again", _ALL, "redraw"),
    Action("app.budget", (), "Requests per minute, by service", _ALL, "budget"),
    Action("app.journal", ("at",), "The journal: what runs, what was done, by whom", _ALL, "journal"),
    Action(
        "app.interrupt", ("ctrl+c",), "Cancel the run on the screen between two steps", _ALL, "interrupt", "", 30,
        "The step that was begun is waited for; what was done stays.",
    ),
    # -- moving
    Action("move.down", ("j", "down"), "Down", _PANES, "down"),
    Action("move.up", ("k", "up"), "Up", _PANES, "up"),
    Action("move.top", ("g", "home"), "First line", _PANES, "top"),
    Action("move.bottom", ("G", "end"), "Last line", _PANES, "bottom"),
    Action("move.page_down", ("pagedown",), "A page down", _PANES, "page-down"),
    Action("move.page_up", ("pageup",), "A page up", _PANES, "page-up"),
    Action("move.half_down", ("ctrl+d",), "Half a page down", _PANES, "half-down"),
    Action("move.half_up", ("ctrl+u",), "Half a page up", _PANES, "half-up"),
    Action("move.right", ("right",), "Columns further right", ("list",), "right"),
    Action("move.left", ("left",), "Columns further left", ("list",), "left"),
    # -- a row
    Action(
        "nav.open", ("enter",), "Go to what belongs to the row", (*_ROWS, "log", "journal"), "open", "open", 10
    ),
    Action("nav.links", ("o",), "Choose where to go from the row", _ROW, "links"),
    Action("row.describe", ("d",), "Describe the row", ("list", "log"), "describe", "describe", 20),
    Action(
        "row.actions", ("a",), "What can be done to the marked rows, or to this one", _ROW, "operations", "actions", 25,
        "Shows a plan first; nothing starts before it is confirmed.",
    ),
    Action("row.raw", ("y",), "What the system answers now, as JSON", _ROW, "raw", "raw", 45),
    Action("row.yaml", ("Y",), "The same as YAML", _ROW, "yaml"),
    Action(
        "row.copy", ("c",), "Copy the rows as text, a plan as a script", (*_LOG, "plan"), "copy", "copy", 60,
        "By OSC 52, through SSH and tmux.",
    ),
    Action(
        "row.copy_command", ("C",), "Copy the equivalent command", (*_ROW, "plan"), "copy-command", "copy command", 61
    ),
    Action(
        "row.acknowledge", ("A",), "Acknowledge the problem, with reason and expiry", _ROWS, "acknowledge",
        "acknowledge", 35, "Shown, but not in the headline; ends when it gets worse. Again: take it back.",
    ),
    Action("row.follow", ("f",), "Follow: the row through sorting, a log to its end", ("list", "log"), "follow"),
    Action(
        "row.logs", ("l",), "The log of what the row is about", _LOG, "logs", "logs", 46,
        "Of several marked rows, merged by time; in a log, every log searched for the line's request.",
    ),
    Action("row.shell", ("s",), "A shell on its host", _ROW, "shell", "", 47, "In its namespace, where it has one."),
    Action(
        "row.chart", ("p",), "Chart of its values over time", (*_ROW, "overview"), "chart", "chart", 48,
        "Of up to six marked rows together; on the overview, of what is not ok.",
    ),
    # -- a list
    Action("list.filter", ("slash",), "Filter the rows", ("list", "log"), "filter", "filter", 40),
    Action("list.mark", ("space",), "Mark the row", ("list",), "mark", "mark", 31),
    Action("list.range", ("v",), "Mark from the last mark to here", ("list",), "range"),
    Action("list.unmark", ("U",), "Unmark all", ("list",), "unmark"),
    Action("list.problems", ("z",), "Problems only", (*_ROWS, "log"), "problems", "problems only", 33),
    Action("list.sort_right", ("greater_than_sign",), "Sort by the next column", ("list",), "sort-right"),
    Action("list.sort_left", ("less_than_sign",), "Sort by the column before", ("list",), "sort-left"),
    Action("list.invert", ("I",), "Turn the order round", ("list",), "invert"),
    Action("list.wide", ("w",), "All columns", ("list",), "wide"),
    # -- operations
    Action(
        "plan.begin", ("R",), "Confirm: carry out the plan; on an interrupted run, go on with it", ("plan", "run"),
        "begin", "confirm", 12, "What it is about must be typed then; enter and y do nothing here, on purpose.",
    ),
    Action("plan.evidence", ("e",), "What each guard saw; of an interrupted run, what the cloud shows",
           ("plan", "run"), "evidence", "evidence", 20),
    Action("plan.leave_out", ("x",), "Leave out the targets whose guards are closed; settle an interrupted run",
           ("plan", "run"), "leave-out", "", 15),
    Action(
        "run.undo", ("u",), "Take back: the last operation that can be, or the run that is shown",
        ("list", "describe", "overview", "journal", "run"), "undo", "", 34, "By a plan, like any other change.",
    ),
    Action("log.further", ("B",), "Look further back", ("log", "chart"), "further", "further back", 36),
    # -- a chart
    Action("chart.quarter", ("1",), "The last 15 minutes", ("chart",), "15m", "15 min", 11),
    Action("chart.hour", ("2",), "The last hour", ("chart",), "1h", "1 h", 12),
    Action("chart.six", ("3",), "The last 6 hours", ("chart",), "6h", "6 h", 13),
    Action("chart.day", ("4",), "The last 24 hours", ("chart",), "24h", "24 h", 14),
    # -- panes
    Action("pane.next", ("tab",), "Next pane, or next value of a chart", (*_ROW, "chart"), "next-pane", "", 15),
    Action("pane.previous", ("shift+tab",), "Pane before, or value before", (*_ROW, "chart"), "previous-pane"),
    Action("pane.bigger", ("plus",), "Bigger pane: normal, half, full", _ROW, "bigger"),
    Action("pane.smaller", ("underscore",), "Smaller pane", _ROW, "smaller"),
)  # fmt: skip

BY_ID: Final[Mapping[str, Action]] = {action.id: action for action in ACTIONS}


def offered(*contexts: Context) -> list[Action]:
    """Actions of any of `contexts`, in table order."""
    return [a for a in ACTIONS if set(a.contexts) & set(contexts)]


def bindings(*contexts: Context) -> list[BindingType]:
    """Textual bindings of the actions of `contexts`, for a `BINDINGS`; overrides go in by the app's keymap."""
    return some(*(a.id for a in offered(*contexts) if a.keys))


def some(*ids: str) -> list[BindingType]:
    """Textual bindings of the actions called `ids`."""
    from textual.binding import Binding

    return [
        Binding(",".join(a.keys), a.method, a.title, show=False, id=a.id, tooltip=a.tooltip)
        for a in (BY_ID[i] for i in ids)
    ]


_SHOWN: Final[Mapping[str, str]] = {
    "escape": "esc", "space": "space", "pagedown": "PgDn", "pageup": "PgUp", "home": "Home", "end": "End", "tab": "Tab",
    "shift+tab": "shift-Tab", "up": "↑", "down": "↓", "left": "←", "right": "→", "colon": ":", "slash": "/",
    "at": "@", "question_mark": "?", "exclamation_mark": "!", "left_square_bracket": "[", "right_square_bracket": "]",
    "minus": "-", "plus": "+", "underscore": "_", "greater_than_sign": ">", "less_than_sign": "<",
}  # fmt: skip


def shown(key: str) -> str:
    """A key as people read it: `esc`, `?`, `ctrl-d`."""
    if key in _SHOWN:
        return _SHOWN[key]
    from textual.keys import key_to_character

    return key_to_character(key) or key.replace("+", "-")


class Keys(msgspec.Struct, frozen=True):
    """The table with the settings' overrides applied: what is really bound."""

    overrides: Mapping[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    """Action id → its keys, for the actions that settings changed."""

    def of(self, action_id: str) -> tuple[str, ...]:
        """The keys of an action."""
        return self.overrides.get(action_id, BY_ID[action_id].keys)

    def shown(self, action_id: str) -> str:
        """The first key of an action as people read it; the `:` word of one without keys."""
        keys = self.of(action_id)
        return shown(keys[0]) if keys else f":{BY_ID[action_id].word}"

    def keymap(self) -> dict[str, str]:
        """For Textual's `App.set_keymap`."""
        return {action_id: ",".join(keys) for action_id, keys in self.overrides.items()}


def hints(
    contexts: Iterable[Context],
    width: int,
    keys: Keys,
    labels: Mapping[str, str] | None = None,
    absent: frozenset[str] = frozenset(),
    first: frozenset[str] = frozenset(),
) -> str:
    """The key-hint line: at most `width` characters, never wrapped, `? help` at the right end.

    `labels` replaces the label of an action by what it does here (`nav.open` → `servers on it`), also of one without
    a label; `absent` actions cannot be done here. What does not fit is left out, least important first.
    """
    told = labels or {}
    wanted = [a for a in offered(*contexts, "everywhere") if a.id not in absent and (told.get(a.id) or a.hint)]
    help_text = "" if "app.help" in absent else f"{keys.shown('app.help')} {BY_ID['app.help'].hint}"
    parts: list[str] = []
    room = width - len(help_text)
    for action in sorted(wanted, key=lambda a: (a.id not in first, a.order)):
        text = f"{keys.shown(action.id)} {told.get(action.id) or action.hint}"
        if action.id != "app.help" and len(text) + 2 <= room:
            parts.append(text)
            room -= len(text) + 2
    left = "  ".join(parts)
    return left + help_text.rjust(width - len(left)) if width > len(help_text) else help_text[: max(width, 0)]
