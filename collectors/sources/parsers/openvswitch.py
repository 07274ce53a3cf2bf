"""`ovs-vsctl --format=json`: tables of Open vSwitch's database, and what its bridges, ports and tunnels are.

Several lists in one call come as several JSON documents, one a line, in the order asked for. A value is plain, or a
pair: `["set", […]]`, `["map", [[key, value], …]]`, `["uuid", "…"]`; an empty set means that the column is not set.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec


def plain(value: Any) -> Any:
    """A value of the database: sets as lists (None for an empty one), maps as dictionaries, UUIDs as text."""
    if not isinstance(value, list) or len(value) != 2:
        return value
    what, inner = value
    if what == "uuid":
        return inner
    if what == "set" and isinstance(inner, list):
        return [plain(each) for each in inner] or None
    if what == "map" and isinstance(inner, list):
        return {str(plain(key)): plain(each) for key, each in inner}
    return value


def listed(value: Any) -> list[Any]:
    """A column that may hold one value or several."""
    return [] if value is None else value if isinstance(value, list) else [value]


def tables(output: bytes, count: int) -> list[list[dict[str, Any]]]:
    """The rows of each table. Raises ValueError when there are not `count` of them."""
    found = [_table(line) for line in output.splitlines() if line.strip()]
    if len(found) != count:
        raise ValueError(f"{count} tables expected, not {len(found)}: {output[:60]!r}")
    return found


def _table(text: bytes) -> list[dict[str, Any]]:
    try:
        found = msgspec.json.decode(text)
        headings, data = found["headings"], found["data"]
        return [dict(zip(headings, map(plain, row), strict=True)) for row in data]
    except (msgspec.DecodeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"no table of Open vSwitch's database: {text[:60]!r}") from error


def tunnel_addresses(output: bytes) -> dict[str, Any]:
    """`find Interface type=vxlan`: the addresses at which tunnels of this host begin."""
    (interfaces,) = tables(output, 1)
    found = {str(address) for each in interfaces if (address := _options(each).get("local_ip"))}
    return {"tunnel_addresses": sorted(found)}


def _options(interface: dict[str, Any]) -> dict[str, Any]:
    found = interface.get("options")
    return found if isinstance(found, dict) else {}
