"""Policies of the broker: change and delete, each with what was there before as the way back.

A policy takes effect at once on every queue that matches. One that shortens queues or lets them expire loses messages;
creating one is `rabbitmq-node.create-policy`, since it needs no policy to be there.
"""

from __future__ import annotations

import json
import re
from typing import Any

from collectors.call import ManagementCall, path
from collectors.errors import UsageError
from runbooks.expect import Expect
from runbooks.operation import Asked, Inverse, Operation, Parameter, Step, Values, Work, work

LOSES = ("expires", "max-length", "max-length-bytes", "message-ttl", "delivery-limit")
"""Settings that throw away messages, or whole queues."""


def settings(text: str) -> dict[str, Any]:
    """The object that a policy sets. Raises `UsageError`."""
    try:
        found = json.loads(text)
    except ValueError as error:
        raise UsageError(f"the definition is no JSON: {error}", 'definition={"max-length":1000}') from error
    if not isinstance(found, dict) or not found:
        raise UsageError("the definition sets nothing", 'definition={"max-length":1000}')
    return found


def same(text: str) -> str:
    """`text` as the value of a filter: what the filter language reads as something else is any one character."""
    return re.sub(r'[\s"*\[\]]', "?", text)


def identity(vhost: str, name: str, operator: bool) -> str:
    """The id of a policy's row."""
    return f"{'operator ' if operator else ''}{vhost}/{name}"


def put_step(vhost: str, name: str, operator: bool, wanted: Values) -> Step:
    """Set a policy as a whole: pattern, definition, priority, apply_to. Raises `UsageError`."""
    sets = settings(wanted["definition"])
    body = {
        "pattern": wanted["pattern"],
        "definition": sets,
        "priority": int(wanted["priority"]),
        "apply-to": wanted["apply_to"],
    }
    text = json.dumps(sets, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    where = f"pattern={same(wanted['pattern'])} settings={same(text)} priority={wanted['priority']}"
    where += f" apply_to={wanted['apply_to']}"
    return Step(
        f"set {name}: {text} on {wanted['pattern']}",
        ManagementCall("PUT", path(f"{_list(operator)}/{{}}/{{}}", vhost, name), body),
        expect=Expect("policies", identity(vhost, name, operator), where),
    )


def losses(sets: dict[str, Any]) -> tuple[str, ...]:
    """What an operator should know of it before Enter."""
    found = [f"{name} {sets[name]}" for name in LOSES if name in sets]
    if not found:
        return ()
    return (f"{', '.join(found)}: messages or whole queues that go beyond it are lost at once, and do not come back.",)


def _list(operator: bool) -> str:
    return "operator-policies" if operator else "policies"


def _was(row: Any) -> dict[str, str]:
    return {
        "pattern": row.pattern or "",
        "definition": row.settings or "{}",
        "priority": str(row.priority or 0),
        "apply_to": row.apply_to or "all",
    }


def _set(asked: Asked) -> Work:
    row, was = asked.row, _was(asked.row)
    wanted = {name: asked.values[name] or was[name] for name in was}
    if wanted == was:
        raise UsageError("it is so already: nothing would change", "definition=… pattern=… priority=… apply_to=…")
    return work(
        put_step(row.vhost, row.name, row.operator, wanted),
        stops=f"nothing; it takes effect at once on the queues that match (now {row.queues or 0})",
        notes=losses(settings(wanted["definition"])),
        inverse=Inverse("policy.set", asked.identity, was, "sets it as it was; lost messages do not come back"),
    )


def _delete(asked: Asked) -> Work:
    row = asked.row
    back = Inverse(
        "rabbitmq-node.create-policy",
        _anyone(asked),
        _was(row) | {"policy": row.name, "vhost": row.vhost, "operator": "yes" if row.operator else "no"},
        "creates it as it was",
    )
    return work(
        Step(
            f"delete {row.name}",
            ManagementCall("DELETE", path(f"{_list(row.operator)}/{{}}/{{}}", row.vhost, row.name)),
            expect=Expect("policies", asked.identity, absent=True),
        ),
        stops=f"nothing; {row.queues or 0} queues lose what it sets, or get what the next policy sets",
        notes=("Mirrors of its queues are dropped: each then has one copy, on one node.",) if row.mirrors else (),
        inverse=back,
    )


def _anyone(asked: Asked) -> str:
    """A node that runs; any of them sets policies. Raises `UsageError`, `SourceError`."""
    found: list[str] = [row.name for row in asked.cloud.rows("rabbitmq-nodes", running=True)]
    if not found:
        raise UsageError("no node runs", "`nephoscope get rabbitmq-nodes`")
    return sorted(found)[0]


PRIORITY = r"-?\d{1,9}"
APPLY_TO = ("all", "queues", "exchanges", "classic_queues", "quorum_queues", "streams")

OPERATIONS = (
    Operation(
        name="policy.set",
        kind="policies",
        title="change policy {name}",
        about="set what a policy matches or sets; it takes effect at once on all that match",
        risk="R2",
        account="rabbitmq",
        reads=("queues", "exchanges", "rabbitmq-nodes"),
        parameters=(
            Parameter("definition", 'what it sets, as JSON: {"max-length":1000}; empty: as it is', ""),
            Parameter("pattern", "a regular expression over names; empty: as it is", ""),
            Parameter("priority", "of those that match, the highest applies; empty: as it is", "", (), PRIORITY),
            Parameter("apply_to", "queues, exchanges, all …; empty: as it is", "", ("", *APPLY_TO)),
        ),
        work=_set,
    ),
    Operation(
        name="policy.delete",
        kind="policies",
        title="delete policy {name}",
        about="remove a policy; its queues fall back to the next one that matches",
        risk="R2",
        account="rabbitmq",
        reads=("queues", "exchanges", "rabbitmq-nodes"),
        work=_delete,
    ),
)
