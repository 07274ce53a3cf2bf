"""One URL of a service, asked for its version document: is it alive, how fast, which versions?

No token goes along. What tells a living service from an open port is the answer, so each way of failing has its own
word: refused, unreachable, silent (it accepted the connection and said nothing), closed, tls, html, error.
"""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias
from urllib.parse import urlsplit, urlunsplit

import msgspec
from msgspec.structs import replace

from collectors.deadline import Deadline, working
from collectors.errors import NotUnderstood
from collectors.sources.http import address_of, cause, server_time

if TYPE_CHECKING:
    from requests import Response, Session

Word: TypeAlias = Literal["answers", "unreachable", "refused", "silent", "closed", "tls", "html", "error"]

_VERSION: Final = re.compile(r"v\d+(\.\d+)?")
_HTML: Final = re.compile(rb"\s*(<!doctype html|<html)", re.I)
_BEST: Final = {"CURRENT": 0, "STABLE": 0, "SUPPORTED": 1}


class Answer(msgspec.Struct, frozen=True):
    """What a URL said. `round_trip` is in seconds, from the start of the connection to the last byte."""

    answer: Word
    detail: str = ""
    status: int | None = None
    round_trip: float | None = None
    version: str | None = None
    min_version: str | None = None
    max_version: str | None = None
    server_time: float | None = None


class _Watched(Deadline):
    """A deadline that remembers whether somebody at the other end ever accepted the connection."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.connected = False

    def guard_socket(self, sock: socket.socket) -> int:
        self.connected = True
        return super().guard_socket(sock)


def addresses(url: str) -> list[str]:
    """Where to ask, in order: above the version in the path (nobody wants a token there), at it, and `url` itself."""
    parts = urlsplit(url)
    segments = [s for s in parts.path.split("/") if s]
    place = next((i for i, s in enumerate(segments) if _VERSION.fullmatch(s)), None)
    paths = [segments] if place is None else [segments[:place], segments[: place + 1], segments]
    found = [
        urlunsplit((parts.scheme, parts.netloc, "/" + "/".join([*path, ""] if path else []), "", "")) for path in paths
    ]
    return list(dict.fromkeys(found))


def probe(url: str, session: Callable[[], Session], seconds: float, outer: Deadline | None = None) -> Answer:
    """Ask `url` for its versions, for at most `seconds`, or until `outer` ends. Never raises for what a URL may do."""
    try:
        wanted = addresses(url)
    except ValueError as error:
        return Answer("unreachable", f"not a usable URL: {error}")
    held = _Watched(seconds)
    key = outer.guard(held.end) if outer is not None else -1
    answer = Answer("unreachable", "not asked")
    try:
        with working(held), session() as asking:
            for address in wanted:
                answer = _asked(asking, address, url, held)
                if answer.status is None or answer.status >= 500 or answer.answer == "answers":
                    break  # a service that cannot be reached, is broken, or has answered, is not asked again
    finally:
        if outer is not None:
            outer.release(key)
    return answer


def _asked(session: Session, address: str, url: str, held: _Watched) -> Answer:
    from requests.exceptions import RequestException

    began = time.monotonic()
    try:
        # REQUESTS_CA_BUNDLE would win over the cloud's own cacert if `verify` were left to the session.
        response = session.get(
            address, headers={"Accept": "application/json"}, auth=_nobody, verify=session.verify, cert=session.cert
        )
    except RequestException as error:
        return _failed(error, held)
    except NotUnderstood as error:
        return Answer("error", error.why, 200)
    except OSError as error:  # requests' word for a CA or client certificate file that it does not find
        return Answer("tls", str(error))
    except ValueError as error:  # urllib3 and idna refuse some URLs with plain ValueErrors
        return Answer("unreachable", f"not a usable URL: {error}")
    answer = _judged(response, url)
    return replace(answer, round_trip=round(time.monotonic() - began, 4), server_time=server_time(response))


def _nobody(request: Any) -> Any:
    """Keeps requests from adding credentials of ~/.netrc."""
    return request


def _failed(error: Exception, held: _Watched) -> Answer:
    from requests import exceptions as http

    why = cause(error)
    seconds = f"{held.seconds:g} s"
    if held.connected and (held.expired or isinstance(error, http.ReadTimeout)):
        return Answer("silent", f"accepted the connection but did not answer within {seconds}")
    if isinstance(error, http.SSLError):
        return Answer("tls", f"TLS: {why}")
    if isinstance(error, http.Timeout) or held.expired:
        return Answer("unreachable", f"no answer to the connection within {seconds}")
    if "refused" in why.lower():
        return Answer("refused", "connection refused: nothing listens there")
    if isinstance(error, http.TooManyRedirects):
        return Answer("error", "redirects in circles", 302)
    if held.connected:
        return Answer("closed", "accepted the connection and closed it without an answer")
    return Answer("unreachable", why[:1].lower() + why[1:])


def _judged(response: Response, url: str) -> Answer:
    status, body = response.status_code, response.content
    if _HTML.match(body) or ("text/html" in response.headers.get("Content-Type", "") and body.lstrip()[:1] == b"<"):
        return Answer("html" if status < 500 else "error", f"HTML instead of JSON (HTTP {status})", status)
    if status >= 500:
        return Answer("error", f"{status} {response.reason or ''}".strip(), status)
    if status in (401, 403):
        return Answer("answers", "wants a token before it says more", status)
    if status >= 400:
        return Answer("error", f"{status} {response.reason or ''} at {address_of(str(response.url))}", status)
    try:
        found = _versions(msgspec.json.decode(body))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        found = []
    return Answer("answers", "" if found else "no version document", status, None, *_range(found, url))


def _versions(document: object) -> list[dict[str, Any]]:
    """The entries of any of the shapes that version documents have."""
    if not isinstance(document, dict):
        return []
    found = document.get("versions")
    if isinstance(found, dict):
        found = found.get("values")
    if found is None and isinstance(document.get("version"), dict):
        found = [document["version"]]
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []


def _number(text: object) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", str(text)))


def _range(found: Sequence[dict[str, Any]], url: str) -> tuple[str | None, str | None, str | None]:
    """(version, oldest, newest): of the version that `url` names, else of the current one."""
    named = next((s for s in urlsplit(url).path.split("/") if _VERSION.fullmatch(s)), None)
    matching = [e for e in found if named and (str(e.get("id")) + ".").startswith(f"{named}.")] or list(found)
    if not matching:
        return None, None, None
    ranked = sorted(matching, key=lambda e: _number(e.get("id")), reverse=True)
    best = min(ranked, key=lambda e: _BEST.get(str(e.get("status")).upper(), 2))
    newest = best.get("version") or best.get("max_version")
    if newest:
        return str(best.get("id")), str(best.get("min_version") or "") or None, str(newest)
    major = _number(best.get("id"))[:1]
    numbers = sorted(n for e in found if (n := _number(e.get("id")))[:1] == major)
    low, high = (".".join(map(str, n)) for n in (numbers[0], numbers[-1])) if numbers else (None, None)
    return str(best.get("id")), low, high
