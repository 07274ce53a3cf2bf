"""A log without readers: lines are put in by hand, what was asked of it is remembered."""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from collectors.errors import UsageError
from collectors.logs.line import LogLine
from collectors.logs.reading import Heard
from collectors.logs.store import LogStore
from tests.views.made import NOW
from views.log_feed import Ask

REQUEST = "req-1af244c4-28de-4505-a713-8d290ca2da77"


def line(number: int, **fields: object) -> LogLine:
    """One line, a second after the one before."""
    values: dict[str, object] = {
        "time": NOW - 600 + number, "level": "info", "host": "cmp01", "service": "nova-compute", "request_id": None,
        "logger": "nova.compute.manager", "message": f"line {number}", "source": "journald",
    }  # fmt: skip
    return LogLine(**(values | fields))  # type: ignore[arg-type]


class FakeLog:
    """What `views.log_feed.LogFeed` promises."""

    def __init__(self, ask: Ask) -> None:
        self.ask = ask
        self.store = LogStore()
        self.heard = Heard(sources=("cmp01: journald",))
        self.running = False
        self._changed: Callable[[], None] = lambda: None

    def start(self, changed: Callable[[], None]) -> None:
        self._changed, self.running = changed, True
        changed()

    def stop(self) -> None:
        self.running = False

    def put(self, *lines: LogLine, **heard: object) -> None:
        """Lines arrive."""
        self.heard = replace(self.heard, **heard)
        self.store.add(lines)
        self._changed()


class FakeLogs:
    """Makes them; the latest one last."""

    def __init__(self) -> None:
        self.made: list[FakeLog] = []
        self.refuse = ""

    def __call__(self, ask: Ask) -> FakeLog:
        if self.refuse:
            raise UsageError(self.refuse, "Hosts: cmp01")
        self.made.append(FakeLog(ask))
        return self.made[-1]

    @property
    def log(self) -> FakeLog:
        return self.made[-1]
