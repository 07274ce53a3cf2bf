"""What the dashboard, or the way to it, says when something is wrong, in our words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from collectors.deadline import Deadline
from collectors.errors import NotUnderstood, Refused, SourceError, TooLate, Unreachable
from collectors.sources.http import CONNECT_SECONDS, cause
from collectors.untrusted import clipped, neutral

if TYPE_CHECKING:
    from requests import Response


def _said(response: Response) -> tuple[str, str]:
    """(reason, request id) of an error body: `{"detail": …, "request_id": …}`."""
    try:
        found = msgspec.json.decode(response.content)
    except msgspec.DecodeError:
        return ("HTML instead of JSON" if response.content.lstrip()[:1] == b"<" else ""), ""
    if not isinstance(found, dict):
        return "", ""
    return clipped(neutral(str(found.get("detail") or "")), 200), clipped(
        neutral(str(found.get("request_id") or "")), 64
    )


def of_status(response: Response, what: str, user: str) -> SourceError:
    """The error for an answer that is no success."""
    status = response.status_code
    words, request_id = _said(response)
    why = f"{status} {words or response.reason or ''}".strip()
    error: SourceError
    if status in (400, 401) and "/api/auth" in str(response.url):
        error = Refused(what, f"{user} is not let in: {why}", "check user and password in [site.NAME.ceph.dashboard]")
    elif status in (401, 403):
        error = Refused(what, why, f"give {user} the role read-only: ceph dashboard ac-user-set-roles {user} read-only")
    elif status >= 500:
        error = Unreachable(what, why, "look at the active manager's log: nephoscope get mgrs")
    else:
        error = NotUnderstood(what, why, "is that URL the dashboard's?")
    error.status, error.request_id = status, request_id
    return error


def understood(error: Exception, what: str, deadline: Deadline) -> Exception:
    """Our error for one of requests' or of the way there; one of our own making is returned unchanged."""
    from requests import exceptions as http

    if isinstance(error, SourceError):
        return error
    if isinstance(error, http.ConnectTimeout):
        why = f"no answer to a connection attempt within {min(CONNECT_SECONDS, deadline.seconds):.0f} s"
        return Unreachable(what, why, "is its host up? nephoscope get hosts")
    late = TooLate(
        what, f"no answer within {deadline.seconds:.0f} s", "have the monitors a quorum? nephoscope get mons"
    )
    if deadline.expired and isinstance(error, http.RequestException | OSError):
        return late
    match error:
        case http.SSLError():
            hint = "name its certificate, or the CA's, as ca in [site.NAME.ceph.dashboard]"
            return Unreachable(what, f"TLS: {cause(error)}", hint)
        case http.Timeout():
            return late
        case http.InvalidURL() | http.MissingSchema() | http.InvalidSchema():
            return NotUnderstood(
                what, "its URL cannot be used", "urls in [site.NAME.ceph.dashboard] begin with https://"
            )
        case http.RequestException() | OSError():
            return Unreachable(what, cause(error), "does a manager run there? nephoscope get mgrs")
    return error
