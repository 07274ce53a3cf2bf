"""Signs of the screen, in Unicode or in ASCII for terminals that cannot show them.

Every sign and its ASCII stand-in are one cell wide, so layouts do not differ. `text` also brings foreign text (reasons
with typographic quotes, names in other scripts) down to ASCII; in Unicode it changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from collectors.health import Level

_STAND_INS: Final[Mapping[str, str]] = {
    "✖": "x", "▲": "!", "●": ".", "○": "o", "▌": ">", "▐": "|", "›": ">", "»": ">", "«": "<", "·": "-", "•": "-",
    "→": ">", "←": "<", "↑": "^", "↓": "v", "▼": "v", "…": "~", "“": '"', "”": '"', "„": '"', "‘": "'", "’": "'",
    "‚": "'", "–": "-", "—": "-", "−": "-", "×": "x", "≥": ">", "≤": "<", "≠": "!", "│": "|", "─": "-", "┌": "+",
    "┐": "+", "└": "+", "┘": "+", "├": "+", "┤": "+", "┬": "+", "┴": "+", "┼": "+", "┊": ":", "▁": "_", "▂": ".",
    "▃": "-", "▄": "=", "▅": "+", "▆": "*", "▇": "#", "█": "@", "✔": "v", "°": "o", "µ": "u", "▏": "|",
    "\u00a0": " ", "\u2007": " ", "\u2009": " ", "\u202f": " ",
}  # fmt: skip

_TABLE: Final = str.maketrans(dict(_STAND_INS))


class Glyphs(msgspec.Struct, frozen=True):
    """The signs to use."""

    ascii: bool = False

    def text(self, text: str) -> str:
        """`text` as this terminal can show it; what has no stand-in becomes `?`, the length stays."""
        if not self.ascii or text.isascii():
            return text
        return text.translate(_TABLE).encode("ascii", "replace").decode("ascii")

    def level(self, level: Level) -> str:
        """The sign of a severity: `✖ ▲ ● ?`, in ASCII `x ! . ?`."""
        return self.text({"critical": "✖", "warning": "▲", "ok": "●", "unknown": "?"}[level])

    def severity(self, level: Level) -> str:
        """Sign and word: `✖ critical`."""
        return f"{self.level(level)} {level}"

    @property
    def known(self) -> str:
        """Of something whose only problems are acknowledged."""
        return self.text("○")

    @property
    def cursor(self) -> str:
        """At the left of the line with the cursor."""
        return self.text("▌")

    @property
    def mark(self) -> str:
        """At the left of a marked row."""
        return "+"

    @property
    def crumb(self) -> str:
        """Between the parts of a crumb."""
        return self.text("›")

    @property
    def ellipsis(self) -> str:
        """Where text was cut."""
        return self.text("…")

    def clipped(self, text: str, width: int) -> str:
        """`text` cut to `width` cells (of one-cell characters), the cut shown."""
        return text if len(text) <= width else text[: max(width - 1, 0)] + self.ellipsis * (width > 0)

    def order(self, descending: bool) -> str:
        """Behind the title of the column that gives the order."""
        return self.text("↓" if descending else "↑")

    def spark(self, values: Sequence[float | None], ceiling: float = 0.0) -> str:
        """A line of bars, scaled to the largest value or to `ceiling`; a blank where nothing is known."""
        top = max((value for value in values if value is not None), default=0.0)
        top = max(top, ceiling)

        def bar(value: float | None) -> str:
            if value is None:
                return " "
            return "▁▂▃▄▅▆▇█"[min(int(value / top * 8), 7) if top > 0 and value > 0 else 0]

        return self.text("".join(map(bar, values)))


UNICODE: Final = Glyphs()
ASCII: Final = Glyphs(ascii=True)


def choose(environ: Mapping[str, str], wanted: str = "") -> Glyphs:
    """`wanted` is `ascii`, `unicode` or empty: then Unicode where the locale is UTF-8 and the font has the signs."""
    if wanted in ("ascii", "unicode"):
        return ASCII if wanted == "ascii" else UNICODE
    locale = (environ.get("LC_ALL") or environ.get("LC_CTYPE") or environ.get("LANG") or "").lower()
    utf8 = "utf-8" in locale or "utf8" in locale
    # The font of the Linux console lacks most signs.
    return UNICODE if utf8 and environ.get("TERM") != "linux" else ASCII
