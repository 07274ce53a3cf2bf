"""Walking a paged OpenStack list, whatever happens to it underway.

Services say where the next page is in one of three ways: `servers_links` with rel `next` (Nova, Neutron, Cinder), a
top-level `next` (Glance), or `links.next` (Keystone). While we walk, rows come and go: a marker that was deleted is
refused (then the row before it serves as marker), and a service that hands out the same marker again would loop for
ever (then the walk stops).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec

from collectors.errors import NotUnderstood
from collectors.request import Rest


class _Link(msgspec.Struct, gc=False):
    rel: str = ""
    href: str = ""


class _Links(msgspec.Struct, gc=False):
    next: str | None = None


class _Id(msgspec.Struct, gc=False):
    id: str | int | None = None


@cache
def _envelope(key: str) -> Any:
    fields: list[tuple[str, Any, Any]] = [
        ("rows", msgspec.Raw, msgspec.field(default=msgspec.Raw(b"null"), name=key)),
        ("pages", list[_Link] | None, msgspec.field(default=None, name=f"{key}_links")),
        ("next", str | None, None),
        ("links", _Links | None, None),
    ]
    return msgspec.json.Decoder(msgspec.defstruct("Envelope", fields))


_ids = msgspec.json.Decoder(list[_Id])


def opened(body: bytes, request: Rest, what: str) -> tuple[bytes, Mapping[str, str] | None]:
    """(JSON text of the list, query of the next page or None). Raises `NotUnderstood`."""
    try:
        envelope = _envelope(request.key).decode(body)
    except msgspec.DecodeError as error:
        kind = "HTML" if body.lstrip()[:1] == b"<" else "something that is not the JSON we expect"
        hint = "is this URL really the service, or a proxy's page? see endpoints"
        raise NotUnderstood(
            what, f"answered {kind} ({error})" if body else "answered with an empty body", hint
        ) from error
    raw = bytes(envelope.rows)
    if raw == b"null":
        raise NotUnderstood(what, f"the answer has no “{request.key}”", "does the endpoint point at another service?")
    if request.single:
        raw = b"[" + raw + b"]"
    following = next((link.href for link in envelope.pages or () if link.rel == "next"), "")
    following = following or envelope.next or (envelope.links.next if envelope.links else "") or ""
    return raw, dict(parse_qsl(urlsplit(following).query)) if following else None


def ids(raw: bytes) -> list[str]:
    """The ids of a page, in order; rows without one are left out."""
    try:
        return [str(row.id) for row in _ids.decode(raw) if row.id is not None]
    except msgspec.DecodeError:
        return []


class Walk:
    """Decides which query comes next. Pure: it is told what arrived."""

    def __init__(self, request: Rest, query: Mapping[str, str]) -> None:
        self._request = request
        self._first = dict(query)
        self._trail: list[str] = []
        self._used: set[str] = set()
        self._seen: set[str] = set()

    def start(self) -> dict[str, str]:
        """The query of the first page."""
        return dict(self._first)

    def after(self, raw: bytes, following: Mapping[str, str] | None) -> dict[str, str] | None:
        """The query of the page after this one, or None at the end (also when it would repeat)."""
        arrived = ids(raw)
        fresh = [identity for identity in arrived if identity not in self._seen]
        self._seen.update(fresh)
        self._trail = (self._trail + fresh)[-64:]
        if following is None or not arrived:
            return None
        marker = following.get("marker", "")
        if marker in self._used or not fresh:
            return None  # the service goes round in circles
        self._used.add(marker)
        return {**self._first, **following}

    def marker_gone(self, refused: str) -> dict[str, str] | None:
        """The marker was deleted meanwhile: go on from the row before it; None when there is none left."""
        while self._trail and (self._trail[-1] == refused or self._trail[-1] in self._used):
            self._used.add(self._trail.pop())
        if not self._trail:
            return None
        marker = self._trail.pop()
        self._used.add(marker)
        return {**self._first, "marker": marker}
