"""The simulator that these tests talk to."""

from __future__ import annotations

from tests.ground import ground as ground
