"""Ports and floating IPs."""

from __future__ import annotations

from tests.runbooks.scenario import Closed, Did, Scenario

PORT, NEUTRONS_OWN = ("10.66.0.11",), ("10.66.0.1",)
"""Of a server; of a router."""
UNUSED, USED = ("198.18.15.2",), ("198.18.16.1",)
"""Floating IPs of the tenant `ci`; the second one leads to `LED_TO`."""
FREE = {"port": "4b3b73c0-3541-4ee4-a1b0-0703ea365afe"}
LED_TO = {"port": "c9d358ac-afc8-4f92-aa63-87227df49a91"}
WHERE = ("port_id", "fixed_ip_address", "router_id")

SCENARIOS = (
    Scenario(
        "port.disable",
        PORT,
        closed=(
            Closed("sense", PORT, before=(Did("port.disable", PORT),)),
            Closed("guests", NEUTRONS_OWN),
        ),
        restores=("admin_state_up",),
    ),
    Scenario(
        "port.enable",
        PORT,
        before=(Did("port.disable", PORT),),
        closed=(Closed("sense", PORT),),
        restores=("admin_state_up",),
    ),
    Scenario(
        "floating-ip.associate",
        UNUSED,
        FREE,
        closed=(
            Closed("port", UNUSED, LED_TO),
            Closed("port", UNUSED, {"port": "00000000-0000-0000-0000-000000000000"}),
            Closed("port", UNUSED, FREE | {"fixed": "10.1.2.3"}),
        ),
        restores=WHERE,
    ),
    Scenario(
        "floating-ip.disassociate",
        USED,
        closed=(Closed("sense", UNUSED),),
        restores=WHERE,
    ),
)
