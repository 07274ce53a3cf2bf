"""The table of actions: stable ids, no clashes, no forbidden keys, hints that fit one line."""

from __future__ import annotations

import re

import pytest

from collectors.registry import entries
from views.keys import ACTIONS, BY_ID, CONTEXTS, FORBIDDEN, Action, Context, Keys, bindings, hints, offered, shown, some

LATER = {"r", "t", "T", "b", "m", "'"}
"""Letters that have a meaning for what is not there yet (runbooks, topology, trace, blast radius, bookmarks)."""


def test_ids_are_unique() -> None:
    assert len(BY_ID) == len(ACTIONS)


@pytest.mark.parametrize("action", ACTIONS, ids=lambda a: a.id)
def test_an_action_is_well_formed(action: Action) -> None:
    assert re.fullmatch(r"[a-z]+\.[a-z_]+", action.id)
    assert action.title[0].isupper()
    assert not action.title.endswith(".")
    assert action.contexts
    assert set(action.contexts) <= set(CONTEXTS)
    assert action.method == action.id.replace(".", "_")
    assert action.keys or action.word


@pytest.mark.parametrize("action", ACTIONS, ids=lambda a: a.id)
def test_no_key_is_forbidden_or_kept_for_later(action: Action) -> None:
    assert not set(action.keys) & set(FORBIDDEN)
    assert not any(key.startswith("alt+") for key in action.keys)
    assert not set(action.keys) & LATER


def test_a_letter_keeps_one_meaning() -> None:
    meanings: dict[str, set[str]] = {}
    for action in ACTIONS:
        for key in action.keys:
            meanings.setdefault(key, set()).add(action.id)
    assert all(len(ids) == 1 for ids in meanings.values())


def test_words_are_unique_and_no_kind_is_called_so() -> None:
    words = [a.word for a in ACTIONS if a.word]
    assert len(words) == len(set(words))
    kinds = {word for e in entries().values() for word in (e.name, *e.aliases)}
    assert not kinds & set(words)


def test_the_recommended_keys_do_what_people_expect() -> None:
    wanted = {
        "colon": "app.command", "slash": "list.filter", "question_mark": "app.help", "escape": "nav.back",
        "q": "nav.close", "enter": "nav.open", "space": "list.mark", "d": "row.describe", "y": "row.raw",
        "c": "row.copy",
        "C": "row.copy_command", "z": "list.problems", "Z": "app.freeze", "ctrl+d": "move.half_down", "f": "row.follow",
    }  # fmt: skip
    found = {key: action.id for action in ACTIONS for key in action.keys}
    assert {key: found[key] for key in wanted} == wanted


def test_bindings_carry_the_ids_that_overrides_name() -> None:
    made = {b.id: b for b in bindings("list")}  # type: ignore[union-attr]
    assert set(made) == {a.id for a in offered("list") if a.keys}
    assert made["list.mark"].action == "list_mark"  # type: ignore[union-attr]


def test_some_bindings_can_be_taken_alone() -> None:
    assert [b.id for b in some("nav.back")] == ["nav.back"]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("escape", "esc"), ("question_mark", "?"), ("ctrl+d", "ctrl-d"), ("G", "G"), ("space", "space"),
        ("less_than_sign", "<"), ("pagedown", "PgDn"), ("f5", "f5"),
    ],
)  # fmt: skip
def test_keys_are_shown_as_people_read_them(key: str, text: str) -> None:
    assert shown(key) == text


def test_an_action_without_a_key_is_shown_by_its_word() -> None:
    assert Keys().shown("app.budget") == ":budget"


# -- the hint line


@pytest.mark.parametrize("width", [80, 100, 200])
@pytest.mark.parametrize("context", list(CONTEXTS))
def test_hints_are_one_line_of_exactly_the_width(context: Context, width: int) -> None:
    line = hints([context], width, Keys(), {"nav.open": "servers on it"})
    assert len(line) == width
    assert line.endswith("? help")
    assert "\n" not in line


def test_what_matters_most_stays_when_it_is_narrow() -> None:
    line = hints(["list"], 40, Keys(), {"nav.open": "servers on it"})
    assert line.startswith("enter servers on it")
    assert len(line) == 40


def test_hints_show_the_keys_that_are_bound() -> None:
    keys = Keys({"list.mark": ("x",)})
    assert "x mark" in hints(["list"], 80, keys)
    assert "space mark" not in hints(["list"], 80, keys)


def test_what_cannot_be_done_is_not_hinted() -> None:
    assert "describe" not in hints(["list"], 80, Keys(), absent=frozenset({"row.describe"}))


def test_an_action_without_a_label_is_hinted_when_it_has_one_here() -> None:
    assert "esc back" in hints(["describe"], 100, Keys(), {"nav.back": "back"})


def test_a_hopeless_width_breaks_nothing() -> None:
    assert hints(["list"], 3, Keys()) == "? h"
    assert hints(["list"], 0, Keys()) == ""
