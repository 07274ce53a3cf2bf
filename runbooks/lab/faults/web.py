"""Plain HTTP to the lab's own hosts, for looking: a status, a body, never a proxy, always a time limit."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

_OPENER = build_opener(ProxyHandler({}))


def get(url: str, headers: Mapping[str, str] | None = None, seconds: float = 8) -> tuple[int, bytes]:
    """Status and body; 0 for no answer in time."""
    try:
        with _OPENER.open(Request(url, headers=dict(headers or {})), timeout=seconds) as answer:
            return answer.status, answer.read()
    except HTTPError as error:
        return error.code, error.read()
    except OSError:
        return 0, b""


def basic(user: str, password: str) -> dict[str, str]:
    """The header of a name and a password."""
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def decoded(url: str, headers: Mapping[str, str] | None = None, seconds: float = 8) -> Any:
    """The JSON of a good answer; None otherwise."""
    status, body = get(url, headers, seconds)
    if status != 200:
        return None
    try:
        return json.loads(body)
    except ValueError:
        return None
