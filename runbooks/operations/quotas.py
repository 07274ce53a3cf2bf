"""What a project may have: one limit of Nova, Cinder or Neutron is set, on the project that it is for.

A limit below what is used takes nothing away; it only refuses what is asked for next, replacements included, so it is
not set. The limits are read with their use, one project at a time, as the kinds of the quotas do; on their rows it can
be chosen as well, with the resource given.
"""

from __future__ import annotations

import shlex
from typing import Any, Final

from collectors.call import RestCall, path
from runbooks.expect import Expect
from runbooks.operation import (
    Asked,
    Guard,
    Inverse,
    Offer,
    Operation,
    Parameter,
    Step,
    Verdict,
    Work,
    is_closed,
    is_open,
    work,
)

_OPTIONS: Final = {
    "compute": {
        name: name.replace("_", "-")
        for name in ("cores", "instances", "ram", "server_groups", "server_group_members")
    }
    | {"key_pairs": "key-pairs", "metadata_items": "properties"},
    "volume": {
        name: name.replace("_", "-")
        for name in ("volumes", "gigabytes", "snapshots", "backups", "backup_gigabytes", "per_volume_gigabytes")
    }
    | {"groups": "groups"},
    "network": {
        "network": "networks", "subnet": "subnets", "port": "ports", "router": "routers",
        "floatingip": "floating-ips", "security_group": "secgroups", "security_group_rule": "secgroup-rules",
        "rbac_policy": "rbac-policies", "subnetpool": "subnetpools",
    },
}  # fmt: skip
"""What the openstack client calls the services' resources; the others it cannot set (a volume type's, extensions')."""

_SERVICE: Final = {"compute": "compute", "volume": "block-storage", "network": "network"}
_VERSION: Final = {"compute": "2.96", "volume": "3.70", "network": ""}


def _call(which: str, project: str, resource: str, limit: int) -> RestCall:
    if which == "network":
        return RestCall("network", "PUT", path("/quotas/{}", project), {"quota": {resource: limit}})
    body = {"quota_set": {resource: limit}}
    return RestCall(_SERVICE[which], "PUT", path("/os-quota-sets/{}", project), body, _VERSION[which])


def _found(asked: Asked, which: str) -> Any:
    """The project's row of that resource; None when the service has no such limit. Raises `SourceError`."""
    rows = asked.cloud.rows(f"{which}-quotas", parent=asked.identity, name=asked.values["resource"])
    return rows[0] if rows else None


def _operation(which: str, service: str, example: str) -> Operation:
    name = f"project.{which}-quota"

    def sensible(asked: Asked) -> Verdict:
        found, resource, limit = _found(asked, which), asked.values["resource"], int(asked.values["limit"])
        if found is None:
            known = ", ".join(each.name for each in asked.cloud.rows(f"{which}-quotas", parent=asked.identity))
            return is_closed(f"{service} has no limit “{resource}”; it has {known}")
        if found.limit == limit:
            return is_closed(f"{resource} is {limit} already")
        return is_open(f"{resource} is {found.limit} now")

    def enough(asked: Asked) -> Verdict:
        found, limit = _found(asked, which), int(asked.values["limit"])
        used = 0 if found is None else (found.used or 0) + (found.reserved or 0)
        if 0 <= limit < used:
            return is_closed(f"{used} are used: a limit of {limit} would refuse even what replaces them")
        return is_open(f"{used} are used")

    def do(asked: Asked) -> Work:
        resource, limit, found = asked.values["resource"], int(asked.values["limit"]), _found(asked, which)
        option = _OPTIONS[which].get(resource)
        command = f"openstack quota set --{option} {limit} {shlex.quote(asked.identity)}" if option else ""
        back = None
        if found is not None and found.limit is not None:
            values = {"resource": resource, "limit": str(found.limit)}
            back = Inverse(name, asked.identity, values, f"sets it to {found.limit} again")
        return work(
            Step(
                f"set {resource} of {asked.name} to {limit}",
                _call(which, asked.identity, resource, limit),
                command,
                Expect(f"{which}-quotas", resource, f"limit={limit}", parent=asked.identity),
            ),
            stops="nothing",
            inverse=back,
        )

    return Operation(
        name=name,
        kind="projects",
        title=f"set {service}'s limit of {{resource}} for {{name}} to {{limit}}",
        about=f"how much a project may have of {service}'s resources, never below what it uses",
        risk="R2",
        offers=(Offer(f"{which}-quotas", {"resource": "name"}),),
        parameters=(
            Parameter("resource", f"as in the kind {which}-quotas: {example}", pattern=r"[A-Za-z0-9_.-]{1,255}"),
            Parameter("limit", "the most it may have; -1 is as much as it likes", pattern=r"-1|\d{1,9}"),
        ),
        guards=(
            Guard("sense", sensible, "the service has such a limit, and it is another one now"),
            Guard("capacity", enough, "the project does not use more already"),
        ),
        work=do,
    )


OPERATIONS = (
    _operation("compute", "Nova", "cores, ram in MiB, instances"),
    _operation("volume", "Cinder", "volumes, gigabytes, snapshots"),
    _operation("network", "Neutron", "network, port, floatingip"),
)
