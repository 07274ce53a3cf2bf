"""Placement's allocations: of one consumer, sums of a project, and where something would fit."""

from __future__ import annotations

from runbooks.simulator.http.api import Route
from runbooks.simulator.http.call import ApiError, Call, Reply
from runbooks.simulator.http.placement.providers import View, wanted_resources
from runbooks.simulator.model.placement import TRAITS, Held

RULE = "placement:"
_KEYS = ("allocations", "project_id", "user_id", "consumer_generation", "consumer_type", "mappings")


def show(call: Call) -> Reply:
    """Of a consumer that holds nothing: an empty answer, no 404."""
    consumer, placement, nodes = call.args["consumer"], call.cloud.placement, call.cloud.compute.hypervisors
    found: View = {}
    for host, resources in placement.of_consumer(consumer).items():
        node = nodes.find(host)
        if node is not None:
            found[node.id] = {"resources": resources, "generation": placement.generation(node)}
    body: View = {"allocations": found}
    if not found:
        return Reply(body)
    held, server = placement.held.get(consumer), call.cloud.compute.servers.get(consumer)
    owner = server if server is not None else held
    if call.version >= (1, 12) and owner is not None:
        body |= {"project_id": owner.project_id, "user_id": owner.user_id}
    if call.version >= (1, 28):
        body["consumer_generation"] = held.generation if held else 1
    if call.version >= (1, 38):
        body["consumer_type"] = held.kind if held else "unknown"
    return Reply(body)


def put(call: Call) -> Reply:
    """Replaces all that the consumer holds. Needs the consumer's generation since 1.28 (null for a new one)."""
    consumer, placement, body = call.args["consumer"], call.cloud.placement, call.body()
    given = body.get("allocations")
    if not isinstance(given, dict):
        raise ApiError(400, "JSON does not validate: 'allocations' is a required property")
    unknown = set(body) - set(_KEYS)
    if unknown:
        words = f"Additional properties are not allowed ({min(unknown)!r} was unexpected)"
        raise ApiError(400, f"JSON does not validate: {words}")
    for name in ("project_id", "user_id"):
        if not isinstance(body.get(name), str) and call.version >= (1, 8):
            raise ApiError(400, f"JSON does not validate: '{name}' is a required property")
    held = placement.held.get(consumer)
    now = held.generation if held else 1 if placement.of_consumer(consumer) else None
    if call.version >= (1, 28):
        if "consumer_generation" not in body:
            raise ApiError(400, "JSON does not validate: 'consumer_generation' is a required property")
        if body["consumer_generation"] != now:
            expected = "null" if now is None else str(now)
            got = "null" if body["consumer_generation"] is None else str(body["consumer_generation"])
            raise ApiError(
                409,
                f"consumer generation conflict - expected {expected} but got {got}",
                kind="placement.concurrent_update",
            )
    kind = str(body.get("consumer_type", "")) if call.version >= (1, 38) else "unknown"
    if not kind:
        raise ApiError(400, "JSON does not validate: 'consumer_type' is a required property")
    by_host = {key: _checked(call, consumer, key, part) for key, part in given.items()}
    nodes = {key: call.cloud.compute.hypervisors.by_id(key) for key in given}
    placed = {node.host: by_host[key] for key, node in nodes.items() if node is not None}
    placement.touch(*placed, *placement.of_consumer(consumer))
    placement.put.add(consumer)
    placement.held.pop(consumer, None)
    if placed:
        placement.held[consumer] = Held(
            str(body.get("project_id", "")), str(body.get("user_id", "")), placed, (now or 0) + 1, kind
        )
    return Reply(None, 204)


def _checked(call: Call, consumer: str, provider: str, part: object) -> dict[str, int]:
    """What is asked for on one provider. Raises ApiError 400 (malformed, unknown), 409 (no room)."""
    resources = part.get("resources") if isinstance(part, dict) else None
    if not isinstance(resources, dict) or not resources:
        raise ApiError(400, "JSON does not validate: 'resources' is a required property")
    placement = call.cloud.placement
    node = call.cloud.compute.hypervisors.by_id(provider)
    if node is None:
        raise ApiError(400, f"Allocation for resource provider '{provider}' that does not exist.")
    found = {}
    mine = placement.of_consumer(consumer).get(node.host, {})
    capacity, used = placement.capacity(node), placement.used(node)
    for name, amount in resources.items():
        if not isinstance(amount, int) or amount < 1:
            raise ApiError(400, f"JSON does not validate: {amount!r} is less than the minimum of 1")
        if used.get(name, 0) - mine.get(name, 0) + amount > capacity.get(name, -1):
            raise ApiError(
                409,
                f"Unable to allocate inventory: Unable to create allocation for '{name}' on resource provider "
                f"'{node.id}'. The requested amount would exceed the capacity.",
            )
        found[name] = amount
    return found


def delete(call: Call) -> Reply:
    consumer, placement = call.args["consumer"], call.cloud.placement
    found = placement.of_consumer(consumer)
    if not found:
        raise ApiError(404, f"No allocations for consumer '{consumer}'")
    placement.touch(*found)
    placement.held.pop(consumer, None)
    placement.put.add(consumer)
    return Reply(None, 204)


def usages(call: Call) -> Reply:
    """Sums of a project, or of a user in it; by consumer type since 1.38."""
    project, user = call.query.get("project_id"), call.query.get("user_id")
    if project is None:
        raise ApiError(400, "Invalid query string parameters: 'project_id' is a required property")
    if project != call.user.project and not call.user.is_admin:
        raise ApiError(403, call.api.forbidden.format(rule=RULE + "usages"))
    placement = call.cloud.placement
    consumers = [
        server.id for server in call.cloud.compute.servers.of_project(project) if user in (None, server.user_id)
    ]
    consumers += [
        key
        for key, held in placement.held.items()
        if held.project_id == project and user in (None, held.user_id) and key not in consumers
    ]
    by_kind: dict[str, dict[str, int]] = {}
    for consumer in consumers:
        there = placement.of_consumer(consumer)
        if there:
            sums = by_kind.setdefault(_kind(call, consumer), {"consumer_count": 0})
            sums["consumer_count"] += 1
            for resources in there.values():
                for name, amount in resources.items():
                    sums[name] = sums.get(name, 0) + amount
    if call.version >= (1, 38):
        wanted = call.query.get("consumer_type")
        return Reply({"usages": {kind: sums for kind, sums in by_kind.items() if wanted in (None, "all", kind)}})
    total: dict[str, int] = {}
    for sums in by_kind.values():
        for name, amount in sums.items():
            if name != "consumer_count":
                total[name] = total.get(name, 0) + amount
    return Reply({"usages": total})


def _kind(call: Call, consumer: str) -> str:
    held = call.cloud.placement.held.get(consumer)
    return held.kind if held else "unknown"


def candidates(call: Call) -> Reply:
    """Providers on which the asked resources fit now, with their summaries."""
    if "resources" not in call.query:
        raise ApiError(400, "Invalid query string parameters: 'resources' is a required property")
    wanted = wanted_resources(call.query["resources"])
    most = call.query.get("limit", "")
    if most and not most.isdecimal():
        raise ApiError(400, f"Invalid query string parameters: '{most}' does not match '^[1-9][0-9]*$'")
    requests: list[View] = []
    summaries: View = {}
    placement = call.cloud.placement
    for node in call.cloud.compute.hypervisors:
        if not placement.fits(node, wanted):
            continue
        request: View = {"allocations": {node.id: {"resources": wanted}}}
        if call.version >= (1, 34):
            request["mappings"] = {"": [node.id]}
        requests.append(request)
        used, capacity = placement.used(node), placement.capacity(node)
        shown = capacity if call.version >= (1, 27) else wanted
        summary: View = {"resources": {name: {"capacity": capacity[name], "used": used[name]} for name in shown}}
        if call.version >= (1, 17):
            summary["traits"] = list(TRAITS)
        if call.version >= (1, 29):
            summary |= {"parent_provider_uuid": None, "root_provider_uuid": node.id}
        summaries[node.id] = summary
        if most and len(requests) == int(most):
            break
    return Reply({"allocation_requests": requests, "provider_summaries": summaries})


ROUTES = [
    Route("GET", "/allocations/{consumer}", show, "admin", RULE + "allocations:list"),
    Route("PUT", "/allocations/{consumer}", put, "admin", RULE + "allocations:update"),
    Route("DELETE", "/allocations/{consumer}", delete, "admin", RULE + "allocations:delete"),
    Route("GET", "/usages", usages, "any", RULE + "usages", since=(1, 9)),
    Route("GET", "/allocation_candidates", candidates, "admin", RULE + "allocation_candidates:list", since=(1, 10)),
]
