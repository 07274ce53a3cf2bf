"""What could be meant by the beginning of a command: kinds, words, columns, values and row names. Pure.

The best guess comes first: a name that begins like that, then an alias, then a title that has it somewhere. Values and
rows are taken from snapshots that are there already, and only as many as fit on a screen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice

import msgspec

from collectors import registry
from collectors.errors import UsageError
from collectors.kind import AnyKind
from collectors.query import META
from collectors.snapshot import OddRow, Snapshot
from collectors.table import text_of
from views.commands import ACTION_WORDS, WORDS
from views.keys import BY_ID

MOST = 50
"""Proposals; rows and values beyond are left out."""

LOOKED_AT = 20_000
"""Rows of a long list that are searched for names and values: a keystroke must not wait."""

Known = Callable[[str], Snapshot | None]
"""Kind name → its last snapshot."""


class Proposal(msgspec.Struct, frozen=True):
    """`text` is the whole command line with the proposal in it, `label` what is shown, `about` what it is."""

    text: str
    label: str
    about: str = ""


def _kinds(start: str) -> Iterator[Proposal]:
    ranked: list[tuple[int, bool, Proposal]] = []
    for entry in registry.entries().values():
        names = (entry.name, *entry.aliases)
        hit = next((n for n in names if n.startswith(start)), None)
        if hit == start and start:
            rank = 0
        elif hit is not None:
            rank = 1 if hit == entry.name else 2
        elif len(start) > 1 and (start in entry.name or start in entry.title.lower()):
            rank = 4
        else:
            continue
        label = entry.name if hit in (None, entry.name) else f"{entry.name} ({hit})"
        # What is found through another row needs more words than this one.
        ranked.append((rank, entry.scope == "parent", Proposal(entry.name, label, entry.about)))
    for rank, proposal in _words(start):
        ranked.append((rank, False, proposal))
    return (proposal for *_, proposal in sorted(ranked, key=lambda item: item[:2]))


def _words(start: str) -> Iterator[tuple[int, Proposal]]:
    for word, about in WORDS.items():
        if word.startswith(start):
            yield 3 if word != start else 0, Proposal(word, word, about)
    for word, action_id in ACTION_WORDS.items():
        if word.startswith(start) and word not in WORDS and start:
            yield 3, Proposal(word, word, BY_ID[action_id].title)


def _row_names(snapshot: Snapshot | None, start: str) -> Iterator[str]:
    if snapshot is None:
        return
    name_of, low = snapshot.kind.name_of, start.lower()
    for row in islice(snapshot.rows, LOOKED_AT):
        name = row.name if isinstance(row, OddRow) else str(name_of(row) or "")
        if low in name.lower() and name.isprintable():
            yield name


def _values(snapshot: Snapshot | None, column: str, start: str) -> list[str]:
    if snapshot is None:
        return []
    if column == "health":
        return [v for v in ("critical", "warning", "unknown", "ok") if v.startswith(start)]
    declared, low = snapshot.kind.column(column), start.lower()
    found: dict[str, None] = {}
    for row in islice(snapshot.rows, LOOKED_AT):
        text = text_of(getattr(row, column, None), declared)
        if text and text.isprintable() and '"' not in text and text.lower().startswith(low):
            found[text] = None
            if len(found) >= MOST:
                break
    return sorted(found)


def _filter(before: str, token: str, kind: AnyKind, known: Known) -> Iterator[Proposal]:
    """The last word of a filter: a column, or a value behind `column=`."""
    column, equals, start = token.partition("=")
    if equals:
        for value in _values(known(kind.name), column.removesuffix("!"), start.strip('"')):
            word = f'"{value}"' if " " in value else value
            yield Proposal(f"{before}{column}={word}", value)
        return
    for found in kind.columns:
        if found.name.startswith(token.lower()) and token:
            yield Proposal(f"{before}{found.name}=", f"{found.name}=", found.help or found.title)
    for name in META:
        if token and name.startswith(token.lower()) and kind.column(name) is None:
            yield Proposal(f"{before}{name}=", f"{name}=", "")


def filter_proposals(text: str, kind: AnyKind, known: Known) -> list[Proposal]:
    """Proposals for the filter bar."""
    before, token = text[: len(text) - len(text.split(" ")[-1])], text.split(" ")[-1]
    return list(islice(_filter(before, token, kind, known), MOST))


def _columns(before: str, token: str, kind: AnyKind | None) -> Iterator[Proposal]:
    for column in kind.columns if kind is not None else ():
        if column.name.startswith(token.lstrip("-").lower()):
            sign = "-" if token.startswith("-") else ""
            yield Proposal(f"{before}{sign}{column.name}", f"{sign}{column.name}", column.help or column.title)


def _arguments(text: str, here: AnyKind | None, known: Known, themes: Iterable[str]) -> Iterator[Proposal]:
    words = text.split(" ")
    first, token = words[0], words[-1]
    before = text[: len(text) - len(token)]
    if first in ("go", "describe", "help"):
        if len(words) == 2:
            for proposal in _kinds(token):
                if proposal.text in registry.entries():
                    yield Proposal(before + proposal.text, proposal.label, proposal.about)
        elif first != "help" and words[1]:
            start = " ".join(words[2:])
            for name in _row_names(_snapshot(words[1], known), start):
                yield Proposal(f"{first} {words[1]} {name}", name)
        return
    if first == "do":
        yield from _operations(words, before, token, known)
        return
    if first in ("sort", "copy"):
        yield from _columns(before, token, here)
        return
    if first == "theme":
        yield from (Proposal(before + name, name) for name in themes if name.startswith(token))
        return
    try:
        kind = here if first == "filter" and here is not None else registry.kind(first)
    except UsageError:
        return
    yield from _filter(before, token, kind, known)


def _operations(words: list[str], before: str, token: str, known: Known) -> Iterator[Proposal]:
    """`do`: an operation, then its targets and parameters."""
    from runbooks.registry import entries, operation

    if len(words) == 2:
        for entry in entries().values():
            if token in entry.name:
                yield Proposal(before + entry.name, entry.name, f"{entry.risk} {entry.about}")
        return
    if words[1] not in entries():
        return
    chosen = operation(words[1])
    for parameter in chosen.parameters:
        name, equals, start = token.partition("=")
        if equals and name == parameter.name:
            of_kind = _row_names(known(parameter.of), start) if parameter.of else iter(())
            for value in (*(c for c in parameter.choices if c.startswith(start)), *islice(of_kind, MOST)):
                yield Proposal(f"{before}{name}={_quoted(value)}", value, parameter.about)
        elif not equals and parameter.name.startswith(token):
            yield Proposal(f"{before}{parameter.name}=", f"{parameter.name}=", parameter.about)
    for name in _row_names(known(chosen.kind), token):
        yield Proposal(before + _quoted(name), name, "")


def _quoted(word: str) -> str:
    """A word as it is typed: in quotes where it would be more than one."""
    from shlex import quote

    return quote(word)


def _snapshot(word: str, known: Known) -> Snapshot | None:
    try:
        return known(registry.kind(word).name)
    except UsageError:
        return None


def proposals(text: str, here: AnyKind | None, known: Known, themes: Iterable[str] = ()) -> list[Proposal]:
    """What `text` (as typed behind the colon, not stripped at its end) may become, best first."""
    text = text.lstrip()
    found = _kinds(text.lower()) if " " not in text else _arguments(text, here, known, themes)
    unique: dict[str, Proposal] = {}
    for proposal in islice(found, MOST * 2):
        unique.setdefault(proposal.text, proposal)
    return list(unique.values())[:MOST]
