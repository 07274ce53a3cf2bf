"""The RabbitMQ cluster of one region: a node per controller."""

from __future__ import annotations

from dataclasses import dataclass

from runbooks.simulator.model.cloud import Cloud


@dataclass(slots=True)
class RabbitMQ:
    """The RabbitMQ cluster of one region."""

    cloud: Cloud

    def serving(self) -> bool:
        """True while some node takes messages (none does while an alarm blocks publishers): what RPC needs."""
        return bool(self.cloud.hosts.alive("control", "rabbitmq"))


def build_rabbitmq(cloud: Cloud) -> RabbitMQ:
    """A healthy cluster."""
    return RabbitMQ(cloud)
