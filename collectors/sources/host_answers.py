"""What several requests want to know of one host, from one batch: commands that they share are run once.

Each request is answered as soon as its own commands are done, or its own deadline is over, with its own rows and
errors; a host that cannot be asked at all is an error of every one.
"""

from __future__ import annotations

import shlex
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any

from collectors.deadline import Deadline
from collectors.errors import SourceError, TooLate, Unreachable, UsageError
from collectors.request import HostCommands
from collectors.sources.base import Asked, Page, Where
from collectors.sources.batch import Reply
from collectors.sources.entries import Command, command
from collectors.sources.findings import Findings, found_in

if TYPE_CHECKING:
    from collectors.sources.ssh import SshSource

Answers = Iterator[tuple[int, Iterator[Page]]]
"""Index of the request → its pages."""


def answers(ssh: SshSource, target: str, asked: Sequence[Asked], deadline: Deadline) -> Answers:
    """Every request of `asked` once, in the order in which they are answered. What is wrong is raised by its pages."""
    commands: dict[str, Command] = {}
    waiting: dict[int, Sequence[str]] = {}
    for index, each in enumerate(asked):
        texts = _texts(each)
        try:
            commands |= {text: command(text) for text in texts if text not in commands}
        except UsageError as error:
            yield index, _raising(error)
            continue
        waiting[index] = texts
    if not waiting:
        return
    # What measures the host's clock goes first: it must not wait for others between being asked and being heard.
    texts = sorted({text for wanted in waiting.values() for text in wanted}, key=list(commands).index)
    texts = sorted(texts, key=lambda text: not commands[text].entry.timed)
    names = {id(commands[text]): text for text in texts}
    replies: dict[str, Reply] = {}
    trips = 0
    try:
        with closing(ssh.arriving(target, [commands[text] for text in texts], deadline)) as arriving:
            for arrived in arriving:
                trips += arrived.trips
                replies |= {names[id(reply.command)]: reply for reply in arrived.replies}
                for index in _answered(waiting, asked, replies):
                    wanted = [replies.get(text) or Reply(commands[text]) for text in waiting.pop(index)]
                    yield index, _pages(ssh, target, asked[index], wanted, trips)
                    trips = 0
                if not waiting:
                    return
    except SourceError as error:
        for index in waiting:
            wanted = [Reply(commands[text]) for text in waiting[index]]
            yield index, _told(ssh, target, asked[index].where, wanted, error)


def _texts(asked: Asked) -> Sequence[str]:
    """The entries that a request names, with the name of its parent on the host filled in."""
    request = asked.request
    assert isinstance(request, HostCommands)
    name = asked.where.parent.partition("/")[2]
    entries = request.inside if name and request.inside else request.entries
    return [text.replace("{parent}", shlex.quote(name)) for text in entries]


def _answered(waiting: Mapping[int, Sequence[str]], asked: Sequence[Asked], replies: Mapping[str, Reply]) -> list[int]:
    return [
        index
        for index, texts in waiting.items()
        if asked[index].deadline.expired or all(text in replies for text in texts)
    ]


def _raising(error: Exception) -> Iterator[Page]:
    raise error
    yield


def _pages(ssh: SshSource, target: str, asked: Asked, replies: Sequence[Reply], trips: int) -> Iterator[Page]:
    """One page: the rows that the commands list, each with the facts that were read beside them; without any that
    lists, a host's facts as one item."""
    try:
        if all(reply.status is None and not reply.truncated for reply in replies):
            raise none_done(ssh, target, replies[0].command, asked.deadline)
        found = found_in(replies, ssh.hop(target))
    except SourceError as error:
        yield from _told(ssh, target, asked.where, replies, error)
        return
    about = _about(ssh, target, asked.where) | found.facts
    facts = _only_facts(replies)
    items = [about | {"failed": found.failed}] if facts else [about | row for row in found.rows]
    yield Page(items=items, server_time=_server_time(found), calls=trips)
    if found.errors and not facts:
        raise found.errors[0]
    if found.refusal is not None:
        raise found.refusal


def _told(ssh: SshSource, target: str, where: Where, replies: Sequence[Reply], error: SourceError) -> Iterator[Page]:
    """A host whose facts cannot be read is an item too, saying why (`trouble`) and whether anybody there answered
    (`answers`; null when it was too slow to tell); the error follows it."""
    if _only_facts(replies):
        silent = isinstance(error, Unreachable) and not isinstance(error, TooLate)
        answers = None if isinstance(error, TooLate) else not silent
        yield Page(items=[_about(ssh, target, where) | {"trouble": error.why, "answers": answers}])
    raise error


def _only_facts(replies: Sequence[Reply]) -> bool:
    return not any(reply.command.entry.gives == "rows" for reply in replies)


def _about(ssh: SshSource, target: str, where: Where) -> dict[str, Any]:
    host = ssh.site.hosts.get(target)
    if where.parent or host is None:
        return {"host": target}
    return {"host": target, "address": host.address, "roles": ", ".join(host.roles)}


def _server_time(found: Findings) -> float | None:
    """The host's clock now: what it said, and the time since; the rest of the batch may have taken long."""
    clock, heard = found.facts.get("clock"), found.facts.get("heard")
    if not isinstance(clock, float):
        return None
    return clock + max(time.time() - heard, 0.0) if isinstance(heard, float) and heard else clock


def none_done(ssh: SshSource, target: str, first: Command, deadline: Deadline) -> TooLate:
    """Nothing that was asked was done by the deadline."""
    hop = ssh.hop(target)
    why = f"did not finish within {deadline.seconds:g} s (at `{first.name}`)"
    return TooLate(f"ssh {hop.title}", why, f"ssh {hop.name} and run it by hand: is a disk or a daemon stuck?")
