"""The firewall of one host, or of one of its namespaces: rules of iptables and nft with what they have matched.

Read only for the one that is opened: `host=net01`, or `host=net01/qrouter-…` for a router's address translation. A
floating address is three rules there, and each has its counters: what arrives, and what is sent back.
"""

from __future__ import annotations

from collectors.health import OK, Health, ok
from collectors.kind import Column, Kind, Link, Reading, Row, Scope, Wire
from collectors.kinds._shared import word
from collectors.request import HostCommands
from collectors.rollup import Count
from collectors.values import count

STOPS = ("drop", "reject")


class FirewallRuleWire(Wire):
    """One rule of `iptables-save` or `nft list ruleset`, or a chain's policy."""

    host: str
    engine: str
    table: str
    chain: str
    rule: str = ""
    family: str | None = None
    target: str | None = None
    packets: int | None = None
    bytes: int | None = None
    namespace: str | None = None


class FirewallRule(Row, frozen=True):
    """One rule."""

    id: str
    rule: str
    chain: str
    table: str
    target: str | None
    packets: int | None
    bytes: int | None
    engine: str
    family: str | None
    namespace: str | None
    host: str
    place: str


def row(wire: FirewallRuleWire, reading: Reading) -> FirewallRule:
    """Rules have no names: where it is and what it says makes one itself."""
    return FirewallRule(
        id=f"{wire.engine}/{wire.family}/{wire.table}/{wire.chain}/{wire.rule}",
        rule=wire.rule,
        chain=word(wire.chain) or "",
        table=word(wire.table) or "",
        target=word(wire.target),
        packets=wire.packets,
        bytes=wire.bytes,
        engine=word(wire.engine) or "",
        family=word(wire.family),
        namespace=word(wire.namespace),
        host=word(wire.host) or "",
        place=word(f"{wire.host}/{wire.namespace}" if wire.namespace else wire.host) or "",
    )


def health(rule: FirewallRule, now: float) -> Health:
    """A rule is never ill; one that stops packets says how many."""
    if rule.packets and rule.target is not None and rule.target.lower() in STOPS:
        return ok(f"has stopped {count(rule.packets)} packets")
    return OK


KIND = Kind(
    name="firewall-rules",
    title="Firewall rules",
    aliases=("firewall-rule", "iptables", "nft"),
    about="one row per rule of iptables or nft of a host or namespace: chain, target, what it has matched",
    system="network",
    scope=Scope("parent", parent="hosts", parameter="host"),
    read=HostCommands(
        ("iptables", "nft"),
        inside=("namespace-iptables namespace={parent}", "namespace-nft namespace={parent}"),
    ),
    wire=FirewallRuleWire,
    row=row,
    fields=FirewallRule,
    name_field="rule",
    columns=(
        Column("table", "TABLE", "text", 2),
        Column("chain", "CHAIN", "text", 1),
        Column("rule", "RULE", "name", 1),
        Column("target", "TARGET", "status", 2, help="what becomes of a packet that matches"),
        Column("packets", "PACKETS", "number", 2, help="that have matched since the rule was made"),
        Column("bytes", "BYTES", "bytes", 5),
        Column("engine", "ENGINE", "text", 5, help="iptables or nft; what iptables wrote into nft is told once"),
        Column("family", "FAMILY", "text", 6, wide=True),
        Column("namespace", "NAMESPACE", "ref", 6, wide=True),
        Column("host", "HOST", "ref", 8, wide=True),
        Column("place", "PLACE", "ref", 8, wide=True, help="the host, or the namespace's id"),
        Column("id", "ID", "id", 8, wide=True),
    ),
    health=health,
    rollup=Count("rules"),
    links=(
        Link("hosts", "name", "host", "its host"),
        Link("namespaces", "id", "place", "its namespace"),
    ),
    period=30.0,
    list_command="iptables-save -c",
    show_command="ssh {host} iptables-save -c -t {table}",
)
