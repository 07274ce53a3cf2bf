"""A console for `test_bytes.py`, run in a process of its own: what the feed swaps is told through a pipe."""

from __future__ import annotations

import os
import sys
import threading

from collectors.kinds.compute_services import KIND
from console.app import Console
from tests.views.fakes import Clock, FakeFeed, session
from tests.views.made import NOW, service, services
from views.header import Identity
from views.place import Place
from views.theme import Choice

SICK = [
    service(17, state="down", updated_at=NOW - 360),
    service(31, state="down", updated_at=NOW - 240),
    service(9, status="disabled", disabled_reason="RAM swap (ana)"),
]


def obey(feed: FakeFeed, commands: int) -> None:
    """Carry out each line of the pipe: the same again, one field, or one row with its reason."""
    with os.fdopen(commands) as lines:
        for line in lines:
            match line.strip():
                case "same":
                    feed.put(services(ROWS, *SICK))
                case "field":  # it still counts as up, but was heard 75 s ago
                    feed.put(services(ROWS, *SICK, service(2, updated_at=NOW - 75)))
                case "older":
                    older = service(17, state="down", updated_at=NOW - 420)
                    feed.put(services(ROWS, older, *SICK[1:]))


ROWS = int(sys.argv[1])

if __name__ == "__main__":
    feed, clock = FakeFeed(), Clock()
    feed.put(services(ROWS, *SICK))
    threading.Thread(target=obey, args=(feed, int(sys.argv[3])), daemon=True).start()
    who = Identity("prod", "RegionOne", "admin", mode="READ-ONLY")
    made = session(feed, clock, [KIND], start=Place(KIND.name), theme=Choice(sys.argv[2], "test"), identity=who)
    Console(made).run(mouse=False)
