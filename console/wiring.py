"""Where the parts are put together: from options and environment to opened connections. The only clock is here."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Final

from collectors.acknowledge import Known
from collectors.connections import Connections
from collectors.errors import BadConfiguration
from collectors.site import Site

CLOCK: Final = time.time
"""Seconds since the epoch; everything else is told the time."""


def site_of(options: Any) -> Site:
    """The site that `options` (cloud, region, environ) mean; the only cloud of clouds.yaml when nothing names one.

    Raises `BadConfiguration`.
    """
    from console.config import load_site

    environ: Mapping[str, str] = options.environ
    site = load_site(options.cloud or "", options.region or "", environ)
    if site.cloud:
        return site
    from collectors.sources.clouds import cloud_names

    names = [name for name in cloud_names() if name != "defaults"]  # the loader's own, when it has no file
    if len(names) == 1:
        return load_site(names[0], options.region or "", environ)
    if names:
        raise BadConfiguration("cloud", f"clouds.yaml has {', '.join(names)}", "choose one with --cloud or OS_CLOUD")
    hint = "write ~/.config/openstack/clouds.yaml, set OS_CLIENT_CONFIG_FILE, or look at one with `nephoscope demo`"
    raise BadConfiguration("cloud", "no clouds.yaml was found, and no OS_* variables are set", hint)


def connect(options: Any) -> Connections:
    """Connections to the site that `options` mean. Raises `BadConfiguration`."""
    return Connections(site_of(options))


def known_problems(site: Site, environ: Mapping[str, str], now: float) -> Known:
    """The acknowledged problems of this cloud and region."""
    from collectors.acknowledge import known
    from console.acknowledgements import load
    from console.config import load_settings

    return known(load(load_settings(environ).state_dir), site.cloud, site.region, now)
