"""The last events, in the order in which they came: bounded, told to listeners at once, each event once.

Nova can notify in both formats; the second of a pair is the same event again and is left out.
"""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Final

from collectors.notifications.event import Event

MOST: Final = 1000
"""Events that are kept."""
TOGETHER: Final = 5.0
"""Seconds between the two formats of one event, at most."""

Listener = Callable[[Event], None]


class EventFeed:
    """What came so far; safe on any thread."""

    def __init__(self, most: int = MOST) -> None:
        self._events: deque[Event] = deque(maxlen=most)
        self._seen: OrderedDict[tuple[str, str, str], tuple[float, bool]] = OrderedDict()
        self._most = most
        self._listeners: list[Listener] = []
        self._lock = threading.Lock()
        self.dropped = 0
        """Messages that were no notifications."""

    def add(self, event: Event) -> bool:
        """Keep one and tell it to all listeners; False when it is one that came in the other format."""
        with self._lock:
            if self._is_twin(event):
                return False
            self._events.append(event)
            listeners = [*self._listeners]
        for listener in listeners:
            listener(event)
        return True

    def _is_twin(self, event: Event) -> bool:
        key = (event.topic, event.resource, event.request_id)
        before = self._seen.get(key)
        if before is not None and before[1] is not event.versioned and abs(event.at - before[0]) <= TOGETHER:
            del self._seen[key]  # the next of either format is another event
            return True
        self._seen[key] = event.at, event.versioned
        self._seen.move_to_end(key)
        while len(self._seen) > self._most:
            self._seen.popitem(last=False)
        return False

    def events(self) -> list[Event]:
        """All that are kept, oldest first."""
        with self._lock:
            return [*self._events]

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Tell `listener` each event, on the thread that heard it; returns what ends that."""
        with self._lock:
            self._listeners.append(listener)

        def end() -> None:
            with self._lock:
                if listener in self._listeners:
                    self._listeners.remove(listener)

        return end
