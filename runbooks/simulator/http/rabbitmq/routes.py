"""The paths of the management API, who may ask, and what answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

from runbooks.simulator.http.rabbitmq import handlers, health, memory, overview, policies, users
from runbooks.simulator.http.rabbitmq.ask import Answer, Ask, Object, User, not_authorised, not_found
from runbooks.simulator.http.rabbitmq.listing import chosen, listed
from runbooks.simulator.http.rabbitmq.nodes import nodes

Who = Literal["user", "monitor", "administrator", "policymaker"]


class Route(NamedTuple):
    """One operation. `pattern`: `queues/{vhost}/{name}`."""

    method: str
    pattern: str
    handle: Callable[[Ask], Answer]
    who: Who = "user"


def _list(make: Callable[[Ask], list[Object]], *, paged: bool = True) -> Callable[[Ask], Answer]:
    def handle(ask: Ask) -> Answer:
        ask.vhost()
        query = ask.query if paged else {k: v for k, v in ask.query.items() if k == "columns"}
        return Answer(listed(make(ask), query))

    return handle


def _named(make: Callable[[Ask], list[Object]]) -> Callable[[Ask], Answer]:
    """One object of a list, by its name."""

    def handle(ask: Ask) -> Answer:
        ask.vhost()
        found = next((each for each in make(ask) if each["name"] == ask.args["name"]), None)
        if found is None:
            raise not_found()
        return Answer(chosen(found, ask.query))

    return handle


ROUTES = (
    Route("GET", "overview", lambda ask: Answer(chosen(overview.overview(ask.cloud, ask.host), ask.query))),
    Route("GET", "whoami", lambda ask: Answer({"name": ask.user.name, "tags": list(ask.user.tags)})),
    Route("GET", "cluster-name", lambda ask: Answer({"name": overview.cluster_name(ask.cloud)})),
    Route("GET", "extensions", lambda ask: Answer([{"javascript": "dispatcher.js"}])),
    Route("GET", "nodes", _list(lambda ask: nodes(ask.cloud, ask.host), paged=False), "monitor"),
    Route("GET", "nodes/{name}", handlers.one_node, "monitor"),
    Route("GET", "nodes/{name}/memory", memory.one_memory, "monitor"),
    Route("GET", "queues", _list(handlers.list_queues)),
    Route("GET", "queues/{vhost}", _list(handlers.list_queues)),
    Route("GET", "queues/{vhost}/{name}", handlers.one_queue),
    Route("DELETE", "queues/{vhost}/{name}", handlers.delete_queue),
    Route("GET", "queues/{vhost}/{name}/bindings", handlers.queue_bindings),
    Route("DELETE", "queues/{vhost}/{name}/contents", handlers.purge),
    Route("POST", "rebalance/queues", handlers.rebalance, "administrator"),
    Route("GET", "connections", _list(handlers.list_connections)),
    Route("GET", "connections/{name}", handlers.one_connection),
    Route("DELETE", "connections/{name}", handlers.close, "administrator"),
    Route("GET", "connections/{name}/channels", handlers.connection_channels),
    Route("GET", "channels", _list(handlers.list_channels)),
    Route("GET", "channels/{name}", handlers.one_channel),
    Route("GET", "consumers", _list(handlers.list_consumers, paged=False)),
    Route("GET", "consumers/{vhost}", _list(handlers.list_consumers, paged=False)),
    Route("GET", "exchanges", _list(lambda ask: list(overview.exchanges(ask.cloud)))),
    Route("GET", "exchanges/{vhost}", _list(lambda ask: list(overview.exchanges(ask.cloud)))),
    Route("GET", "exchanges/{vhost}/{name}", handlers.one_exchange),
    Route("GET", "bindings", _list(handlers.list_bindings, paged=False)),
    Route("GET", "bindings/{vhost}", _list(handlers.list_bindings, paged=False)),
    Route("GET", "vhosts", _list(lambda ask: overview.vhosts(ask.cloud, ask.host))),
    Route("GET", "vhosts/{name}", _named(lambda ask: overview.vhosts(ask.cloud, ask.host))),
    Route("GET", "policies", _list(policies.list_policies, paged=False)),
    Route("GET", "policies/{vhost}", _list(policies.list_policies, paged=False)),
    Route("GET", "policies/{vhost}/{name}", _named(policies.list_policies)),
    Route("PUT", "policies/{vhost}/{name}", policies.put_policy, "policymaker"),
    Route("DELETE", "policies/{vhost}/{name}", policies.delete_policy, "policymaker"),
    Route("GET", "operator-policies", _list(policies.list_operator_policies, paged=False)),
    Route("GET", "operator-policies/{vhost}", _list(policies.list_operator_policies, paged=False)),
    Route("GET", "operator-policies/{vhost}/{name}", _named(policies.list_operator_policies)),
    Route("PUT", "operator-policies/{vhost}/{name}", policies.put_operator_policy, "administrator"),
    Route("DELETE", "operator-policies/{vhost}/{name}", policies.delete_operator_policy, "administrator"),
    Route("GET", "parameters", lambda ask: Answer([]), "policymaker"),
    Route("GET", "users", _list(users.list_users), "administrator"),
    Route("GET", "users/{name}", _named(users.list_users), "administrator"),
    Route("GET", "users/{name}/permissions", users.own_permissions, "administrator"),
    Route("GET", "permissions", _list(lambda ask: users.list_permissions(ask.cloud), paged=False), "administrator"),
    Route("GET", "health/checks/alarms", health.alarms),
    Route("GET", "health/checks/local-alarms", health.local_alarms),
    Route("GET", "health/checks/node-is-quorum-critical", health.quorum_critical),
    Route("GET", "health/checks/node-is-mirror-sync-critical", health.mirror_critical),
    Route("GET", "health/checks/virtual-hosts", health.fine),
    Route("GET", "health/checks/certificate-expiration/{within}/{unit}", health.fine),
    Route("GET", "health/checks/port-listener/{port}", health.port_listener),
    Route("GET", "health/checks/protocol-listener/{protocol}", health.protocol_listener),
)
_SHAPES = [(route, tuple(route.pattern.split("/"))) for route in ROUTES]
_REFUSED = {
    "monitor": "Not monitor user",
    "administrator": "Not administrator user",
    "policymaker": "User not authorised to access object",
}


def find(path: tuple[str, ...]) -> dict[str, tuple[Route, dict[str, str]]]:
    """The operations of a path by method; empty when there is no such path."""
    found: dict[str, tuple[Route, dict[str, str]]] = {}
    for route, shape in _SHAPES:
        if len(shape) == len(path) and all(w.startswith("{") or w == p for w, p in zip(shape, path, strict=True)):
            args = {w[1:-1]: p for w, p in zip(shape, path, strict=True) if w.startswith("{")}
            found.setdefault(route.method, (route, args))
    return found


def allowed(route: Route, user: User) -> None:
    """Raise RefusalError when the account may not ask this."""
    fine = {
        "user": True,
        "monitor": user.monitor,
        "administrator": user.administrator,
        "policymaker": user.administrator,
    }
    if not fine[route.who]:
        reason = _REFUSED[route.who]
        if route.method == "DELETE" and route.pattern.startswith("connections"):
            reason = _REFUSED["policymaker"]
        raise not_authorised(reason)
