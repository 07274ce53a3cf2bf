"""Placement's resource providers: the computes, what they have, what is used, by whom."""

from __future__ import annotations

import re

from runbooks.simulator.http.api import Route
from runbooks.simulator.http.call import ApiError, Call, Reply
from runbooks.simulator.model.hypervisors import Hypervisor
from runbooks.simulator.model.placement import TRAITS

View = dict[str, object]
RULE = "placement:resource_providers:"
_AT = "/resource_providers"
_PARTS = (
    ("inventories", (1, 0)),
    ("usages", (1, 0)),
    ("aggregates", (1, 1)),
    ("traits", (1, 6)),
    ("allocations", (1, 11)),
)


def _view(call: Call, node: Hypervisor) -> View:
    href = f"{_AT}/{node.id}"
    links = [{"rel": "self", "href": href}]
    links += [{"rel": part, "href": f"{href}/{part}"} for part, since in _PARTS if call.version >= since]
    shown: View = {
        "uuid": node.id,
        "name": node.host,
        "generation": call.cloud.placement.generation(node),
        "links": links,
    }
    if call.version >= (1, 14):
        shown |= {"parent_provider_uuid": None, "root_provider_uuid": node.id}
    return shown


def wanted_resources(text: str) -> dict[str, int]:
    """`VCPU:1,MEMORY_MB:64`. Raises ApiError 400."""
    found = {}
    for part in text.split(","):
        name, _, amount = part.partition(":")
        if not amount.isdecimal() or int(amount) < 1:
            raise ApiError(
                400,
                f"Badly formed resources parameter. Expected resources query string parameter in form: "
                f"?resources=VCPU:2,MEMORY_MB:1024. Got: {text}.",
            )
        found[name] = int(amount)
    return found


def index(call: Call) -> Reply:
    query, compute = call.query, call.cloud.compute
    known = {"name", "uuid", "member_of", "resources", "in_tree", "required"}
    for name in query:
        if name not in known:
            words = f"Additional properties are not allowed ('{name}' was unexpected)"
            raise ApiError(400, f"Invalid query string parameters: {words}")
    nodes = list(compute.hypervisors)
    if "name" in query:
        nodes = [node for node in nodes if node.host == query["name"]]
    for name in ("uuid", "in_tree"):
        if name in query:
            nodes = [node for node in nodes if node.id == query[name]]
    if "resources" in query and call.version >= (1, 4):
        wanted = wanted_resources(query["resources"])
        nodes = [node for node in nodes if call.cloud.placement.fits(node, wanted)]
    if "required" in query:
        traits = {word for word in query["required"].split(",") if not word.startswith("!")}
        nodes = [node for node in nodes if traits <= set(TRAITS)]
    if "member_of" in query:
        groups = set(re.split(r"[,:]", query["member_of"])) - {"in"}
        hosts = {host for each in compute.aggregates.values() if each.id in groups for host in each.hosts}
        nodes = [node for node in nodes if node.host in hosts]
    return Reply({"resource_providers": [_view(call, node) for node in nodes]})


def one(call: Call) -> Hypervisor:
    """The provider of the path. Raises ApiError 404."""
    key = call.args["id"]
    found = call.cloud.compute.hypervisors.by_id(key) if not key.isdecimal() else None
    if found is None:
        words = f"No resource provider with uuid {key} found"
        raise ApiError(404, f"{words} : {words}")
    return found


def show(call: Call) -> Reply:
    return Reply(_view(call, one(call)))


def _with_generation(call: Call, node: Hypervisor, **parts: object) -> Reply:
    return Reply({**parts, "resource_provider_generation": call.cloud.placement.generation(node)})


def inventories(call: Call) -> Reply:
    node = one(call)
    body = {
        "resource_provider_generation": call.cloud.placement.generation(node),
        "inventories": call.cloud.placement.inventories(node),
    }
    return Reply(body)


def inventory(call: Call) -> Reply:
    node, name = one(call), call.args["class"]
    found = call.cloud.placement.inventories(node).get(name)
    if found is None:
        raise ApiError(404, f"No inventory of class {name} for {node.id}")
    return Reply({"resource_provider_generation": call.cloud.placement.generation(node), **found})


def usages(call: Call) -> Reply:
    node = one(call)
    body = {
        "resource_provider_generation": call.cloud.placement.generation(node),
        "usages": call.cloud.placement.used(node),
    }
    return Reply(body)


def traits(call: Call) -> Reply:
    return _with_generation(call, one(call), traits=list(TRAITS))


def aggregates(call: Call) -> Reply:
    node = one(call)
    found = [each.id for each in call.cloud.compute.aggregates.values() if node.host in each.hosts]
    if call.version >= (1, 19):
        return _with_generation(call, node, aggregates=found)
    return Reply({"aggregates": found})


def allocations(call: Call) -> Reply:
    node, placement = one(call), call.cloud.placement
    found: View = {}
    for consumer, resources in placement.on_host(node.host):
        shown: View = {"resources": resources}
        if call.version >= (1, 28):
            held = placement.held.get(consumer)
            shown["consumer_generation"] = held.generation if held else 1
        found[consumer] = shown
    return _with_generation(call, node, allocations=found)


ROUTES = [
    Route("GET", _AT, index, "admin", RULE + "list"),
    Route("GET", _AT + "/{id}", show, "admin", RULE + "show"),
    Route("GET", _AT + "/{id}/inventories", inventories, "admin", RULE + "inventories:list"),
    Route("GET", _AT + "/{id}/inventories/{class}", inventory, "admin", RULE + "inventories:show"),
    Route("GET", _AT + "/{id}/usages", usages, "admin", RULE + "usages"),
    Route("GET", _AT + "/{id}/aggregates", aggregates, "admin", RULE + "aggregates:list", since=(1, 1)),
    Route("GET", _AT + "/{id}/traits", traits, "admin", RULE + "traits:list", since=(1, 6)),
    Route("GET", _AT + "/{id}/allocations", allocations, "admin", RULE + "allocations:list"),
]
