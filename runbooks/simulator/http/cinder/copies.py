"""What snapshots and backups have in common: their lists, and setting their state."""

from __future__ import annotations

from typing import Any

from runbooks.simulator.http.call import ApiError, Call, Reply
from runbooks.simulator.http.cinder import query
from runbooks.simulator.model.storage.records import Backup, Snapshot


def _rows(call: Call, records: dict[str, Any]) -> list[Any]:
    """Newest first, the caller's own unless an admin asks for all; filtered, sorted, from the marker on."""
    wanted = query.filters(call)
    project = wanted.pop("project_id", None) if query.everybody(call) else call.user.project
    found = [one for one in records.values() if project is None or one.project_id == project]
    found = [one for one in found if query.fits(_values(one), wanted)]
    found.sort(key=lambda one: (one.created, one.id), reverse=True)
    order = query.sorts(call, _SORTS)
    if order:
        found = query.ordered(found, order, lambda one, key: _values(one)[key])
    marker = call.query.get("marker")
    if marker:
        place = next((at for at, one in enumerate(found) if one.id == marker), None)
        if place is None:
            raise ApiError(
                404,
                f"{'Snapshot' if records is call.cloud.storage.snapshots else 'Backup'} {marker} could not be found.",
            )
        found = found[place + 1 :]
    return query.page(call, found)


_SORTS = frozenset({"id", "name", "status", "volume_id", "size", "project_id", "created_at", "updated_at"})


def _values(one: Snapshot | Backup) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "status": one.status,
        "volume_id": one.volume_id,
        "size": one.size,
        "volume_size": one.size,
        "project_id": one.project_id,
        "created_at": one.created,
        "updated_at": one.updated,
    }


def answer(call: Call, collection: str, records: dict[str, Any], view: Any, suffix: str = "") -> Reply:
    """A list of records as `view` shows them, with the link to its next page."""
    rows = _rows(call, records)
    body: dict[str, Any] = {collection: [view(call, one) for one in rows]}
    links = query.links(call, rows, collection + suffix, rows[-1].id if rows else "")
    return Reply(body | ({f"{collection}_links": links} if links else {}))


def reset(record: Snapshot | Backup, given: Any, states: tuple[str, ...]) -> None:
    """`os-reset_status`. Raises ApiError 400 for a state that is none."""
    status = str(given.get("status")) if isinstance(given, dict) else "None"
    if status not in states:
        raise ApiError(
            400, f"Invalid input for field/attribute status. Value: {status}. {status!r} is not one of {list(states)}"
        )
    record.status = status
