"""Line 1 of every screen: where, as whom, in which mode, and the worst thing with its reason.

It says the same words at every width, only fewer of them; the reason gets the room that is left. It is a `Lines`, so
showing what it shows already writes nothing.
"""

from __future__ import annotations

import msgspec

from collectors.health import Level
from collectors.overview import Overview
from collectors.untrusted import neutral
from views.lines import Lines, Text
from views.look import look_of
from views.paint import Run
from views.text.health import headline
from views.text.width import cells, fitted


class Identity(msgspec.Struct, frozen=True):
    """Where we are and as whom. What is not known yet is empty."""

    cloud: str = ""
    region: str = ""
    user: str = ""
    project: str = ""
    mode: str = ""
    """`READ-ONLY`, `ARMED 9 min: INC-4711`; empty for a plain one."""
    armed: bool = False
    locked: str = ""
    """Why nothing may ever be changed from here; empty when it may."""
    protection: str = "normal"
    """`production` changes colour and words."""

    @property
    def where(self) -> str:
        """`prod/RegionOne`."""
        return neutral("/".join(part for part in (self.cloud, self.region) if part) or "no cloud")

    @property
    def who(self) -> str:
        """`ana/demo`: user and project; one of them when they have the same name."""
        return neutral("/".join(dict.fromkeys(part for part in (self.user, self.project) if part)))


_SHORTEST = 13
"""Cells of a mode that are always shown: `ARMED 60 min`."""


def _left(identity: Identity, frozen: bool, room: int) -> list[Run]:
    """Where, who, mode: what does not fit leaves in the order project, user, region; the mode always stays."""
    modes: list[Run] = []
    if identity.protection == "production":
        modes.append(("PRODUCTION", "production"))
    if identity.mode:
        # Of a long reason the end gives way, never the name of the cloud that it is about.
        taken = sum(cells(text) + 2 for text, _ in modes) + cells(neutral(identity.cloud)) + 2
        shown = fitted(identity.mode, max(room - taken, _SHORTEST)).rstrip()
        modes.append((shown, "armed" if identity.armed else "mode"))
    if frozen:
        modes.append(("FROZEN", "armed"))
    tail: list[Run] = []
    for mode in modes:
        tail += [("  ", "header"), mode]
    fixed = sum(cells(text) for text, _ in tail)
    tries = [
        (identity.where, identity.who),
        (identity.where, neutral(identity.user)),
        (identity.where, ""),
        (neutral(identity.cloud), ""),
    ]
    for where, who in tries:
        if cells(where) + (2 + cells(who) if who else 0) + fixed <= room:
            break
    where = fitted(where, max(room - fixed, 4)).rstrip()
    person: list[Run] = [(f"  {who}", "header")] if who else []
    return [(where, "where"), *person, *tail]


def header_text(
    identity: Identity, overview: Overview | None, width: int, *, frozen: bool = False, sign: str = ""
) -> Text:
    """The line in `width` cells. `sign` is the glyph of the overview's level; the right part gets at least half."""
    # That changes are possible is as important as what is worst.
    left = _left(identity, frozen, width * 3 // 5 if identity.armed else width // 2)
    taken = sum(cells(text) for text, _ in left)
    if overview is None:
        return Text(tuple(left))
    level: Level = overview.level
    words = f"{sign} {headline(overview)}"
    return Text(tuple(left), ((fitted(words, max(width - taken - 3, 0)).rstrip(), level),))


class Header(Lines):
    """The widget. `tell` is called with what is known; nothing is written when the words are the same."""

    DEFAULT_CSS = """
    Header { height: 1; dock: top; }
    """

    def __init__(self, identity: Identity, overview: Overview | None = None, *, id: str | None = None) -> None:
        super().__init__(Text(), id=id)
        self.identity = identity
        self.overview = overview
        self.frozen = False

    def tell(
        self, *, identity: Identity | None = None, overview: Overview | None = None, frozen: bool | None = None
    ) -> None:
        """New facts; what is not given stays."""
        self.identity = identity or self.identity
        self.overview = overview or self.overview
        self.frozen = self.frozen if frozen is None else frozen
        self._say()

    def on_resize(self) -> None:
        """Another width: other words."""
        self._say()
        super().on_resize()

    def _say(self) -> None:
        if not self.is_mounted or not self.size.width:
            return
        glyphs = look_of(self).glyphs
        sign = glyphs.level(self.overview.level) if self.overview is not None else ""
        self.show([header_text(self.identity, self.overview, self.size.width, frozen=self.frozen, sign=sign)])
