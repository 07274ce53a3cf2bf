"""What `doctor` says about each host: can we log in, as whom, how fast, may we use sudo, what to do next."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from collectors.deadline import Deadline
from collectors.errors import Refused, SourceError
from collectors.sources.base import Fact
from collectors.sources.entries import command
from collectors.sources.findings import found_in
from collectors.sources.host_answers import none_done
from collectors.sources.ssh_run import run_commands

if TYPE_CHECKING:
    from collectors.sources.ssh import SshSource

_AT_ONCE = 32


def facts(source: SshSource, deadline: Deadline) -> Iterator[Fact]:
    """One fact per host, in the site's order; hosts are asked side by side."""
    with ThreadPoolExecutor(_AT_ONCE, "doctor-ssh") as pool:
        yield from pool.map(lambda name: _fact(source, name, Deadline(deadline.remaining())), source.site.hosts)


def _fact(source: SshSource, name: str, deadline: Deadline) -> Fact:
    address = name
    try:
        hop = source.hop(name)
        address = hop.title
        with source.connections.using(hop, deadline) as (connection, _):
            began = time.perf_counter()
            running = run_commands(source.connections, hop, [command("clock"), command("may-sudo")], set(), deadline)
            replies = [reply for arrived in running for reply in arrived.replies]
            if all(reply.status is None for reply in replies):
                raise none_done(source, name, replies[0].command, deadline)
            took = time.perf_counter() - began
    except SourceError as error:
        refused = error.why if isinstance(error, Refused) else ""
        detail = "" if refused else f"{error.what}: {error.why}"
        return Fact("ssh", address, "critical", refused=refused, detail=detail, next_step=error.hint)
    found = found_in(replies, hop)
    refusal = found.refusal
    through = f" through {hop.through.name}" if hop.through else ""
    return Fact(
        "ssh",
        address,
        "warning" if refusal else "ok",
        identity=f"{hop.user}{through}, {connection.proved_by}",
        version=connection.server_version,
        round_trip=took,
        refused=f"sudo: {refusal.why}" if refusal else "",
        detail="" if refusal else "root" if hop.user == "root" else "sudo without a password",
        next_step=refusal.hint if refusal else "",
    )
