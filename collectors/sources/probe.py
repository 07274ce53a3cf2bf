"""The endpoints of the catalogue, each joined with what its URL answers now.

All URLs are asked at the same time, each on a thread and with a limit of its own, so one that hangs delays nobody but
itself; rows go out as their answers arrive. Endpoints that share a URL share one probe. An account that may not list
endpoints sees those of its own token.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import msgspec

from collectors.deadline import Deadline
from collectors.errors import Refused
from collectors.request import Catalog
from collectors.shapes import converted, decoded
from collectors.sources.base import Page
from collectors.sources.http import server_time
from collectors.sources.side_by_side import side_by_side
from collectors.sources.version_probe import Answer, probe

if TYPE_CHECKING:
    from collectors.sources.openstack import OpenStackSource

THREADS: Final = 64
GRACE: Final = 1.0
"""Seconds beyond its limit after which a probe that is stuck where no deadline reaches is given up."""

_TEMPLATE: Final = re.compile(r"[%$]\((\w+)\)s")


class Listed(msgspec.Struct, gc=False, kw_only=True):
    """An endpoint as Keystone has it, with the name and type of its service."""

    id: str
    url: str = ""
    interface: str | None = None
    region: str | None = None
    region_id: str | None = None
    service_id: str | None = None
    enabled: bool | None = None
    service: str | None = None
    type: str | None = None


class _Endpoints(msgspec.Struct, gc=False):
    endpoints: list[Listed] = []


class _Service(msgspec.Struct, gc=False):
    id: str
    name: str | None = None
    type: str | None = None


class _Services(msgspec.Struct, gc=False):
    services: list[_Service] = []


def probed_endpoints(source: OpenStackSource, request: Catalog, deadline: Deadline) -> Iterator[Page]:
    """Pages of endpoints, as the kind understands them, in the order in which they answered. Raises `SourceError`."""
    listed, calls, clock = _listed(source, deadline)
    words = source.substitutions()
    waiting: dict[str, list[Listed]] = {}
    silent: list[Listed] = []
    for endpoint in listed:
        if endpoint.enabled is False or not endpoint.url:
            silent.append(endpoint)
        else:
            waiting.setdefault(substituted(endpoint.url, words), []).append(endpoint)
    yield Page(items=[_item(source, e, None) for e in silent], server_time=clock, calls=calls)
    for url, answer in _answers(source, list(waiting), request.probe_seconds, deadline):
        yield Page(items=[_item(source, e, answer) for e in waiting[url]], server_time=clock, calls=0)


def _answers(
    source: OpenStackSource, urls: Sequence[str], seconds: float, deadline: Deadline
) -> Iterator[tuple[str, Answer]]:
    """(URL, what it said), as they come; every URL is named once."""
    if not urls:
        return
    seconds = min(seconds, deadline.remaining())
    rounds = -(-len(urls) // THREADS)

    def ask(url: str) -> Answer:
        return probe(url, source.bare_session, seconds, deadline)

    for url, answer in side_by_side(urls, ask, seconds=rounds * seconds + GRACE, threads=THREADS):
        yield url, answer or Answer("unreachable", f"did not finish within {seconds:g} s")


def _listed(source: OpenStackSource, deadline: Deadline) -> tuple[list[Listed], int, float | None]:
    """(endpoints, requests that it cost, Keystone's clock)."""
    try:
        first = source.get("identity", "/endpoints", {}, "", deadline)
        second = source.get("identity", "/services", {}, "", deadline)
    except Refused as error:
        if error.status != 403:
            raise
        return _of_token(source), 1, None
    found = _decoded(first.content, _Endpoints, "identity").endpoints
    services = {s.id: s for s in _decoded(second.content, _Services, "identity").services}
    for endpoint in found:
        service = services.get(endpoint.service_id or "")
        if service is not None:
            endpoint.service, endpoint.type = service.name, service.type
    return found, 2, server_time(second)


def listed_endpoints(source: OpenStackSource, deadline: Deadline) -> list[Listed]:
    """The endpoints, without asking any of them. Raises `SourceError`."""
    return _listed(source, deadline)[0]


def _decoded(body: bytes, shape: Any, what: str) -> Any:
    from collectors.errors import NotUnderstood

    try:
        return decoded(body, shape)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise NotUnderstood(what, f"the list of endpoints is not what Keystone gives ({error})") from error


def _of_token(source: OpenStackSource) -> list[Listed]:
    """The endpoints in the catalogue of our own token: already substituted, enabled ones only."""
    found = []
    for service in source.access().service_catalog.catalog or ():
        for entry in service.get("endpoints", ()):
            endpoint = converted(entry, Listed, strict=False)
            endpoint.service_id, endpoint.service = service.get("id"), service.get("name")
            endpoint.type, endpoint.enabled = service.get("type"), True
            found.append(endpoint)
    return found


def probed(source: OpenStackSource, url: str, seconds: float, deadline: Deadline) -> Answer:
    """What a URL answers that no catalogue need have yet, asked as those of the catalogue are; never raises."""
    return probe(substituted(url, source.substitutions()), source.bare_session, seconds, deadline)


def substituted(url: str, words: Mapping[str, str]) -> str:
    """`url` with `%(project_id)s` and `$(project_id)s` filled in; what we do not know stays empty."""
    return _TEMPLATE.sub(lambda found: words.get(found[1], ""), url)


def _item(source: OpenStackSource, endpoint: Listed, answer: Answer | None) -> dict[str, Any]:
    region = endpoint.region_id or endpoint.region
    item: dict[str, Any] = {
        "id": endpoint.id,
        "url": endpoint.url,
        "interface": endpoint.interface,
        "region_id": region,
        "service_id": endpoint.service_id,
        "service": endpoint.service,
        "type": endpoint.type,
        "enabled": endpoint.enabled,
        "ours": endpoint.interface in source.interfaces(endpoint.type or "") and source.region in ("", region or ""),
    }
    if answer is not None:
        item |= {
            "answer": answer.answer,
            "detail": answer.detail,
            "status": answer.status,
            "round_trip": answer.round_trip,
            "version": answer.version,
            "min_version": answer.min_version,
            "max_version": answer.max_version,
        }
    return item
