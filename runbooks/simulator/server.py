"""One running simulator: two regions and everything that listens for them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence

from runbooks.simulator import amqp, memcached
from runbooks.simulator.balancers import page as haproxy
from runbooks.simulator.clock import Clock
from runbooks.simulator.http import ceph, horizon, rabbitmq
from runbooks.simulator.http.apis import apis
from runbooks.simulator.http.front import fronts
from runbooks.simulator.ids import Seed
from runbooks.simulator.layout import Layout
from runbooks.simulator.listen import Listener, Listeners
from runbooks.simulator.model.cloud import Cloud, build
from runbooks.simulator.monitoring import alertmanager_listeners, loki_listeners, prometheus_listeners
from runbooks.simulator.mysql import server as mysql
from runbooks.simulator.secret import Secrets
from runbooks.simulator.ssh.gate import Realm
from runbooks.simulator.ssh.keys import Keys

SECOND_REGION_SERVERS = 4
TICK = 0.5
"""How often what has become due is done although nobody asks: a port that is closed until then hears no request."""


class Simulator:
    """The regions' models and the sockets that serve them."""

    def __init__(self, layout: Layout, seed: Seed, clock: Clock, servers: int) -> None:
        self.layout = layout
        self.seed = seed
        self.clock = clock
        self.servers = servers
        self.secrets = Secrets()
        self.keys = Keys()
        self.clouds: Sequence[Cloud] = ()
        self.listeners = Listeners()
        self._ticking: asyncio.TimerHandle | None = None
        self._build()

    @property
    def cloud(self) -> Cloud:
        """The main region."""
        return self.clouds[0]

    def _build(self) -> None:
        first = build(self.layout, self.seed, self.clock, servers=self.servers, secrets=self.secrets)
        other = Seed(self.seed.number(1 << 62, "RegionTwo"))
        second = build(self.layout.second(), other, self.clock, servers=SECOND_REGION_SERVERS, first=first)
        self.clouds = (first, second)
        self.listeners = Listeners(_listeners(self.clouds, self.keys))
        for cloud in self.clouds:
            cloud.changed.append(self.listeners.changed)

    async def start(self) -> None:
        """Open the sockets."""
        await self.listeners.follow()
        if self._ticking is None:
            self._tick()

    def _tick(self) -> None:
        self._ticking = asyncio.get_running_loop().call_later(TICK, self._tick)
        for cloud in self.clouds:
            cloud.catch_up()

    async def reset(self) -> None:
        """Everything as it was when the run began; passwords and tokens stay valid."""
        tokens = self.cloud.identity.tokens
        self.listeners.close()
        self._build()
        self.cloud.identity.tokens |= tokens
        await self.start()

    def stop(self) -> None:
        """Close the sockets."""
        if self._ticking is not None:
            self._ticking.cancel()
        self.listeners.close()


def _listeners(clouds: Sequence[Cloud], keys: Keys) -> Iterator[Listener]:
    for cloud in clouds:
        for api in apis(cloud):
            yield from fronts(cloud, api)
        yield from rabbitmq.listeners(cloud)
        yield from horizon.listeners(cloud)
        yield from amqp.listeners(cloud)
        yield from mysql.listeners(cloud)
        yield from haproxy.listeners(cloud)
        yield from memcached.listeners(cloud)
        yield from prometheus_listeners(cloud)
        yield from alertmanager_listeners(cloud)
        yield from loki_listeners(cloud)
        yield from ceph.listeners(cloud)
    yield from Realm(clouds, keys).listeners()
