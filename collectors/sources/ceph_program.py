"""The last way to Ceph: the program `ceph` on a monitor's host, a process per command, as entries of commands.yaml.

Half a second of that host's processor each, so it is taken only where neither the bindings nor a dashboard are to be
had. All that a view wants goes there as one batch.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from collectors.deadline import Deadline
from collectors.errors import NotOffered, NotUnderstood, Refused, SourceError, TooLate, Unreachable
from collectors.site import CephSite
from collectors.sources.batch import Reply
from collectors.sources.ceph_commands import NO_ORCHESTRATOR, RBD, NotThere, entry_of
from collectors.sources.entries import command, parser
from collectors.sources.findings import problem_of
from collectors.sources.routes import Hop

if TYPE_CHECKING:
    from collectors.sources.ssh import SshSource

_NO_ANSWER = "timed out"
"""What `ceph --connect-timeout` says when no monitor lets it in."""


class ProgramWay:
    """The program on the first monitor's host that answers."""

    def __init__(self, ssh: SshSource, site: CephSite) -> None:
        self._ssh = ssh
        self._site = site
        self._at = 0

    @property
    def title(self) -> str:
        """Which program answers."""
        return f"ceph on {self._site.mons[self._at].host}"

    def ask(self, names: Sequence[str], deadline: Deadline) -> dict[str, Any]:
        """Every command's answer or `SourceError`. Raises the first host's `SourceError` when none can be asked."""
        first: SourceError | None = None
        for step in range(len(self._site.mons)):
            place = (self._at + step) % len(self._site.mons)
            host = self._site.mons[place].host
            try:
                found = self._asked(host, names, deadline)
            except SourceError as error:
                first = first or error
                if deadline.expired or isinstance(error, TooLate):
                    break  # the cluster does not answer, whoever asks
            else:
                self._at = place
                return found
        assert first is not None
        raise first

    def _asked(self, host: str, names: Sequence[str], deadline: Deadline) -> dict[str, Any]:
        hop = self._ssh.hop(host)
        known = [name for name in names if name != RBD]
        commands = [command(f"{entry_of(name)} user={self._site.user}") for name in known]
        found: dict[str, Any] = {}
        if commands:
            replies, _ = self._ssh.replies(host, commands, deadline)
            found = {name: _understood(name, reply, hop) for name, reply in zip(known, replies, strict=True)}
        if RBD in names:
            found[RBD] = self._images(host, hop, deadline)
        failed = [each for each in found.values() if isinstance(each, SourceError)]
        if len(failed) == len(names):
            raise failed[0]
        return found

    def _images(self, host: str, hop: Hop, deadline: Deadline) -> Any:
        """The images of every pool that has some; the `SourceError` of the first pool that cannot be read."""
        pools, _ = self._ssh.replies(host, [command(f"ceph-osd-pool-ls user={self._site.user}")], deadline)
        listed = _understood("osd pool ls", pools[0], hop)
        if isinstance(listed, SourceError):
            return listed
        names = [each["pool_name"] for each in listed if "rbd" in each.get("application_metadata", {})]
        if not names:
            return []
        wanted = [command(f"rbd-ls user={self._site.user} pool={name}") for name in names]
        replies, _ = self._ssh.replies(host, wanted, deadline)
        found: list[Any] = []
        for name, reply in zip(names, replies, strict=True):
            images = _understood(f"rbd ls {name}", reply, hop)
            if isinstance(images, SourceError):
                return images
            found += _joined(name, images)
        return found

    def facts(self, deadline: Deadline) -> tuple[str, float]:
        """(the cluster's id, seconds of one command). Raises `SourceError`."""
        began = time.perf_counter()
        status = self.ask(["status"], deadline)["status"]
        if isinstance(status, SourceError):
            raise status
        return str(status.get("fsid", "")), time.perf_counter() - began

    def close(self) -> None:
        """Nothing stays open."""


def _joined(pool: str, listed: Sequence[Any]) -> list[dict[str, Any]]:
    """`rbd ls -l` names an image once, and once more for each snapshot; here each is one, with its snapshots."""
    found: dict[str, dict[str, Any]] = {}
    for each in listed:
        image = found.setdefault(each["image"], {"pool_name": pool, "name": each["image"], "snapshots": []})
        if "snapshot" in each:
            image["snapshots"].append({"name": each["snapshot"]})
            continue
        parent = each.get("parent") or {}
        image |= {"id": each.get("id"), "size": each.get("size")}
        image["parent"] = {"pool_name": parent.get("pool"), "image_name": parent.get("image")} if parent else None
        found[each["image"]] = image
    return list(found.values())


def _understood(name: str, reply: Reply, hop: Hop) -> Any:
    """One command's answer, or why there is none."""
    what = f"{name}: ceph on {hop.name}"
    said = reply.err.decode("utf-8", "replace")
    if reply.status is None:
        return TooLate(what, "no answer in time", "have the monitors a quorum? nephoscope get mons")
    if reply.status == 1 and _NO_ANSWER in said:
        return TooLate(what, "no monitor let us in within 5 s", "nephoscope get mons")
    if reply.status == 13 or "EACCES" in said or "error connecting to the cluster" in said.lower():
        return Refused(what, _line(said), "give the user mon 'allow r' mgr 'allow r', and let our login read its key")
    if reply.status == 2 and NO_ORCHESTRATOR in said:
        return NotThere(what, "no orchestrator deploys this cluster")
    if reply.status == 22 and "EINVAL" in said:
        return NotOffered(what, _line(said))
    problem = problem_of(reply, hop)
    if problem is not None:
        return problem if isinstance(problem, Refused | NotUnderstood) else Unreachable(what, problem.why, problem.hint)
    try:
        return parser(reply.command.entry.parser)(reply.out)["answer"]  # type: ignore[call-overload]
    except ValueError as error:
        return NotUnderstood(what, str(error), f"ssh {hop.name} {' '.join(reply.command.words)}")


def _line(said: str) -> str:
    from collectors.untrusted import clipped, neutral

    lines = [line for line in said.splitlines() if line.strip()]
    return clipped(neutral(lines[-1].strip()), 200) if lines else "not permitted"
