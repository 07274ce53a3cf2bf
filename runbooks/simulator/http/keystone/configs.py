"""Keystone's configurations of domains: which driver their users come from. The password to it is never told."""

from __future__ import annotations

from typing import Any

from runbooks.simulator.http.api import Route
from runbooks.simulator.http.call import ApiError, Call, Reply

_TOLD = {
    "identity": ("driver", "list_limit"),
    "ldap": (
        "url", "user", "suffix", "query_scope", "page_size", "user_tree_dn", "user_filter", "user_objectclass",
        "user_id_attribute", "user_name_attribute", "user_mail_attribute", "user_enabled_attribute", "group_tree_dn",
        "group_filter", "group_objectclass", "group_id_attribute", "group_name_attribute", "use_tls", "tls_req_cert",
    ),
}  # fmt: skip
"""Group → the options that are told."""
_KEPT = {"ldap": ("password",)}
"""What may be asked for, and is never told: as if it were not there."""
_PATH = "/v3/domains/{id}/config"


def _valid(group: str, option: str) -> None:
    """Refuse what is no setting of a domain."""
    words = ""
    if group and group not in _TOLD:
        words = f"Group {group} is not supported for domain specific configurations"
    elif option and option not in (*_TOLD[group], *_KEPT.get(group, ())):
        words = f"Option {option} in group {group} is not supported for domain specific configurations"
    if words:
        raise ApiError(403, f"Invalid domain specific configuration: {words}.")


def config(call: Call) -> Reply:
    """All of it, a group, or one option; a domain that there is not has none either."""
    group, option = call.args.get("group", ""), call.args.get("option", "")
    domain = call.cloud.identity.domains.get(call.args["id"])
    _valid(group, option)
    found: dict[str, Any] = domain.config if domain is not None else {}
    found = {group: found[group]} if group in found else {} if group else found
    if option:
        found = {option: found[group][option]} if option in found.get(group, {}) else {}
    if found:
        return Reply({"config": found})
    what = f"option {option} in group {group}" if option else f"group {group}" if group else "any options"
    raise ApiError(404, f"Could not find {what} in domain configuration for domain {call.args['id']}.")


def asked_domain(call: Call) -> str:
    """Whose users or groups a list shows: with drivers of their own, those of one domain only.

    The one that is asked for, else that of the token's project; for the whole system, what Keystone itself keeps.
    """
    identity, token = call.cloud.identity, call.user
    if wanted := call.query.get("domain_id"):
        return str(wanted)
    if token.domain_id:
        return token.domain_id
    project = identity.projects.get(token.project_id or "")
    return project.domain_id if project is not None else "default"


ROUTES = [
    Route("GET", _PATH, config, "reader", "identity:get_domain_config"),
    Route("GET", _PATH + "/{group}", config, "reader", "identity:get_domain_config"),
    Route("GET", _PATH + "/{group}/{option}", config, "reader", "identity:get_domain_config"),
]
