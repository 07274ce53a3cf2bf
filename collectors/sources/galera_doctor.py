"""What `doctor` says about each database member: who we are there, how fast it answers, what the account lacks."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from collectors.deadline import Deadline, working
from collectors.errors import Refused, SourceError
from collectors.site import Endpoint
from collectors.sources.base import Fact
from collectors.sources.statements import statement

if TYPE_CHECKING:
    from collectors.sources.galera import GaleraSource

_GRANT = re.compile(r"GRANT (.+?) ON \*\.\* TO ", re.IGNORECASE)
_NEEDED = (
    ("PROCESS", "see other accounts' processes (db-processes)"),
    ("SELECT", "see the sizes of the databases (databases)"),
)
"""Privilege on *.* and what is missing without it."""
_TOO_MUCH = ("ALL PRIVILEGES", "SUPER", "INSERT", "UPDATE", "DELETE", "DROP")


def facts(source: GaleraSource, deadline: Deadline) -> Iterator[Fact]:
    """One fact per member, in the site's order; members are asked side by side."""
    members = source.galera.members
    with ThreadPoolExecutor(max(len(members), 1), "doctor-galera") as pool:
        yield from pool.map(lambda member: _fact(source, member, Deadline(deadline.remaining())), members)


def _fact(source: GaleraSource, member: Endpoint, deadline: Deadline) -> Fact:
    address = f"{member.host} {member.address}:{member.port}"
    try:
        with working(deadline):
            source.ask(member, statement("who"), {}, deadline)  # connects, so that what follows is one round trip
            began = time.perf_counter()
            [(_, who)] = source.ask(member, statement("who"), {}, deadline)
            took = time.perf_counter() - began
            [(_, grants)] = source.ask(member, statement("grants"), {}, deadline)
    except SourceError as error:
        refused = error.why if isinstance(error, Refused) else ""
        detail = "" if refused else f"{error.what}: {error.why}"
        return Fact("galera", address, "critical", refused=refused, detail=detail, next_step=error.hint)
    account, version = str(who[0][0]), str(who[0][1])
    held = privileges(grants)
    missing = [(name, why) for name, why in _NEEDED if "ALL PRIVILEGES" not in held and name not in held]
    more = [name for name in _TOO_MUCH if name in held]
    quoted = "@".join(f"'{part}'" for part in account.split("@", 1))
    return Fact(
        "galera",
        address,
        "warning" if missing or more else "ok",
        identity=account + (f" through {source.galera.via}" if source.galera.via else ""),
        version=version,
        round_trip=took,
        refused="; ".join(why for _, why in missing),
        detail=f"the account may change things ({', '.join(more)}): a reading one is enough" if more else "",
        next_step=f"GRANT {', '.join(name for name, _ in missing)} ON *.* TO {quoted}" if missing else "",
    )


def privileges(grants: Sequence[Sequence[Any]]) -> set[str]:
    """The privileges on `*.*` in the rows of SHOW GRANTS."""
    found: set[str] = set()
    for row in grants:
        if match := _GRANT.match(str(row[0])):
            found |= {name.strip().upper() for name in match[1].split(",")}
    return found
