"""Neutron's list parameters: filters on any field, `fields`, `sort_key`, `sort_dir`, `limit`, `marker`, `page_reverse`.

Rows come from a `Source` sorted by id, so a page begins at its marker without looking at what comes before it. Unknown
filters are refused (the extension filter-validation is loaded); an unknown marker begins at the start, as in Neutron.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Protocol

from runbooks.simulator.http.call import Call
from runbooks.simulator.http.neutron import values
from runbooks.simulator.http.neutron.attributes import Resource
from runbooks.simulator.http.neutron.errors import bad_request, malformed

Row = dict[str, Any]
"""One object as it is sent."""

_CONTROLS = frozenset({"fields", "sort_key", "sort_dir", "limit", "marker", "page_reverse"})
_CONVERTERS = frozenset(
    {
        values.boolean,
        values.boolean_or_none,
        values.integer,
        values.non_negative,
        values.ip_version,
        values.cidr_or_none,
        values.ether_type,
        values.port_number,
    }
)
"""Readers that Neutron also applies to filters; other filters are compared as they are."""
_TAG_FILTERS = ("tags", "tags-any", "not-tags", "not-tags-any")


class Source(Protocol):
    """Where the rows of one resource come from, each as (id, row)."""

    def ascending(self, after: str) -> Iterator[tuple[str, Row]]:
        """All rows with ids greater than `after`."""

    def descending(self, before: str) -> Iterator[tuple[str, Row]]:
        """All rows with ids less than `before` (all, when that is empty), greatest first."""

    def narrowed(self, filters: Mapping[str, list[Any]]) -> Iterable[tuple[str, Row]] | None:
        """The rows that can fit, sorted by id, where an index knows them; else None."""

    def knows(self, identity: str) -> bool:
        """True when a row has this id."""


@dataclass(frozen=True, slots=True)
class Query:
    """What a list request asks for."""

    filters: Mapping[str, list[Any]]
    fields: frozenset[str]
    sorts: tuple[tuple[str, bool], ...]
    """(field, ascending)."""
    limit: int
    """0: all."""
    marker: str
    reverse: bool


def read(call: Call, resource: Resource) -> Query:
    """The query of a request. Raises ApiError 400."""
    filters: dict[str, list[Any]] = {}
    unknown = []
    for name in dict.fromkeys(call.query):
        if name in _CONTROLS:
            continue
        attribute = resource.attributes.get(name)
        if attribute is None or not attribute.may("F"):
            unknown.append(name)
            continue
        found = call.query.getall(name)
        filters["project_id" if name == "tenant_id" else name] = _converted(attribute.read, found)
    if unknown and resource.checks_filters:
        raise malformed(f"{unknown} is invalid attribute for filtering")
    return Query(
        filters=filters,
        fields=frozenset(name for name in call.query.getall("fields", []) if name),
        sorts=_sorts(call, resource),
        limit=_limit(call),
        marker=call.query.get("marker", ""),
        reverse=call.query.get("page_reverse", "").lower() == "true",
    )


def run(query: Query, source: Source, resource: Resource, fits: Callable[[Row], bool]) -> list[Row]:
    """The rows of the answer. `fits`: which rows the caller may see."""
    matches = [_match(name, wanted) for name, wanted in query.filters.items()]
    limit = query.limit if resource.paged else 0

    def wanted(pairs: Iterable[tuple[str, Row]]) -> Iterator[Row]:
        return (row for _, row in pairs if all(match(row) for match in matches) and fits(row))

    marker = query.marker if limit and query.marker and source.knows(query.marker) else ""
    few = source.narrowed(query.filters)
    if not query.sorts and few is None:
        if not limit:
            return list(wanted(source.ascending("")))
        if query.reverse:
            return list(islice(wanted(source.descending(marker)), limit))[::-1]
        return list(islice(wanted(source.ascending(marker)), limit))
    rows = list(wanted(few if few is not None else source.ascending("")))
    for name, ascending in reversed(query.sorts):
        rows.sort(key=lambda row: _sort_value(row.get(name)), reverse=not ascending)
    return _page(rows, query, limit, marker)


def _page(rows: list[Row], query: Query, limit: int, marker: str) -> list[Row]:
    if not limit:
        return rows
    if not query.sorts:
        # The marker itself may not be among the rows that fit.
        before = sum(row.get("id", "") < marker for row in rows)
        after = sum(row.get("id", "") <= marker for row in rows)
    else:
        place = next((at for at, row in enumerate(rows) if row.get("id") == marker), None)
        before, after = (0, 0) if place is None else (place, place + 1)
    if query.reverse:
        end = before if marker else len(rows)
        return rows[max(end - limit, 0) : end]
    return rows[after : after + limit]


def links(call: Call, query: Query, rows: list[Row]) -> list[dict[str, str]]:
    """`networks_links`: as Neutron gives them, a next page also when this one was just full."""
    if not query.limit:
        return []
    found = []
    if len(rows) >= query.limit or query.reverse:
        found.append({"rel": "next", "href": _link(call, rows[-1:], reverse=False)})
    if len(rows) >= query.limit or not query.reverse:
        found.append({"rel": "previous", "href": _link(call, rows[:1], reverse=True)})
    return found


def cut(query: Query, row: Row) -> Row:
    """Only the fields that were asked for, and none that only filters look at."""
    if query.fields:
        return {name: value for name, value in row.items() if name in query.fields}
    return {name: value for name, value in row.items() if name[0] != "_"}


def _link(call: Call, edge: list[Row], *, reverse: bool) -> str:
    marker = str(edge[0].get("id", "")) if edge else None
    path = call.path_and_query(marker=marker, page_reverse="True" if reverse else None)
    return call.base + path


def _sorts(call: Call, resource: Resource) -> tuple[tuple[str, bool], ...]:
    keys = [key for key in call.query.getall("sort_key", []) if key]
    directions = [word for word in call.query.getall("sort_dir", []) if word]
    if len(keys) != len(directions):
        raise malformed("The number of sort_keys and sort_dirs must be same")
    absent = [key for key in keys if key not in resource.attributes or not resource.attributes[key].may("S")]
    if absent:
        raise malformed(f"{absent} is invalid attribute for sort_keys")
    odd = [word for word in directions if word not in ("asc", "desc")]
    if odd:
        raise malformed(f"{odd} is invalid value for sort_dirs, valid value is 'asc' and 'desc'")
    found = tuple((key, word == "asc") for key, word in zip(keys, directions, strict=True))
    return () if found == (("id", True),) else found


def _limit(call: Call) -> int:
    given = call.query.get("limit", "0")
    try:
        limit = int(given)
    except ValueError:
        limit = -1
    if limit < 0:
        raise bad_request("limit", f"Limit must be an integer 0 or greater and not '{given}'")
    return limit


def _converted(reader: values.Reader, given: list[str]) -> list[Any]:
    if reader not in _CONVERTERS:
        return list(given)
    try:
        return [reader(value) for value in given]
    except values.UnfitError:
        return []  # compared with nothing, it fits nothing


def _sort_value(value: Any) -> tuple[bool, Any]:
    """Null sorts first; lists and dictionaries, which Neutron does not sort by, by their text."""
    return (
        value is not None,
        str(value) if isinstance(value, list | dict | bool) else (value if value is not None else ""),
    )


def _match(name: str, wanted: list[Any]) -> Callable[[Row], bool]:
    if name in _TAG_FILTERS:
        return _tag_match(name, {tag for value in wanted for tag in value.split(",")})
    if name == "fixed_ips":
        parts = [value.partition("=")[::2] for value in wanted]
        return lambda row: _has_address(row["fixed_ips"], parts)
    if name == "security_groups":
        return lambda row: bool(set(row[name]) & set(wanted))
    hidden = "_" + name
    return lambda row: row.get(name, row.get(hidden)) in wanted


def _tag_match(name: str, tags: set[str]) -> Callable[[Row], bool]:
    if name.endswith("any"):
        return lambda row: bool(tags & set(row["tags"])) != name.startswith("not")
    return lambda row: (tags <= set(row["tags"])) != name.startswith("not")


def _has_address(fixed_ips: list[dict[str, str]], parts: list[tuple[str, str]]) -> bool:
    """Each kind of condition must hold; of several values of one kind, one."""
    for kind in ("ip_address", "subnet_id", "ip_address_substr"):
        wanted = [value for key, value in parts if key == kind]
        if not wanted:
            continue
        if kind == "ip_address_substr":
            if not any(value in one["ip_address"] for one in fixed_ips for value in wanted):
                return False
        elif not any(one[kind] in wanted for one in fixed_ips):
            return False
    return True
