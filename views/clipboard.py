"""The terminal's clipboard, written by escape sequence (OSC 52): works through SSH, tmux and screen. Pure.

tmux passes the sequence on only when told to (`set-clipboard on`, or `allow-passthrough on` for the wrapped form), so
inside tmux both forms are sent; screen needs it in pieces.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

Multiplexer: TypeAlias = Literal["", "tmux", "screen"]

MOST: Final = 74_994
"""Characters of base64 that terminals accept in one go (xterm's limit); longer ones are dropped silently by them."""

_PIECE: Final = 700
"""screen forwards device control strings of less than 768 bytes."""


def multiplexer(environ: Mapping[str, str]) -> Multiplexer:
    """What stands between us and the terminal."""
    if environ.get("TMUX"):
        return "tmux"
    return "screen" if environ.get("STY") else ""


def fits(text: str) -> bool:
    """True when terminals take `text` as a whole."""
    return len(b64encode(text.encode("utf-8", "replace"))) <= MOST


def osc52(text: str, between: Multiplexer = "") -> str:
    """The sequence that puts `text` on the clipboard."""
    plain = f"\x1b]52;c;{b64encode(text.encode('utf-8', 'replace')).decode()}\x07"
    if between == "tmux":
        wrapped = plain.replace("\x1b", "\x1b\x1b")
        return f"{plain}\x1bPtmux;{wrapped}\x1b\\"
    if between == "screen":
        pieces = [plain[start : start + _PIECE] for start in range(0, len(plain), _PIECE)]
        return "".join(f"\x1bP{piece}\x1b\\" for piece in pieces)
    return plain
