"""A statement's text cut into words: enough to know what it is, before anything parses it properly."""

from __future__ import annotations

import re
from dataclasses import dataclass

from runbooks.simulator.mysql import errors

_TOKEN = re.compile(
    r"""'(?:[^'\\]|\\.|'')*'      # text
      | "(?:[^"\\]|\\.|"")*"
      | `[^`]*`                   # a name
      | @@?[\w.$]+                # a variable
      | [\w$]+(?:\.[\w$]+)*       # a word or a number
      | [^\s\w]""",
    re.VERBOSE,
)
_COMMENT = re.compile(r"/\*(?![!M]).*?\*/|(?:--\s|#)[^\n]*", re.DOTALL)
_QUOTED = re.compile(r"'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.|\"\")*\"|`[^`]*`")


@dataclass(frozen=True, slots=True)
class Words:
    """A statement and its words; `starts` are their places in `sql`."""

    sql: str
    words: tuple[str, ...]
    starts: tuple[int, ...]

    @property
    def first(self) -> str:
        """The first word in capitals."""
        return self.words[0].upper()

    def upper(self, place: int) -> str:
        """The word at `place` in capitals; empty beyond the end."""
        return self.words[place].upper() if place < len(self.words) else ""

    def after(self, place: int) -> str:
        """The text from the word at `place` on."""
        return self.sql[self.starts[place] :] if place < len(self.starts) else ""

    def required(self, place: int) -> str:
        """The same; raises SqlError when the statement ends before."""
        if place >= len(self.starts):
            raise errors.syntax("")
        return self.after(place)

    def are(self, *wanted: str) -> bool:
        """True when the statement is exactly these words."""
        return tuple(word.upper() for word in self.words) == wanted

    def begin(self, *wanted: str) -> bool:
        """True when the statement begins with these words."""
        return tuple(word.upper() for word in self.words[: len(wanted)]) == wanted


def names(text: str) -> frozenset[str]:
    """The words of `text` as a set."""
    return frozenset(text.split())


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])


def statement(sql: str) -> Words:
    """The words of one statement. Raises SqlError: empty, or more than one statement."""
    hidden = _QUOTED.sub(_blank, sql)
    spans = [match.span() for match in _COMMENT.finditer(hidden)]
    for start, end in spans:
        sql = sql[:start] + " " * (end - start) + sql[end:]
        hidden = hidden[:start] + " " * (end - start) + hidden[end:]
    head, semicolon, rest = hidden.partition(";")
    if semicolon and rest.strip(" \t\r\n;"):
        raise errors.syntax(sql[len(head) + 1 :].strip())
    sql = sql[: len(head)].strip()
    if not sql:
        raise errors.empty_query()
    found = list(_TOKEN.finditer(sql))
    return Words(sql, tuple(match[0] for match in found), tuple(match.start() for match in found))


def unquoted(word: str) -> str:
    """The value of a quoted text or name; other words as they are."""
    if len(word) >= 2 and word[0] == word[-1] and word[0] in "'\"`":
        quote, inner = word[0], word[1:-1]
        if quote == "`":
            return inner
        return re.sub(r"\\(.)", _escaped, inner.replace(quote * 2, quote), flags=re.DOTALL)
    return word


def _escaped(match: re.Match[str]) -> str:
    # \% and \_ keep their backslash: they mean something to LIKE.
    return {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "%": "\\%", "_": "\\_"}.get(match[1], match[1])


def like(pattern: str) -> re.Pattern[str]:
    """SQL's LIKE as a regular expression: `%`, `_`, backslash escapes, letters of any case."""
    found = []
    characters = iter(pattern)
    for character in characters:
        if character == "\\":
            found.append(re.escape(next(characters, "\\")))
        else:
            found.append({"%": ".*", "_": "."}.get(character, re.escape(character)))
    return re.compile("".join(found), re.IGNORECASE | re.DOTALL)
