"""Network namespaces: which there are, which processes live in them, and what one of them looks like inside.

The insides are for reading, one line a thing, in the words that `ip` and `iptables` themselves use.
"""

from __future__ import annotations

import re
from typing import Any

from collectors.sources.parsers.links import decoded_list, links

_INODE = re.compile(r"(\d+) .*/([^/]+)")
_PROCESS = re.compile(r"\s*(\d+|-)\s+(\d+)\s+(\S+)\s+(\S.*)")
_TRANSLATES = re.compile(r"\s-j (DNAT|SNAT|REDIRECT|MASQUERADE|NETMAP)\b")


def namespaces(output: bytes) -> list[dict[str, Any]]:
    """`ip -j netns list`: one mapping per namespace that has a name."""
    return [
        {"name": each["name"], "number": each.get("id")}
        if isinstance(each, dict) and isinstance(each.get("name"), str)
        else {"raw": str(each)[:200]}
        for each in decoded_list(output)
    ]


def inodes(output: bytes) -> list[dict[str, Any]]:
    """`stat -c '%i %n'` of each: lines like `4026533470 /run/netns/qdhcp-…`."""
    found = []
    for line in output.decode("utf-8", "replace").splitlines():
        match = _INODE.fullmatch(line)
        if match is None:
            raise ValueError(f"a line that stat was not asked for: {line[:80]!r}")
        found.append({"name": match[2], "inode": int(match[1])})
    return found


def processes(output: bytes) -> dict[str, Any]:
    """`ps -eo netns=,pid=,stat=,comm=`: namespace's inode → processes, without the namespace that init lives in."""
    found: dict[str, list[dict[str, Any]]] = {}
    own = None
    for line in output.decode("utf-8", "replace").splitlines():
        match = _PROCESS.fullmatch(line)
        if match is None:
            raise ValueError(f"a line that ps does not print: {line[:80]!r}")
        inode, pid, state, name = match.groups()
        if pid == "1":
            own = inode
        found.setdefault(inode, []).append({"pid": int(pid), "stopped": state.startswith("T"), "name": name.strip()})
    if own is None or own == "-":
        raise ValueError("the namespace of process 1 is hidden from us")
    found.pop("-", None)
    del found[own]
    return {"processes": found}


def interfaces(output: bytes) -> dict[str, Any]:
    """`ip -n NAME -j -d -s addr`: `qr-92972458-cd UP mtu 1450 192.168.10.1/24`."""
    lines = []
    for link in links(output):
        peer = f" peer #{link['below_index']}" if link.get("below_index") is not None else ""
        errors = f" {link['errors']} errors" if link.get("errors") else ""
        places = " ".join(link.get("addresses") or ["no address"])
        lines.append(
            f"{link.get('name')} {link.get('state')} mtu {link.get('mtu')}"
            f"{' ' + link['mac'] if link.get('mac') else ''} {places}{peer}{errors}"
        )
    return {"interfaces": lines}


def routes(output: bytes) -> dict[str, Any]:
    """`ip -n NAME -j route`: `default via 10.66.0.1 dev qg-417b12a1-76`."""
    words = (("via", "gateway"), ("dev", "dev"), ("src", "prefsrc"), ("metric", "metric"))
    return {"routes": [_words(each, str(each.get("dst")), words) for each in _mappings(output)]}


def rules(output: bytes) -> dict[str, Any]:
    """`ip -n NAME -j rule`: `32766: from all lookup main`."""
    words = (("to", "dst"), ("fwmark", "fwmark"), ("iif", "iif"), ("lookup", "table"))
    return {
        "rules": [_words(each, f"{each.get('priority')}: from {each.get('src')}", words) for each in _mappings(output)]
    }


def neighbours(output: bytes) -> dict[str, Any]:
    """`ip -n NAME -j neigh`: `10.66.0.1 dev qg-417b12a1-76 lladdr 8e:d7:58:03:32:4f STALE`."""
    words = (("dev", "dev"), ("lladdr", "lladdr"))
    return {
        "neighbours": [
            f"{_words(each, str(each.get('dst')), words)} {' '.join(map(str, each.get('state') or ()))}".rstrip()
            for each in _mappings(output)
        ]
    }


def nat(output: bytes) -> dict[str, Any]:
    """`iptables-save -c -t nat`: the rules that translate an address, with the packets that they have matched."""
    lines = output.decode("utf-8", "replace").splitlines()
    if lines and not any(line.startswith(("#", "*")) for line in lines):
        raise ValueError(f"no rules of iptables: {output[:60]!r}")
    found = [re.fullmatch(r"(?:\[(\d+):\d+\] )?(-A .*)", line) for line in lines if _TRANSLATES.search(line)]
    return {"nat": [f"{m[2]}{f'  ({m[1]} packets)' if m[1] else ''}" for m in found if m is not None]}


def listeners(output: bytes) -> dict[str, Any]:
    """`ss -H -tunlp`: `tcp 192.168.10.2:53 dnsmasq`."""
    found = []
    for line in output.decode("utf-8", "replace").splitlines():
        words = line.split()
        if len(words) < 6 or words[0] not in ("tcp", "udp"):
            raise ValueError(f"a line that ss does not print: {line[:80]!r}")
        who = re.findall(r'\("([^"]+)",pid=(\d+)', line)
        names = ", ".join(f"{name} {pid}" for name, pid in dict.fromkeys(who))
        found.append(f"{words[0]} {words[4]} {names}".rstrip())
    return {"listeners": found}


def _mappings(output: bytes) -> list[dict[str, Any]]:
    return [each for each in decoded_list(output) if isinstance(each, dict)]


def _words(found: dict[str, Any], head: str, words: tuple[tuple[str, str], ...]) -> str:
    return head + "".join(f" {word} {found[name]}" for word, name in words if found.get(name) is not None)
