"""Key overrides from settings: `[keys]` with `list.mark = "x"` or `list.mark = ["x", "space"]`.

Mistakes never keep the console from starting: each is told in words and the default stays. Two actions that can be
offered at the same time must not share a key; the override that would clash is the one that is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches

from views.keys import ACTIONS, BY_ID, FORBIDDEN, Action, Keys, shown


def _flat(table: Mapping[str, object], prefix: str = "") -> dict[str, object]:
    """TOML reads `list.mark = "x"` as a table in a table; here it is one id again."""
    found: dict[str, object] = {}
    for name, value in table.items():
        if isinstance(value, Mapping):
            found |= _flat(value, f"{prefix}{name}.")
        else:
            found[prefix + name] = value
    return found


def _key(text: str) -> str:
    """A key as written (`?`, `ctrl-x`, `ctrl+x`) in Textual's spelling."""
    from textual.keys import _character_to_key

    word = text.strip()
    if len(word) == 1:
        return _character_to_key(word)
    return word.replace("-", "+").lower() if word.lower().startswith(("ctrl-", "shift-")) else word.lower()


def _wanted(value: object) -> list[str] | None:
    if isinstance(value, str):
        words = [value] if len(value.strip()) <= 1 else value.split(",")
    elif isinstance(value, list) and all(isinstance(v, str) for v in value):
        words = [str(v) for v in value]
    else:
        return None
    keys = [_key(word) for word in words if word.strip()]
    return keys or None


def _together(one: Action, other: Action) -> bool:
    """True when both can be offered at the same time."""
    return "everywhere" in one.contexts + other.contexts or bool(set(one.contexts) & set(other.contexts))


def _refusal(key: str) -> str:
    if key in FORBIDDEN:
        return FORBIDDEN[key]
    return "Alt chords are read as Escape on a slow link" if key.startswith("alt+") else ""


def load(table: Mapping[str, object]) -> tuple[Keys, list[str]]:
    """The keys that `[keys]` of the settings asks for, and what is wrong with it in words, one sentence each."""
    overrides: dict[str, tuple[str, ...]] = {}
    complaints: list[str] = []
    for action_id, value in _flat(table).items():
        if action_id not in BY_ID:
            near = get_close_matches(action_id, BY_ID, 1, 0.6)
            hint = f"; did you mean {near[0]}?" if near else "; `?` and docs/keys.md list the actions"
            complaints.append(f"[keys] {action_id}: no such action{hint}")
            continue
        keys = _wanted(value)
        if keys is None:
            complaints.append(f"[keys] {action_id}: wants a key or a list of keys, has {value!r}"[:200])
            continue
        for key in keys:
            if refusal := _refusal(key):
                complaints.append(f"[keys] {action_id}: {shown(key)} cannot be used: {refusal}")
        allowed = tuple(key for key in keys if not _refusal(key))
        if allowed:
            overrides[action_id] = allowed
    return _without_clashes(overrides, complaints), complaints


def _clash(keys: Keys, action_id: str) -> tuple[str, Action] | None:
    """A key of `action_id` and the other action that has it at the same time."""
    for other in ACTIONS:
        if other.id != action_id and _together(BY_ID[action_id], other):
            both = set(keys.of(action_id)) & set(keys.of(other.id))
            if both:
                return min(both), other
    return None


def _without_clashes(overrides: dict[str, tuple[str, ...]], complaints: list[str]) -> Keys:
    """Drop overrides, later ones first, until no two actions that can be offered together share a key."""
    kept = dict(overrides)
    clashing = True
    while clashing:
        # A key that is given back may be one that another override took: look again until nothing changes.
        clashing = False
        for action_id in reversed(list(kept)):
            found = _clash(Keys(kept), action_id)
            if found is not None:
                key, other = found
                complaints.append(
                    f"[keys] {action_id}: {shown(key)} already means “{other.title}” ({other.id}); not changed"
                )
                del kept[action_id]
                clashing = True
    return Keys(kept)
