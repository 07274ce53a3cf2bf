"""What a used cloud has: flavors, an image, volume types, networks, a router, a few servers and volumes of a project.

Everything is looked for by its name first, so it can be done again at any time; what somebody deleted comes back.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

from runbooks.lab.api import Cloud, admin, demo
from runbooks.lab.lab import Lab
from runbooks.lab.machine import accepts
from runbooks.lab.services.cinder import BACKENDS, REPLICATED
from runbooks.lab.services.neutron_options import PHYSICAL
from runbooks.lab.shell import LabError, wait_until

FLAVORS = {"m1.tiny": (256, 1, 1), "m1.small": (1024, 1, 5), "m1.large": (8192, 4, 40)}
"""Memory in MiB, processors, disk in GiB."""
IMAGE, IMAGE_MIB = "cirros", 8
INNER = "192.168.10.0/24"
SERVERS = ("web-1", "web-2", "db-1")
GROUP = "apart"
"""Of servers that keep away from each other, so that they are on different hosts."""
VOLUMES = {"db-data": 20, "backup": 50}


def up(lab: Lab) -> None:
    """All of it; returns when the servers are ACTIVE."""
    operator, user = admin(lab), demo(lab)
    for cloud in (operator, user):
        cloud.sign_in()
    ready(lab, operator)
    _flavors(operator)
    image = _image(operator)
    _volume_types(operator)
    networks = _networks(lab, operator, user) if lab.with_role("network") else "none"
    _volumes(user)
    servers = _servers(user, image, networks)
    _attach(user, servers[SERVERS[-1]])
    if lab.with_role("network"):
        address = _floating(operator, user, servers[SERVERS[0]])
        if not wait_until(lambda: accepts(address, 80), 90, 0.5):
            lab.say(f"  {SERVERS[0]} does not answer at {address}")


def ready(lab: Lab, operator: Cloud, seconds: float = 75) -> None:
    """Wait until every compute service and every agent reports; what stays silent is started again, twice.

    An agent of Neutron 29 can wait for ever when it starts: its thread that asks os-ken for a datapath (`get_datapath`,
    no time limit) now and then gets no answer. Raises LabError with those that do not report.
    """
    missing: list[tuple[str, str]] = []

    def all_there() -> bool:
        missing[:] = silent(lab, operator)
        return not missing

    for _ in range(2):
        if wait_until(all_there, seconds, 1):
            return
        for unit, host in missing:
            lab.say(f"  {unit} on {host} does not report: it is started again")
            lab.machines[host].restart(unit)
    if not wait_until(all_there, seconds, 1):
        names = ", ".join(f"{unit} on {host}" for unit, host in missing)
        raise LabError("the cloud", f"not up after {3 * seconds:g} s: {names}")


def silent(lab: Lab, operator: Cloud) -> list[tuple[str, str]]:
    """What should report and does not: (unit, host)."""
    services = operator.call("compute", "GET", "/os-services")["services"]
    # One that was forced down on purpose stays so until somebody takes it back.
    up_ones = {(each["binary"], each["host"]) for each in services if each["state"] == "up" or each["forced_down"]}
    wanted = {("nova-compute", machine.name) for machine in lab.with_role("compute")}
    wanted |= {(binary, machine.name) for machine in lab.api for binary in ("nova-conductor", "nova-scheduler")}
    if lab.with_role("network"):
        agents = operator.call("network", "GET", "/v2.0/agents")["agents"]
        up_ones |= {(each["binary"], each["host"]) for each in agents if each["alive"]}
        hosts = [*lab.with_role("network"), *lab.with_role("compute")]
        wanted |= {("neutron-openvswitch-agent", machine.name) for machine in hosts}
        kinds = ("neutron-l3-agent", "neutron-dhcp-agent", "neutron-metadata-agent")
        wanted |= {(kind, machine.name) for machine in lab.with_role("network") for kind in kinds}
    return sorted(wanted - up_ones)


def _named(cloud: Cloud, service: str, path: str, key: str) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in cloud.call(service, "GET", path)[key]}


def _flavors(operator: Cloud) -> None:
    known = _named(operator, "compute", "/flavors", "flavors")
    for name, (ram, processors, disk) in FLAVORS.items():
        if name not in known:
            body = {"flavor": {"name": name, "ram": ram, "vcpus": processors, "disk": disk}}
            operator.call("compute", "POST", "/flavors", body)


def _image(operator: Cloud) -> str:
    known = _named(operator, "image", f"/v2/images?name={IMAGE}", "images")
    if IMAGE not in known:
        body = {"name": IMAGE, "disk_format": "raw", "container_format": "bare", "visibility": "public", "min_disk": 1}
        known[IMAGE] = operator.call("image", "POST", "/v2/images", body)
    found = known[IMAGE]
    if found["status"] == "queued":
        data = os.urandom(1 << 20) * IMAGE_MIB
        kind = {"Content-Type": "application/octet-stream"}
        operator.send("image", "PUT", f"/v2/images/{found['id']}/file", kind, data)
    return str(found["id"])


def _volume_types(operator: Cloud) -> None:
    known = _named(operator, "volumev3", "/types", "volume_types")
    for name in BACKENDS:
        if name not in known:
            specs = {"volume_backend_name": name} | ({"replication_enabled": "<is> True"} if name == REPLICATED else {})
            body = {"volume_type": {"name": name, "extra_specs": specs}}
            operator.call("volumev3", "POST", "/types", body)


def _networks(lab: Lab, operator: Cloud, user: Cloud) -> str:
    """The external network, the project's own, a router between them, and who may come in."""
    outside = _one(
        operator,
        "network",
        {"name": "public", "router:external": True, "provider:network_type": "flat",
         "provider:physical_network": PHYSICAL, "is_default": True},
    )  # fmt: skip
    net = f"10.{lab.layout.number}.2"
    pool = [{"start": f"{net}.100", "end": f"{net}.199"}]
    _one(operator, "subnet", {"name": "public", "network_id": outside, "ip_version": 4, "cidr": f"{net}.0/24",
                              "gateway_ip": f"{net}.1", "enable_dhcp": False, "allocation_pools": pool})  # fmt: skip
    inside = _one(user, "network", {"name": "private"})
    subnet = _one(user, "subnet", {"name": "private", "network_id": inside, "ip_version": 4, "cidr": INNER})
    router = _one(user, "router", {"name": "router", "external_gateway_info": {"network_id": outside}})
    ports = user.call("network", "GET", f"/v2.0/ports?device_id={router}&network_id={inside}")["ports"]
    if not ports:
        user.call("network", "PUT", f"/v2.0/routers/{router}/add_router_interface", {"subnet_id": subnet})
    _let_in(user)
    return inside


def _one(cloud: Cloud, kind: str, values: Mapping[str, Any]) -> str:
    """The id of the thing of this name in the project, made if it is missing."""
    query = f"/v2.0/{kind}s?name={values['name']}&project_id={cloud.project_id}"
    found = cloud.call("network", "GET", query)[f"{kind}s"]
    if not found:
        found = [cloud.call("network", "POST", f"/v2.0/{kind}s", {kind: values})[kind]]
    return str(found[0]["id"])


def _let_in(user: Cloud) -> None:
    """Ping and TCP from everywhere."""
    query = f"/v2.0/security-groups?name=default&project_id={user.project_id}"
    (group,) = user.call("network", "GET", query)["security_groups"]
    known = {(rule["protocol"], rule["remote_ip_prefix"]) for rule in group["security_group_rules"]}
    for protocol in ("icmp", "tcp"):
        if (protocol, "0.0.0.0/0") not in known:
            rule = {"security_group_id": group["id"], "direction": "ingress", "ethertype": "IPv4"}
            rule |= {"protocol": protocol, "remote_ip_prefix": "0.0.0.0/0"}
            user.call("network", "POST", "/v2.0/security-group-rules", {"security_group_rule": rule})


def _volumes(user: Cloud) -> None:
    known = _named(user, "volumev3", "/volumes/detail", "volumes")
    for (name, size), kind in zip(VOLUMES.items(), BACKENDS, strict=False):
        if name not in known:
            body = {"volume": {"name": name, "size": size, "volume_type": kind}}
            user.call("volumev3", "POST", "/volumes", body)


def _servers(user: Cloud, image: str, network: str) -> dict[str, str]:
    """The servers' ids by name; returns when all are ACTIVE. What an earlier start left half built is built anew."""
    flavors = _named(user, "compute", "/flavors", "flavors")
    known = _named(user, "compute", "/servers/detail", "servers")
    broken = {name: known.pop(name)["id"] for name in SERVERS if name in known and _half_built(known[name])}
    for server in broken.values():
        user.call("compute", "DELETE", f"/servers/{server}")
    group = _group(user)
    for name in SERVERS:
        if name not in known:
            values: dict[str, Any] = {"name": name, "flavorRef": flavors["m1.tiny"]["id"], "imageRef": image}
            values["networks"] = network if network == "none" else [{"uuid": network}]
            body = {"server": values, "os:scheduler_hints": {"group": group}}
            known[name] = user.call("compute", "POST", "/servers", body)["server"]
            _wait(user, name, known[name]["id"], _has_host)
    found = {name: str(known[name]["id"]) for name in SERVERS}
    for name, each in found.items():
        _wait(user, name, each, lambda state: state["status"] != "BUILD")
    return found


def _half_built(state: dict[str, Any]) -> bool:
    return state["status"] in ("BUILD", "ERROR")


def _group(user: Cloud) -> str:
    groups = _named(user, "compute", "/os-server-groups", "server_groups")
    if GROUP not in groups:
        body = {"server_group": {"name": GROUP, "policy": "soft-anti-affinity"}}
        groups[GROUP] = user.call("compute", "POST", "/os-server-groups", body)["server_group"]
    return str(groups[GROUP]["id"])


def _has_host(state: dict[str, Any]) -> bool:
    """The scheduler has chosen: the next server of the group can know where not to go."""
    return state["status"] != "BUILD" or state["OS-EXT-STS:task_state"] not in (None, "scheduling")


def _wait(user: Cloud, name: str, server: str, done: Callable[[dict[str, Any]], bool], seconds: float = 180) -> None:
    state: dict[str, Any] = {}

    def settled() -> bool:
        state.update(user.call("compute", "GET", f"/servers/{server}")["server"])
        return done(state)

    if not wait_until(settled, seconds, 0.4):
        raise LabError(f"server {name}", f"still being built after {seconds:g} s")
    if state["status"] == "ERROR":
        raise LabError(f"server {name}", str(state.get("fault", {}).get("message", "ERROR")))


def _floating(operator: Cloud, user: Cloud, server: str) -> str:
    """An address that is reached from outside; one that nothing has is taken up again."""
    port = user.call("network", "GET", f"/v2.0/ports?device_id={server}")["ports"][0]["id"]
    known = user.call("network", "GET", f"/v2.0/floatingips?project_id={user.project_id}")["floatingips"]
    found = [each for each in known if each["port_id"] == port]
    free = [each for each in known if not each["port_id"]]
    if not found and free:
        body: dict[str, Any] = {"floatingip": {"port_id": port}}
        found = [user.call("network", "PUT", f"/v2.0/floatingips/{free[0]['id']}", body)["floatingip"]]
    if not found:
        outside = operator.call("network", "GET", "/v2.0/networks?name=public")["networks"][0]["id"]
        body = {"floatingip": {"floating_network_id": outside, "port_id": port}}
        found = [user.call("network", "POST", "/v2.0/floatingips", body)["floatingip"]]
    return str(found[0]["floating_ip_address"])


def _attach(user: Cloud, server: str) -> None:
    """The database's volume is in its server."""
    name = next(iter(VOLUMES))
    volume: dict[str, Any] = {}

    def made() -> bool:
        volume.update(_named(user, "volumev3", "/volumes/detail", "volumes")[name])
        return volume["status"] not in ("creating", "attaching")

    wait_until(made, 60, 0.5)
    if volume["status"] == "available":
        body = {"volumeAttachment": {"volumeId": volume["id"]}}
        user.call("compute", "POST", f"/servers/{server}/os-volume_attachments", body)
