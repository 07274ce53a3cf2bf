"""Clients that really connected over AMQP, and their queues, as the management API lists them beside the services'."""

from __future__ import annotations

from collections.abc import Iterator

from runbooks.simulator.http.rabbitmq.ask import VHOST, Object
from runbooks.simulator.http.rabbitmq.clients import collection
from runbooks.simulator.http.rabbitmq.overview import binding
from runbooks.simulator.http.rabbitmq.queues import queue_object
from runbooks.simulator.model.cloud import Cloud
from runbooks.simulator.model.guests import Consumer, Guest, GuestQueue
from runbooks.simulator.model.messaging import Queue


def name_of(cloud: Cloud, guest: Guest) -> str:
    """A connection is called after its two ends."""
    return f"{guest.address}:{guest.port} -> {cloud.hosts[guest.node].machine.address}:5672"


def connections(cloud: Cloud) -> Iterator[Object]:
    """For /api/connections."""
    for guest in cloud.rabbitmq.guests.connected.values():
        held = guest.publishes and bool(cloud.rabbitmq.alarms())
        found = {
            "auth_mechanism": "PLAIN",
            "channel_max": 2047,
            "channels": 1,
            "client_properties": guest.properties,
            "connected_at": int(guest.since * 1000),
            "frame_max": 131072,
            "garbage_collection": collection(3),
            "host": cloud.hosts[guest.node].machine.address,
            "name": name_of(cloud, guest),
            "node": f"rabbit@{guest.node}",
            "peer_cert_issuer": None,
            "peer_cert_subject": None,
            "peer_cert_validity": None,
            "peer_host": guest.address,
            "peer_port": guest.port,
            "port": 5672,
            "protocol": "AMQP 0-9-1",
            "recv_cnt": 30,
            "recv_oct": 2400,
            "recv_oct_details": {"rate": 0.0},
            "reductions": 9000,
            "reductions_details": {"rate": 0.0},
            "send_cnt": 30,
            "send_oct": 2400,
            "send_oct_details": {"rate": 0.0},
            "send_pend": 0,
            "ssl": False,
            "ssl_cipher": None,
            "ssl_hash": None,
            "ssl_key_exchange": None,
            "ssl_protocol": None,
            "state": "blocked" if held else "running",
            "timeout": 30,
            "type": "network",
            "user": guest.user,
            "user_provided_name": guest.label,
            "user_who_performed_action": guest.user,
            "vhost": VHOST,
        }
        yield {key: value for key, value in found.items() if key != "user_provided_name" or value is not None}


def queues(cloud: Cloud, seen_from: str) -> Iterator[Object]:
    """For /api/queues."""
    for queue in cloud.rabbitmq.guests.queues.values():
        found = queue_object(cloud, Queue(queue.name, "", queue.name, "topic", (), 0.0), seen_from)
        waiting, size = len(queue.waiting), sum(len(message.body) for message in queue.waiting)
        yield found | {
            "arguments": queue.arguments,
            "auto_delete": queue.auto_delete,
            "consumers": len(queue.consumers),
            "durable": queue.durable,
            "exclusive": queue.exclusive,
            "message_bytes": size,
            "messages": waiting,
            "messages_ready": waiting,
            "node": f"rabbit@{queue.owner.node}",
        }


def bindings(cloud: Cloud) -> Iterator[Object]:
    """For /api/bindings."""
    for queue in cloud.rabbitmq.guests.queues.values():
        yield binding("", queue.name, queue.name)
        for exchange, key in queue.bindings:
            yield binding(exchange, queue.name, key)


def consumers(cloud: Cloud) -> Iterator[Object]:
    """For /api/consumers."""
    for queue, consumer in cloud.rabbitmq.guests.consumers():
        yield _consumer(cloud, queue, consumer)


def _consumer(cloud: Cloud, queue: GuestQueue, consumer: Consumer) -> Object:
    guest = consumer.guest
    name = name_of(cloud, guest)
    return {
        "arguments": {},
        "ack_required": not consumer.no_ack,
        "active": True,
        "activity_status": "up",
        "channel_details": {
            "connection_name": name,
            "name": f"{name} ({consumer.channel})",
            "node": f"rabbit@{guest.node}",
            "number": consumer.channel,
            "peer_host": guest.address,
            "peer_port": guest.port,
            "user": guest.user,
        },
        "consumer_tag": consumer.tag,
        "exclusive": False,
        "prefetch_count": 0,
        "queue": {"name": queue.name, "vhost": VHOST},
    }
