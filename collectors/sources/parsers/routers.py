"""What a router's namespace says: which addresses its interfaces have, and which destinations it translates."""

from __future__ import annotations

import re
from typing import Any

from collectors.sources.parsers.links import decoded_list

_TRANSLATED = re.compile(r"-A \S+ (?:.*\s)?-d (\d+(?:\.\d+){3})(?:/32)?\s.*-j DNAT\b")


def addresses(output: bytes) -> list[dict[str, Any]]:
    """`ip -n NAME -j addr`: one item, interface → its addresses with their prefix lengths, without link-local ones."""
    found: dict[str, list[str]] = {}
    for link in decoded_list(output):
        if isinstance(link, dict) and isinstance(link.get("ifname"), str):
            told = [each for each in link.get("addr_info") or () if isinstance(each, dict)]
            found[link["ifname"]] = [
                f"{each.get('local')}/{each.get('prefixlen')}" for each in told if each.get("scope") == "global"
            ]
    return [{"addresses": found}] if found else []


def translations(output: bytes) -> list[dict[str, Any]]:
    """`iptables-save -t nat`: one item, the destinations that some rule changes."""
    lines = output.decode("utf-8", "replace").splitlines()
    if lines and not any(line.startswith(("#", "*")) for line in lines):
        raise ValueError(f"no rules of iptables: {output[:60]!r}")
    found = [match[1] for line in lines if (match := _TRANSLATED.match(line)) is not None]
    return [{"translated": list(dict.fromkeys(found))}]


def names(output: bytes) -> dict[str, Any]:
    """`ip -j netns list`: the names of routers' namespaces."""
    listed = [each.get("name") for each in decoded_list(output) if isinstance(each, dict)]
    return {"routers": sorted(name for name in listed if isinstance(name, str) and name.startswith("qrouter-"))}
