"""Keepalived's configuration and log, a host's addresses and neighbours, and whether the balancers' processes run.

Of the configuration only the VRRP instances count: who may hold which address, with which router id and priority. Of
the log, what Keepalived has said last of each instance's state, and since when.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

_WORD: Final = re.compile(r'"[^"]*"|[{}]|[^\s{}"]+')
_AGENTS: Final = re.compile(r"/(?:ha_confs|ns-metadata-proxy|ovn-metadata-proxy)/")
"""Where Neutron's agents put the configurations of the processes that they start for routers and networks."""
_SAID: Final = re.compile(
    r"(?:VRRP_Instance)?\((?P<instance>[^()]+)\) (?:Entering (?P<state>MASTER|BACKUP|FAULT) STATE"
    r"|Changing effective priority from \d+ to (?P<priority>\d+))"
)
_STAMP: Final = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,6})\d*)?Z ")
_HEARD: Final = {"REACHABLE", "DELAY", "PROBE"}
_ADDRESSES: Final = ("virtual_ipaddress", "virtual_ipaddress_excluded")


def addresses(output: bytes) -> dict[str, Any]:
    """Every address of the host but those of the loopback interface, which nobody else sees."""
    try:
        links = msgspec.json.decode(output)
    except msgspec.DecodeError as error:
        raise ValueError(f"no JSON ({error}): iproute2 is older than 4.13?") from error
    if not isinstance(links, list):
        raise ValueError(f"no list of interfaces: {output[:60]!r}")
    seen = [link for link in links if isinstance(link, dict) and link.get("ifname") != "lo"]
    return {
        "addresses": [
            str(info["local"])
            for link in seen
            for info in link.get("addr_info") or ()
            if isinstance(info, dict) and info.get("local")
        ],
        "macs": [str(link["address"]).lower() for link in seen if link.get("address")],
    }


def neighbours(output: bytes) -> dict[str, Any]:
    """`ip -j neigh`: address → MAC of those that were heard just now; an old entry proves nothing."""
    text = output.strip() or b"[]"  # older ones print nothing for none
    try:
        found = msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        raise ValueError(f"no JSON ({error})") from error
    if not isinstance(found, list):
        raise ValueError(f"no list of neighbours: {output[:60]!r}")
    return {
        "neighbours": {
            str(each["dst"]): str(each["lladdr"]).lower()
            for each in found
            if isinstance(each, dict) and each.get("lladdr") and set(each.get("state") or ()) & _HEARD
        }
    }


def processes(output: bytes) -> dict[str, Any]:
    """Lines `PID NAME ARGUMENTS`: which of the two run, but for those that serve a router or a network."""
    found = set()
    for line in output.decode("utf-8", "replace").split("\n"):
        match = re.fullmatch(r" *\d+ (keepalived|haproxy) +(.*)", line)
        if match is None and line:
            raise ValueError(f"not what was asked for: {line[:60]!r}")
        if match is not None and _AGENTS.search(match[2]) is None:
            found.add(match[1])
    return {"keepalived": "keepalived" in found, "haproxy": "haproxy" in found}


def journal(output: bytes) -> dict[str, Any]:
    """The log in journald (JSON, one entry a line), oldest first: see `_told`."""
    found = []
    for line in output.splitlines():
        if not line.strip() or line.startswith(b"-- "):
            continue
        try:
            entry = msgspec.json.decode(line)
            found.append((int(entry["__REALTIME_TIMESTAMP"]) / 1e6, str(entry.get("MESSAGE"))))
        except (msgspec.DecodeError, KeyError, TypeError, ValueError) as error:
            raise ValueError(f"no entry of a journal: {line[:60]!r}") from error
    return {"in_journal": _told(found)}


def container(output: bytes) -> dict[str, Any]:
    """The log of Kolla's container, with docker's times; other lines than those about states are passed over."""
    found = []
    for line in output.decode("utf-8", "replace").splitlines():
        if (stamp := _STAMP.match(line)) is not None:
            at = datetime.fromisoformat(stamp[1]).replace(tzinfo=UTC).timestamp()
            found.append((at + float(f"0.{stamp[2] or 0}"), line))
    if output.strip() and not found:
        raise ValueError(f"lines without docker's times: {output[:60]!r}")
    return {"in_container": _told(sorted(found))}


def _told(lines: Iterable[tuple[float, str]]) -> dict[str, dict[str, Any]]:
    """Instance → `state`, `since` (seconds, the host's clock) and `priority` (where it was changed), as said last."""
    found: dict[str, dict[str, Any]] = {}
    for at, message in lines:
        if (said := _SAID.search(message)) is None:
            continue
        about = found.setdefault(said["instance"], {})
        if said["state"]:
            about |= {"state": said["state"], "since": at}
        else:
            about["priority"] = int(said["priority"])
    return found


def config(output: bytes) -> dict[str, Any]:
    """The VRRP instances of keepalived.conf. Raises ValueError when braces do not match."""
    found: list[dict[str, Any]] = []
    path: list[str] = []
    includes = blocks = False
    last: list[str] = []
    for words, opens in _statements(output.decode("utf-8", "replace")):
        if opens is False:
            if not path:
                raise ValueError("more braces are closed than opened")
            path.pop()
            continue
        words = last if opens and not words else words  # the brace on a line of its own
        last, block = words, path[-1] if path else ""
        if words and words[0] == "include":
            includes = True
        elif opens and words[:1] == ["vrrp_instance"]:
            found.append({"instance": words[1] if len(words) > 1 else "", "addresses": []})
        elif words and block in _ADDRESSES and path[:-1] == ["vrrp_instance"]:
            found[-1]["addresses"].append(words[0].partition("/")[0])
        elif words and path == ["vrrp_instance"]:
            _note(found[-1], words)
        if opens:
            blocks = True
            path.append(words[0] if words else "")
    if path:
        raise ValueError(f"the block {path[-1]} is not closed")
    if last and not blocks and not includes:
        raise ValueError(f"no configuration of Keepalived: {output[:60]!r}")
    return {"vrrp": found, "includes": includes}


def _statements(text: str) -> Iterator[tuple[list[str], bool | None]]:
    """(words, True: they open a block; None: a statement of its own) and ([], False) for each block that ends."""
    for line in text.splitlines():
        words: list[str] = []
        for word in _WORD.findall(re.split(r"[#!]", line, maxsplit=1)[0]):
            if word == "{":
                yield words, True
                words = []
            elif word == "}":
                if words:
                    yield words, None
                yield [], False
                words = []
            else:
                words.append(word.strip('"'))
        if words:
            yield words, None


def _note(instance: dict[str, Any], words: list[str]) -> None:
    name, value = words[0], words[1] if len(words) > 1 else ""
    if name == "advert_int":
        instance[name] = float(value) if re.fullmatch(r"\d+(\.\d+)?", value) else None
    elif name in ("state", "interface"):
        instance[name] = value
    elif name in ("virtual_router_id", "priority"):
        instance[name] = int(value) if value.isascii() and value.isdigit() else None
    elif name == "nopreempt":
        instance[name] = True
