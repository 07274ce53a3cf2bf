"""The generated pages: every kind and every action is on them, and the tree holds what the declarations say."""

from __future__ import annotations

import pytest

from collectors.registry import entries, kind
from console.generate import ROOT
from console.pages import keys, kinds
from views.keys import ACTIONS, FORBIDDEN, Action, shown

KEYS = keys.text()
KINDS = kinds.text()


@pytest.mark.parametrize("action", ACTIONS, ids=lambda a: a.id)
def test_every_action_is_documented_with_its_keys(action: Action) -> None:
    line = next(line for line in KEYS.splitlines() if line.endswith(f"`{action.id}` |"))
    assert action.title in line
    assert all(shown(key).replace("|", "\\|") in line for key in action.keys)


@pytest.mark.parametrize("key", list(FORBIDDEN))
def test_every_forbidden_key_is_documented_with_its_reason(key: str) -> None:
    assert FORBIDDEN[key] in KEYS


@pytest.mark.parametrize("name", list(entries()))
def test_every_kind_is_documented_with_its_columns(name: str) -> None:
    start = KINDS.index(f"\n## {name}\n")
    section = KINDS[start : KINDS.find("\n## ", start + 4)]
    assert all(f"| `{column.name}` |" in section for column in kind(name).columns)


def test_tables_are_not_broken_by_what_is_in_them() -> None:
    for line in (KEYS + KINDS).splitlines():
        if line.startswith("|"):
            assert line.endswith("|")


def test_the_page_of_keys_in_the_tree_is_the_one_that_is_generated() -> None:
    assert (ROOT / "docs" / "keys.md").read_text() == KEYS
