"""Where the parts are put together: from options and environment to opened connections. The only clock is here."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Final

from collectors.acknowledge import Known
from collectors.connections import Connections
from collectors.site import Site

CLOCK: Final = time.time
"""Seconds since the epoch; everything else is told the time."""


def connect(options: Any) -> Connections:
    """Connections to the site that `options` (cloud, region, environ) mean. Raises `BadConfiguration`."""
    from console.config import load_site

    environ: Mapping[str, str] = options.environ
    cloud = options.cloud or environ.get("OS_CLOUD", "")
    region = options.region or environ.get("OS_REGION_NAME", "")
    return Connections(load_site(cloud, region, environ))


def known_problems(site: Site, environ: Mapping[str, str], now: float) -> Known:
    """The acknowledged problems of this cloud and region."""
    from collectors.acknowledge import known
    from console.acknowledgements import load
    from console.config import load_settings

    return known(load(load_settings(environ).state_dir), site.cloud, site.region, now)
