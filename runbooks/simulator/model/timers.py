"""What the model has begun and will finish: builds, migrations, reboots.

Each step is due at a moment of the cloud's clock. `Cloud.catch_up`, called before every request and every
change and now and then in between, runs the steps that have become due, in order, each at its own moment.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable

Step = Callable[[float], None]
"""Called with the moment at which it was due."""


class Timers:
    """Steps by the moment at which they are due."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Step]] = []
        self._made = 0

    def at(self, moment: float, step: Step) -> None:
        """Have `step` run at `moment`; steps of the same moment run in the order they were given."""
        self._made += 1
        heapq.heappush(self._heap, (moment, self._made, step))

    def run(self, now: float) -> None:
        """Run what is due, including what the steps themselves make due."""
        while self._heap and self._heap[0][0] <= now:
            moment, _, step = heapq.heappop(self._heap)
            step(moment)
