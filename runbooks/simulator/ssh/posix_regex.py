"""POSIX regular expressions (as grep takes them) in Python's spelling."""

from __future__ import annotations

import re
from typing import Literal

from runbooks.simulator.ssh.program import encode

Flavour = Literal["basic", "extended", "fixed"]
_CLASSES = {
    "alpha": "A-Za-z",
    "digit": "0-9",
    "alnum": "A-Za-z0-9",
    "space": r"\s",
    "blank": r" \t",
    "upper": "A-Z",
    "lower": "a-z",
    "xdigit": "0-9A-Fa-f",
    "punct": r"!-/:-@\[-`{-~",
}
_BRACKET = re.compile(r"\[\^?\]?(?:\[:\w+:\]|[^\]])*\]")


def compile_pattern(
    text: str, flavour: Flavour, *, ignore_case: bool = False, word: bool = False, line: bool = False
) -> re.Pattern[bytes]:
    """`text` (one pattern a line) as a pattern over bytes. Raises re.error in Python's words."""
    alternatives = [re.escape(part) if flavour == "fixed" else _translated(part, flavour) for part in text.split("\n")]
    source = "|".join(f"(?:{part})" for part in alternatives)
    if word:
        source = rf"(?<!\w)(?:{source})(?!\w)"
    if line:
        source = rf"^(?:{source})$"
    return re.compile(encode(source), re.IGNORECASE if ignore_case else 0)


def _translated(text: str, flavour: Flavour) -> str:
    """One pattern. In basic ones `\\|`, `\\(`, `\\{`, `\\+`, `\\?` act and the bare characters stand for themselves."""
    result: list[str] = []
    at = 0
    while at < len(text):
        bracket = _BRACKET.match(text, at)
        if bracket:
            inner = bracket[0][1:-1]
            for name, members in _CLASSES.items():
                inner = inner.replace(f"[:{name}:]", members)
            result.append(f"[{inner.replace('[', chr(92) + '[')}]")
            at = bracket.end()
            continue
        char = text[at]
        if char == "\\" and at + 1 < len(text):
            following = text[at + 1]
            acts = flavour == "basic" and following in "|(){}+?"
            result.append(following if acts else f"\\{following}" if following not in "<>" else r"\b")
            at += 2
            continue
        result.append(f"\\{char}" if flavour == "basic" and char in "|(){}+?" else char)
        at += 1
    return "".join(result)
