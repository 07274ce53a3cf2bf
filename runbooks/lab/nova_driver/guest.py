"""A server of the lab as its host sees it: a network namespace, cables to br-int, and a unit that runs its programs.

Nothing here needs Nova: these are the words of `ip`, `ovs-vsctl` and `systemctl`, and the file that remembers a server.
The namespace and the unit carry the instance's name (instance-00000001), as a libvirt domain would.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

FIRST_DEVICE = 3
"""Cards in a server are called ens3, ens4 …"""


@dataclass(frozen=True, slots=True)
class Card:
    """A network card of a server: the port it belongs to."""

    port: str
    mac: str
    mtu: int
    bridge: str

    @property
    def tap(self) -> str:
        """The host's end of the cable, called as Nova and Neutron call it."""
        return "tap" + self.port[:11]


@dataclass(frozen=True, slots=True)
class Guest:
    """What a host must remember about a server to find it again after a restart."""

    uuid: str
    name: str
    hostname: str
    wanted: bool
    """True when it should run."""

    def text(self) -> str:
        """As JSON."""
        values = {"uuid": self.uuid, "name": self.name, "hostname": self.hostname, "wanted": self.wanted}
        return json.dumps(values) + "\n"


def remembered(text: str) -> Guest:
    """The server that `Guest.text` wrote. Raises ValueError."""
    values = json.loads(text)
    try:
        return Guest(str(values["uuid"]), str(values["name"]), str(values["hostname"]), bool(values["wanted"]))
    except (KeyError, TypeError) as error:
        raise ValueError(f"no server: {error}") from error


def unit(name: str) -> str:
    """The unit of the server's programs."""
    return f"guest@{name}.service"


def cards_in(listing: str) -> dict[str, str]:
    """Devices of a namespace by MAC address, from `ip -o link show`."""
    found: dict[str, str] = {}
    for line in listing.splitlines():
        words = line.split()
        if "link/ether" in words:
            found[words[words.index("link/ether") + 1]] = words[1].rstrip(":").split("@")[0]
    return found


def next_device(used: Iterable[str]) -> str:
    """The first free name for a card."""
    taken = set(used)
    number = FIRST_DEVICE
    while f"ens{number}" in taken:
        number += 1
    return f"ens{number}"


def open_space(name: str) -> Iterator[tuple[str, ...]]:
    """Make the server's namespace."""
    yield "ip", "netns", "add", name
    yield "ip", "-n", name, "link", "set", "lo", "up"


def plug(name: str, uuid: str, card: Card, device: str) -> Iterator[tuple[str, ...]]:
    """Make a cable between the server and the bridge, and tell Open vSwitch whose it is.

    The server computes its checksums itself: the switch is a program that sees frames without them.
    """
    mtu = str(card.mtu)
    yield ("ip", "link", "add", card.tap, "mtu", mtu, "type", "veth",
           "peer", "name", device, "address", card.mac, "mtu", mtu, "netns", name)  # fmt: skip
    yield "ip", "netns", "exec", name, "ethtool", "-K", device, "tx", "off", "rx", "off"
    yield "ip", "link", "set", card.tap, "up"
    yield "ip", "-n", name, "link", "set", device, "up"
    yield (
        "ovs-vsctl", "--timeout=30", "--may-exist", "add-port", card.bridge, card.tap,
        "--", "set", "Interface", card.tap,
        f"external_ids:iface-id={card.port}", "external_ids:iface-status=active",
        f'external_ids:attached-mac="{card.mac}"', f"external_ids:vm-uuid={uuid}",
    )  # fmt: skip


def unplug(card: Card) -> Iterator[tuple[str, ...]]:
    """Remove a cable; both ends go."""
    yield "ovs-vsctl", "--timeout=30", "--if-exists", "del-port", card.tap
    yield "ip", "link", "delete", card.tap


def close_space(name: str) -> Iterator[tuple[str, ...]]:
    """Remove the server's namespace."""
    yield "ip", "netns", "delete", name


def environment(hostname: str) -> str:
    """What the unit tells the server's programs."""
    return f"GUEST_HOSTNAME={hostname}\n"
