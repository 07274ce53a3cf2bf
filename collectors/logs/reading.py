"""Reading the logs of services on many hosts at once: what each host has, then a stream for each place of a log.

A log is read on its host: in the journal, from containers, from files. Loki, where the site has one, stands in for a
host that cannot be reached; where the site prefers it, it is asked first, and hosts only where it has nothing of them.

Hosts are looked at side by side; one that hangs or refuses costs only its own lines and is told. Everything runs on
threads of its own until the last stream ends or `stop` is called; lines go to `told` as they arrive, in no order
between hosts.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import closing
from typing import Final

import msgspec

from collectors.deadline import Deadline
from collectors.errors import NoSuchObject, OurBug, Refused, SourceError, Unreachable, UsageError
from collectors.logs.central import Central, Sought
from collectors.logs.line import LogLine
from collectors.logs.places import Has, has, near, places
from collectors.logs.streams import How, Stream, searched, streams, whole
from collectors.sources.ssh import SshSource

LOOK: Final = ("zone", "services", "docker-containers", "podman-containers", "log-files")
LOOK_SECONDS: Final = 20.0
AT_ONCE: Final = 24
"""Hosts that are looked at, and logs that are searched, at the same time."""
MOST_STREAMS: Final = 90
"""Logs that are read at the same time; further ones are told, not read."""
FOR_EVER: Final = 30 * 86400.0


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for."""

    units: tuple[str, ...] = ()
    """Names or globs of services; none: the whole journal of each host."""
    hosts: tuple[str, ...]
    everywhere: bool = False
    """Of every host that Loki knows, because the site names none."""
    since: float
    """Seconds since the epoch."""
    lines: int = 20_000
    """The latest so many of each log."""
    follow: bool = False
    request: str = ""
    """Only lines with this request id, of every log."""
    seconds: float = FOR_EVER
    """Within which all of it has to be read."""


class Heard(msgspec.Struct, frozen=True):
    """How far the reading is."""

    sources: tuple[str, ...] = ()
    """Where lines are read from, in words: `ctl01: journald`."""
    troubles: tuple[tuple[str, SourceError], ...] = ()
    """(host, what went wrong there)."""
    waiting: tuple[str, ...] = ()
    """Hosts that have not said yet what they have."""
    done: bool = False
    """Nothing more will come."""


class LogReading:
    """One reading, from `start` to `stop`."""

    def __init__(
        self,
        ssh: SshSource | None,
        wanted: Wanted,
        told: Callable[[Sequence[LogLine]], None],
        changed: Callable[[], None],
        limit: Callable[[float], Deadline] = Deadline,
        central: Central | None = None,
    ) -> None:
        """`limit` makes deadlines that end when the console closes; without `ssh` only Loki is asked."""
        self.wanted = wanted
        self._central = central
        self._ssh, self._told, self._changed = ssh, told, changed
        self._limit = limit
        self._cancel = limit(wanted.seconds)
        self._lock = threading.Lock()
        self._heard = Heard(waiting=wanted.hosts)
        self._running = 0
        self._streams = 0
        self._seen: list[Has] = []
        self._turns = threading.BoundedSemaphore(AT_ONCE)
        self._finished = threading.Event()

    @property
    def heard(self) -> Heard:
        """How far it is."""
        return self._heard

    def start(self) -> None:
        """Begin; returns at once."""
        if self._central is not None and (self.wanted.everywhere or (self._central.prefer and self.wanted.hosts)):
            self._thread("", self._look_centrally)
        elif not self.wanted.hosts:
            self._note(done=True)
            self._finished.set()
        else:
            self._look_at(self.wanted.hosts)

    def _look_at(self, hosts: Sequence[str]) -> None:
        for host in hosts:
            self._thread(host, self._look, host)

    def stop(self) -> None:
        """End every stream; returns at once."""
        self._cancel.end()

    def wait(self, seconds: float | None = None) -> bool:
        """Until nothing more will come; False when that took longer."""
        return self._finished.wait(seconds)

    def _thread(self, host: str, work: Callable[..., None], *arguments: object) -> None:
        with self._lock:
            self._running += 1

        def run() -> None:
            try:
                work(*arguments)
            except SourceError as error:
                self._trouble(host, error)
            except Exception as error:  # noqa: BLE001  one host's bug must not end the others, nor be silent
                self._trouble(host, OurBug(f"logs of {host}", error))
            finally:
                self._ended()

        threading.Thread(target=run, name=f"logs-{host}", daemon=True).start()

    def _ended(self) -> None:
        with self._lock:
            self._running -= 1
            over = not self._running
        if over:
            named = self.wanted.units
            if named and not self._heard.sources and not self._heard.troubles and not self._cancel.expired:
                hint = f"services there: {', '.join(near(named, self._seen))}"
                self._trouble("", NoSuchObject(f"logs of {', '.join(named)}", "no host has such a service", hint))
            self._note(done=True)
            self._finished.set()

    def _trouble(self, host: str, error: SourceError) -> None:
        error.__traceback__ = error.__cause__ = error.__context__ = None
        if not self._cancel.expired:
            self._note(trouble=(host, error))

    def _note(self, *, trouble: tuple[str, SourceError] | None = None, looked: str = "", source: str = "",
              done: bool = False) -> None:  # fmt: skip
        with self._lock:
            before = self._heard
            self._heard = Heard(
                (*before.sources, source) if source else before.sources,
                (*before.troubles, trouble) if trouble else before.troubles,
                tuple(host for host in before.waiting if host != looked and not (trouble and host == trouble[0])),
                done or before.done,
            )
        self._changed()

    # -- Loki -----------------------------------------------------------------------------------------------------

    def _look_centrally(self) -> None:
        """Ask Loki first; of hosts that it does not know, and of all when it cannot be asked, ask themselves."""
        assert self._central is not None
        hosts = self.wanted.hosts
        try:
            known = set(self._central.known(self.wanted.since, self._cancel)[1].values())
        except SourceError:
            self._look_at(hosts)  # they are enough; that Loki could not be asked is told nevertheless
            raise
        self._look_at([host for host in hosts if host not in known])
        here = [host for host in hosts if host in known]
        if here or self.wanted.everywhere:
            self._read_centrally(here, "loki")

    def _read_centrally(self, hosts: Sequence[str], words: str) -> None:
        assert self._central is not None
        wanted = self.wanted
        self._seen.append(self._central.has(wanted.since, self._cancel))
        sought = Sought(wanted.units, wanted.request, wanted.since, wanted.lines, wanted.follow)
        there = not wanted.units or self._central.means(wanted.units, wanted.since, self._cancel)
        for host in hosts or ("all hosts",):
            self._note(source=f"{host}: {words}" if there else "", looked=host)
        for lines in self._central.lines(hosts, sought, self._cancel):
            self._told(lines)

    def _instead(self, host: str, error: SourceError) -> None:
        """What Loki has of a host that cannot be reached. Raises `error` where it has nothing of it, either."""
        assert self._central is not None
        try:
            if host not in self._central.known(self.wanted.since, self._cancel)[1].values():
                raise error
        except SourceError as other:
            if other is not error:
                self._trouble("", other)
            raise error from None
        self._read_centrally([host], f"loki, since SSH says: {error.why}")

    # -- one host -------------------------------------------------------------------------------------------------

    def _look(self, host: str) -> None:
        assert self._ssh is not None
        with self._turns:
            if self._cancel.expired:
                return
            try:
                found = self._ssh.facts(host, LOOK, self._limit(min(LOOK_SECONDS, self._cancel.remaining())))
            except (Unreachable, Refused) as error:
                if self._central is None:
                    raise
                unreached = error
                found = None
        if found is None:
            self._instead(host, unreached)
            return
        # A file that is silent now may be written to in a moment.
        here = has(found.rows, 0.0 if self.wanted.follow else self.wanted.since)
        zone = float(found.facts.get("zone") or 0.0)
        self._seen.append(here)
        self._note(looked=host)
        if self.wanted.request:
            for stream in searched(here, self.wanted.request, How(int(self.wanted.since), self.wanted.lines)):
                self._open(host, stream, zone)
            return
        where = places(self.wanted.units, here) if self.wanted.units else None
        if where is not None and not where:
            self._say_why(host, found.errors)
        how = How(int(self.wanted.since), self.wanted.lines, self.wanted.follow)
        for stream in whole(how) if where is None else streams(where, how):
            self._open(host, stream, zone)

    def _say_why(self, host: str, errors: Sequence[SourceError]) -> None:
        """A host without such a log is no trouble, unless we were not let see what it has."""
        if errors:
            self._trouble(host, errors[0])

    # -- one log --------------------------------------------------------------------------------------------------

    def _open(self, host: str, stream: Stream, zone: float) -> None:
        with self._lock:
            self._streams += 1
            many = self._streams > MOST_STREAMS
        if many:
            why = f"more than {MOST_STREAMS} logs at the same time"
            raise NotDoneError(f"{stream.source} on {host}", why, "name fewer hosts: host=cmp0*")
        self._note(source=f"{host}: {stream.source}")
        self._thread(host, self._read, host, stream, zone)

    def _read(self, host: str, stream: Stream, zone: float) -> None:
        assert self._ssh is not None
        try:
            with closing(self._ssh.lines(host, stream.entry, self._cancel, zone)) as arriving:
                for found in arriving:
                    made = [self._line(host, item, stream) for item in found]
                    kept = [line for line in made if line.time is None or line.time >= self.wanted.since]
                    if kept:
                        self._told(kept)
        except UsageError as error:  # a name that the grammar of commands.yaml does not allow
            raise NotDoneError(f"{stream.source} on {host}", error.message, "read it there by hand") from error

    def _line(self, host: str, item: dict[str, object], stream: Stream) -> LogLine:
        if stream.container:
            item = item | {"service": stream.container, "source": stream.source}
        return LogLine(host=host, **item)  # type: ignore[arg-type]


class NotDoneError(SourceError):
    """Asked for in a way that we do not do."""
