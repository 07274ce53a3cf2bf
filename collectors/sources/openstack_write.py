"""A request that changes something, to an OpenStack service: sent once, as the account that operations use.

keystoneauth sends a request again after a 401 (its token had expired): that is safe, since a 401 is given before
anything is done. Nothing else is ever sent again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from collectors.call import Answer, RestCall
from collectors.connections import Connections
from collectors.deadline import Deadline
from collectors.errors import SourceError, TooLate, Unreachable
from collectors.sources import failures
from collectors.sources.http import address_of

if TYPE_CHECKING:
    from requests import Response


def written(connections: Connections, call: RestCall, deadline: Deadline) -> Answer:
    """Send it. Raises `SourceError`."""
    cloud = connections.operating()
    what = call.service
    try:
        url = cloud.endpoint(call.service) + call.path
        what = f"{call.service} at {address_of(url)}"
        response = cloud.send(call.service, call.method, url, call.body, call.microversion, call.headers)
        if response.status_code == 406 and call.microversion:
            # Refused for its version before anything was done: the newest that this cloud has is asked for.
            cloud.lower(call.service, response, call.microversion)
            response = cloud.send(call.service, call.method, url, call.body, call.microversion, call.headers)
    except SourceError as error:
        if deadline.expired and type(error) is Unreachable:
            raise TooLate(error.what, f"no answer within {deadline.seconds:g} s", "it is looked up") from error
        raise
    except Exception as error:
        if deadline.expired:
            raise TooLate(what, f"no answer within {deadline.seconds:g} s", "it is looked up") from error
        raise failures.understood(error, what) from error
    if response.status_code >= 300:
        raise failures.of_status(response, what)
    found = _json(response)
    return Answer(response.status_code, failures.request_id(response), "", _identity(found), _text(found, call.show))


def _json(response: Response) -> Any:
    try:
        return msgspec.json.decode(response.content) if response.content else None
    except msgspec.DecodeError:
        return None


def _text(found: Any, path: str) -> str:
    """The text at a dotted path; empty when there is none."""
    for name in path.split(".") if path else ():
        found = found.get(name) if isinstance(found, dict) else None
    return found if path and isinstance(found, str) else ""


def _identity(found: Any) -> str:
    """`id` of the one object in the answer, in whatever envelope; empty when it names none."""
    for each in (found, *(found.values() if isinstance(found, dict) else ())):
        if isinstance(each, dict) and isinstance(each.get("id"), str | int):
            return str(each["id"])
    return ""
