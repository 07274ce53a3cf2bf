"""OVN of a site: what nephoscope.toml says, laid over what Kolla says."""

from __future__ import annotations

from collections.abc import Sequence

from collectors.site import OvnSite
from console.config.schema_systems import OvnTable
from console.config.systems import Around


def ovn(told: OvnTable | None, around: Around) -> OvnSite | None:
    """The hosts of each part, or None when nothing is known of it. Raises `BadConfiguration`."""
    found = around.kolla.ovn() if around.kolla is not None else None
    if told is None and found is None:
        return None
    told = told or OvnTable()
    northbound, southbound, northd = found or ((), (), ())
    return OvnSite(
        _hosts(told.northbound, told.hosts, northbound, around, "northbound"),
        _hosts(told.southbound, told.hosts, southbound, around, "southbound"),
        _hosts(told.northd, told.hosts, northd, around, "northd"),
    )


def _hosts(
    own: Sequence[str] | None, common: Sequence[str] | None, found: Sequence[str], around: Around, key: str
) -> tuple[str, ...]:
    """What is told of this part, else of all parts, else by Kolla."""
    key = key if own is not None else "hosts"
    names = own if own is not None else common if common is not None else found
    if not names:
        raise around.wrong("no host is named", 'add hosts = ["ctl01", "ctl02", "ctl03"]', "ovn", key)
    for name in names:
        if name not in around.hosts:
            raise around.wrong(f"the site has no host {name}", around.like(name), "ovn", key)
    return tuple(dict.fromkeys(names))
