"""What the management API, or the way to it, says when something is wrong, in our words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from collectors.deadline import Deadline
from collectors.errors import NoSuchObject, NotUnderstood, Refused, SourceError, TooLate, Unreachable
from collectors.sources.http import CONNECT_SECONDS, cause
from collectors.untrusted import clipped, neutral

if TYPE_CHECKING:
    from requests import Response

_TAGS = ("Not management user", "Not monitor user", "Not administrator user")


def said(response: Response) -> str:
    """The reason in an error body (`{"error": …, "reason": …}`), one neutral line."""
    try:
        found = msgspec.json.decode(response.content)
    except msgspec.DecodeError:
        return "HTML instead of JSON" if response.content.lstrip()[:1] == b"<" else ""
    if not isinstance(found, dict):
        return ""
    words = found.get("reason") or found.get("error") or ""
    return clipped(neutral(" ".join(str(words).split())), 300)


def of_status(response: Response, what: str, user: str) -> SourceError:
    """The error for an answer that is not 2xx."""
    status, words = response.status_code, said(response)
    text = f"{status} {words or response.reason or ''}".strip()
    error: SourceError
    if status in (401, 403):
        lacking = words in _TAGS
        tag = "monitoring" if words != _TAGS[2] else "administrator"
        hint = (
            f"rabbitmqctl set_user_tags {user} {tag}" if lacking else "check user and password in [site.NAME.rabbitmq]"
        )
        error = Refused(what, text, hint)
    elif status == 404:
        error = NoSuchObject(what, text, "is the management plugin enabled, and the URL right?")
    elif 300 <= status < 400:
        error = NotUnderstood(what, f"{text}: redirected elsewhere", "check the URL in [site.NAME.rabbitmq]")
    elif status >= 500 or status in (408, 429):
        error = Unreachable(what, text, "look at the broker's log")
    else:
        error = NotUnderstood(what, text, "nephoscope doctor")
    error.status = status
    return error


def understood(error: Exception, what: str, host: str, deadline: Deadline, whole: Deadline) -> Exception:
    """Our error for one of requests' or of the way there; one of our own making is returned unchanged.

    `deadline` is that of the one request, `whole` the one whose length is worth telling.
    """
    from requests import exceptions as http

    if isinstance(error, SourceError):
        return error
    if isinstance(error, http.ConnectTimeout):
        why = f"no answer to a connection attempt within {min(CONNECT_SECONDS, deadline.seconds):.0f} s"
        return Unreachable(what, why, f"is its host up? nephoscope get hosts name={host}")
    late = TooLate(what, f"no answer within {whole.seconds:.0f} s", f"nephoscope get units host={host}")
    if deadline.expired and isinstance(error, http.RequestException | OSError):
        return late
    match error:
        case http.SSLError():
            return Unreachable(what, f"TLS: {cause(error)}", "set ca in [site.NAME.rabbitmq], or mend the certificate")
        case http.Timeout():
            return late
        case http.InvalidURL() | http.MissingSchema() | http.InvalidSchema():
            return NotUnderstood(what, "its URL cannot be used", "urls in [site.NAME.rabbitmq] begin with http://")
        case http.RequestException() | OSError():
            return Unreachable(what, cause(error), f"is rabbitmq running there? nephoscope get units host={host}")
    return error
