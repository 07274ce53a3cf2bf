"""What a database member has on disk about the cluster, in the volume that Kolla gives it: grastate.dat, gvwstate.dat.

Computed from the model when read; an operator may set `safe_to_bootstrap`, or remove grastate.dat.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from runbooks.simulator.ssh.program import Place

if TYPE_CHECKING:
    from runbooks.simulator.model.galera import Galera

FOLDER = "/var/lib/docker/volumes/mariadb/_data"
STATE = f"{FOLDER}/grastate.dat"
VIEW = f"{FOLDER}/gvwstate.dat"
SAFE = re.compile(r"^safe_to_bootstrap:\s*([01])\s*$", re.M)


def names(place: Place) -> list[str]:
    """Those of them that are there."""
    galera: Galera = place.cloud.galera
    if place.host.name not in galera.members:
        return []
    member = galera[place.host.name]
    return ([] if member.blank and member.phase == "down" else [STATE]) + ([VIEW] if member.together else [])


def content(place: Place, path: str) -> str:
    """One of `names`."""
    return _state(place) if path == STATE else _view(place)


def _state(place: Place) -> str:
    galera = place.cloud.galera
    member = galera[place.host.name]
    at = galera.committed(member.name) if member.phase == "down" and member.proper else -1
    uuid = "00000000-0000-0000-0000-000000000000" if member.phase == "inconsistent" else galera.cluster_id
    return (
        f"# GALERA saved state\nversion: 2.1\nuuid:    {uuid}\nseqno:   {at}\nsafe_to_bootstrap: {int(member.safe)}\n"
    )


def _view(place: Place) -> str:
    galera = place.cloud.galera
    member = galera[place.host.name]

    def uuid(name: str) -> str:
        return place.cloud.seed.uuid("gcomm", name, int(galera[name].started))

    listed = "".join(f"member: {uuid(name)} 0\n" for name in member.together)
    return (
        f"my_uuid: {uuid(member.name)}\n#vwbeg\n"
        f"view_id: 3 {uuid(member.together[0])} {galera.conf_id}\nbootstrap: 0\n{listed}#vwend\n"
    )


def write(place: Place, text: str) -> None:
    """grastate.dat with another text: only `safe_to_bootstrap` means anything."""
    found = SAFE.search(text)
    place.cloud.galera[place.host.name].safe = found is not None and found[1] == "1"
    place.cloud.wrote(f"ssh:{place.host.name}", f"wrote {STATE}", place.account.name, "exit 0")


def remove(place: Place) -> None:
    """grastate.dat is gone."""
    place.cloud.galera[place.host.name].forget()
    place.cloud.wrote(f"ssh:{place.host.name}", f"removed {STATE}", place.account.name, "exit 0")
