"""docs/systems/SYSTEM.md: what a system is asked, what is said of it, what can be broken, what is not covered."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Sequence

from collectors.kind import AnyKind
from collectors.rollup_words import in_words
from console.handbook import reading
from views.text.reference import request_words


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _judged(kind: AnyKind) -> str:
    """The first paragraph of the health rule's own words."""
    return (inspect.getdoc(kind.health) or "").split("\n\n")[0]


def _in_overview(kind: AnyKind) -> str:
    if kind.scope.per == "parent":
        return "not in the overview: it is opened from one row"
    words = in_words(kind.rollup)
    return f"{words}; named only, when another kind is as bad" if kind.detail else words


def _kinds(kinds: Sequence[AnyKind]) -> Iterator[str]:
    yield "\n## What is shown\n\n| kind | a row | a row's health | the system's |\n|---|---|---|---|\n"
    for kind in kinds:
        name = f"[{kind.name}](../kinds.md#{kind.name})"
        yield f"| {name} | {_cell(kind.about)} | {_cell(_judged(kind))} | {_cell(_in_overview(kind))} |\n"


def _asked(kinds: Sequence[AnyKind], told: reading.Told) -> Iterator[str]:
    yield f"\n## What is asked, and as whom\n\n{told.asks}\n"
    yield "\n| kind | request | how often | at most |\n|---|---|---|---|\n"
    for kind in kinds:
        every, most = f"{kind.period:g} s", f"{kind.deadline:g} s"
        yield f"| {kind.name} | {_cell(request_words(kind.read))} | every {every} while looked at | {most} |\n"


def _broken(kinds: Sequence[AnyKind]) -> Iterator[str]:
    """The faults of which a kind of the system shows something."""
    ours = [kind.name for kind in kinds]
    rows = [
        f"| `{name}` | {_cell(fault.title)} | {_cell(text)} ({kind}) | {', '.join(fault.grounds)} |\n"
        for name, fault in reading.faults().items()
        for kind, text in fault.effects.items()
        if kind in ours
    ]
    if rows:
        yield "\n## What can be broken to see it\n"
        yield "\n| fault | what happens | what is then seen | where |\n|---|---|---|---|\n"
        yield from rows


def text(system: str, kinds: Sequence[AnyKind]) -> str:
    """The page of one system; `kinds` are all of its own."""
    told = reading.systems()[system]
    optional = [kind.name for kind in kinds if kind.optional]
    parts = [f"# {system}\n\nGenerated from the declarations of its kinds and `console/handbook/`.\n\n{told.about}\n"]
    if len(optional) == len(kinds):
        parts.append("\nMany clouds do without it: the overview is silent about it until it has answered once.\n")
    parts += [*_kinds(kinds), *_asked(kinds, told), *_broken(kinds)]
    if told.gaps:
        parts += ["\n## What is not covered\n\n", *(f"- {_cell(gap)}\n" for gap in told.gaps)]
    return "".join(parts)


def index(systems: Sequence[str]) -> str:
    """docs/systems/README.md: the pages, and what a cloud is made of with what there is for it."""
    told = reading.systems()
    parts = ["# Systems\n\nOne page for each group of the overview.\n\n| system | what it is |\n|---|---|\n"]
    parts += [f"| [{name}]({name}.md) | {_cell(told[name].about)} |\n" for name in systems]
    parts.append(
        "\n## What clouds are made of, and what there is for it\n\n"
        "Any other service of the catalogue is listed generically: `nephoscope get SERVICE/COLLECTION`.\n\n"
        "| part | kinds | otherwise | what is missing, and why |\n|---|---|---|---|\n"
    )
    for name, found in reading.coverage().items():
        links = ", ".join(f"[{kind}](../kinds.md#{kind})" for kind in found.kinds)
        by = re.sub(r"(nephoscope [a-z-]+(?: [a-z-]+/\S+[a-z])?)", r"`\1`", found.by)
        parts.append(f"| {_cell(name)} | {links} | {_cell(by)} | {_cell(found.why)} |\n")
    return "".join(parts)
