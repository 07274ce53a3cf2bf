"""A plan as it stands on the screen: its lines, in a frame on production, and who else must approve it. Pure."""

from __future__ import annotations

from views.desk import Planned
from views.glyphs import Glyphs
from views.header import Identity
from views.keys import Keys
from views.lines import Text
from views.sheet import laid_out
from views.text.plan import Line, evidence, lines


def plan_texts(
    made: Planned, identity: Identity, keys: Keys, width: int, glyphs: Glyphs, every_guard: bool = False
) -> list[Text]:
    """The plan, or every guard of it by itself, in `width` cells."""
    found = list(evidence(made.plan, glyphs) if every_guard else lines(made.plan, glyphs))
    framed = [] if made.plan.only_reads else frame(identity, width)
    return [*framed, *laid_out([*found, *([] if every_guard else second_person(made, keys))], width)]


def frame(identity: Identity, width: int) -> list[Text]:
    """On production, a line across the screen that says so."""
    if identity.protection != "production":
        return []
    words = f" PRODUCTION  {identity.where}  this changes what people use "
    return [Text(((words.ljust(width), "production"),))]


def second_person(made: Planned, keys: Keys) -> list[Line]:
    """How a second person approves it, and who did."""
    if "two-person" not in made.plan.demands:
        return []
    if made.approved_by:
        return [Line("approved", f"by {', '.join(made.approved_by)}", "open")]
    if made.no_approval:
        return [Line("approved", f"by nobody, and nobody can: {made.no_approval}", "closed")]
    told = f"by nobody yet. A second person runs this; {keys.shown('app.refresh')} looks again:"
    return [Line("approved", told, "closed"), Line("", f"nephoscope approve {made.file}", "strong")]
