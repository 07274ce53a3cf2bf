"""Known problems on the overview: those of the chosen system are acknowledged with a reason, or taken back."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable

from textual.screen import Screen

from collectors.board import Board
from collectors.kind_health import bad_rows
from collectors.overview import SystemHealth
from collectors.rollup import names
from views.acknowledge import AcknowledgeScreen, KnownProblems


class AcknowledgingScreen(Screen[None]):
    """A screen with a board, on which one system is selected."""

    board: Board
    clock: Callable[[], float]
    known_problems: KnownProblems | None

    @property
    @abstractmethod
    def selected(self) -> SystemHealth | None:
        """The system under the cursor."""

    @abstractmethod
    def look(self) -> None:
        """Show what is different now."""

    @abstractmethod
    def say(self, text: str, *, error: bool = False) -> None:
        """One sentence."""

    def acknowledge_label(self) -> str:
        """What the key does to the system under the cursor, or nothing."""
        system = self.selected
        if system is None or self.known_problems is None:
            return ""
        if any(k.problems or (k.error and k.health.level != "ok") for k in system.kinds):
            return "acknowledge"
        return "take back" if system.acknowledged else ""

    def action_row_acknowledge(self) -> None:
        """Every problem of the system becomes a known one; when all of them are, they are taken back."""
        system, keeper, now = self.selected, self.known_problems, self.clock()
        if system is None or keeper is None:
            return
        snapshots = [s for k in system.kinds if (s := self.board.snapshot(k.kind.name)) is not None]
        fresh = [(s, found) for s in snapshots if (found := bad_rows(s, now, self.board.known))]
        if not fresh:
            self._take_back(system)
            return

        def answered(answer: tuple[float, str] | None) -> None:
            if answer is None:
                return
            try:
                for snapshot, problems in fresh:
                    keeper.add(snapshot, problems, *answer)
            except OSError as error:
                self.say(f"not acknowledged: {error}", error=True)
            else:
                self.say(f"acknowledged: {names([m for _, found in fresh for m in found])}")
            self.look()

        self.app.push_screen(AcknowledgeScreen([m for _, found in fresh for m in found]), answered)

    def _take_back(self, system: SystemHealth) -> None:
        assert self.known_problems is not None
        count = 0
        try:
            for kind in system.kinds:
                rows = [row for name, row in self.board.known if name == kind.kind.name]
                if rows:
                    self.known_problems.take_back(kind.kind.name, rows)
                    count += len(rows)
        except OSError as error:
            self.say(f"not taken back: {error}", error=True)
        else:
            self.say(f"{count} taken back" if count else f"{system.system}: nothing to acknowledge")
        self.look()
