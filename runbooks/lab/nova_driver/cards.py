"""The network cards of the servers, and what the whole driver needs to run programs. Loaded by nova-compute only."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from nova import exception
from nova.virt import fake
from nova.virt.lab import guest


def call(*words: str, check: bool = True) -> str:
    """Run a program and give what it said. Raises InternalError when it fails."""
    done = subprocess.run(words, capture_output=True, text=True, timeout=60)
    if done.returncode and check:
        raise exception.InternalError(f"{' '.join(words)}: {done.stderr.strip() or done.returncode}")
    return done.stdout


class Plugging(fake.FakeDriver):  # type: ignore[misc]
    """The part of the driver that makes namespaces and cables."""

    def __init__(self, virtapi: Any, read_only: bool = False) -> None:
        super().__init__(virtapi, read_only)
        self._spaces = threading.Lock()

    def plug_vifs(self, instance: Any, network_info: Any) -> None:
        """Make the namespace and the cables that are missing."""
        with self._spaces:
            self._plug(instance, network_info or [])

    def _plug(self, instance: Any, network_info: Iterable[Any]) -> None:
        name = instance.name
        if not Path("/run/netns", name).exists():
            self._all(guest.open_space(name))
        for vif in network_info:
            card = _card(vif)
            there = guest.cards_in(call("ip", "-n", name, "-o", "link", "show"))
            if card.mac not in there:
                call("ip", "link", "delete", card.tap, check=False)
                self._all(guest.plug(name, instance.uuid, card, guest.next_device(there.values())))

    def unplug_vifs(self, instance: Any, network_info: Any) -> None:
        """Remove the cables and the namespace."""
        with self._spaces:
            for vif in network_info or []:
                self._all(guest.unplug(_card(vif)), check=False)
            if Path("/run/netns", instance.name).exists():
                self._all(guest.close_space(instance.name), check=False)

    def attach_interface(self, context: Any, instance: Any, image_meta: Any, vif: Any) -> None:
        """One more card; the server asks for its address at once."""
        super().attach_interface(context, instance, image_meta, vif)
        self.plug_vifs(instance, [vif])
        call("systemctl", "reload", guest.unit(instance.name), check=False)

    def detach_interface(self, context: Any, instance: Any, vif: Any) -> None:
        """One card less."""
        self._interfaces.pop(vif["id"], None)
        self._all(guest.unplug(_card(vif)), check=False)

    def cables(self, instance: Any, to: str) -> None:
        """Plug all cards in (`up`) or pull them out (`down`)."""
        for vif in instance.get_network_info():
            call("ip", "link", "set", _card(vif).tap, to, check=False)

    def _all(self, commands: Iterable[tuple[str, ...]], check: bool = True) -> None:
        for words in commands:
            call(*words, check=check)


def _card(vif: Any) -> guest.Card:
    network = vif["network"]
    mtu = network.get_meta("mtu") or 1450
    return guest.Card(vif["id"], vif["address"], int(mtu), network["bridge"] or "br-int")
