"""Nova's flavors: make a size like another one, set what the scheduler and the hypervisor must heed, delete one.

A server keeps the flavor that it was built with, extra specs included, until it is resized or rebuilt; so a change is
for new servers, and a deleted flavor harms none that runs.
"""

from __future__ import annotations

import shlex

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
from runbooks.operations.pairs import KEY
from runbooks.operations.properties import Properties

MIB, GIB = 2**20, 2**30
_VERSION = "2.96"
LATER = "Servers that are there keep what they were built with."


def _create(asked: Asked) -> Work:
    row, values = asked.row, asked.values
    name, public = values["name"], values["public"] == "true"
    vcpus = int(values["vcpus"] or row.vcpus or 1)
    ram = int(values["ram"] or (row.ram or 0) // MIB)
    disk = int(values["disk"] or (row.disk or 0) // GIB)
    flavor = {"name": name, "vcpus": vcpus, "ram": ram, "disk": disk, "os-flavor-access:is_public": public}
    made = Expect("flavors", "", f"{exactly('name', name)} vcpus={vcpus}")
    return work(
        Step(
            f"create the flavor {name}: {vcpus} VCPUs, {ram} MiB, {disk} GiB",
            RestCall("compute", "POST", "/flavors", {"flavor": flavor}, _VERSION),
            f"openstack flavor create --vcpus {vcpus} --ram {ram} --disk {disk}"
            f" --{'public' if public else 'private'} {shlex.quote(name)}",
            made,
        ),
        stops="nothing",
        notes=(f"It has none of the extra specs of {row.name}: {row.extra_specs}",) if row.extra_specs else (),
        inverse=Inverse("flavor.delete", words="deletes it again"),
    )


def _delete(asked: Asked) -> Work:
    count = len(asked.cloud.rows("servers", flavor=asked.row.name))
    return work(
        Step(
            f"delete the flavor {asked.name}",
            RestCall("compute", "DELETE", path("/flavors/{}", asked.identity), None, _VERSION),
            f"openstack flavor delete {shlex.quote(asked.identity)}",
            Expect("flavors", asked.identity, absent=True),
        ),
        stops=f"nothing: its {count} servers run on with what they have",
        notes=("Templates and scripts that name it fail from now on.",),
    )


def _put(asked: Asked, key: str, value: str) -> RestCall:
    body = {"extra_specs": {key: value}}
    return RestCall("compute", "POST", path("/flavors/{}/os-extra_specs", asked.identity), body, _VERSION)


def _take(asked: Asked, key: str) -> RestCall:
    return RestCall("compute", "DELETE", path("/flavors/{}/os-extra_specs/{}", asked.identity, key), None, _VERSION)


def _new(asked: Asked) -> Verdict:
    name = asked.values["name"]
    if asked.cloud.rows("flavors", name=name):
        return is_closed(f"there is a flavor {name} already")
    return is_open(f"there is no flavor {name}")


SPECS = Properties(
    thing="flavor",
    kind="flavors",
    column="extra_specs",
    name=Parameter("property", "name of the extra spec: hw:cpu_policy", pattern=KEY),
    put=_put,
    take=_take,
    about=("an extra spec that the scheduler and the hypervisor must heed", "remove an extra spec"),
    notes=(LATER,),
    set_notes=("A spec that no host satisfies lets no server be built of it.",),
    again="{before} again",
)
_NUMBER = r"[1-9]\d{0,8}|"

OPERATIONS = (
    Operation(
        name="flavor.create",
        kind="flavors",
        title="create a flavor like this one",
        about="a new size after the model of the target, without its extra specs",
        risk="R1",
        parameters=(
            Parameter("name", "what people call it", pattern=r"[A-Za-z0-9][A-Za-z0-9._ -]{0,254}"),
            Parameter("vcpus", "virtual CPUs; empty: as the target has", "", pattern=_NUMBER),
            Parameter("ram", "memory in MiB; empty: as the target has", "", pattern=_NUMBER),
            Parameter("disk", "root disk in GiB, 0 is the image's; empty: as the target has", "", pattern=r"\d{0,9}"),
            Parameter("public", "whether every project may use it", "true", choices=("true", "false")),
        ),
        guards=(Guard("sense", _new, "there is none of that name"),),
        work=_create,
    ),
    Operation(
        name="flavor.delete",
        kind="flavors",
        title="delete the flavor {name}",
        about="take a size out of what can be asked for",
        risk="R3",
        reads=("servers",),
        work=_delete,
        irreversible=True,
    ),
    *SPECS.operations(),
)
