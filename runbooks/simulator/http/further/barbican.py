"""Barbican's API v1: what is told of secrets. Nobody gets what is in them, for the simulator keeps none."""

from __future__ import annotations

import re

from runbooks.simulator.clock import iso
from runbooks.simulator.http.api import Api, Route
from runbooks.simulator.http.call import ApiError, Call, Reply
from runbooks.simulator.http.errors import title
from runbooks.simulator.model.further.barbican import Secret

Row = dict[str, object]
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_MOST = 100
"""`max_limit_paging`; 10 are sent without a limit."""
_SAID = {"OpenStack-API-Version": "key-manager 1.0", "Vary": "OpenStack-API-Version"}


def error(call: Call, fault: ApiError) -> Reply:
    """`{"code": 404, "title": "Not Found", "description": …}`."""
    body = {"code": fault.status, "title": title(fault.status), "description": fault.message}
    return Reply(body, fault.status, {**_SAID, **fault.headers})


def versions(call: Call) -> Reply:
    """As to those that ask for no version of the list."""
    version = {
        "id": "v1",
        "status": "stable",
        "links": [
            {"rel": "self", "href": f"{call.base}/v1/"},
            {"rel": "describedby", "type": "text/html", "href": "https://docs.openstack.org/"},
        ],
        "media-types": [{"base": "application/json", "type": "application/vnd.openstack.key-manager-v1+json"}],
    }
    return Reply({"versions": {"values": [version]}}, 300, _SAID)


def _secret(call: Call, one: Secret) -> Row:
    return {
        "created": iso(one.created, micro=False),
        "updated": iso(one.created, micro=False),
        "status": one.status,
        "name": one.name,
        "secret_type": one.kind,
        "expiration": iso(one.expiration, micro=False) if one.expiration else None,
        "algorithm": one.algorithm,
        "bit_length": one.bits,
        "mode": one.mode,
        "creator_id": one.creator_id,
        "content_types": {"default": one.content},
        "secret_ref": f"{call.base}/v1/secrets/{one.id}",
    }


def _ours(call: Call) -> list[Secret]:
    """The project's only, whoever asks: Barbican has no list of all projects."""
    assert call.cloud.further is not None
    return [secret for secret in call.cloud.further.secrets if secret.project_id == call.user.project]


def _number(call: Call, name: str, default: int) -> int:
    """What is no number is passed over."""
    given = call.query.get(name, "")
    return int(given) if given.isdecimal() else default


def _secrets(call: Call) -> Reply:
    found = _ours(call)
    found = [secret for secret in found if call.query.get("name") in (None, secret.name)]
    begin, most = _number(call, "offset", 0), min(_number(call, "limit", 10), _MOST)
    body: Row = {"secrets": [_secret(call, secret) for secret in found[begin : begin + most]]}
    if begin:
        body["previous"] = f"{call.base}/v1/secrets?limit={most}&offset={max(begin - most, 0)}"
    if len(found) > begin + most:
        body["next"] = f"{call.base}/v1/secrets?limit={most}&offset={begin + most}"
    return Reply(body | {"total": len(found)}, headers=_SAID)


def _shown(call: Call) -> Reply:
    if not _UUID.fullmatch(call.args["id"]):
        raise ApiError(404, "Not Found. Provided secret id is invalid.")
    for secret in _ours(call):
        if secret.id == call.args["id"]:
            return Reply(_secret(call, secret), headers=_SAID)
    raise ApiError(404, "Secret not found.")


API = Api(
    name="barbican",
    unit="barbican_api",
    port=9311,
    routes=[
        Route("GET", "/", versions, "public"),
        Route("GET", "/v1/secrets", _secrets, "reader", "Secret(s) retrieval"),
        Route("GET", "/v1/secrets/{id}", _shown, "reader", "Secret metadata retrieval"),
    ],
    error=error,
    forbidden="{rule} attempt not allowed - please review your user/project privileges",
    database_refused="Secret(s) retrieval failure seen - please contact site administrator.",
    database_gone="Secret(s) retrieval failure seen - please contact site administrator.",
)
