"""AMQP 0-9-1 on each controller's port 5672: login, passive declares, queues of one's own, notifications."""

from runbooks.simulator.amqp.server import listeners

__all__ = ["listeners"]
