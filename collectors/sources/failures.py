"""What HTTP and keystoneauth say when something is wrong, in our words, with the request id and the next step."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec

from collectors.errors import (
    BadConfiguration,
    NoSuchObject,
    NotUnderstood,
    Refused,
    SourceError,
    TooLate,
    Unreachable,
)
from collectors.sources.http import cause
from collectors.untrusted import clipped, neutral

if TYPE_CHECKING:
    from requests import Response

_UNEXPECTED = re.compile(r"Unexpected API Error\..*<class '([\w.]+)'>", re.S)
"""What Nova and Cinder say of any exception of theirs, between advice that is meant for developers."""

_MAXIMUM = re.compile(r"maximum is (\d+\.\d+)")


def _words(found: object) -> str:
    """The message in an OpenStack error body, whichever of the shapes it has."""
    if isinstance(found, dict):
        for name in ("message", "title", "reason"):
            value = found.get(name)
            if isinstance(value, str) and value:
                detail = found.get("detail")
                return f"{value}: {detail}" if name == "title" and isinstance(detail, str) else value
        for name in ("errors", "error", "NeutronError"):
            inner = found.get(name)
            if isinstance(inner, str) and inner:
                return inner
            if inner:
                return _words(inner)
        if len(found) == 1:
            return _words(next(iter(found.values())))
    if isinstance(found, list) and found:
        return _words(found[0])
    return ""


def message(response: Response) -> str:
    """What the service says went wrong, one neutral line; empty when it says nothing we understand."""
    try:
        words = _words(msgspec.json.decode(response.content))
    except msgspec.DecodeError:
        return "HTML instead of JSON" if response.content.lstrip()[:1] == b"<" else ""
    words = _UNEXPECTED.sub(r"unexpected error inside the service: \1", words)
    return clipped(neutral(" ".join(words.replace("<br />", " ").split())), 300)


def request_id(response: Response) -> str:
    """The service's request id (`x-openstack-request-id`), or empty."""
    return str(response.headers.get("x-openstack-request-id") or response.headers.get("x-compute-request-id") or "")


def maximum_microversion(response: Response) -> str | None:
    """The newest microversion, from a 406's headers or words."""
    for name in (
        "OpenStack-API-Maximum-Version",
        "openstack-api-max-version",
        "X-OpenStack-Ironic-API-Maximum-Version",
    ):
        if header := response.headers.get(name):
            return str(header).split()[-1]
    try:
        body = msgspec.json.decode(response.content)
    except msgspec.DecodeError:
        return None
    if isinstance(body, dict):
        for error in body.get("errors") or ():
            if isinstance(error, dict) and isinstance(error.get("max_version"), str):
                return str(error["max_version"])
    found = _MAXIMUM.search(_words(body))
    return found[1] if found else None


def of_status(response: Response, what: str) -> SourceError:
    """The error for an answer that is not 2xx."""
    status, words, identity = response.status_code, message(response), request_id(response)
    said = f"{status} {words or response.reason or ''}".strip()
    error: SourceError
    match status:
        case 401:
            # Even with a fresh token: keystoneauth has logged in again before it gives up.
            hint = "it refuses a token that Keystone just gave us: look at its [keystone_authtoken] and at its clock"
            error = Refused(what, said, hint, request_id=identity)
        case 403:
            hint = "use a cloud entry with the reader or admin role (see `nephoscope doctor`)"
            error = Refused(what, said, hint, request_id=identity)
        case 404:
            error = NoSuchObject(what, said, "check the name or id, the project and the region", request_id=identity)
        case 300 | 301 | 302 | 303 | 307 | 308:
            error = NotUnderstood(what, f"{said}: redirected elsewhere", "check the endpoint URL", request_id=identity)
        case 408 | 413 | 429:
            error = Unreachable(what, said, "wait: the service asks us to slow down", request_id=identity)
        case _ if status >= 500:
            hint = f"search the service's log for {identity}" if identity else "look at the service's log"
            error = Unreachable(what, said, hint, request_id=identity)
        case _:
            error = NotUnderstood(what, said, "", request_id=identity)
    error.status = status
    return error


def understood(error: Exception, what: str) -> Exception:
    """Our error for one of keystoneauth's or requests'; an error of our own making is returned unchanged."""
    from keystoneauth1 import exceptions as keystone
    from requests import exceptions as http

    why = cause(error)
    identity = str(getattr(error, "request_id", None) or "")
    match error:
        case keystone.Unauthorized():
            why = clipped(neutral(str(error)), 300)
            return Refused(
                "identity", why, "check user, password and project of this cloud", request_id=identity, status=401
            )
        case keystone.Forbidden():
            return Refused(
                "identity", clipped(neutral(str(error)), 300), "check the roles of this user", request_id=identity
            )
        case keystone.SSLError() | http.SSLError():
            where = _address(error, what)
            return Unreachable(where, f"TLS: {why}", "set cacert in clouds.yaml to the CA, or mend the certificate")
        case keystone.ConnectTimeout() | http.Timeout():
            return TooLate(_address(error, what), "no answer in time", "nephoscope doctor")
        case keystone.EndpointNotFound() | keystone.EmptyCatalog():
            return BadConfiguration(what, str(error), "see `nephoscope get endpoints`; --region chooses another region")
        case keystone.DiscoveryFailure(__context__=keystone.ClientException() as inner):
            return understood(inner, "identity")
        case keystone.DiscoveryFailure():
            return Unreachable("identity", clipped(neutral(str(error)), 300), "check auth_url in clouds.yaml")
        case keystone.HttpError():
            status = int(getattr(error, "http_status", 0) or 0)
            text = clipped(neutral(str(error)), 300)
            found = Unreachable if status >= 500 else NotUnderstood
            return found("identity", text, "nephoscope doctor", request_id=identity, status=status)
        case keystone.ConnectionError() | http.RequestException():
            return Unreachable(
                _address(error, what), why, "is the service running, and the address right? nephoscope doctor"
            )
        case keystone.ClientException():
            return BadConfiguration(
                "authentication", clipped(neutral(str(error)), 300), "check this cloud in clouds.yaml"
            )
        case OSError():  # requests' word for a CA or client certificate file that it does not find
            return BadConfiguration("TLS", str(error), "check cacert, cert and key of this cloud in clouds.yaml")
        case _ if type(error) is Exception:  # keystoneauth's word for a missing password
            return BadConfiguration("authentication", str(error), "check this cloud in clouds.yaml")
        case _:
            return error


def _address(error: Any, what: str) -> str:
    """The address that failed: during authentication it is Keystone's, not that of the service asked for."""
    from collectors.sources.http import address_of

    request = getattr(error, "request", None)
    inner = error.__cause__ or error.__context__
    request = request if request is not None else getattr(inner, "request", None)
    url = getattr(request, "url", None)
    if not url:
        return what
    address = address_of(url)
    return what if address in what else f"identity at {address}" if "/auth/tokens" in address else address
