"""Policies: listing, validation and change."""

from __future__ import annotations

import re

from runbooks.simulator.http.rabbitmq.ask import VHOST, Answer, Ask, Object, RefusalError, bad_request, not_found


def list_policies(ask: Ask) -> list[Object]:
    return [dict(policy) for policy in ask.rabbitmq.policies.values()]


_SETTINGS = frozenset(
    {
        "ha-mode",
        "ha-params",
        "ha-sync-mode",
        "ha-promote-on-failure",
        "ha-promote-on-shutdown",
        "message-ttl",
        "expires",
    }
    | {"max-length", "max-length-bytes", "overflow", "dead-letter-exchange", "dead-letter-routing-key", "queue-mode"}
    | {"delivery-limit", "queue-master-locator", "alternate-exchange"}
)


def put_policy(ask: Ask) -> Answer:
    if ask.args["vhost"] != VHOST:
        raise RefusalError(404, "not_found", "vhost_not_found")
    body = ask.body()
    for needed in ("pattern", "definition"):
        if needed not in body:
            raise bad_request(f"[{{key_missing,{needed}}}]")
    definition = body["definition"]
    if not isinstance(definition, dict) or not definition:
        raise bad_request("Validation failed\n\nno policy provided\n")
    strange = [name for name in definition if name not in _SETTINGS]
    if strange:
        words = ",".join(f'{{&lt;&lt;"{n}"&gt;&gt;,&lt;&lt;"{definition[n]}"&gt;&gt;}}' for n in strange)
        raise bad_request(f"Validation failed\n\n[{words}] are not recognised policy settings\n")
    try:
        re.compile(str(body["pattern"]))
    except re.error as error:
        words = f'{{"{str(error).partition(" at ")[0]}",{error.pos or 0}}}'
        raise bad_request(
            f"Validation failed\n\npattern should be regular expression but is invalid: {words}\n"
        ) from None
    name = ask.args["name"]
    known = name in ask.rabbitmq.policies
    ask.rabbitmq.policies[name] = {
        "vhost": VHOST,
        "name": name,
        "pattern": body["pattern"],
        "apply-to": body.get("apply-to", "all"),
        "definition": definition,
        "priority": body.get("priority", 0),
    }
    return Answer(status=204 if known else 201)


def delete_policy(ask: Ask) -> Answer:
    ask.vhost()
    if ask.rabbitmq.policies.pop(ask.args["name"], None) is None:
        raise not_found()
    return Answer(status=204)
