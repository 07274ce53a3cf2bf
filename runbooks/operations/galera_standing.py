"""Where each member of a stopped or split cluster stands, and who may lead: what the referee decides by.

A member's position is in its file, in its log after a crash, or in its running server; one that cannot be looked at is
unknown, and that closes the way until somebody states that it is fenced.
"""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec

from collectors.errors import SourceError
from collectors.values import count
from runbooks.guards import some
from runbooks.operation import (
    Asked,
    Verdict,
    is_closed,
    is_open,
    is_unknown,
)
from runbooks.operations.galera_members import KIND


class Standing(msgspec.Struct, frozen=True):
    """Where one member stands."""

    member: str
    state: str
    """`primary`, `running` (and not Primary), `stopped`, `unknown`, `fenced`."""
    position: int | None = None
    uuid: str | None = None
    why: str = ""
    """Why it is unknown."""
    file: str | None = None
    safe: bool = False
    """Its grastate.dat lets it lead."""
    view: int = 0


def fenced(stated: str, member: str) -> bool:
    """Whether the operator's words name this member."""
    return re.search(rf"(?<![\w.-]){re.escape(member)}(?![\w-])", stated) is not None


def standings(asked: Asked) -> list[Standing]:
    """Where every configured member stands. Raises `SourceError` when no host can be looked at."""
    stated = asked.values.get("fenced", "")
    positions = {row.host: row for row in asked.cloud.rows("galera-positions")}
    rows = asked.cloud.rows(KIND)
    with ThreadPoolExecutor(max(len(rows), 1), "positions") as pool:
        return list(pool.map(lambda row: _standing(asked, row, positions.get(row.member), stated), rows))


def _standing(asked: Asked, row: Any, found: Any, stated: str) -> Standing:
    name = row.member
    if row.trouble is None:
        state = "primary" if row.status == "Primary" else "running"
        return Standing(name, state, row.last_committed)
    if found is None or found.runs is None:
        if fenced(stated, name):
            return Standing(name, "fenced")
        return Standing(name, "unknown", why=(found.trouble if found else None) or "its host was not looked at")
    if found.runs:
        return Standing(name, "unknown", why=f"its server runs, but does not answer ({row.trouble})")
    position, uuid, why = found.position, found.uuid, ""
    if position is None:
        position, recovered, why = _recovered(asked, name)
        uuid = recovered or uuid
    return Standing(name, "stopped", position, uuid, why, found.file, bool(found.safe), found.view or 0)


def _recovered(asked: Asked, member: str) -> tuple[int | None, str | None, str]:
    """What a crashed member's logs say: position, history, why not."""
    try:
        rows = asked.cloud.rows("galera-recoveries", parent=member)
    except SourceError as error:
        return None, None, str(error)
    row = next(iter(rows), None)
    if row is None or row.position is None:
        return None, None, (row.trouble if row else None) or "its logs tell no position"
    return row.position, row.uuid, ""


def told(found: list[Standing]) -> str:
    """`ctl01 345, ctl02 345, ctl03 340`."""
    return ", ".join(f"{each.member} {'?' if each.position is None else count(each.position)}" for each in found)


def may_lead(target: str, found: list[Standing]) -> Verdict:
    """Whether `target` has all that any of the members has. Pure."""
    known = [each for each in found if each.state != "fenced"]
    lacking = [each for each in known if each.position is None]
    if lacking:
        return is_unknown(f"where {lacking[0].member} stands is not known: {lacking[0].why or 'it does not say'}")
    histories = {each.uuid for each in known if each.uuid}
    if len(histories) > 1:
        return is_closed(f"they belong to {len(histories)} different clusters: stop, and find out which data is right")
    most = max(each.position or 0 for each in known)
    leaders = [each.member for each in known if each.position == most]
    own = next((each.position or 0 for each in known if each.member == target), -1)
    if target not in leaders:
        return is_closed(f"{leaders[0]} must lead: {told(known)}; {target} would lose {count(most - own)} transactions")
    others = [name for name in leaders if name != target]
    return is_open(told(known) + (f"; {some(others)} might as well" if others else f": only {target} may lead"))


def nobody_leads(found: list[Standing], wanted: str) -> Verdict:
    """No member is Primary, each was looked at, and all are as `wanted` (`stopped`), if that is asked for. Pure."""
    for each in found:
        if each.state == "primary":
            return is_closed(
                f"{each.member} is Primary: repair the network, or start the others; a second one splits the data"
            )
    for each in found:
        if each.state == "unknown":
            return is_unknown(
                f"{each.member}: {each.why}; if its power is surely off, say so: fenced='{each.member}: …'"
            )
    if wanted and (running := [each.member for each in found if each.state == "running"]):
        return is_closed(f"{some(running)} runs: galera-member.bootstrap on a running one, or stop it first")
    out = [each.member for each in found if each.state == "fenced"]
    seen = f"{len(found) - len(out)} of {len(found)} members looked at: none is Primary"
    return is_open(seen + (f"; {some(out)} stated to be fenced" if out else ""))
