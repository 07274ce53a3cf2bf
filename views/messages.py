"""Messages between readers, screens and the app. Each carries a finished value; the receiver looks nothing up.

`Swapped` comes from the poller's threads, one for each swap; a newer one of the same subject replaces an older one that
nobody handled yet, so that a slow screen sees only the latest state.
"""

from __future__ import annotations

from collections.abc import Sequence

from textual.message import Message

from collectors.errors import SourceError
from collectors.snapshot import Snapshot
from collectors.store import Subject
from views.place import Place


class Swapped(Message):
    """`subject` has a new snapshot."""

    def __init__(self, subject: Subject, snapshot: Snapshot) -> None:
        self.subject = subject
        self.snapshot = snapshot
        super().__init__()

    def can_replace(self, message: Message) -> bool:
        """An older state of the same subject need not be handled."""
        return isinstance(message, Swapped) and message.subject == self.subject


class OpenKind(Message):
    """Someone wants to see a kind: `filter_text` as typed behind `/`, `problems` only, the cursor on row id `row`."""

    def __init__(self, kind_name: str, *, filter_text: str = "", problems: bool = False, row: str = "") -> None:
        self.kind_name = kind_name
        self.filter_text = filter_text
        self.problems = problems
        self.row = row
        super().__init__()


class GoTo(Message):
    """Someone goes to a place; the app remembers the way."""

    def __init__(self, place: Place) -> None:
        self.place = place
        super().__init__()


class OnCloud(Message):
    """Someone wants to see a list on another cloud: `NAME` or `NAME/REGION`."""

    def __init__(self, cloud: str, place: Place) -> None:
        self.cloud = cloud
        self.place = place
        super().__init__()


class RawRequested(Message):
    """Someone wants to see one object as its system gives it now; answered by `RawArrived` to the same screen."""

    def __init__(self, subject: Subject, row_id: str) -> None:
        self.subject = subject
        self.row_id = row_id
        super().__init__()


class RawArrived(Message):
    """The object (undecoded JSON values), or why it could not be read."""

    def __init__(self, subject: Subject, row_id: str, found: object, error: SourceError | None = None) -> None:
        self.subject = subject
        self.row_id = row_id
        self.found = found
        self.error = error
        super().__init__()


class DetailRequested(Message):
    """Someone looks at a row of a kind that has a second read; answered by `DetailArrived` to the same screen."""

    def __init__(self, subject: Subject, row_id: str) -> None:
        self.subject = subject
        self.row_id = row_id
        super().__init__()


class DetailArrived(Message):
    """What the second read says (undecoded JSON values), or why it could not be read."""

    def __init__(self, subject: Subject, row_id: str, found: list[object], error: SourceError | None = None) -> None:
        self.subject = subject
        self.row_id = row_id
        self.found = found
        self.error = error
        super().__init__()


class AcknowledgeRows(Message):
    """Someone wants to make the problems of these rows (numbers in `snapshot`) known ones, or take that back."""

    def __init__(self, snapshot: Snapshot, indexes: Sequence[int]) -> None:
        self.snapshot = snapshot
        self.indexes = indexes
        super().__init__()
