"""Keystone's trusts (`OS-TRUST`) and its federation (`OS-FEDERATION`): identity providers, protocols, mappings."""

from __future__ import annotations

from datetime import UTC, datetime

from runbooks.simulator.http.api import Route
from runbooks.simulator.http.call import ApiError, Call, Reply
from runbooks.simulator.http.keystone.rest import View, filtered, itself, listed, one
from runbooks.simulator.model.trust import IdentityProvider, Trust

_TRUSTS = "/v3/OS-TRUST/trusts"
_PROVIDERS = "/v3/OS-FEDERATION/identity_providers"
_MAPPINGS = "/v3/OS-FEDERATION/mappings"


def _trust(call: Call, trust: Trust, *, roles: bool = False) -> View:
    until = None if trust.expires is None else datetime.fromtimestamp(trust.expires, UTC)
    view: View = {
        "id": trust.id,
        "trustor_user_id": trust.trustor_id,
        "trustee_user_id": trust.trustee_id,
        "project_id": trust.project_id,
        "impersonation": trust.impersonation,
        "expires_at": None if until is None else f"{until:%Y-%m-%dT%H:%M:%S}.000000Z",
        "remaining_uses": trust.remaining_uses,
        "deleted_at": None,
        "redelegated_trust_id": None,
        "redelegation_count": 0,
        "links": itself(call, "OS-TRUST/trusts", trust.id),
    }
    if roles:
        known = call.cloud.identity.roles
        view["roles"] = [
            {"id": key, "name": known[key].name, "links": itself(call, "roles", key)} for key in trust.role_ids
        ]
    return view


def trusts(call: Call) -> Reply:
    """All of them; those of one user by its id."""
    views = [_trust(call, each) for each in call.cloud.identity.trusts.values()]
    return Reply(listed(call, trusts=filtered(call, views, "trustor_user_id", "trustee_user_id")))


def trust(call: Call) -> Reply:
    found = one(call.cloud.identity.trusts, call.args["id"], "trust")
    return Reply({"trust": _trust(call, found, roles=True)})


def _provider(call: Call, provider: IdentityProvider) -> View:
    at = itself(call, "OS-FEDERATION/identity_providers", provider.id)
    return {
        "id": provider.id,
        "domain_id": provider.domain_id,
        "enabled": provider.enabled,
        "description": provider.description,
        "remote_ids": provider.remote_ids,
        "authorization_ttl": None,
        "links": at | {"protocols": f"{at['self']}/protocols"},
    }


def providers(call: Call) -> Reply:
    views = [_provider(call, each) for each in call.cloud.identity.federation.providers.values()]
    return Reply(listed(call, identity_providers=filtered(call, views, "id", "enabled")))


def _one_provider(call: Call) -> IdentityProvider:
    return one(call.cloud.identity.federation.providers, call.args["id"], "identity provider")


def provider(call: Call) -> Reply:
    return Reply({"identity_provider": _provider(call, _one_provider(call))})


def _protocol(call: Call, owner: IdentityProvider, name: str) -> View:
    return {
        "id": name,
        "idp_id": owner.id,
        "mapping_id": owner.protocols[name],
        "remote_id_attribute": None,
        "links": {
            "self": f"{call.base}/v3/protocols/{name}",
            "identity_provider": f"{call.base}/v3/{owner.id}",
        },
    }


def protocols(call: Call) -> Reply:
    owner = _one_provider(call)
    return Reply(listed(call, protocols=[_protocol(call, owner, name) for name in owner.protocols]))


def protocol(call: Call) -> Reply:
    owner, name = _one_provider(call), call.args["protocol"]
    if name not in owner.protocols:
        raise ApiError(404, f"Could not find federated protocol {name} for identity provider: {owner.id}.")
    return Reply({"protocol": _protocol(call, owner, name)})


def _mapping(call: Call, name: str) -> View:
    return {
        "id": name,
        "rules": call.cloud.identity.federation.mappings[name],
        "schema_version": "1.0",
        "links": itself(call, "OS-FEDERATION/mappings", name),
    }


def mappings(call: Call) -> Reply:
    known = call.cloud.identity.federation.mappings
    return Reply(listed(call, mappings=[_mapping(call, name) for name in known]))


def mapping(call: Call) -> Reply:
    one(call.cloud.identity.federation.mappings, call.args["id"], "mapping")
    return Reply({"mapping": _mapping(call, call.args["id"])})


ROUTES = [
    Route("GET", _TRUSTS, trusts, "reader", "identity:list_trusts"),
    Route("GET", _TRUSTS + "/{id}", trust, "reader", "identity:get_trust"),
    Route("GET", _PROVIDERS, providers, "reader", "identity:list_identity_providers"),
    Route("GET", _PROVIDERS + "/{id}", provider, "reader", "identity:get_identity_provider"),
    Route("GET", _PROVIDERS + "/{id}/protocols", protocols, "reader", "identity:list_protocols"),
    Route("GET", _PROVIDERS + "/{id}/protocols/{protocol}", protocol, "reader", "identity:get_protocol"),
    Route("GET", _MAPPINGS, mappings, "reader", "identity:list_mappings"),
    Route("GET", _MAPPINGS + "/{id}", mapping, "reader", "identity:get_mapping"),
]
