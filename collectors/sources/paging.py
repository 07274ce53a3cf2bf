"""Walking a paged OpenStack list, whatever happens to it underway.

Services say where the next page is in one of four ways: `servers_links` with rel `next` (Nova, Neutron, Cinder), a
list of links (Nova's instance actions), a top-level `next` (Glance), or `links.next` (Keystone). While we walk, rows
come and go: a marker that was deleted is refused (then the row before it serves as marker), and a service that hands
out the same page again would loop for ever (then the walk stops).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any, Literal, TypeAlias
from urllib.parse import parse_qsl, urlsplit

import msgspec

from collectors.errors import NotUnderstood
from collectors.request import Rest
from collectors.shapes import decoder


class _Link(msgspec.Struct, gc=False):
    rel: str = ""
    href: str = ""


class _Links(msgspec.Struct, gc=False):
    next: str | None = None


class _Id(msgspec.Struct, gc=False):
    id: str | int | None = None
    uuid: str | None = None
    request_id: str | None = None


class _Named(msgspec.Struct, gc=False):
    name: str = ""


Values: TypeAlias = str | list[str]
"""What a parameter of a query says: once, or several times."""


class Opened(msgspec.Struct, frozen=True):
    """An answer taken out of its envelope."""

    raw: bytes
    """JSON text of the list."""
    following: Mapping[str, str] | None
    """Query of the next page, if there is one."""
    truncated: bool = False
    """The service itself says that it left rows out (Keystone's `list_limit`)."""


@cache
def _envelope(key: str) -> Any:
    fields: list[tuple[str, Any, Any]] = [
        ("rows", msgspec.Raw, msgspec.field(default=msgspec.Raw(b"null"), name=key)),
        ("pages", list[_Link] | None, msgspec.field(default=None, name=f"{key}_links")),
        ("next", str | None, None),
        ("links", _Links | list[_Link] | None, None),
        ("truncated", bool | None, None),
    ]
    return decoder(msgspec.defstruct("Envelope", fields))


_members = decoder(dict[str, msgspec.Raw])
_all_ids = decoder(list[_Id])
_one_id = decoder(_Id)
_one_name = decoder(_Named)
_raw_rows = decoder(list[msgspec.Raw])

# What decoding may raise on bytes from outside, deep nesting and broken UTF-8 included.
_BROKEN = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def mended(body: bytes) -> bytes:
    """`body` as strict JSON: Python's laxer parser takes NaN, lone surrogates and broken UTF-8, which become null and
    replacement characters. Raises `ValueError` or `RecursionError` when it is no JSON either way.
    """
    found = json.loads(body.decode("utf-8", "replace"), parse_constant=lambda _: None)
    return json.dumps(found, ensure_ascii=False).encode("utf-8", "replace")


def only_list(body: bytes) -> str:
    """The name of the member that holds the list, where we know no better; empty if none stands out."""
    try:
        lists = [name for name, raw in _members.decode(body).items() if bytes(raw)[:1] == b"["]
    except _BROKEN:
        return ""
    named = [name for name in lists if not name.endswith("links")]
    return named[0] if len(named) == 1 else ""


def opened(body: bytes, request: Rest, what: str) -> Opened:
    """The list in an answer. Raises `NotUnderstood`."""
    if not request.key and body.lstrip()[:1] == b"[":
        return Opened(body, None)  # Aodh, Gnocchi and Swift have no envelope
    key = request.key or only_list(body)
    try:
        envelope = _envelope(key).decode(body)
    except _BROKEN as error:
        try:
            envelope = _envelope(key).decode(mended(body))
        except (ValueError, RecursionError):
            raise _not_understood(body, what, error) from error
    raw = bytes(envelope.rows)
    if raw == b"null" or not key:
        missing = f"“{key}”" if key else "list"
        raise NotUnderstood(what, f"the answer has no {missing}", "does the endpoint point at another service?")
    if request.members:
        raw = _as_list(raw, what)
    elif request.single:
        raw = b"[" + raw + b"]"
    links = envelope.links
    found = next((link.href for link in envelope.pages or () if link.rel == "next"), "") or envelope.next or ""
    if not found and links:
        found = next((link.href for link in links if link.rel == "next"), "") if isinstance(links, list) else links.next
    return Opened(raw, dict(parse_qsl(urlsplit(found).query)) if found else None, bool(envelope.truncated))


def _as_list(raw: bytes, what: str) -> bytes:
    """The members of an object as a list: each is what it holds, with its name; a bare number is a `limit`.

    Texts (the id of the whole) are no members.
    """
    try:
        found = _members.decode(raw)
    except _BROKEN as error:
        raise _not_understood(raw, what, error) from error
    rows: list[Any] = []
    for name, value in found.items():
        held = msgspec.json.decode(value)
        if not isinstance(held, str):
            rows.append({"name": name, **held} if isinstance(held, dict) else {"name": name, "limit": held})
    return msgspec.json.encode(rows)


def _not_understood(body: bytes, what: str, error: Exception) -> NotUnderstood:
    if not body.strip():
        return NotUnderstood(what, "answered with an empty body", "look at the service's log")
    kind = "HTML" if body.lstrip()[:1] == b"<" else "something that is not the JSON we expect"
    hint = "is this URL really the service, or a proxy's page? see `nephoscope get endpoints`"
    return NotUnderstood(what, f"answered {kind} ({error})", hint)


def ids(raw: bytes) -> list[str]:
    """What may serve as markers on a page, in order; rows without an id are left out."""
    try:
        found = _all_ids.decode(raw)
    except _BROKEN:
        found = [row for row in map(_id_of, _split(raw)) if row is not None]
    return [str(marker) for row in found if (marker := row.id or row.uuid or row.request_id) is not None]


def _split(raw: bytes) -> list[msgspec.Raw]:
    try:
        rows: list[msgspec.Raw] = _raw_rows.decode(raw)
        return rows
    except _BROKEN:
        return []


def _id_of(raw: msgspec.Raw) -> _Id | None:
    try:
        row: _Id = _one_id.decode(raw)
        return row
    except _BROKEN:
        return None


def _name_of(raw: msgspec.Raw) -> str:
    try:
        row: _Named = _one_name.decode(raw)
        return row.name
    except _BROKEN:
        return ""


class Walk:
    """Decides which query comes next. Pure: it is told what arrived."""

    def __init__(self, query: Mapping[str, Values], turn: Literal["link", "offset", "name"] = "link") -> None:
        self._first = dict(query)
        self._many = {name: values for name, values in query.items() if isinstance(values, list)}
        """Parameters that are asked for several times; a link to the next page is read as if each were there once."""
        self._turn = turn
        self._rows = 0
        self._trail: list[str] = []
        self._asked = {self._key(self._first)}
        self._refused: set[str] = set()
        self.circular = False
        """The service went round in circles: what arrived may not be all."""
        self._seen: set[str] = set()

    @staticmethod
    def _key(query: Mapping[str, Values]) -> frozenset[tuple[str, str]]:
        return frozenset((name, str(values)) for name, values in query.items())

    def start(self) -> dict[str, Values]:
        """The query of the first page."""
        return dict(self._first)

    def after(self, page: Opened) -> dict[str, Values] | None:
        """The query of the page after this one, or None at the end (also when it would repeat)."""
        if self._turn != "link":
            return self._counted(page)
        arrived = ids(page.raw)
        fresh = [identity for identity in arrived if identity not in self._seen]
        self._seen.update(fresh)
        self._trail = (self._trail + fresh)[-64:]
        if page.following is None or page.raw == b"[]":
            return None
        following = None if arrived and not fresh else self._once({**self._first, **page.following, **self._many})
        self.circular = following is None
        return following

    def _counted(self, page: Opened) -> dict[str, Values] | None:
        """The page after a full one, of a service that gives no link or a wrong one."""
        found = _split(page.raw)
        self._rows += len(found)
        if len(found) < int(str(self._first.get("limit") or len(found) + 1)):
            return None
        turned = {"offset": str(self._rows)} if self._turn == "offset" else {"marker": _name_of(found[-1])}
        following = self._once({**self._first, **turned})
        self.circular = following is None
        return following

    def marker_gone(self, refused: str) -> dict[str, Values] | None:
        """The marker was deleted meanwhile: go on from the row before it; None when there is none left."""
        self._refused.add(refused)
        while self._trail and self._trail[-1] in self._refused:
            self._trail.pop()
        return self._once({**self._first, "marker": self._trail[-1]}) if self._trail else None

    def _once(self, query: dict[str, Values]) -> dict[str, Values] | None:
        key = self._key(query)
        if key in self._asked:
            return None
        self._asked.add(key)
        return query
