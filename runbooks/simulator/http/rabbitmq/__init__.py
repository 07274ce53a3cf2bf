"""RabbitMQ's management API (3.10) on each controller's port 15672."""

from runbooks.simulator.http.rabbitmq.front import listeners

__all__ = ["listeners"]
