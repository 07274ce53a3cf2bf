"""Endpoints: what each answer means. The probing itself is tested at the wire."""

from __future__ import annotations

from typing import Any

import pytest

from collectors import registry
from collectors.decode import rows_of
from collectors.kind import Reading
from collectors.sources.base import Page
from tests.collectors.kinds.recordings import verdict


def endpoint(**found: Any) -> Any:
    """The row of one endpoint."""
    item = {"id": "e1", "url": "http://x", "service": "nova", "interface": "internal", "enabled": True} | found
    (made,) = rows_of(Page(items=[item]), registry.kind("endpoints"), Reading("wire", 0.0))
    return made


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ({"answer": "answers", "status": 200, "round_trip": 0.02}, ("ok", "")),
        ({"answer": "answers", "status": 401, "detail": "wants a token"}, ("ok", "")),
        ({"answer": "answers", "round_trip": 3.21}, ("warning", "slow: 3.2 s")),
        ({"answer": "silent", "detail": "did not answer"}, ("critical", "did not answer")),
        ({"answer": "refused", "detail": "connection refused"}, ("critical", "connection refused")),
        ({"answer": "tls", "detail": "TLS: expired"}, ("critical", "TLS: expired")),
        ({"answer": "html", "detail": "HTML", "status": 200}, ("critical", "HTML")),
        ({"answer": "closed"}, ("critical", "closed")),
        ({"answer": "error", "detail": "503", "status": 503}, ("critical", "503")),
        ({"answer": "error", "detail": "404 at x", "status": 404}, ("warning", "404 at x")),
        ({"answer": "error", "detail": "no http"}, ("critical", "no http")),
        ({"answer": "unreachable", "detail": "no route", "ours": True}, ("critical", "no route")),
        ({"answer": "unreachable", "detail": "no route"}, ("unknown", "no route; is internal reachable from here?")),
        ({"enabled": False, "answer": "refused"}, ("ok", "disabled: left out of the catalogue")),
        ({}, ("unknown", "not probed")),
    ],
)
def test_health(found: dict[str, Any], expected: tuple[str, str]) -> None:
    assert verdict(endpoint(**found), "endpoints") == expected


@pytest.mark.parametrize(
    ("found", "name"),
    [
        ({}, "nova internal"),
        ({"service": None, "type": "compute"}, "compute internal"),
        ({"service": None, "interface": None}, "e1"),
    ],
)
def test_what_an_endpoint_is_called(found: dict[str, Any], name: str) -> None:
    assert endpoint(**found).name == name
