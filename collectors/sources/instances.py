"""Which host of the site the labels of a series or an alert are about.

Some sites label the host; most have only `instance`, an address with a port, or a URL that was probed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from collectors.site import Site

_LABELS: Final = ("host", "hostname", "nodename", "node", "instance", "exported_instance")


class HostNames:
    """The hosts of one site by name and address."""

    def __init__(self, site: Site) -> None:
        self._known = {name.casefold(): name for name in site.hosts}
        self._known |= {host.address: host.name for host in site.hosts.values() if host.address}

    def of(self, labels: object) -> str | None:
        """The host's name as the site has it; what a label calls the host where the site does not know it."""
        if not isinstance(labels, Mapping):
            return None
        for label in _LABELS:
            text = labels.get(label)
            if isinstance(text, str) and (found := self._host(text)) is not None:
                return found
        return next((text for label in _LABELS[:3] if isinstance(text := labels.get(label), str) and text), None)

    def _host(self, text: str) -> str | None:
        bare = re.sub(r"^[a-z]+://", "", text).partition("/")[0]
        address = re.sub(r":\d+$", "", bare).strip("[]")
        return self._known.get(address) or self._known.get(address.casefold().partition(".")[0])
