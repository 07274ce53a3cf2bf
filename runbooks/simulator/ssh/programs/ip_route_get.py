"""`ip route get ADDRESS`: by which interface and from which address this place would send."""

from __future__ import annotations

import json
from ipaddress import AddressValueError, IPv4Address, IPv4Network
from typing import Any

from runbooks.simulator.model.wires.links import inside, links
from runbooks.simulator.model.wires.namespaces import namespaces
from runbooks.simulator.model.wires.routes import routes
from runbooks.simulator.ssh.program import Call, Place


def route_get(call: Call, place: Place, words: list[str], *, as_json: bool) -> int:
    """The kernel's choice: the longest network that has the address; its own ones are local."""
    text = words[0] if words else ""
    try:
        wanted = IPv4Address(text)
    except AddressValueError:
        return call.fail(f'Error: any valid prefix is expected rather than "{text}".')
    namespace = next((n for n in namespaces(place.cloud, place.host.name) if n.name == place.namespace), None)
    here = links(place.cloud, place.host) if namespace is None else inside(place.cloud, place.host, namespace)
    own = {address.local: link.name for link in here for address in link.addresses}
    uid = place.account.uid
    if text in own or text.startswith("127.0."):
        found: dict[str, Any] = {"type": "local", "dst": text, "dev": "lo", "prefsrc": text, "flags": [], "uid": uid}
        shown = f"local {text} dev lo src {text} uid {uid} \n    cache <local> "
    else:
        ways = routes(place.cloud, place.host, namespace, here)
        fitting = [way for way in ways if way["dst"] == "default" or wanted in IPv4Network(way["dst"])]
        if not fitting:
            return call.fail("RTNETLINK answers: Network is unreachable", 2)
        best = max(fitting, key=lambda way: 0 if way["dst"] == "default" else IPv4Network(way["dst"]).prefixlen)
        sender = best.get("prefsrc") or next(
            (a.local for link in here if link.name == best["dev"] for a in link.addresses if a.family == "inet"), ""
        )
        via = {"gateway": best["gateway"]} if "gateway" in best else {}
        found = {"dst": text, **via, "dev": best["dev"], "prefsrc": sender, "flags": [], "uid": uid, "cache": []}
        hop = f" via {best['gateway']}" if via else ""
        shown = f"{text}{hop} dev {best['dev']} src {sender} uid {uid} \n    cache "
    call.print(json.dumps([found], separators=(",", ":")) if as_json else shown)
    return 0
