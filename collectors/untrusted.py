"""Text from tenants and logs, made harmless before any screen or terminal: the one place that does it.

Server names, queue names and log lines may hold escape sequences, newlines, bidirectional marks or markup. What is not
printable is shown as a visible escape (`\\x1b`, `\\u202e`), so that nothing is hidden and nothing acts. Markup is never
interpreted anywhere, so brackets pass unchanged. JSON keeps the original, in escapes that its readers undo (`escaped`).
"""

from __future__ import annotations

import re


def _visible(character: str) -> str:
    code = ord(character)
    if character == "\n":
        return "\\n"
    if character == "\t":
        return "\\t"
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def neutral(text: str) -> str:
    """`text` with every character that is not printable (control, format, bidi, surrogate) as a visible escape."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else _visible(c) for c in text)


def clipped(text: str, width: int) -> str:
    """`text` cut to `width` characters, the cut shown by an ellipsis."""
    return text if len(text) <= width else text[: max(width - 1, 0)] + "…"


_INVISIBLE = re.compile(r"[^\n -~]")


def _escape(found: re.Match[str]) -> str:
    character = found[0]
    if character.isprintable():
        return character
    code = ord(character)
    if code < 0x10000:
        return f"\\u{code:04x}"
    code -= 0x10000
    return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"


def escaped(text: str) -> str:
    """`text` with everything that is not printable as `\\uXXXX` (pairs above U+FFFF, as JSON has them)."""
    return _INVISIBLE.sub(_escape, text)
