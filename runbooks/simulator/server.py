"""One running simulator: two regions and everything that listens for them."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from importlib.util import find_spec

from runbooks.simulator.clock import Clock
from runbooks.simulator.http.api import Api
from runbooks.simulator.http.front import fronts
from runbooks.simulator.ids import Seed
from runbooks.simulator.layout import Layout
from runbooks.simulator.listen import Listener, Listeners
from runbooks.simulator.model.cloud import Cloud, build
from runbooks.simulator.secret import Secrets
from runbooks.simulator.ssh.gate import Realm
from runbooks.simulator.ssh.keys import Keys

SECOND_REGION_SERVERS = 4


class Simulator:
    """The regions' models and the sockets that serve them."""

    def __init__(self, layout: Layout, seed: Seed, clock: Clock, servers: int) -> None:
        self.layout = layout
        self.seed = seed
        self.clock = clock
        self.servers = servers
        self.secrets = Secrets()
        self.keys = Keys()
        self.listeners = Listeners()
        self._build()

    def _build(self) -> None:
        self.cloud = build(self.layout, self.seed, self.clock, servers=self.servers, secrets=self.secrets)
        other = Seed(self.seed.number(1 << 62, "RegionTwo"))
        self.second = build(self.layout.second(), other, self.clock, servers=SECOND_REGION_SERVERS, first=self.cloud)
        self.listeners = Listeners(_listeners(self.cloud, self.second, self.keys))
        for cloud in (self.cloud, self.second):
            cloud.changed.append(self.listeners.changed)

    async def start(self) -> None:
        """Open the sockets."""
        await self.listeners.follow()

    async def reset(self) -> None:
        """Everything as it was when the run began; passwords and the tokens of admins and readers stay valid."""
        tokens = self.cloud.identity.tokens
        self.listeners.close()
        self._build()
        self.cloud.identity.tokens |= tokens
        await self.start()

    def stop(self) -> None:
        """Close the sockets."""
        self.listeners.close()


def _listeners(first: Cloud, second: Cloud, keys: Keys) -> Iterator[Listener]:
    for name in ("keystone", "nova", "placement", "neutron", "cinder", "glance"):
        if find_spec(f"runbooks.simulator.http.{name}") is None:
            continue
        api: Api | None = getattr(importlib.import_module(f"runbooks.simulator.http.{name}"), "API", None)
        if api is None:
            continue
        yield from fronts(first, api)
        if name not in ("keystone", "cinder"):  # the second region shares Keystone and has no block storage
            yield from fronts(second, api)
    yield from Realm((first, second), keys).listeners()
    for name in ("http.rabbitmq", "mysql.server"):
        package = name.partition(".")[0]
        if find_spec(f"runbooks.simulator.{package}") is None or find_spec(f"runbooks.simulator.{name}") is None:
            continue
        make = getattr(importlib.import_module(f"runbooks.simulator.{name}"), "listeners", None)
        if make is not None:
            yield from make(first)
