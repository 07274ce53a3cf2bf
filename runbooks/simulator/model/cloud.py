"""The model of one cloud: every server of the simulator answers from this, so that they cannot disagree."""

from __future__ import annotations

from dataclasses import dataclass

from runbooks.simulator.clock import Clock
from runbooks.simulator.ids import Seed
from runbooks.simulator.layout import Layout
from runbooks.simulator.model.hosts import Hosts


@dataclass(slots=True)
class Cloud:
    """Everything that is true of the simulated cloud at the clock's now."""

    clock: Clock
    seed: Seed
    layout: Layout
    hosts: Hosts
