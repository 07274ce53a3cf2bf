"""What the terminal can do for us: size, colours, characters, and whether a copy reaches the clipboard through tmux."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from collectors.errors import BadConfiguration
from collectors.sources.base import Fact

SMALLEST: Final = (80, 24)
SLOWEST_ESCAPE: Final = 100
"""Milliseconds that tmux may wait behind an Escape before it feels dead."""


def size_of(*streams: int) -> os.terminal_size | None:
    """The size of the first of these descriptors that is a terminal."""
    for stream in streams:
        try:
            return os.get_terminal_size(stream)
        except OSError:
            continue
    return None


def facts(environ: Mapping[str, str], size: os.terminal_size | None) -> Iterator[Fact]:
    """What there is to say; nothing when no terminal is there."""
    if size is None:
        return
    kind = environ.get("TERM", "")
    address = f"{kind or 'no TERM'} {size.columns}x{size.lines}"
    able = f"{colours(environ)}, {'UTF-8' if is_utf8(environ) else 'not UTF-8: signs in ASCII'}"
    if kind in ("", "dumb", "unknown"):
        yield Fact("terminal", address, "warning", detail=able, next_step="export TERM=xterm-256color")
    elif size.columns < SMALLEST[0] or size.lines < SMALLEST[1]:
        step = f"make it {SMALLEST[0]}x{SMALLEST[1]} or larger"
        yield Fact("terminal", address, "warning", detail=f"{able}; small", next_step=step)
    else:
        yield Fact("terminal", address, "ok", detail=able)
    if environ.get("TMUX"):
        yield from _tmux(environ)
    elif environ.get("STY"):
        step = "use tmux, or copy with the terminal's own selection"
        yield Fact(
            "clipboard", "screen", "warning", detail="GNU screen keeps copies (OSC 52) to itself", next_step=step
        )


def colours(environ: Mapping[str, str]) -> str:
    """How many colours the terminal says it has."""
    if environ.get("NO_COLOR"):
        return "no colours, as NO_COLOR asks"
    kind = environ.get("TERM", "")
    if environ.get("COLORTERM", "").lower() in ("truecolor", "24bit") or kind.endswith("-direct"):
        return "true colour"
    if "256color" in kind:
        return "256 colours"
    return "no colours" if kind in ("", "dumb", "unknown", "vt100", "vt220") else "16 colours"


def is_utf8(environ: Mapping[str, str]) -> bool:
    """Whether the locale says so."""
    locale = environ.get("LC_ALL") or environ.get("LC_CTYPE") or environ.get("LANG") or ""
    return "utf8" in locale.lower().replace("-", "")


def _tmux(environ: Mapping[str, str]) -> Iterator[Fact]:
    """The two options of tmux that an operator trips over."""
    from collectors.programs import first_line, output_of

    try:
        done = output_of(["tmux", "show-options", "-s"], environ, folder=Path("/"), what="tmux", seconds=2.0)
    except BadConfiguration as error:
        yield Fact("clipboard", "tmux", "unknown", detail=error.why, next_step=error.hint)
        return
    if done.code != 0:
        yield Fact("clipboard", "tmux", "unknown", detail=first_line(done.complaint) or "tmux does not answer")
        return
    told = dict(line.partition(" ")[::2] for line in done.output.decode(errors="replace").splitlines())
    clipboard = told.get("set-clipboard", "external")
    if clipboard == "on":
        yield Fact("clipboard", "tmux", "ok", detail="copies (OSC 52) reach the terminal")
    else:
        detail = f"tmux keeps copies (OSC 52) of programs to itself (set-clipboard is {clipboard})"
        yield Fact("clipboard", "tmux", "warning", detail=detail, next_step="tmux set-option -s set-clipboard on")
    delay = told.get("escape-time", "")
    if delay.isdigit() and int(delay) > SLOWEST_ESCAPE:
        detail = f"tmux waits {delay} ms behind every Escape"
        yield Fact("keys", "tmux", "warning", detail=detail, next_step="tmux set-option -s escape-time 10")
