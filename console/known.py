"""The known problems of one cloud and region: on disk, and on the board that the screens look at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from collectors.acknowledge import Acknowledgement, known
from collectors.board import Board
from collectors.rollup import Member
from collectors.snapshot import Snapshot
from console import acknowledgements


class KnownOnDisk:
    """What somebody acknowledged; every change is written before it counts."""

    def __init__(
        self, state_dir: Path, cloud: str, region: str, user: str, board: Board, clock: Callable[[], float]
    ) -> None:
        self.state_dir = state_dir
        self.cloud = cloud
        self.region = region
        self.user = user
        self.board = board
        self.clock = clock

    def load(self) -> str:
        """Tell the board what is known; what is wrong with the file in words (empty: nothing)."""
        found, complaint = acknowledgements.read(self.state_dir)
        self._tell(found)
        return complaint

    def add(self, snapshot: Snapshot, problems: Sequence[Member], seconds: float, reason: str) -> None:
        """Remember `problems`, rows of `snapshot`, for `seconds`. Raises `OSError`."""
        now = self.clock()
        new = [
            Acknowledgement(
                self.cloud,
                self.region,
                snapshot.kind.name,
                m.id,
                m.name,
                m.health.level,
                reason,
                self.user,
                now,
                now + seconds,
            )
            for m in problems
        ]
        self._tell(acknowledgements.add(self.state_dir, new, now))

    def take_back(self, kind_name: str, rows: Sequence[str]) -> None:
        """Forget those of the rows. Raises `OSError`."""
        taken = [(kind_name, row) for row in rows]
        self._tell(acknowledgements.take_back(self.state_dir, self.cloud, self.region, taken, self.clock()))

    def _tell(self, found: Sequence[Acknowledgement]) -> None:
        self.board.known = known(found, self.cloud, self.region, self.clock())
