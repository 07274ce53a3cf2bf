"""What the replies of one host mean: facts, rows, and what could not be read, each with its reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from collectors.errors import NotUnderstood, Refused, SourceError, TooLate, Unreachable
from collectors.sources.batch import Reply
from collectors.sources.entries import Entry, parser
from collectors.sources.routes import Hop
from collectors.untrusted import clipped, neutral

_NOT_FOUND = 127
SUDO_SAYS = (
    *("a password is required", "a terminal is required", "must have a tty", "no tty present"),
    *("is not in the sudoers file", "is not allowed to", "may not run sudo", "account validation failure"),
    *("sudo: not found", "sudo: command not found"),
)
"""How sudo, or a host without it, says no."""


class Findings(msgspec.Struct):
    """All that one batch gave."""

    facts: dict[str, Any] = msgspec.field(default_factory=dict)
    rows: list[dict[str, Any]] = msgspec.field(default_factory=list)
    failed: dict[str, str] = msgspec.field(default_factory=dict)
    """Entry → why it gave nothing."""
    errors: list[SourceError] = msgspec.field(default_factory=list)
    """The same as errors, refusals first."""

    @property
    def refusal(self) -> Refused | None:
        """The host's refusal to let us run something, if there was one."""
        return next((error for error in self.errors if isinstance(error, Refused)), None)


def found_in(replies: Sequence[Reply], hop: Hop) -> Findings:
    """Parse every reply; rows are completed by the `details` entries that belong to them."""
    found = Findings()
    rows: dict[str, list[dict[str, Any]]] = {}
    details: list[tuple[Entry, list[dict[str, Any]]]] = []
    problems: list[tuple[Reply, SourceError]] = []
    for reply in replies:
        entry = reply.command.entry
        problem = problem_of(reply, hop)
        if problem is not None:
            problems.append((reply, problem))
            continue
        if _absent(reply):
            if entry.gives == "details" and reply.status != _NOT_FOUND:
                details.append((entry, [reply.command.arguments | {"absent": True}]))
            continue
        try:
            parsed = parser(entry.parser)(reply.out + b"\n" + reply.err if entry.both else reply.out)
        except ValueError as error:
            problems.append((reply, _not_understood(reply, hop, clipped(neutral(str(error)), 160))))
            continue
        if isinstance(parsed, dict):
            found.facts |= parsed | ({"asked": reply.asked, "heard": reply.heard} if entry.timed else {})
            continue
        told = [reply.command.arguments | item for item in parsed]  # two runs of one entry are about two things
        if entry.gives == "details":
            details.append((entry, told))
        else:
            rows.setdefault(reply.command.name, []).extend(told)
    for entry, completing in details:
        more = {item.get(entry.by): item for item in completing}
        rows[entry.of] = [row | more.get(row.get(entry.by), {}) for row in rows.get(entry.of, [])]
    found.rows = [row for listed in rows.values() for row in listed]
    problems = [(reply, problem) for reply, problem in problems if not _unused(reply, rows)]
    found.failed = {reply.command.name: problem.why for reply, problem in problems}
    found.errors = sorted((problem for _, problem in problems), key=lambda error: not isinstance(error, Refused))
    return found


def _unused(reply: Reply, rows: dict[str, list[dict[str, Any]]]) -> bool:
    """True when the command needs a service that this host does not have: then it could only fail."""
    service = reply.command.entry.service
    return bool(service) and "services" in rows and service not in [row.get("name") for row in rows["services"]]


def _absent(reply: Reply) -> bool:
    """The program is not installed, and need not be; or what it asks is not there, which is no error."""
    entry = reply.command.entry
    if reply.status == _NOT_FOUND:
        return bool(entry.optional or entry.needs)
    said = reply.err.decode("utf-8", "replace")
    return bool(reply.status) and any(words in said for words in entry.absent)


def _first_line(data: bytes) -> str:
    lines = [line for line in data.decode("utf-8", "replace").splitlines() if line.strip()]
    return clipped(neutral(lines[0].strip()), 200) if lines else ""


def problem_of(reply: Reply, hop: Hop) -> SourceError | None:
    """Why the output cannot be used; None when it can, or when the program is rightly absent."""
    entry, name = reply.command.entry, reply.command.name
    what = f"{name} on {hop.title}"
    words = " ".join(reply.command.words)
    if reply.truncated:
        return _not_understood(reply, hop, f"printed {reply.size:,} bytes, more than the {entry.limit:,} it may")
    if reply.status is None:
        return TooLate(what, "did not finish in time", f"ssh {hop.name} {words}: is something stuck there?")
    if reply.status in entry.accept:
        return None
    said = _first_line(reply.err) or _first_line(reply.out)
    if entry.sudo != "never" and any(words in said for words in SUDO_SAYS):
        return _sudo_refused(reply, hop, said)
    if _absent(reply):
        return None
    if "permission denied" in said.lower():
        return Refused(what, said, f"let {hop.user} run `{words}`, or allow it by sudo without a password")
    if reply.status == _NOT_FOUND:
        return Unreachable(what, said or "command not found", f"install {reply.command.words[0]} there")
    return Unreachable(what, said or f"exit status {reply.status}", f"ssh {hop.name} {words}")


def _sudo_refused(reply: Reply, hop: Hop, said: str) -> Refused:
    words = " ".join(reply.command.words)
    return Refused(
        f"sudo on {hop.title}",
        said.removeprefix("sudo: "),
        f"allow it in /etc/sudoers.d there: {hop.user} ALL=(root) NOPASSWD: {words}",
    )


def _not_understood(reply: Reply, hop: Hop, why: str) -> NotUnderstood:
    hint = f"ssh {hop.name} {' '.join(reply.command.words)}"
    return NotUnderstood(f"{reply.command.name} on {hop.title}", why, hint)
