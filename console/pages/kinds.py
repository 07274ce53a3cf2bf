"""docs/kinds.md: every kind with its columns, links, health and commands, from their declarations."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.kind import AnyKind
from views.text.reference import Section, kind_sections


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _table(section: Section) -> Iterator[str]:
    yield "\n| | |\n|---|---|\n"
    for term, meaning in section.rows:
        yield f"| `{_cell(term)}` | {_cell(meaning)} |\n"


def _kind(kind: AnyKind) -> Iterator[str]:
    head, *rest = kind_sections(kind)
    yield f"\n## {kind.name}\n\n{head.about}\n"
    for section in rest:
        yield f"\n**{section.title}**" + (f"  \n{section.about}" if section.about else "") + "\n"
        yield from _table(section)


def text() -> str:
    """The page."""
    from console.generate import declared_kinds

    parts = ["# Kinds\n\nGenerated from the declarations in `collectors/kinds/`. `nephoscope kinds` lists them.\n"]
    for kind in declared_kinds():
        parts.extend(_kind(kind))
    return "".join(parts)
