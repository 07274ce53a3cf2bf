"""Kinds by name or alias, without importing any but the one that is asked for.

The index (`collectors/kinds/index.py`) is generated from the declarations and tested against them; other distributions
add kinds through the entry point group `nephoscope.kinds` (name = kind, value = module:KIND).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import NamedTuple

from collectors.errors import UsageError
from collectors.kind import AnyKind


class Entry(NamedTuple):
    """What is known of a kind without importing it."""

    name: str
    title: str
    aliases: tuple[str, ...]
    system: str
    about: str
    module: str
    scope: str = "region"


@cache
def entries() -> dict[str, Entry]:
    """Every kind of this distribution by name, in the order of the overview."""
    from collectors.kinds.index import INDEX

    return {row[0]: Entry(*row) for row in INDEX}


@cache
def _words() -> dict[str, str]:
    words: dict[str, str] = {}
    for entry in entries().values():
        for word in (entry.name, *entry.aliases):
            if word in words:
                raise AssertionError(f"{word} names both {words[word]} and {entry.name}")
            words[word] = entry.name
    return words


@cache
def _foreign() -> dict[str, AnyKind]:
    from importlib.metadata import entry_points

    return {point.name: point.load() for point in entry_points(group="nephoscope.kinds")}


def kind(word: str) -> AnyKind:
    """The kind called `word`: a name, an alias (underscores allowed), or any `SERVICE/COLLECTION` of the catalogue.

    Raises `UsageError` with what is near.
    """
    plain = word.strip().lower().replace("_", "-")
    name = _words().get(plain)
    if name is not None:
        found: AnyKind = import_module(entries()[name].module).KIND
        return found
    if plain in _foreign():
        return _foreign()[plain]
    if "/" in word:
        from collectors.generic import generic_kind

        return generic_kind(word)
    from difflib import get_close_matches

    near = get_close_matches(plain, [*_words(), *_foreign()], 3, 0.6)
    hint = f"Did you mean {' or '.join(near)}? " if near else ""
    raise UsageError(f"unknown kind “{word[:60]}”", f"{hint}`nephoscope kinds` lists them all")


def kinds() -> Iterator[AnyKind]:
    """Every kind, imported."""
    for name in entries():
        yield kind(name)
    yield from _foreign().values()
