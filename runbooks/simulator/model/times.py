"""How long silence lasts before a service counts as dead: the services' own defaults, in seconds."""

from __future__ import annotations

SERVICE_DOWN_TIME = 60.0
"""Nova's and Cinder's `service_down_time`: a service whose heartbeat is older is `down`."""
AGENT_DOWN_TIME = 75.0
"""Neutron's `agent_down_time`: an agent whose heartbeat is older is not `alive`."""
