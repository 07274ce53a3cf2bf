"""What the addresses in a router's namespace mean: whether it is active there, and which floating IPs it has.

Neutron gives a floating IP to the interface that leads outside, as an address without a network; an instance that waits
has its interfaces and none of the router's addresses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def holds(addresses: Mapping[str, Sequence[str]]) -> bool:
    """True when a namespace has its router's addresses: those of its networks, or VRRP's own on the HA interface."""
    return any(
        (name.startswith(("qg-", "qr-")) and bool(own))
        or (name.startswith("ha-") and any(each.startswith("169.254.0.") for each in own))
        for name, own in addresses.items()
    )


def floating(addresses: Mapping[str, Sequence[str]]) -> list[str]:
    """The floating IPs that a namespace has on its way out: addresses that stand alone, without a network."""
    found = [each for name, own in addresses.items() if name.startswith("qg-") for each in own]
    return [each.removesuffix("/32") for each in found if each.endswith("/32")]
