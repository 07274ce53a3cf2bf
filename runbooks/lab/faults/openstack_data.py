"""What is wrong in OpenStack's own books: an allocation of nobody, a flavor that no host can have, a volume that is
stuck. The APIs are asked, as an operator would.
"""

from __future__ import annotations

import uuid
from typing import Any

from runbooks.ground.declared import FaultError
from runbooks.lab import api
from runbooks.lab.faults.fault import Fault, Parameters, forget, mark, recall, remember
from runbooks.lab.lab import Lab

TRAIT = "CUSTOM_NEPHOSCOPE_FAULT"
SHARE = 0.9
"""How much of what is free an orphaned allocation takes."""


# An allocation whose consumer is nobody


def _provider(lab: Lab, parameters: Parameters) -> tuple[api.Cloud, str]:
    cloud = api.admin(lab)
    found = cloud.call("placement", "GET", f"/resource_providers?name={parameters['host']}")["resource_providers"]
    if not found:
        raise FaultError(
            f"Placement has no resource provider {parameters['host']}: has its nova-compute ever reported?"
        )
    return cloud, str(found[0]["uuid"])


def consumer(lab: Lab, parameters: Parameters) -> str:
    """The id of the consumer: no server has it."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{lab.id}/{mark('placement-orphan-allocation', parameters)}"))


def _allocate(lab: Lab, parameters: Parameters) -> None:
    cloud, provider = _provider(lab, parameters)
    inventories = cloud.call("placement", "GET", f"/resource_providers/{provider}/inventories")["inventories"]
    used = cloud.call("placement", "GET", f"/resource_providers/{provider}/usages")["usages"]
    resources = {}
    for name, has in inventories.items():
        total = int((has["total"] - has["reserved"]) * has["allocation_ratio"])
        amount = min(int((total - used.get(name, 0)) * SHARE), has["max_unit"])
        if amount >= has["min_unit"]:
            resources[name] = amount - amount % has["step_size"]
    body = {
        "allocations": {provider: {"resources": resources}},
        "project_id": cloud.project_id,
        "user_id": cloud.user_id,
        "consumer_generation": None,
        "consumer_type": "INSTANCE",
    }
    cloud.call("placement", "PUT", f"/allocations/{consumer(lab, parameters)}", body)


def _release(lab: Lab, parameters: Parameters) -> None:
    if _orphaned(lab, parameters):
        api.admin(lab).call("placement", "DELETE", f"/allocations/{consumer(lab, parameters)}")


def _orphaned(lab: Lab, parameters: Parameters) -> bool:
    cloud, provider = _provider(lab, parameters)
    found = cloud.call("placement", "GET", f"/resource_providers/{provider}/allocations")["allocations"]
    return consumer(lab, parameters) in found


def _has_provider(lab: Lab, parameters: Parameters) -> None:
    _provider(lab, parameters)


# A flavor with a trait that no host has


def _flavor(lab: Lab, parameters: Parameters) -> tuple[api.Cloud, str]:
    cloud = api.admin(lab)
    for each in cloud.call("compute", "GET", "/flavors?is_public=None")["flavors"]:
        if each["name"] == parameters["flavor"]:
            return cloud, str(each["id"])
    raise FaultError(f"no flavor is called {parameters['flavor']}")


def _demand(lab: Lab, parameters: Parameters) -> None:
    cloud, flavor = _flavor(lab, parameters)
    cloud.call("placement", "PUT", f"/traits/{TRAIT}")
    spec = {"extra_specs": {f"trait:{TRAIT}": "required"}}
    cloud.call("compute", "POST", f"/flavors/{flavor}/os-extra_specs", spec)


def _demand_no_more(lab: Lab, parameters: Parameters) -> None:
    cloud, flavor = _flavor(lab, parameters)
    if f"trait:{TRAIT}" in _specs(cloud, flavor):
        cloud.call("compute", "DELETE", f"/flavors/{flavor}/os-extra_specs/trait:{TRAIT}")
    if _traits(cloud) and not _demanded(cloud):
        cloud.call("placement", "DELETE", f"/traits/{TRAIT}")


def _specs(cloud: api.Cloud, flavor: str) -> dict[str, Any]:
    found = cloud.call("compute", "GET", f"/flavors/{flavor}/os-extra_specs")["extra_specs"]
    assert isinstance(found, dict)
    return found


def _traits(cloud: api.Cloud) -> list[str]:
    return list(cloud.call("placement", "GET", f"/traits?name=in:{TRAIT}")["traits"])


def _demanded(cloud: api.Cloud) -> bool:
    flavors = cloud.call("compute", "GET", "/flavors?is_public=None")["flavors"]
    return any(f"trait:{TRAIT}" in _specs(cloud, each["id"]) for each in flavors)


def _nobody_fits(lab: Lab, parameters: Parameters) -> bool:
    """Placement is asked what the scheduler asks: who could have such a server?"""
    cloud, flavor = _flavor(lab, parameters)
    if f"trait:{TRAIT}" not in _specs(cloud, flavor):
        return False
    query = f"/allocation_candidates?resources=VCPU:1,MEMORY_MB:64&required={TRAIT}"
    return not cloud.call("placement", "GET", query)["allocation_requests"]


def _has_flavor(lab: Lab, parameters: Parameters) -> None:
    _flavor(lab, parameters)


# A volume that stays in a state that nobody works on


def _volume(lab: Lab, parameters: Parameters) -> tuple[api.Cloud, dict[str, Any]]:
    cloud = api.admin(lab)
    for each in cloud.call("volumev3", "GET", "/volumes/detail?all_tenants=1")["volumes"]:
        if each["name"] == parameters["volume"]:
            return cloud, each
    raise FaultError(f"no volume is called {parameters['volume']}")


def _reset(cloud: api.Cloud, volume: str, status: str) -> None:
    body = {"os-reset_status": {"status": status}}
    cloud.call("volumev3", "POST", f"/volumes/{volume}/action", body)


def _get_stuck(lab: Lab, parameters: Parameters) -> None:
    cloud, volume = _volume(lab, parameters)
    remember(lab, mark("volume-stuck", parameters), {"id": volume["id"], "status": volume["status"]})
    _reset(cloud, volume["id"], parameters["status"])


def _get_free(lab: Lab, parameters: Parameters) -> None:
    key = mark("volume-stuck", parameters)
    kept = recall(lab, key)
    if kept:
        _reset(api.admin(lab), kept["id"], kept["status"])
        forget(lab, key)


def _is_stuck(lab: Lab, parameters: Parameters) -> bool:
    return bool(_volume(lab, parameters)[1]["status"] == parameters["status"])


def _is_settled(lab: Lab, parameters: Parameters) -> None:
    status = _volume(lab, parameters)[1]["status"]
    if status not in ("available", "in-use"):
        raise FaultError(f"the volume {parameters['volume']} is {status} already")


FAULTS = {
    "placement-orphan-allocation": Fault(_allocate, _release, _orphaned, _has_provider, 30),
    "flavor-trait-unmet": Fault(_demand, _demand_no_more, _nobody_fits, _has_flavor, 30),
    "volume-stuck": Fault(_get_stuck, _get_free, _is_stuck, _is_settled, 30),
}
"""The faults of this file."""
