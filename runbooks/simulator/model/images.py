"""Images of one region."""

from __future__ import annotations

from dataclasses import dataclass

from runbooks.simulator.model.cloud import Cloud


@dataclass(slots=True)
class Images:
    """Images of one region."""

    cloud: Cloud


def build_images(cloud: Cloud) -> Images:
    """The healthy images part of `cloud`."""
    return Images(cloud)
