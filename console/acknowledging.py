"""Acknowledging rows of a list: the problems that are not known yet, or, when all of them are, taking that back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from collectors.acknowledge import is_known
from collectors.kind_health import problems_among
from collectors.rollup import names
from collectors.snapshot import Snapshot
from views.acknowledge import AcknowledgeScreen
from views.header import Header

if TYPE_CHECKING:
    from console.app import Console


def acknowledge_rows(app: Console, snapshot: Snapshot, indexes: Sequence[int]) -> None:
    """Ask for how long and why, and keep the answer; what cannot be written is told."""
    keeper, kind, now = app.session.known_problems, snapshot.kind.name, app.session.clock()
    if keeper is None:
        app.say("there is no state folder to remember it in", error=True)
        return
    problems = problems_among(snapshot, indexes, now)
    fresh = [m for m in problems if not is_known(app.board.known, kind, m.id, m.health, now)]
    if not problems:
        app.say("what is well needs no acknowledgement")
    elif not fresh:
        try:
            keeper.take_back(kind, [m.id for m in problems])
        except OSError as error:
            app.say(f"not taken back: {error}", error=True)
        else:
            app.say(f"taken back: {names(problems)}")
            _seen(app)
    else:

        def answered(answer: tuple[float, str] | None) -> None:
            if answer is None:
                return
            try:
                keeper.add(snapshot, fresh, *answer)
            except OSError as error:
                app.say(f"not acknowledged: {error}", error=True)
            else:
                app.say(f"acknowledged: {names(fresh)}")
                _seen(app)

        app.push_screen(AcknowledgeScreen(fresh), answered)


def _seen(app: Console) -> None:
    """The headline without what is known now."""
    app.lists.query_one(Header).tell(overview=app.board.overview(app.session.clock()))
