"""What each path of the management API answers: queues, connections, channels, exchanges, nodes."""

from __future__ import annotations

import re

from runbooks.simulator.http.rabbitmq import clients, guests, overview, queues
from runbooks.simulator.http.rabbitmq.ask import (
    Answer,
    Ask,
    Object,
    RefusalError,
    bad_request,
    not_authorised,
    not_found,
)
from runbooks.simulator.http.rabbitmq.history import with_history
from runbooks.simulator.http.rabbitmq.listing import chosen
from runbooks.simulator.http.rabbitmq.nodes import nodes
from runbooks.simulator.model.messaging import Queue


def list_queues(ask: Ask) -> list[Object]:
    found = [queues.queue_object(ask.cloud, queue, ask.host) for queue in ask.rabbitmq.messaging.queues()]
    found += guests.queues(ask.cloud, ask.host)
    if ask.query.get("disable_stats") == "true":
        totals = ask.query.get("enable_queue_totals") == "true"
        return [queues.without_stats(queue, totals=totals) for queue in found]
    return found


def _queue(ask: Ask) -> Queue:
    ask.vhost()
    found = next((queue for queue in ask.rabbitmq.messaging.queues() if queue.name == ask.args["name"]), None)
    if found is None:
        raise not_found()
    return found


def one_queue(ask: Ask) -> Answer:
    return Answer(chosen(queues.detailed(ask.cloud, _queue(ask), ask.host), ask.query))


def queue_bindings(ask: Ask) -> Answer:
    name = _queue(ask).name
    return Answer([found for found in overview.bindings(ask.cloud) if found["destination"] == name])


def purge(ask: Ask) -> Answer:
    queue = _queue(ask)
    if not re.search(ask.user.read, queue.name):
        raise not_authorised("Access refused.")
    ask.rabbitmq.messaging.purge(queue.name)
    return Answer(status=204)


def delete_queue(ask: Ask) -> Answer:
    queue = _queue(ask)
    if not re.search(ask.user.configure, queue.name):
        raise not_authorised("Access refused.")
    messaging = ask.rabbitmq.messaging
    if ask.query.get("if-empty") == "true" and messaging.messages(queue.name):
        raise bad_request(f"406 PRECONDITION_FAILED - queue '{queue.name}' in vhost '/' is not empty")
    if ask.query.get("if-unused") == "true" and messaging.consumers(queue):
        raise bad_request(f"406 PRECONDITION_FAILED - queue '{queue.name}' in vhost '/' in use")
    messaging.delete(queue.name)
    return Answer(status=204)


def rebalance(ask: Ask) -> Answer:
    queues.rebalance(ask.cloud)
    return Answer(status=204)


def _connection(ask: Ask) -> clients.Connection:
    found = next((each for each in clients.connections(ask.cloud) if each.name == ask.args["name"]), None)
    if found is None:
        raise not_found()
    return found


def one_connection(ask: Ask) -> Answer:
    return Answer(chosen(clients.connection_object(ask.cloud, _connection(ask)), ask.query))


def close(ask: Ask) -> Answer:
    connection = _connection(ask)
    closed = ask.rabbitmq.messaging.closed
    closed[connection.key] = closed.get(connection.key, 0) + 1
    return Answer(status=204)


def list_channels(ask: Ask) -> list[Object]:
    return [clients.channel_object(ask.cloud, each, found) for each, found in clients.with_queues(ask.cloud)]


def connection_channels(ask: Ask) -> Answer:
    name = _connection(ask).name
    return Answer([found for found in list_channels(ask) if found["connection_details"]["name"] == name])


def one_channel(ask: Ask) -> Answer:
    for connection, found in clients.with_queues(ask.cloud):
        if f"{connection.name} (1)" == ask.args["name"]:
            details = [clients.consumer_object(connection, queue, tag) for tag, queue in enumerate(found, 1)]
            channel = clients.channel_object(ask.cloud, connection, found)
            return Answer({**channel, "consumer_details": details, "deliveries": [], "publishes": []})
    raise not_found()


def list_connections(ask: Ask) -> list[Object]:
    services = [clients.connection_object(ask.cloud, each) for each in clients.connections(ask.cloud)]
    return [*services, *guests.connections(ask.cloud)]


def list_bindings(ask: Ask) -> list[Object]:
    return [*overview.bindings(ask.cloud), *guests.bindings(ask.cloud)]


def list_consumers(ask: Ask) -> list[Object]:
    services = [
        clients.consumer_object(connection, queue, tag)
        for connection, found in clients.with_queues(ask.cloud)
        for tag, queue in enumerate(found, 1)
    ]
    return [*services, *guests.consumers(ask.cloud)]


def one_exchange(ask: Ask) -> Answer:
    ask.vhost()
    found = next((each for each in overview.exchanges(ask.cloud) if each["name"] == ask.args["name"]), None)
    if found is None:
        raise not_found()
    return Answer(chosen(dict(sorted({**found, "incoming": [], "outgoing": []}.items())), ask.query))


def one_node(ask: Ask) -> Answer:
    found = next((each for each in nodes(ask.cloud, ask.host) if each["name"] == ask.args["name"]), None)
    if found is None:
        raise RefusalError(500, "", "")  # the real one crashes: an empty 500
    return Answer(chosen(with_history(ask.cloud, found, ask.query), ask.query))
