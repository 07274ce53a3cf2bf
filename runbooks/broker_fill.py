"""What fills a broker's memory, disk or file descriptors, in lines: the answer of `broker-alarm.explain`.

Each part of the answer is read by itself: what cannot be read is said so, and the rest is told all the same. Lines that
begin with blanks belong to the line above them; a figure stands before two blanks, the text after them may be long.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from collectors.errors import SourceError, UsageError
from collectors.values import count, size
from runbooks.operation import Asked

MOST: Final = 5
"""Lines of one list."""
LITTLE: Final = 1 << 20
"""Bytes below which an empty queue is not told of."""
NEARLY: Final = 85
"""Percent of the way to the alarm from which advice is given."""
FAR: Final = 1.5
"""Times of another limit from which a limit is odd."""
MATTERS: Final = 0.2
"""Share of the whole from which something is worth to be mended."""


def item(figure: str, text: str) -> str:
    """One line of a list."""
    return f"  {figure:>8}  {text}"


def share(part: float, whole: float | None) -> str:
    """`85 %` and two blanks, right-aligned; nothing where the whole is not known."""
    return f"{100 * part / whole:>3.0f} %  " if whole else ""


def pressing(row: Any) -> bool:
    """An alarm is on, or near."""
    return bool(row.alarm) or (row.share or 0) >= NEARLY


def told(title: str, read: Callable[[], list[str]]) -> list[str]:
    """A part of the answer under its title (or its own, which ends in a colon); or why it could not be read."""
    try:
        lines = read()
    except (SourceError, UsageError) as error:
        return [f"{title}: not read: {error}"]
    if lines and lines[0].endswith(":"):
        return lines
    if len(lines) == 1 and not lines[0].startswith(" "):
        return [f"{title}: {lines[0]}"]
    return [f"{title}:", *lines] if lines else []


# -- memory -----------------------------------------------------------------------------------------------------------


def memory(asked: Asked) -> Iterator[str]:
    """What the node's memory holds, which queues hold the most, and what to do."""
    row = asked.row
    if row.used is None or row.limit is None:
        yield f"{row.node} does not say how much memory it uses"
    else:
        beyond = "publishers are blocked" if row.alarm else "no alarm"
        yield f"{size(row.used)} used, {size(row.limit)} may be: {beyond}"
    parts: list[Any] = []
    yield from told(f"the memory of {row.node} holds", lambda: _parts(asked, parts))
    fullest: list[Any] = []
    yield from told("queues that hold most of it", lambda: queues(asked, fullest, in_memory))
    yield "what to do:"
    used = row.used or sum(part.bytes or 0 for part in parts)
    if pressing(row):
        mending = [*odd_limit(asked), *mend_queues(fullest, used, in_memory), *_mend_parts(parts, used)]
        yield from mending or ["  nothing stands out: what of the above is more than on the other nodes?"]
    yield from until(asked)


def _parts(asked: Asked, found: list[Any]) -> list[str]:
    rows = asked.cloud.rows("broker-memory-parts", parent=asked.row.node)
    found += sorted((row for row in rows if row.bytes), key=lambda row: int(row.bytes), reverse=True)
    whole = asked.row.used or sum(row.bytes for row in found)
    much = [row for place, row in enumerate(found[:MOST]) if place < 2 or row.bytes >= 0.01 * whole]
    return [item(size(row.bytes), f"{share(row.bytes, whole)}{row.holds} ({row.category})") for row in much]


def in_memory(queue: Any) -> int:
    """Bytes; quorum queues and streams have the bodies of messages on disk."""
    bodies = 0 if queue.type in ("quorum", "stream") else queue.message_bytes or 0
    return int((queue.memory or 0) + bodies)


def queues(asked: Asked, found: list[Any], weight: Callable[[Any], int]) -> list[str]:
    """The heaviest queues with a replica on the node."""
    node = asked.row.node
    rows = [row for row in asked.cloud.rows("queues") if node in {row.node, *(row.members or "").split(", ")}]
    found += sorted((row for row in rows if weight(row)), key=weight, reverse=True)[:MOST]
    much = [row for row in found if row.messages or weight(row) >= LITTLE]
    return [item(size(weight(row)), f"{row.name}: {_content(row)}") for row in much[:3]] or ["none holds much"]


def _content(queue: Any) -> str:
    waiting = "messages not counted" if queue.messages is None else several(queue.messages, "message")
    if queue.consumers is None:
        return f"{waiting}, readers not counted"
    return f"{waiting}, {several(queue.consumers, 'reader') if queue.consumers else 'nobody reads it'}"


def several(number: int, what: str) -> str:
    """`1 message`, `1,200 messages`."""
    return f"{count(number)} {what}{'' if number == 1 else 's'}"


def mend_queues(fullest: Iterable[Any], used: int, weight: Callable[[Any], int]) -> Iterator[str]:
    """Per queue that matters, what empties it."""
    for queue in fullest:
        if not used or weight(queue) < MATTERS * used:
            continue
        if queue.consumers:
            readers = several(queue.consumers, "reader")
            yield f"  {queue.name}: its {readers} cannot keep up: is the service well? do not purge it"
        elif queue.consumers is None:
            yield f"  {queue.name}: who reads it is not told; look before you purge it"
        elif queue.role == "notifications":
            yield f"  queue.purge {queue.name}: nobody reads these notifications; they are lost"
            yield "  then find who sends them, or give the queue a limit (policy.set), or it fills again"
        else:
            yield f"  {queue.name}: start the service that reads it; it carries calls, do not purge it"


def _mend_parts(parts: Iterable[Any], used: int) -> Iterator[str]:
    """Per group of categories that matters, what makes it smaller."""
    weight: Counter[str] = Counter()
    for part in parts:
        weight[part.category.partition("_")[0]] += part.bytes
    if not used:
        return
    if weight["connection"] >= MATTERS * used:
        yield f"  {size(weight['connection'])} are connections: see :connections; connection.close for who has too many"
    if weight["allocated"] + weight["reserved"] >= MATTERS * used:
        yield f"  {size(weight['allocated'] + weight['reserved'])} are not used: the runtime gives them back slowly"
    if weight["mgmt"] + weight["metrics"] >= MATTERS * used:
        yield f"  {size(weight['mgmt'] + weight['metrics'])} are statistics: too many queues, connections or channels?"


def odd_limit(asked: Asked) -> Iterator[str]:
    """Where this node's limit is much tighter than the others', that alone may raise the alarm."""
    row = asked.row
    try:
        rows = asked.cloud.rows("broker-alarms", resource=row.resource)
    except SourceError:
        return
    others = [each.limit for each in rows if each.node != row.node and each.limit]
    if not others or not row.limit:
        return
    wide = max(others) if row.resource == "memory" else min(others)
    if max(wide, row.limit) > FAR * min(wide, row.limit) and (wide > row.limit) == (row.resource == "memory"):
        yield f"  its limit is {size(row.limit)}, another node's {size(wide)}: broker-alarm.set-limit, if that is wrong"


def until(asked: Asked) -> Iterator[str]:
    """What can be done before anything is mended."""
    if asked.row.alarm:
        yield "  until then broker-alarm.set-limit lets publishers go on, where there is room"
    else:
        yield "  nothing is blocked now"


# -- file descriptors -------------------------------------------------------------------------------------------------


def descriptors(asked: Asked) -> Iterator[str]:
    """Who has the connections: each takes a descriptor, as do the files of queues."""
    row = asked.row
    if row.used is None:
        yield f"{row.node} does not say how many file descriptors it has open (RabbitMQ 4 does not)"
    else:
        most = f" of {count(row.limit)}" if row.limit is not None else ""
        yield f"{row.node} has {count(row.used)}{most} file descriptors open"
    yield from told("connections to it", lambda: _clients(asked))
    yield "what to do:"
    yield "  a client with far more than its like leaks: restart its unit, or connection.close"
    yield "  else the limit is too low: LimitNOFILE of its unit, the ulimits of its container; it needs a restart"


def _clients(asked: Asked) -> list[str]:
    rows = [row for row in asked.cloud.rows("connections") if row.node == asked.row.node]
    if not rows:
        return ["nobody is connected"]
    clients = Counter((row.program or row.product or "?", row.peer_host or "?", row.user or "?") for row in rows)
    lines = [item(count(n), f"{who} on {place}, as {user}") for (who, place, user), n in clients.most_common(MOST)]
    rest = len(rows) - sum(n for _, n in clients.most_common(MOST))
    return [*lines, *([item(count(rest), f"of {len(clients) - MOST} other clients")] if rest else [])]
