"""Nova's host aggregates: which hosts are in them, what the scheduler matches, and which are an availability zone.

A host is in one zone only, and Nova refuses to move one between zones while servers are on it: their zone would change
under them. Metadata is matched with what flavors ask for, so a change decides where new servers may go.
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
from runbooks.operations.pairs import KEY, has_host
from runbooks.operations.properties import Properties

DEFAULT_ZONE = "nova"
"""Where hosts are that no aggregate with a zone has (`default_availability_zone`)."""


def _act(asked: Asked, body: dict[str, Any]) -> RestCall:
    return RestCall("compute", "POST", path("/os-aggregates/{}/action", asked.identity), body, "2.96")


def _named(row: Any) -> list[str]:
    return [each for each in (row.hosts or "").split(", ") if each]


def _add_host(asked: Asked) -> Work:
    host = asked.values["host"]
    return work(
        Step(
            f"add {host} to {asked.name}",
            _act(asked, {"add_host": {"host": host}}),
            f"openstack aggregate add host {shlex.quote(asked.identity)} {shlex.quote(host)}",
            Expect("aggregates", asked.identity, has_host(host)),
        ),
        stops=f"nothing; {_servers_on(asked, host)}",
        inverse=Inverse("aggregate.remove-host", asked.identity, {"host": host}, "takes it out again"),
    )


def _remove_host(asked: Asked) -> Work:
    host = asked.values["host"]
    left = len([each for each in _named(asked.row) if each != host])
    return work(
        Step(
            f"take {host} out of {asked.name}",
            _act(asked, {"remove_host": {"host": host}}),
            f"openstack aggregate remove host {shlex.quote(asked.identity)} {shlex.quote(host)}",
            Expect("aggregates", asked.identity, f"not:{has_host(host)}"),
        ),
        stops="nothing; servers on it stay there",
        less=f"{left} hosts stay in {asked.name}",
        inverse=Inverse("aggregate.add-host", asked.identity, {"host": host}, "puts it back"),
    )


def _zone(asked: Asked) -> Work:
    zone, before = asked.values["zone"], asked.row.availability_zone
    return work(
        Step(
            f"make {asked.name} the zone {zone}",
            RestCall(
                "compute", "PUT", path("/os-aggregates/{}", asked.identity),
                {"aggregate": {"availability_zone": zone}}, "2.96",
            ),
            f"openstack aggregate set --zone {shlex.quote(zone)} {shlex.quote(asked.identity)}",
            Expect("aggregates", asked.identity, exactly("availability_zone", zone)),
        ),
        stops="nothing: no servers are on its hosts",
        notes=(
            f"Whoever asks for {before or DEFAULT_ZONE} finds its {asked.row.host_count} hosts there no more.",
            *(() if before else ("Nova has no way to make it no zone again, but to delete it and make it anew.",)),
        ),
        inverse=Inverse("aggregate.set-zone", asked.identity, {"zone": before}, f"it is {before} again")
        if before
        else None,
    )  # fmt: skip


def _servers_on(asked: Asked, host: str) -> str:
    count = len(asked.cloud.rows("servers", host=host))
    return f"{count} servers are on {host} and stay there"


def _a_host(asked: Asked) -> Verdict:
    """Nova knows it as a compute host, and it is not in the aggregate."""
    host = asked.values["host"]
    if host in _named(asked.row):
        return is_closed(f"{host} is in it already")
    if not asked.cloud.rows("compute-services", binary="nova-compute", host=host):
        return is_closed(f"{host} is no compute host")
    return is_open(f"{host} is a compute host and not in it")


def _in_it(asked: Asked) -> Verdict:
    host = asked.values["host"]
    return is_open(f"{host} is in it") if host in _named(asked.row) else is_closed(f"{host} is not in it")


def _one_zone(asked: Asked) -> Verdict:
    """Nova refuses a second zone, and a change of zone under servers."""
    host, zone = asked.values["host"], asked.row.availability_zone
    if not zone:
        return is_open(f"{asked.name} is no zone")
    return _zone_of(asked, [host], zone)


def _zone_stays(asked: Asked) -> Verdict:
    host, zone = asked.values["host"], asked.row.availability_zone
    if not zone or _zones(asked, host) - {(asked.identity, zone)}:
        return is_open(f"{host} stays in its zone")
    return _empty(asked, [host], f"it would leave {zone}")


def _zone_may_change(asked: Asked) -> Verdict:
    zone = asked.values["zone"]
    if asked.row.availability_zone == zone:
        return is_closed(f"it is {zone} already")
    hosts = _named(asked.row)
    verdict = _zone_of(asked, hosts, zone)
    return verdict if verdict.state != "open" else _empty(asked, hosts, f"they would be in {zone} now")


def _zone_of(asked: Asked, hosts: list[str], zone: str) -> Verdict:
    for host in hosts:
        others = sorted({name for at, name in _zones(asked, host) if name != zone and at != asked.identity})
        if others:
            return is_closed(f"{host} is in the zone {others[0]} by another aggregate: take it out there first")
    moved = [host for host in hosts if zone not in {name for at, name in _zones(asked, host) if at != asked.identity}]
    return _empty(asked, moved, f"they would be in {zone} now")


def _zones(asked: Asked, host: str) -> set[tuple[str, str]]:
    """(aggregate, zone) that the host is in."""
    rows = asked.cloud.rows("aggregates")
    return {(each.id, each.availability_zone) for each in rows if each.availability_zone and host in _named(each)}


def _empty(asked: Asked, hosts: list[str], why: str) -> Verdict:
    there = [row for row in asked.cloud.rows("servers") if row.host in hosts]
    if there:
        return is_closed(f"{len(there)} servers are on {', '.join(hosts[:3])} ({why}): hypervisor.drain first")
    return is_open(f"no servers are on {', '.join(hosts[:3]) or 'its hosts'}")


def _put(asked: Asked, key: str, value: str | None) -> RestCall:
    return _act(asked, {"set_metadata": {"metadata": {key: value}}})


def _zone_is_not(key: str, setting: bool) -> str:
    if key != "availability_zone":
        return ""
    if setting:
        return "the zone is set by aggregate.set-zone"
    return "Nova takes no zone away from an aggregate; aggregate.set-zone changes it"


HOST = Parameter("host", "the compute host, as Nova names it", pattern=r"[A-Za-z0-9._-]{1,255}")
ZONE = r"[A-Za-z0-9._-]{1,255}"
READS = ("compute-services", "servers")
PROPERTIES = Properties(
    thing="aggregate",
    kind="aggregates",
    column="metadata",
    name=Parameter("property", "name of the property", pattern=KEY),
    put=_put,
    take=lambda asked, key: _put(asked, key, None),
    about=(
        "a property that flavors and images are matched with",
        "remove a property that flavors and images are matched with",
    ),
    stops="nothing; it decides where new servers may go",
    others=_zone_is_not,
)

OPERATIONS = (
    Operation(
        name="aggregate.add-host",
        kind="aggregates",
        title="add {host} to {name}",
        about="put a compute host into it",
        risk="R2",
        parameters=(HOST,),
        reads=READS,
        guards=(
            Guard("sense", _a_host, "Nova has that compute host, and it is not in it yet"),
            Guard("zone", _one_zone, "the host is in no other zone, and no servers would change theirs"),
        ),
        work=_add_host,
    ),
    Operation(
        name="aggregate.remove-host",
        kind="aggregates",
        title="take {host} out of {name}",
        about="take a compute host out of it",
        risk="R2",
        parameters=(HOST,),
        reads=READS,
        guards=(
            Guard("sense", _in_it, "the host is in it"),
            Guard("zone", _zone_stays, "no servers would change their zone"),
        ),
        work=_remove_host,
    ),
    *PROPERTIES.operations(),
    Operation(
        name="aggregate.set-zone",
        kind="aggregates",
        title="make {name} the zone {zone}",
        about="name its hosts an availability zone that users can ask for",
        risk="R3",
        parameters=(Parameter("zone", "the zone's name", pattern=ZONE),),
        reads=("servers",),
        guards=(Guard("zone", _zone_may_change, "its hosts are in no other zone, and no servers would change theirs"),),
        work=_zone,
    ),
)
