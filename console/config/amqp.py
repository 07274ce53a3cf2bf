"""Where the clients of a site's broker connect: the machines of its management APIs, with a port of their own."""

from __future__ import annotations

from urllib.parse import urlsplit

from collectors.site import AmqpSite, Endpoint, RabbitmqSite
from console.config.schema_systems import RabbitmqTable
from console.config.systems import Around

PLAIN_PORT = 5672
TLS_PORT = 5671


def amqp(told: RabbitmqTable | None, broker: RabbitmqSite | None, around: Around) -> AmqpSite | None:
    """The listeners beside the management APIs of `broker`; None without one. Raises `BadConfiguration`."""
    if broker is None:
        return None
    told = told or RabbitmqTable()
    found = around.kolla.broker() if around.kolla is not None else None
    tls = told.amqp_tls if told.amqp_tls is not None else found is not None and found.tls
    port = told.amqp_port or (found.amqp_port if found is not None else 0) or (TLS_PORT if tls else PLAIN_PORT)
    listeners = tuple(Endpoint(host, urlsplit(url).hostname or host, port) for host, url in broker.urls)
    user, password = told.amqp_user or broker.user, broker.password
    if told.amqp_password is not None or user != broker.user:
        password = around.secret(told.amqp_password, user, "rabbitmq", "amqp_password")
    return AmqpSite(listeners, user, password, told.vhost or "/", broker.via, tls, broker.ca)
