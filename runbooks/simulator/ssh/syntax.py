"""The parts of a command line, as the hosts' shell understands it.

A small POSIX shell: words with quoting, variables and command substitution; simple commands with redirections;
pipelines; `&&`, `||`, `;`, `&`; groups. No loops, no functions, no globbing: what is not here is a syntax error.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias


@dataclass(frozen=True, slots=True)
class Text:
    """Characters that stand for themselves."""

    value: str
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Variable:
    """`$name`, `${name}`, `$?`, `$!`, `$@`; with `length`, `${#name}`."""

    name: str
    quoted: bool = False
    length: bool = False


@dataclass(frozen=True, slots=True)
class Substitution:
    """`$(script)`: its output without the newlines at the end."""

    body: Script
    quoted: bool = False


Part: TypeAlias = Text | Variable | Substitution


@dataclass(frozen=True, slots=True)
class Word:
    """One word before expansion; unquoted expansions split it at white space."""

    parts: tuple[Part, ...]

    def literal(self) -> str | None:
        """The word when nothing of it is quoted or expanded, else None."""
        if all(isinstance(part, Text) and not part.quoted for part in self.parts):
            return "".join(part.value for part in self.parts if isinstance(part, Text))
        return None


@dataclass(frozen=True, slots=True)
class Redirect:
    """`N>file`, `N>>file`, `N<file` (`target`), or `N>&M`, `N<&M` (`copy` is M; -1 closes it)."""

    fd: int
    mode: Literal["<", ">", ">>"]
    target: Word | None = None
    copy: int | None = None


@dataclass(frozen=True, slots=True)
class Simple:
    """`NAME=value … word word … redirections`."""

    assignments: tuple[tuple[str, Word], ...]
    words: tuple[Word, ...]
    redirects: tuple[Redirect, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """`( script )` (a shell of its own) or `{ script; }`."""

    body: Script
    subshell: bool
    redirects: tuple[Redirect, ...]


Command: TypeAlias = Simple | Group


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Commands joined by `|`; `negated` by a leading `!`."""

    commands: tuple[Command, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class AndOr:
    """Pipelines joined by `&&` and `||`, left to right."""

    first: Pipeline
    rest: tuple[tuple[Literal["&&", "||"], Pipeline], ...] = ()
    background: bool = False
    """`&` follows."""


@dataclass(frozen=True, slots=True)
class Script:
    """What `;` and newlines separate."""

    items: tuple[AndOr, ...]


class ShellSyntaxError(Exception):
    """The line is no command: `token` is what could not stand there ("newline" or "" when the line ended too soon)."""

    def __init__(self, token: str, *, quote: str = "", expecting: str = "") -> None:
        super().__init__(token or quote)
        self.token = token
        self.quote = quote
        """The quote that was never closed."""
        self.expecting = expecting
        """What had to come before the end."""
