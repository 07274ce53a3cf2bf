"""What the memory of one node of the broker holds, by category: `GET /api/nodes/NAME/memory`.

Whichever node is asked asks the node itself. The categories do not overlap; together they are about what the kernel
says that the process uses. Their names differ from release to release, so they are taken as they come.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import msgspec

from collectors.deadline import Deadline
from collectors.errors import NotUnderstood
from collectors.sources.base import Page

if TYPE_CHECKING:
    from collectors.sources.rabbitmq import RabbitmqSource


def parts(source: RabbitmqSource, node: str, deadline: Deadline) -> Iterator[Page]:
    """One page. Raises `SourceError`; `NotUnderstood` when the node does not tell."""
    for page in source.pages(f"nodes/{quote(node, safe='@')}/memory", {}, 0, deadline):
        found = _memory(page.raw or b"", node)
        total = _total(found)
        items = [
            {"node": node, "category": name, "bytes": value, "total": total}
            for name, value in found.items()
            if name not in ("total", "strategy")
        ]
        yield Page(items=items, server_time=page.server_time, calls=page.calls)


def _memory(raw: bytes, node: str) -> dict[str, Any]:
    what = f"the memory of {node}"
    try:
        (answer,) = msgspec.json.decode(raw)
        found = answer["memory"]
    except (msgspec.DecodeError, ValueError, TypeError, KeyError) as error:
        raise NotUnderstood(what, "the answer is no breakdown of its memory", "nephoscope doctor") from error
    if found == "not_available":
        raise NotUnderstood(what, "it does not answer the other nodes", "`nephoscope get rabbitmq-nodes`")
    if not isinstance(found, dict) or not found:
        raise NotUnderstood(what, "the answer is no breakdown of its memory", "nephoscope doctor")
    return found


def _total(found: dict[str, Any]) -> int | None:
    """What all together are: by the strategy that the node counts its memory by; before 3.7 it is one number."""
    total = found.get("total")
    if isinstance(total, dict):
        total = total.get(str(found.get("strategy"))) or total.get("rss") or total.get("allocated")
    return total if isinstance(total, int) and not isinstance(total, bool) and total > 0 else None
