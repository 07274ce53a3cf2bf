"""Sorting, paging and choosing columns, as every list of the management API does."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from runbooks.simulator.http.rabbitmq.ask import Object, RefusalError, bad_request

PAGE_SIZE = 100
MOST_ROWS = 500
"""The largest page."""


def listed(found: Iterable[Object], query: Mapping[str, str]) -> list[Object] | Object:
    """The list as `sort`, `page`, `name` and `columns` ask for it; a page comes wrapped in its counts."""
    rows = list(found)
    sort = query.get("sort", "")
    if sort:
        rows.sort(key=lambda row: _order(_at(row, sort)), reverse=query.get("sort_reverse") == "true")
    elif query.get("sort_reverse") == "true":
        rows.reverse()
    if "page" not in query:
        return [chosen(row, query) for row in rows]
    page, size = _page(query)
    wanted = _matching(rows, query)
    pages = -(-len(wanted) // size)
    if page > max(pages, 1):
        words = f"Page out of range, page: {page} page size: {size}, len: {len(wanted)}"
        raise RefusalError(400, "page_out_of_range", words)
    part = [chosen(row, query) for row in wanted[(page - 1) * size : page * size]]
    return {
        "filtered_count": len(wanted),
        "item_count": len(part),
        "items": part,
        "page": page,
        "page_count": pages,
        "page_size": size,
        "total_count": len(rows),
    }


def _page(query: Mapping[str, str]) -> tuple[int, int]:
    try:
        page = int(query["page"])
        size = int(query["page_size"]) if query.get("page_size") else None
    except ValueError:
        raise bad_request("Pagination parameters are invalid") from None
    if page < 1 or (size is not None and not 1 <= size <= MOST_ROWS):
        words = f"Invalid pagination parameters: page number {page}, page size {'undefined' if size is None else size}"
        raise RefusalError(400, "invalid_pagination_parameters", words)
    return page, size or PAGE_SIZE


def _matching(rows: list[Object], query: Mapping[str, str]) -> list[Object]:
    name = query.get("name", "")
    if not name:
        return rows
    if query.get("use_regex") == "true":
        try:
            pattern = re.compile(name, re.IGNORECASE)
        except re.error:
            raise bad_request("Pagination parameters are invalid") from None
        return [row for row in rows if pattern.search(str(row.get("name", "")))]
    return [row for row in rows if name.lower() in str(row.get("name", "")).lower()]


def _at(row: Object, path: str) -> Any:
    found: Any = row
    for part in path.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    return found


def _order(value: Any) -> tuple[int, Any]:
    """Numbers before everything else, then text; missing values first, as Erlang orders them."""
    if value is None:
        return 0, 0
    if isinstance(value, bool | int | float):
        return 1, value
    return 2, str(value)


def chosen(row: Object, query: Mapping[str, str]) -> Object:
    """The row with only the asked-for columns, dotted ones nested."""
    names = [name for name in query.get("columns", "").split(",") if name]
    return _only(row, [name.split(".") for name in names]) if names else row


def _only(row: Object, paths: Sequence[Sequence[str]]) -> Object:
    found: Object = {}
    for key, value in row.items():
        inner = [path[1:] for path in paths if path[0] == key]
        if not inner:
            continue
        deeper = [path for path in inner if path]
        if len(deeper) < len(inner):
            found[key] = value
        elif isinstance(value, dict):
            found[key] = _only(value, deeper)
    return found
