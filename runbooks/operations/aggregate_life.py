"""A group of hosts begins and ends: an empty one is made beside another, an empty one is deleted.

Nova makes it without hosts and deletes none that has some; what is put in and taken out is in `aggregates.py`.
"""

from __future__ import annotations

import shlex
from typing import Any

from collectors.call import RestCall, path
from runbooks.expect import Expect, exactly
from runbooks.operation import (
    Asked,
    Guard,
    Inverse,
    Operation,
    Parameter,
    Step,
    Verdict,
    Work,
    is_closed,
    is_open,
    work,
)
from runbooks.operations.aggregates import DEFAULT_ZONE, ZONE
from runbooks.operations.pairs import pairs_of


def _create(asked: Asked) -> Work:
    name, zone = asked.values["name"], asked.values["zone"]
    told = {"name": name} | ({"availability_zone": zone} if zone else {})
    option = f"--zone {shlex.quote(zone)} " if zone else ""
    made = Expect("aggregates", "", f"{exactly('name', name)} {exactly('availability_zone', zone)}")
    return work(
        Step(
            f"create the aggregate {name}" + (f", the zone {zone}" if zone else ""),
            RestCall("compute", "POST", "/os-aggregates", {"aggregate": told}, "2.96"),
            f"openstack aggregate create {option}{shlex.quote(name)}",
            made,
        ),
        stops="nothing: no host is in it yet",
        notes=("aggregate.add-host puts hosts in, aggregate.set gives it properties.",),
        inverse=Inverse("aggregate.delete", words="deletes it again, as long as it is empty"),
    )


def _delete(asked: Asked) -> Work:
    lost = ", ".join(
        [*([f"the zone {asked.row.availability_zone}"] if asked.row.availability_zone else []), *(_pairs(asked.row))]
    )
    return work(
        Step(
            f"delete the aggregate {asked.name}",
            RestCall("compute", "DELETE", path("/os-aggregates/{}", asked.identity), None, "2.96"),
            f"openstack aggregate delete {shlex.quote(asked.identity)}",
            Expect("aggregates", asked.identity, absent=True),
        ),
        stops="nothing: no host is in it",
        notes=(f"With it goes {lost}." if lost else "It has neither a zone nor properties.",),
    )


def _pairs(row: Any) -> list[str]:
    return [f"{key}={value}" for key, value in pairs_of(row.metadata).items()]


def _new(asked: Asked) -> Verdict:
    name = asked.values["name"]
    if asked.cloud.rows("aggregates", name=name):
        return is_closed(f"there is an aggregate {name} already")
    return is_open(f"there is no aggregate {name}")


def _zone_is_free(asked: Asked) -> Verdict:
    """The zone of hosts without one is no zone of an aggregate: servers that were built for it could not move."""
    zone = asked.values["zone"]
    if zone == DEFAULT_ZONE:
        return is_closed(f"{zone} is where the hosts without a zone are: give it another name")
    also = [row.name for row in asked.cloud.rows("aggregates") if zone and row.availability_zone == zone]
    return is_open(f"{zone} is the zone of {', '.join(also)} too" if also else "no other aggregate is that zone")


def _has_hosts(row: Any) -> str:
    return f"has {row.host_count} hosts: aggregate.remove-host first" if row.host_count else ""


OPERATIONS = (
    Operation(
        name="aggregate.create",
        kind="aggregates",
        title="create the aggregate {name}",
        about="a new, empty group of hosts beside the target, perhaps a zone",
        risk="R1",
        parameters=(
            Parameter("name", "what people call it", pattern=r"[A-Za-z0-9][A-Za-z0-9._ -]{0,254}"),
            Parameter("zone", "the availability zone that its hosts will be; empty: none", "", pattern=f"{ZONE}|"),
        ),
        guards=(
            Guard("sense", _new, "there is none of that name"),
            Guard("zone", _zone_is_free, "the zone is not the one of hosts without a zone"),
        ),
        work=_create,
    ),
    Operation(
        name="aggregate.delete",
        kind="aggregates",
        title="delete the aggregate {name}",
        about="remove a group without hosts; its zone and properties go with it",
        risk="R2",
        closed=_has_hosts,
        work=_delete,
        irreversible=True,
    ),
)
