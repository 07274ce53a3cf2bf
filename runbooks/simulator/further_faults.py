"""Faults of Octavia, Designate and Manila: what each declared one changes on the model, and how that is taken back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from runbooks.ground.declared import FaultError
from runbooks.simulator.model.cloud import Cloud
from runbooks.simulator.model.further import Further
from runbooks.simulator.model.further.manila import SHARE, UNITS

Undo = Callable[[], None]
Given = Mapping[str, str]
KILLED = 137


def _further(cloud: Cloud) -> Further:
    """Raises FaultError where the cloud has none of these services."""
    if cloud.further is None:
        raise FaultError("this cloud has no Octavia, Designate, Manila or Barbican: start it with --further")
    return cloud.further


def _amphora_error(cloud: Cloud, given: Given) -> Undo:
    """A failover did not work: Octavia gives up on the amphora, and on changing its load balancer; the other serves."""
    balancing, now = _further(cloud).balancing, cloud.now()
    balancer = balancing.load_balancers[0]
    backup = balancing.of(balancer)[1]
    if backup.status == "ERROR" or balancer.provisioning != "ACTIVE":
        raise FaultError(f"the load balancer {balancer.name} or its amphora is broken already")
    before = (backup.updated, balancer.updated)
    backup.status, backup.updated = "ERROR", now
    balancer.provisioning, balancer.updated = "ERROR", now

    def back() -> None:
        backup.status, balancer.provisioning = "ALLOCATED", "ACTIVE"
        backup.updated, balancer.updated = before

    return back


def _load_balancer_stuck(cloud: Cloud, given: Given) -> Undo:
    """The worker died in the middle of a change: nobody else takes it up."""
    balancer = _further(cloud).balancing.load_balancers[1]
    if balancer.provisioning != "ACTIVE":
        raise FaultError(f"the load balancer {balancer.name} is {balancer.provisioning} already")
    before = balancer.updated
    balancer.provisioning, balancer.updated = "PENDING_UPDATE", cloud.now()

    def back() -> None:
        balancer.provisioning, balancer.updated = "ACTIVE", before

    return back


def _zone_error(cloud: Cloud, given: Given) -> Undo:
    """The name servers did not take a change of the first zone."""
    zone, now = _further(cloud).dns.zones[0], cloud.now()
    if zone.status != "ACTIVE":
        raise FaultError(f"the zone {zone.name} is {zone.status} already")
    before = replace(zone)
    zone.status, zone.action, zone.updated, zone.serial = "ERROR", "UPDATE", now, int(now)

    def back() -> None:
        zone.status, zone.action, zone.updated, zone.serial = before.status, before.action, now, int(now)

    return back


def _share_service_down(cloud: Cloud, given: Given) -> Undo:
    _further(cloud)
    host, unit = given["host"], UNITS[SHARE]
    if cloud.hosts[host].answer(unit) != "answers":
        raise FaultError(f"{unit} on {host} does not run: there is nothing to break")
    cloud.hosts.set_unit(host, unit, "failed", cloud.now(), KILLED)
    return lambda: cloud.hosts.set_unit(host, unit, "running", cloud.now())


ACTS: Mapping[str, Callable[[Cloud, Given], Undo]] = {
    "amphora-error": _amphora_error,
    "load-balancer-stuck": _load_balancer_stuck,
    "dns-zone-error": _zone_error,
    "manila-share-down": _share_service_down,
}
