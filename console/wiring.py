"""Where the parts are put together: from options and environment to opened connections. The only clock is here."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Final

from collectors.connections import Connections

CLOCK: Final = time.time
"""Seconds since the epoch; everything else is told the time."""


def connect(options: Any) -> Connections:
    """Connections to the site that `options` (cloud, region, environ) mean. Raises `BadConfiguration`."""
    from console.config import load_site

    environ: Mapping[str, str] = options.environ
    cloud = options.cloud or environ.get("OS_CLOUD", "")
    region = options.region or environ.get("OS_REGION_NAME", "")
    return Connections(load_site(cloud, region, environ))
