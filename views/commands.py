"""The language of the `:` bar: kinds with filters, rows, and a word for every action. Pure.

compute-services  cs          the list, by name or alias
cs host=cmp1*                 the list, filtered
go galera-members ctl03       the list, with the cursor on a row (id or name)
describe servers web-3        the same, described
servers on cloud test/RegionTwo
sort host   sort -size        by a column, - turns it round
copy id                       one column of the chosen rows
logs nova-compute host=cmp01   search req-…   shell ctl01
do compute-service.disable cmp01 reason="RAM swap"   arm 10m INC-4711   disarm
filter TEXT   errors   theme NAME   help [KIND]   q
wide  problems  mark  …       what the keys do; `?` lists them
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Final, TypeAlias

import msgspec

from collectors import registry
from collectors.errors import UsageError
from collectors.kind import AnyKind
from collectors.query import META, parse
from views.keys import ACTIONS


class OpenList(msgspec.Struct, frozen=True):
    """Go to a list."""

    kind_name: str
    filter_text: str = ""
    row: str = ""
    """Id or name of a row."""
    parent: str = ""
    """Id or name of the parent row, for a kind below one."""
    describe: bool = False
    cloud: str = ""
    """Another cloud, `NAME` or `NAME/REGION`; empty: this one."""


class RunAction(msgspec.Struct, frozen=True):
    """Do what a key does."""

    action_id: str


class SortBy(msgspec.Struct, frozen=True):
    """Sort the list by a column; `descending` None: the column's usual way."""

    column: str
    descending: bool | None = None


class CopyColumn(msgspec.Struct, frozen=True):
    """Copy one column of the chosen rows."""

    column: str


class SetFilter(msgspec.Struct, frozen=True):
    """Filter the list."""

    text: str


class Word(msgspec.Struct, frozen=True):
    """A command of its own: `quit`, `errors`, `theme NAME`, `help TOPIC`, `logs UNIT…`, `search ID`, `shell HOST`."""

    name: str
    argument: str = ""


Command: TypeAlias = OpenList | RunAction | SortBy | CopyColumn | SetFilter | Word

WORDS: Final[Mapping[str, str]] = {
    "go": "KIND ROW: a list, with the cursor on a row",
    "describe": "KIND ROW: everything about one row",
    "sort": "COLUMN: sort by it; -COLUMN turns it round",
    "copy": "[COLUMN]: copy the chosen rows, or one column of them",
    "filter": "TEXT: filter the rows",
    "logs": "UNIT… [host=HOST]: the log of services, of all hosts that have them",
    "search": "ID: a request, or any id, in all logs",
    "shell": "HOST [NAMESPACE]: a shell there",
    "do": "OPERATION TARGET… [NAME=VALUE…]: a plan of it; nothing starts before it is confirmed",
    "arm": "DURATION WHY: let operations begin for that long, at most an hour",
    "disarm": "read-only again",
    "errors": "what could not be read, in full",
    "theme": "NAME: other colours",
    "help": "[KIND]: keys and columns",
    "quit": "leave",
}
"""Words with arguments, and words without a key."""

EXAMPLES: Final[Mapping[str, str]] = {"do": "do compute-service.disable cmp01", "arm": "arm 10m INC-4711"}

SHORT: Final[Mapping[str, str]] = {
    "q": "quit",
    "q!": "quit",
    "qa": "quit",
    "exit": "quit",
    "h": "help",
    "o": "open",
    "runs": "journal",
}

ACTION_WORDS: Final[Mapping[str, str]] = {a.word: a.id for a in ACTIONS if a.word}
"""Word → action id."""

_ON_CLOUD = re.compile(r"\s+on\s+cloud\s+(\S+)\s*$")


def column_named(kind: AnyKind, word: str) -> str:
    """The column that `word` means, by name or title. Raises `UsageError` with what is near."""
    plain = word.lower().replace("-", "_")
    names = {c.name: c.name for c in kind.columns} | {c.title.lower().replace(" ", "_"): c.name for c in kind.columns}
    names = {name: name for name in META} | names
    if plain in names:
        return names[plain]
    near = get_close_matches(plain, names, 2, 0.6)
    hint = f"Did you mean {' or '.join(near)}? " if near else ""
    columns = ", ".join(c.name for c in kind.columns)
    raise UsageError(f"{kind.name} has no column “{word[:40]}”", f"{hint}Columns: {columns}")


def _kind_or_none(word: str) -> AnyKind | None:
    try:
        return registry.kind(word)
    except UsageError:
        return None


def _list(kind: AnyKind, rest: str, cloud: str) -> OpenList:
    """A kind and what stands behind it: a filter, of which a parent's name is taken out."""
    parent = ""
    if kind.scope.per == "parent":
        found = re.search(rf'(?:^|\s)({re.escape(kind.scope.parameter)}=(?:"([^"]*)"?|(\S+)))', rest)
        if found is None:
            raise UsageError(
                f"which of the {kind.scope.parent}?",
                f"Say it like this: {kind.name} {kind.scope.parameter}=NAME",
            )
        parent = found[2] if found[2] is not None else found[3]
        rest = f"{rest[: found.start()]} {rest[found.end() :]}".strip()
    parse(kind, rest)
    return OpenList(kind.name, rest, parent=parent, cloud=cloud)


def _row(word: str, rest: str, cloud: str) -> OpenList:
    """`go KIND ROW` and `describe KIND ROW`."""
    name, _, row = rest.partition(" ")
    if not name:
        raise UsageError(f"{word} wants a kind and a row", f"{word} servers web-3")
    kind = registry.kind(name)
    if kind.scope.per == "parent":
        raise UsageError(f"{kind.name} are found through their {kind.scope.parent}", f"{kind.name} …=NAME")
    return OpenList(kind.name, row=row.strip().strip('"'), describe=word == "describe" and bool(row), cloud=cloud)


def _sort(kind: AnyKind, rest: str) -> SortBy:
    name, _, way = rest.partition(" ")
    if not name:
        raise UsageError("sort wants a column", f"Columns: {', '.join(c.name for c in kind.columns)}")
    descending = True if name.startswith("-") or way.startswith("desc") else False if way.startswith("asc") else None
    return SortBy(column_named(kind, name.lstrip("-+")), descending)


def _unknown(word: str) -> UsageError:
    names = [n for entry in registry.entries().values() for n in (entry.name, *entry.aliases)]
    near = get_close_matches(word.lower(), [*names, *WORDS, *ACTION_WORDS], 3, 0.6)
    hint = f"Did you mean {' or '.join(near)}?" if near else "Tab completes; ? lists what there is"
    return UsageError(f"no kind or command “{word[:40]}”", hint)


def parse_command(text: str, here: AnyKind | None = None) -> Command:
    """What `text` (without the colon) means; `here` is the kind on the screen. Raises `UsageError`."""
    text = text.strip().removeprefix(":").strip()
    cloud = ""
    if found := _ON_CLOUD.search(text):
        text, cloud = text[: found.start()], found[1]
    word, _, rest = text.partition(" ")
    word, rest = SHORT.get(word, word), rest.strip()
    kind = _kind_or_none(word)
    if kind is not None:
        return _list(kind, rest, cloud)
    if word == "go" or (word == "describe" and rest):
        return _row(word, rest, cloud)
    if cloud:
        raise UsageError("only a list can be opened on another cloud", "servers on cloud NAME/REGION")
    if word == "sort" or (word in ("copy", "filter") and rest):
        if here is None:
            raise UsageError(f"{word} works in a list", "open one first: :compute-services")
        if word == "sort":
            return _sort(here, rest)
        if word == "copy":
            return CopyColumn(column_named(here, rest))
        parse(here, rest)
        return SetFilter(rest)
    if word in ("logs", "shell") and rest:
        return Word(word, rest)
    if word in ("do", "arm"):
        if not rest:
            raise UsageError(f"{word}: {WORDS[word]}", EXAMPLES[word])
        return Word(word, rest)
    if word == "disarm":
        return Word(word)
    if word == "search":
        if not rest:
            raise UsageError("search wants an id", "search req-0f6a…")
        return Word(word, rest)
    if word in ("quit", "errors") or (word in ("theme", "help") and (rest or word == "theme")):
        return Word(word, rest)
    if word in ACTION_WORDS:
        if rest:
            raise UsageError(f"{word} takes no argument", f"“{rest[:40]}” is too much")
        return RunAction(ACTION_WORDS[word])
    raise _unknown(word)
