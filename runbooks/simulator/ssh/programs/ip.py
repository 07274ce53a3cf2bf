"""iproute2's `ip`: addr, link (`set … up|down` too), route, rule, neigh, as text, brief and JSON; `ip netns`."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from runbooks.simulator.model.wires.links import Link, inside, links
from runbooks.simulator.model.wires.namespaces import Namespace, namespaces, processes
from runbooks.simulator.model.wires.routes import neighbours, routes
from runbooks.simulator.ssh.program import Call, Place, UsageError, program
from runbooks.simulator.ssh.programs.ip_forms import as_json, print_brief, print_text
from runbooks.simulator.ssh.programs.ip_route_get import route_get

MANAGEMENT = "eth0"
"""What a host is reached by; without it nobody gets in any more."""
_OBJECTS = ("address", "link", "route", "rule", "neighbour", "netns")


@dataclass(frozen=True, slots=True)
class _Options:
    json: bool
    details: bool
    stats: bool
    brief: bool
    family: str


def namespace_of(place: Place, name: str) -> Namespace | None:
    """The host's namespace of this name."""
    return next((each for each in namespaces(place.cloud, place.host.name) if each.name == name), None)


def links_here(place: Place) -> list[Link]:
    """The interfaces of the namespace that the shell is in."""
    found = namespace_of(place, place.namespace) if place.namespace else None
    return links(place.cloud, place.host) if found is None else inside(place.cloud, place.host, found)


@program("ip", folder="/usr/sbin")
def _ip(call: Call) -> int:
    words, flags, place = call.args, [], call.place
    while words and words[0].startswith("-"):
        flags.append(words.pop(0))
        if flags[-1] in ("-n", "-netns"):
            name = words.pop(0) if words else ""
            if failed := _entered(call, name):
                return failed
            place = place.enter(name)
    if not words:
        raise UsageError("Usage: ip [ OPTIONS ] OBJECT { COMMAND | help }", 255)
    what = next((known for known in _OBJECTS if known.startswith(words[0]) or words[0] == "neigh" == known[:5]), None)
    if what is None:
        raise UsageError(f'Object "{words[0]}" is unknown, try "ip help".', 1)
    given = _Options(
        json=bool({"-j", "-json"} & set(flags)),
        details=bool({"-d", "-details"} & set(flags)),
        stats=bool({"-s", "-stats", "-statistics"} & set(flags)),
        brief=bool({"-br", "-brief"} & set(flags)),
        family="inet6" if "-6" in flags else "inet" if "-4" in flags else "",
    )
    if what == "netns":
        return _netns(call, words[1:], given)
    if what == "link" and words[1:2] == ["set"]:
        return _switched(call, place, [word for word in words[2:] if word != "dev"])
    rest = [word for word in words[1:] if word not in ("show", "list", "lst", "dev")]
    if what in ("address", "link"):
        return _interfaces(call, place, rest, given, addresses=what == "address")
    if what == "route" and words[1:2] == ["get"]:
        return route_get(call, place, words[2:], as_json=given.json)
    return _listed(call, place, what, given)


def _switched(call: Call, place: Place, words: list[str]) -> int:
    """`ip link set [dev] NAME up|down`, in the host's own namespace."""
    if len(words) != 2 or words[1] not in ("up", "down"):
        raise UsageError('Error: either "dev" is duplicate, or "' + " ".join(words) + '" is a garbage.', 255)
    name, verb = words
    if name not in [link.name for link in links_here(place)] or place.namespace:
        return call.fail(f'Cannot find device "{name}"')
    if not place.root:
        return call.fail("RTNETLINK answers: Operation not permitted", 2)
    cloud, host = place.cloud, place.host
    (cloud.damage.off.discard if verb == "up" else cloud.damage.off.add)((host.name, name))
    if name == MANAGEMENT:
        host.reachable = verb == "up"
    cloud.settle()
    cloud.wrote(f"ssh:{host.name}", f"ip link set {name} {verb}", place.account.name, "exit 0")
    return 0


def _entered(call: Call, name: str) -> int:
    """0 when the namespace can be entered, else the exit status; its words are written."""
    if namespace_of(call.place, name) is None:
        return call.fail(f'Cannot open network namespace "{name}": No such file or directory', 255)
    if not call.place.root:
        return call.fail(f'setting the network namespace "{name}" failed: Operation not permitted', 255)
    return 0


def _interfaces(call: Call, place: Place, rest: list[str], given: _Options, *, addresses: bool) -> int:
    found = links_here(place)
    if rest[:1] == ["type"] and len(rest) > 1:
        found = [link for link in found if link.kind == rest[1]]
    elif rest:
        found = [link for link in found if link.name == rest[0]]
        if not found:
            return call.fail(f'Device "{rest[0]}" does not exist.')
    described = [as_json(place, link, given.family, addresses=addresses, details=given.details) for link in found]
    if given.json:
        for each in described:
            if not given.stats:
                del each["stats64"]
        call.print(json.dumps(described, separators=(",", ":")))
        return 0
    for each in described:
        if given.brief:
            print_brief(call, each)
        else:
            print_text(call, each, stats=given.stats)
    return 0


_WORDS = (("gateway", "via"), ("dev", "dev"), ("lladdr", "lladdr"), ("protocol", "proto"), ("scope", "scope"),
          ("prefsrc", "src"))  # fmt: skip


def _listed(call: Call, place: Place, what: str, given: _Options) -> int:
    """Routes, rules or neighbours."""
    found: list[dict[str, Any]]
    if what == "rule":
        tables = ((0, "local"), (32766, "main"), (32767, "default"))
        found = [{"priority": priority, "src": "all", "table": table} for priority, table in tables]
    else:
        here = links_here(place)
        namespace = namespace_of(place, place.namespace) if place.namespace else None
        of = routes if what == "route" else neighbours
        found = of(place.cloud, place.host, namespace, here)
    if given.json:
        call.print(json.dumps(found, separators=(",", ":")))
        return 0
    for each in found:
        if what == "rule":
            call.print(f"{each['priority']}:\tfrom all lookup {each['table']}")
        else:
            tail = " ".join(f"{word} {each[key]}" for key, word in _WORDS if key in each)
            call.print(f"{each['dst']} {tail} {' '.join(each.get('state', ()))}")
    return 0


def _changed_namespace(call: Call, verb: str, rest: list[str]) -> int:
    """`ip netns add|delete NAME`; an agent makes its own anew when it starts."""
    if not rest:
        return call.fail("No netns name specified", 255)
    cloud, host, name = call.place.cloud, call.place.host.name, rest[0]
    there, file = namespace_of(call.place, name), f"/run/netns/{name}"
    if verb == "add" and there is not None:
        return call.fail(f'Cannot create namespace file "{file}": File exists')
    if verb != "add" and there is None:
        return call.fail(f'Cannot remove namespace file "{file}": No such file or directory')
    if not call.place.root:
        what = "create" if verb == "add" else "remove"
        return call.fail(f'Cannot {what} namespace file "{file}": Permission denied')
    if verb == "add":
        cloud.damage.left_over.add((host, name))
    elif there is not None and there.kind == "left":
        cloud.damage.left_over.discard((host, name))
    else:
        cloud.damage.removed[host, name] = call.place.now
    cloud.wrote(f"ssh:{host}", f"ip netns {verb} {name}", call.place.account.name, "exit 0")
    return 0


def _netns(call: Call, words: list[str], given: _Options) -> int:
    verb, rest = (words[0], words[1:]) if words else ("list", [])
    if verb in ("list", "show", "ls"):
        found = namespaces(call.place.cloud, call.place.host.name)
        if given.json:
            listed = [{"name": each.name, "id": each.number} for each in found]
            call.print(json.dumps(listed, separators=(",", ":")) if listed else "", end="\n" if listed else "")
        else:
            for each in found:
                call.print(f"{each.name} (id: {each.number})")
        return 0
    if verb in ("add", "delete", "del"):
        return _changed_namespace(call, verb, rest)
    if verb == "pids" and rest:
        namespace = namespace_of(call.place, rest[0])
        if namespace is None:
            return call.fail("Cannot open network namespace: No such file or directory")
        for process in processes(call.place.cloud, call.place.host.name, namespace):
            call.print(str(process.pid))
        return 0
    if verb == "exec" and len(rest) > 1:
        if failed := _entered(call, rest[0]):
            return failed
        below = call.shell.child(place=call.place.enter(rest[0]))
        return below.spawn(rest[1:], (call.stdin, call.out, call.err), builtins=False)
    if verb == "exec":
        return call.fail("No netns name specified" if not rest else "No command specified", 255)
    return call.fail(f'Command "{verb}" is unknown, try "ip netns help".', 255)


@program("bridge", folder="/usr/sbin")
def _bridge(call: Call) -> int:
    """`bridge link` and `bridge fdb`: no Linux bridges here; interfaces have their multicast addresses."""
    words = [word for word in call.args if not word.startswith("-")]
    if not words or not re.fullmatch(r"l(ink?|i)?|fdb|vlan|mdb", words[0]):
        raise UsageError('Object "help" is unknown, try "bridge help".' if words else "Usage: bridge [ OPTIONS ]", 255)
    found: list[dict[str, Any]] = []
    if words[:3] == ["fdb", "show", "br"]:
        if len(words) < 4 or words[3] not in [link.name for link in links_here(call.place)]:
            return call.fail(f'Cannot find bridge device "{"".join(words[3:4])}"', 255)
    elif words[0] == "fdb":
        found = [
            {"mac": mac, "ifname": link.name, "flags": ["self"], "state": "permanent"}
            for link in links_here(call.place)
            if link.name != "lo"
            for mac in ("33:33:00:00:00:01", *(("01:00:5e:00:00:01",) if link.up else ()))
        ]
    if "-j" in call.args or "-json" in call.args:
        call.print(json.dumps(found, separators=(",", ":")))
    else:
        for each in found:
            call.print(f"{each['mac']} dev {each['ifname']} self permanent")
    return 0
