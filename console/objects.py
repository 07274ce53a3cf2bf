"""What only one row is asked for: the object as its system gives it, and the second read of some kinds, on threads."""

from __future__ import annotations

from collectors.errors import SourceError
from console.operating import Operator
from views.messages import DetailArrived, DetailRequested, RawArrived, RawRequested


class ObjectReader(Operator):
    """The app as a reader of single objects; each answer goes to the screen of lists."""

    def on_raw_requested(self, event: RawRequested) -> None:
        """Read one object again, on a thread."""
        screen = self.lists

        def read() -> None:
            try:
                found, error = self.feed.raw_object(event.subject, event.row_id), None
            except SourceError as caught:
                found, error = None, caught
            screen.post_message(RawArrived(event.subject, event.row_id, found, error))

        self.run_worker(read, thread=True, group="raw")

    def on_detail_requested(self, event: DetailRequested) -> None:
        """Read what only one row is asked for, on a thread."""
        screen = self.lists

        def read() -> None:
            try:
                found, error = self.feed.detail(event.subject, event.row_id), None
            except SourceError as caught:
                found, error = [], caught
            screen.post_message(DetailArrived(event.subject, event.row_id, found, error))

        self.run_worker(read, thread=True, group="detail")
