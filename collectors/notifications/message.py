"""A message of oslo.messaging as an event: the envelope, the two formats, and what each service calls its objects.

`messagingv2` wraps the message as text (`oslo.message`) beside its version; older drivers send it bare. Versioned
payloads (Nova) are objects of objects, of which the outermost is opened. A message that is none raises `ValueError`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from collectors.notifications.event import Event, Severity
from collectors.notifications.subject import host_of, name_of, object_of, service_of, subject_of
from collectors.redact import NOISE, without_secrets
from collectors.shapes import decoded
from collectors.values import epoch

LARGEST: Final = 4 << 20
"""Bytes of a message; a request specification of a hundred servers has one."""
LONGEST: Final = 300
"""Characters of a detail."""

_SEVERITIES: Final[Mapping[str, Severity]] = {
    "debug": "debug",
    "audit": "info",
    "info": "info",
    "sample": "info",
    "warn": "warning",
    "warning": "warning",
    "error": "error",
    "critical": "critical",
}


def opened(body: bytes) -> dict[str, Any]:
    """The message in its envelope, without secrets. Raises `ValueError`."""
    if len(body) > LARGEST:
        raise ValueError("larger than any notification")
    try:
        found = decoded(body, dict[str, Any])
        inner = found.get("oslo.message")
        if isinstance(inner, str):
            found = decoded(inner.encode(), dict[str, Any])
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise ValueError(f"no message of oslo.messaging: {type(error).__name__}") from None
    safe: dict[str, Any] = without_secrets(found, NOISE)
    return safe


def event_of(body: bytes, exchange: str, now: float) -> Event:
    """The event that `body`, sent to `exchange`, tells; at `now` when it does not say when. Raises `ValueError`."""
    message = opened(body)
    kind_of_event = _text(message, "event_type")
    if not kind_of_event:
        raise ValueError("a message without event_type is no notification")
    payload = message.get("payload")
    versioned = isinstance(payload, dict) and "nova_object.data" in payload
    data: Any = payload["nova_object.data"] if versioned and isinstance(payload, dict) else payload
    data = data if isinstance(data, dict) else {}
    publisher = _text(message, "publisher_id")
    kind, resource = subject_of(kind_of_event, data)
    return Event(
        id=_text(message, "message_id") or _text(message, "_unique_id") or f"{kind_of_event}@{now}",
        at=_moment(message, now),
        severity=_SEVERITIES.get(_text(message, "priority").lower(), "info"),
        service=service_of(exchange, kind_of_event, publisher),
        event_type=kind_of_event,
        kind=kind,
        resource=resource,
        name=name_of(kind_of_event, data),
        project_id=_first(data, "tenant_id", "project_id", "owner")
        or _context(message, "project_id", "tenant", "project"),
        host=host_of(data, publisher),
        request_id=_first(data, "request_id") or _context(message, "request_id"),
        publisher=publisher,
        detail=_detail(data, object_of(kind_of_event, data)),
        versioned=versioned,
    )


def _text(found: Mapping[str, Any], key: str) -> str:
    value = found.get(key)
    return value if isinstance(value, str) else ""


def _first(found: Mapping[str, Any], *keys: str) -> str:
    return next((text for key in keys if (text := _text(found, key))), "")


def _context(message: Mapping[str, Any], *keys: str) -> str:
    """Of the request: flat (`_context_request_id`) or as an object of its own (`ctxt`)."""
    context = message.get("ctxt")
    flat = _first(message, *(f"_context_{key}" for key in keys))
    return flat or (_first(context, *keys) if isinstance(context, dict) else "")


def _moment(message: Mapping[str, Any], now: float) -> float:
    try:
        return epoch(_text(message, "timestamp").replace(" ", "T", 1)) or now
    except ValueError:
        return now


def _detail(data: Mapping[str, Any], inner: Mapping[str, Any]) -> str:
    """What went wrong, else the state that was reached; Neutron's objects (`inner`) have theirs inside."""
    fault = data.get("fault")
    if isinstance(fault, dict):
        fault = fault.get("nova_object.data", fault)
    told = _first(fault, "exception_message", "message") if isinstance(fault, dict) else ""
    told = told or _first(data, "exception_message") or _reason(data) or _first(data, "message", "exception")
    if not told or told == "Success":
        before, after = _first(data, "old_state"), _first(inner, "state", "status")
        task = _first(data, "state_description", "new_task_state", "task_state")
        told = f"{before} → {after}" if before and after and before != after else after
        told += f" ({task})" if task and told else ""
    return " ".join(told.split())[:LONGEST]


def _reason(data: Mapping[str, Any]) -> str:
    """Nova's scheduler and conductor: a reason that is an object or text."""
    reason = data.get("reason")
    if isinstance(reason, dict):
        reason = reason.get("nova_object.data", reason)
        return _first(reason, "exception_message", "message") if isinstance(reason, dict) else ""
    return reason if isinstance(reason, str) else ""
