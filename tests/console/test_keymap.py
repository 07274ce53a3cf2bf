"""Key overrides from settings: what is understood, what is refused, and in which words."""

from __future__ import annotations

import pytest

from console.keymap import load
from views.keys import Keys


def complaint(table: dict[str, object]) -> str:
    keys, complaints = load(table)
    assert keys == Keys()
    assert len(complaints) == 1
    return complaints[0]


def test_nothing_asked_nothing_changed() -> None:
    assert load({}) == (Keys(), [])


def test_a_key_as_toml_gives_it() -> None:
    keys, complaints = load({"list": {"mark": "x"}})
    assert complaints == []
    assert keys.of("list.mark") == ("x",)
    assert keys.keymap() == {"list.mark": "x"}


def test_a_quoted_id_means_the_same() -> None:
    assert load({"list.mark": "x"})[0].of("list.mark") == ("x",)


@pytest.mark.parametrize(
    ("written", "bound"),
    [
        ("x", ("x",)),
        ("X", ("X",)),
        ("=", ("equals_sign",)),
        (",", ("comma",)),
        ("ctrl-x", ("ctrl+x",)),
        ("ctrl+x", ("ctrl+x",)),
        ("F5", ("f5",)),
        ("x, f5", ("x", "f5")),
        (["x", "ctrl-e"], ("x", "ctrl+e")),
    ],
)
def test_ways_to_write_keys(written: object, bound: tuple[str, ...]) -> None:
    keys, complaints = load({"list.mark": written})
    assert complaints == []
    assert keys.of("list.mark") == bound


def test_an_unknown_action_is_named_with_what_is_near() -> None:
    assert complaint({"list": {"marc": "x"}}) == "[keys] list.marc: no such action; did you mean list.mark?"


def test_an_unknown_action_far_from_any() -> None:
    assert "docs/keys.md" in complaint({"zzzz": "x"})


@pytest.mark.parametrize("value", [3, True, [], ["x", 3], "", "  ", None])
def test_what_is_no_key_is_told(value: object) -> None:
    assert "wants a key or a list of keys" in complaint({"list.mark": value})


@pytest.mark.parametrize(
    ("key", "why"),
    [
        ("ctrl-b", "prefix of tmux"),
        ("ctrl-s", "stops the terminal"),
        ("ctrl-m", "Enter"),
        ("alt+x", "slow link"),
        ("f1", "emulators"),
    ],
)
def test_a_key_that_a_bastion_eats_is_refused(key: str, why: str) -> None:
    assert why in complaint({"list.mark": key})


def test_the_good_ones_of_a_list_stay() -> None:
    keys, complaints = load({"list.mark": ["ctrl-a", "x"]})
    assert keys.of("list.mark") == ("x",)
    assert "prefix of screen" in complaints[0]


def test_a_clash_keeps_the_default_and_says_with_whom() -> None:
    assert complaint({"list.mark": "d"}) == (
        "[keys] list.mark: d already means “Describe the row” (row.describe); not changed"
    )


def test_a_clash_with_what_works_everywhere_is_one_too() -> None:
    assert "app.help" in complaint({"row.raw": "?"})


def test_two_actions_may_swap_their_keys() -> None:
    keys, complaints = load({"list.mark": "d", "row.describe": "space"})
    assert complaints == []
    assert keys.of("list.mark") == ("d",)
    assert keys.of("row.describe") == ("space",)


def test_of_two_overrides_that_clash_the_later_is_refused() -> None:
    keys, complaints = load({"list.mark": "x", "list.range": "x"})
    assert keys.of("list.mark") == ("x",)
    assert keys.of("list.range") == ("v",)
    assert len(complaints) == 1


def test_a_chain_of_clashes_is_resolved() -> None:
    # range takes d from describe, whose own new key is refused: then range has to give d back.
    keys, complaints = load({"row.describe": "U", "list.range": "d"})
    assert keys.of("row.describe") == ("d",)
    assert keys.of("list.range") == ("v",)
    assert len(complaints) == 2


def test_actions_that_never_meet_may_share_a_key() -> None:
    keys, complaints = load({"list.wide": "backspace", "pane.next": "tab"})
    assert complaints == []
    assert keys.of("list.wide") == ("backspace",)
