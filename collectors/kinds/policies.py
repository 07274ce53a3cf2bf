"""What the broker lays over queues and exchanges by their names: length limits, expiry, mirroring, dead letters.

Of the policies that match a name only one applies, the one of the highest priority; an operator policy is laid over it
and can only tighten. Which ones apply is told by the queues themselves, so a pattern is never evaluated here. Mirrors
of classic queues (`ha-mode`) are gone since RabbitMQ 4: the policy stays, and does nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from collectors.health import OK, Health, ok, unknown, warning
from collectors.kind import Column, Kind, Link, Reading, Row, Wire
from collectors.kinds._shared import listed, pairs, word
from collectors.request import Management
from collectors.rollup import Worst
from collectors.values import count

OPERATOR: Final = "operator-policies"
MIRRORS_GONE: Final = 4
"""The release of RabbitMQ that has no mirrored classic queues any more."""


class PolicyWire(Wire):
    """`GET /api/policies` and `/api/operator-policies`; `listed_in` is which of the two."""

    name: str
    vhost: str = "/"
    pattern: str | None = None
    apply_to: str | None = msgspec.field(name="apply-to", default=None)
    definition: dict[str, object] | None = None
    priority: int | None = None
    listed_in: str | None = None


class Policy(Row, frozen=True):
    """One policy."""

    id: str
    name: str
    vhost: str
    operator: bool
    pattern: str | None
    apply_to: str | None
    definition: str | None
    settings: str | None
    priority: int | None
    queues: int | None
    exchanges: int | None
    mirrors: bool
    version: str | None


def _applied(reading: Reading, kind: str, field: str, wire: PolicyWire) -> int | None:
    """How many rows of `kind` say that this policy applies to them; None while that list has not been read."""
    found: Mapping[str, Any] | None = reading.joins.get(kind)
    if found is None:
        return None
    return sum(1 for each in found.values() if getattr(each, field) == wire.name and each.vhost == wire.vhost)


def _oldest(reading: Reading) -> str | None:
    """The versions that the nodes told, as `3.13.7` or `3.13.7, 4.0.2`."""
    nodes = reading.joins.get("rabbitmq-nodes") or {}
    return listed(sorted({node.version for node in nodes.values() if node.version}))


def row(wire: PolicyWire, reading: Reading) -> Policy:
    """Counts are of those to which it applies now, not of those whose names match."""
    operator = wire.listed_in == OPERATOR
    told = wire.apply_to or "all"
    to_exchanges = told in ("all", "exchanges") and not operator
    return Policy(
        id=f"{'operator ' if operator else ''}{wire.vhost}/{wire.name}",
        name=wire.name,
        vhost=word(wire.vhost) or "/",
        operator=operator,
        pattern=wire.pattern,
        apply_to=word(wire.apply_to),
        definition=pairs(wire.definition),
        settings=None if wire.definition is None else msgspec.json.encode(wire.definition, order="sorted").decode(),
        priority=wire.priority,
        queues=0
        if told == "exchanges"
        else _applied(reading, "queues", "operator_policy" if operator else "policy", wire),
        exchanges=_applied(reading, "exchanges", "policy", wire) if to_exchanges else 0,
        mirrors=any(key.startswith("ha-") for key in wire.definition or ()),
        version=word(_oldest(reading)),
    )


def _mirrors_gone(version: str | None) -> bool:
    """True when every node that told its version is of a release without mirrors."""
    majors = [part.strip().partition(".")[0] for part in (version or "").split(",")]
    return bool(majors) and all(major.isdigit() and len(major) < 9 and int(major) >= MIRRORS_GONE for major in majors)


def health(policy: Policy, now: float) -> Health:
    """One that applies to nothing, or asks for what the broker cannot do any more, is a warning."""
    found = sorted(_complaints(policy), key=lambda complaint: complaint.rank)
    if not found:
        return OK
    level = found[0].level
    return Health(level, "; ".join(complaint.reason for complaint in found if complaint.level == level))


def _complaints(policy: Policy) -> Iterator[Health]:
    if policy.pattern is None:
        yield unknown("the broker does not say what it matches")
    if policy.queues == 0 and policy.exchanges == 0:
        yield warning("applies to nothing: no name matches its pattern, or another policy goes before it")
    if not policy.mirrors:
        return
    if _mirrors_gone(policy.version):
        one = policy.queues == 1
        kept = (
            f"{count(policy.queues)} queue{'' if one else 's'} ha{'s' if one else 've'}"
            if policy.queues
            else "its queues have"
        )
        yield warning(f"mirroring is gone since RabbitMQ {MIRRORS_GONE}: {kept} one copy; use quorum queues")
    else:
        yield ok(f"mirrors classic queues, which RabbitMQ {MIRRORS_GONE} no longer does")


KIND = Kind(
    name="policies",
    title="Policies",
    aliases=("policy", "operator-policies", "rabbitmq-policies"),
    about="one row per policy of the broker: what it matches, what it sets, to how many queues it applies",
    system="rabbitmq",
    read=Management("policies", also=(OPERATOR,)),
    wire=PolicyWire,
    row=row,
    fields=Policy,
    columns=(
        Column("name", "POLICY", "name", 1),
        Column("pattern", "PATTERN", "text", 2, help="a regular expression over names"),
        Column("definition", "SETS", "text", 1),
        Column("queues", "QUEUES", "number", 2, joined=True, help="to which it applies now"),
        Column("exchanges", "EXCHANGES", "number", 4, joined=True, help="to which it applies now"),
        Column("operator", "OPERATOR'S", "flag", 3, help="laid over the others; it can only tighten"),
        Column("apply_to", "APPLIES TO", "text", 4, help="queues, exchanges, all, or queues of one type"),
        Column("priority", "PRIORITY", "number", 4, help="of those that match, the highest applies"),
        Column("mirrors", "MIRRORS", "flag", 6, help="it has ha-mode and the like"),
        Column("version", "BROKER", "text", 7, wide=True, joined=True, help="versions of the nodes"),
        Column("settings", "SETTINGS", "text", 8, wide=True, help="what it sets, as JSON"),
        Column("vhost", "VHOST", "text", 8, wide=True),
        Column("id", "ID", "id", 8, wide=True),
    ),
    sort=("operator", "name"),
    health=health,
    rollup=Worst("policies", "apply", none="ok"),
    detail=True,
    links=(
        Link("queues", "policy", "name", "queues to which it applies", when="operator=false"),
        Link("queues", "operator_policy", "name", "queues to which it applies", when="operator=true"),
        Link("exchanges", "policy", "name", "exchanges to which it applies", when="operator=false"),
    ),
    joins=("queues", "exchanges", "rabbitmq-nodes"),
    period=60.0,
    list_command="rabbitmqctl list_policies",
)
