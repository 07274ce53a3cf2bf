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


_LIMITS = frozenset({"message-ttl", "expires", "max-length", "max-length-bytes", "delivery-limit"})
"""What an operator policy may set."""


def list_operator_policies(ask: Ask) -> list[Object]:
    return [dict(policy) for policy in ask.rabbitmq.operator_policies.values()]


def put_policy(ask: Ask) -> Answer:
    return _put(ask, ask.rabbitmq.policies, _SETTINGS, str(ask.body().get("apply-to", "all")))


def put_operator_policy(ask: Ask) -> Answer:
    return _put(ask, ask.rabbitmq.operator_policies, _LIMITS, "queues")


def _put(ask: Ask, known: dict[str, Object], settings: frozenset[str], apply_to: str) -> Answer:
    if ask.args["vhost"] != VHOST:
        raise RefusalError(404, "not_found", "vhost_not_found")
    body = ask.body()
    for needed in ("pattern", "definition"):
        if needed not in body:
            raise bad_request(f"[{{key_missing,{needed}}}]")
    definition = body["definition"]
    if not isinstance(definition, dict) or not definition:
        raise bad_request("Validation failed\n\nno policy provided\n")
    strange = [name for name in definition if name not in settings]
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
    there = name in known
    known[name] = {
        "vhost": VHOST,
        "name": name,
        "pattern": body["pattern"],
        "apply-to": apply_to,
        "definition": definition,
        "priority": body.get("priority", 0),
    }
    return Answer(status=204 if there else 201)


def delete_policy(ask: Ask) -> Answer:
    return _delete(ask, ask.rabbitmq.policies)


def delete_operator_policy(ask: Ask) -> Answer:
    return _delete(ask, ask.rabbitmq.operator_policies)


def _delete(ask: Ask, known: dict[str, Object]) -> Answer:
    ask.vhost()
    if known.pop(ask.args["name"], None) is None:
        raise not_found()
    return Answer(status=204)
