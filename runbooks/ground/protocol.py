"""The control socket's words: one JSON object per line in, one per line out, over STATE/control.sock (0600).

A request is `{"command": NAME, …}`; the reply `{"ok": true, "result": …}` or `{"ok": false, "error": WORDS}`.

    faults                                    what can be broken
    inject   fault, parameters                break it; the result names its id
    undo     id (all of them without)         take it back
    active                                    what is broken now
    writes   since (a count, 0 by default)    what clients changed, from the since-th on
    clock    advance (seconds, 0 by default)  the cloud's time, moved on
    reset                                     everything as it was at the beginning
    stop                                      the end
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from runbooks.ground.declared import plans

LINE_LIMIT = 1 << 16
"""Bytes of a request."""


class Request(msgspec.Struct):
    """A line of a client."""

    command: str
    fault: str = ""
    parameters: dict[str, Any] = {}
    id: str = ""
    since: int = 0
    advance: float = 0.0


class RequestError(Exception):
    """A line that cannot be carried out: why not."""


# Made here, on one thread: two connections that make msgspec meet a Struct at the same moment crash the process (0.22).
_requests = msgspec.json.Decoder(Request)


def request(line: bytes, known: Collection[str]) -> Request:
    """A line as a request for one of the commands `known`. Raises RequestError."""
    try:
        found = _requests.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise RequestError(f"not a request: {error}") from error
    if found.command not in known:
        raise RequestError(f"no command is called {found.command!r}; there are: {', '.join(known)}")
    return found


def reply(result: object) -> bytes:
    """The line that says that it was done, with what came of it."""
    return msgspec.json.encode({"ok": True, "result": result}) + b"\n"


def refusal(words: object) -> bytes:
    """The line that says why nothing was done."""
    return msgspec.json.encode({"ok": False, "error": str(words)}) + b"\n"


def declared(ground: str) -> dict[str, object]:
    """The answer to `faults`."""
    return {name: msgspec.to_builtins(plan) for name, plan in plans(ground).items()}


def view(fault_id: str, fault: str, parameters: Mapping[str, str], since: float) -> dict[str, object]:
    """A fault that is in effect, as clients see it; `since` in seconds of the epoch."""
    return {"id": fault_id, "fault": fault, "parameters": dict(parameters), "since": iso_z(since)}


def iso_z(seconds: float) -> str:
    """UTC, to the second."""
    return datetime.fromtimestamp(int(seconds), UTC).isoformat().replace("+00:00", "Z")
