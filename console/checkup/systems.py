"""Asking every source who we are there, side by side: one that hangs never delays another.

Each source is asked by a thread of its own and has the same time. What it said until then is kept, whatever happens.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from queue import Empty, Queue
from threading import Thread

from collectors.connections import Connections
from collectors.errors import Refused, SourceError
from collectors.sources.base import Fact

NOT_KOLLAS = ("ceph", "loki")
"""What a Kolla folder does not tell of."""
GRACE = 1.0
"""Seconds that a source has to end after its deadline."""


def ask(
    connections: Connections,
    systems: Sequence[str],
    seconds: float,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[tuple[str, list[Fact]]]:
    """(system, its facts) for each of `systems`, in the order in which they are done.

    A system that the site knows nothing of says so. A bug in a source is raised after all others have spoken.
    """
    said: dict[str, list[Fact]] = {system: [] for system in systems}
    done: Queue[tuple[str, Exception | None]] = Queue()
    for system in systems:
        if connections.has(system):
            work = (connections, system, seconds, said[system], done)
            Thread(target=_listen, args=work, name=f"doctor-{system}", daemon=True).start()
        else:
            said[system].append(_unknown_to_us(system, connections))
            done.put((system, None))
    bug: Exception | None = None
    until = clock() + seconds + GRACE
    waiting = list(systems)
    while waiting:
        try:
            system, error = done.get(timeout=max(until - clock(), 0.01))
        except Empty:
            for system in waiting:
                yield system, [*said[system], _too_late(system, seconds)]
            break
        waiting.remove(system)
        bug = bug or error
        yield system, said[system]
    if bug is not None:
        raise bug


def _listen(
    connections: Connections, system: str, seconds: float, said: list[Fact], done: Queue[tuple[str, Exception | None]]
) -> None:
    bug: Exception | None = None
    try:
        said.extend(_facts(connections, system, seconds))
    except SourceError as error:
        said.append(from_error(system, error))
    except Exception as error:  # noqa: BLE001 - a thread must hand its bug over, or nobody hears of it
        bug = error
    done.put((system, bug))


def _facts(connections: Connections, system: str, seconds: float) -> Iterator[Fact]:
    deadline = connections.deadline(seconds)
    try:
        yield from connections.system(system).doctor(deadline)
    finally:
        deadline.finish()


def from_error(system: str, error: SourceError) -> Fact:
    """An error as a fact."""
    refused = isinstance(error, Refused)
    return Fact(
        system,
        error.what,
        "critical",
        refused=error.why if refused else "",
        detail="" if refused else error.why,
        next_step=error.hint,
    )


def _unknown_to_us(system: str, connections: Connections) -> Fact:
    name = connections.site.cloud or "NAME"
    table = f"[site.{name}.{'hosts.HOST' if system == 'ssh' else system}]"
    kolla = "" if system in NOT_KOLLAS else ", or kolla = …"
    return Fact(system, "", "ok", detail="the site says nothing about it", next_step=f"add {table}{kolla}")


def _too_late(system: str, seconds: float) -> Fact:
    return Fact(
        system,
        "",
        "unknown",
        detail=f"was not done within {seconds:g} s",
        next_step="see what hangs; --timeout gives it longer",
    )
