"""`iptables-save -c` and `nft -a list ruleset`: tables, chains with their policies, rules with their counters.

iptables of today writes into nft, which shows the same tables again, marked as managed by iptables-nft; they are told
once, in iptables' own words.
"""

from __future__ import annotations

import re
from typing import Any

_CHAIN = re.compile(r":(\S+) (\S+)(?: \[(\d+):(\d+)\])?")
_RULE = re.compile(r"(?:\[(\d+):(\d+)\] )?-A (\S+)(?: (.*))?")
_TARGET = re.compile(r"(?:^|\s)-[jg] (\S+)")
_BUILT_IN = ("filter", "nat", "mangle", "raw", "security")
_MANAGED = "managed by iptables-nft"
_TABLE = re.compile(r"table (\w+) (\S+) \{(?: # handle \d+)?")
_BLOCK = re.compile(
    r"(chain|set|map|flowtable|counter|quota|limit|ct \w+|secmark|synproxy) (.*?) ?\{(?: # handle \d+)?"
)
_POLICY = re.compile(r"\bhook (\w+)\b.*?(?:policy (\w+);)?$")
_COUNTER = re.compile(r"\bcounter packets (\d+) bytes (\d+)")
_VERDICT = re.compile(r"\b(accept|drop|reject|queue|return|masquerade|redirect|dnat|snat|jump \S+|goto \S+)\b")


def iptables(output: bytes) -> list[dict[str, Any]]:
    """One mapping per rule, and one for each policy of a built-in chain."""
    found: list[dict[str, Any]] = []
    table = ""
    for line in output.decode("utf-8", "replace").splitlines():
        if line.startswith("#") or not line.strip() or line == "COMMIT":
            continue
        if line.startswith("*"):
            table = line[1:]
        elif table and (chain := _CHAIN.fullmatch(line)) is not None:
            if chain[2] != "-":
                found.append(
                    _told("iptables", "ip", table, chain[1], f"policy {chain[2]}", chain[2], chain[3], chain[4])
                )
        elif table and (rule := _RULE.fullmatch(line)) is not None:
            text = rule[4] or ""
            target = _TARGET.search(text)
            found.append(_told("iptables", "ip", table, rule[3], text, target[1] if target else None, rule[1], rule[2]))
        else:
            raise ValueError(f"a line that iptables-save does not print: {line[:80]!r}")
    return found


def nft(output: bytes) -> list[dict[str, Any]]:
    """The same of nft's own tables; sets and maps are passed over."""
    found: list[dict[str, Any]] = []
    own: list[dict[str, Any]] = []
    """Of the table under way."""
    family = table = chain = ""
    managed = skipping = False
    depth = 0
    for raw in output.decode("utf-8", "replace").splitlines():
        line = raw.strip()
        if line.startswith("#") or not line:
            managed = managed or _MANAGED in line
            continue
        if depth == 0:
            opened = _TABLE.fullmatch(line)
            if opened is None:
                raise ValueError(f"a line that nft does not print: {line[:80]!r}")
            family, table, depth = opened[1], opened[2], 1
            skipping, managed = managed, False
        elif line == "}":
            depth -= 1
            if depth == 0:
                found += own if not skipping and not _of_iptables(family, table, own) else []
                own = []
        elif depth == 1 and (block := _BLOCK.fullmatch(line)) is not None:
            chain, depth = (block[2] if block[1] == "chain" else ""), 2
        elif depth == 2 and chain:
            own += _in_chain(family, table, chain, line)
        elif depth == 2 and line.endswith("{"):
            depth += 1
    return found


def _of_iptables(family: str, table: str, rules: list[dict[str, Any]]) -> bool:
    """iptables' own table, where nft does not say so: its chains with a policy are written in capitals."""
    bases = [each["chain"] for each in rules if each["rule"].startswith("policy ")]
    return family == "ip" and table in _BUILT_IN and bool(bases) and all(base.isupper() for base in bases)


def _in_chain(family: str, table: str, chain: str, line: str) -> list[dict[str, Any]]:
    text = re.sub(r" # handle \d+$", "", line)
    if text.startswith("type "):
        policy = _POLICY.search(text)
        word = policy[2] if policy is not None and policy[2] else "accept"
        return [_told("nft", family, table, chain, f"policy {word}", word, None, None)]
    counter, verdict = _COUNTER.search(text), _VERDICT.findall(text)
    packets, size = counter.groups() if counter else (None, None)
    return [_told("nft", family, table, chain, text, verdict[-1].partition(" ")[0] if verdict else None, packets, size)]


def _told(
    engine: str,
    family: str,
    table: str,
    chain: str,
    rule: str,
    target: str | None,
    packets: str | None,
    size: str | None,
) -> dict[str, Any]:
    return {
        "engine": engine, "family": family, "table": table, "chain": chain, "rule": rule, "target": target,
        "packets": int(packets) if packets is not None else None, "bytes": int(size) if size is not None else None,
    }  # fmt: skip
