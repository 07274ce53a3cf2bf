"""What runs on the machines: systemd's services, and the containers of docker and podman with their image tags.

A service that is inactive is no complaint: systemd does not say which ones should run. A container is there to run, so
a stopped one is. docker tells the age of a state in words ("Up 5 weeks"), so `since` is as coarse as they are.
"""

from __future__ import annotations

from sys import intern

from collectors.health import OK, Health, critical, ok, unknown, warning
from collectors.kind import Column, Kind, Link, Reading, Row, Runs, Scope, Wire
from collectors.kinds._shared import ago, word
from collectors.request import HostCommands
from collectors.rollup import Share
from collectors.values import age

_SIGNALS = {129: "HUP", 130: "INT", 134: "ABRT", 137: "KILL", 139: "SEGV", 143: "TERM"}
"""Exit codes of processes that a signal ended (128 + its number)."""


class UnitWire(Wire):
    """A service (`systemctl list-units`) or a container (`docker ps`, `podman ps`)."""

    host: str
    name: str
    engine: str
    state: str | None = None
    detail: str | None = None
    load: str | None = None
    description: str | None = None
    image: str | None = None
    container: str | None = None
    exit_code: int | None = None
    result: str | None = None
    restarts: int | None = None
    can_reload: bool | None = None
    since: float | None = None
    age: float | None = None


class Unit(Row, frozen=True):
    """One service or container of one host."""

    id: str
    name: str
    host: str
    engine: str
    state: str | None
    detail: str | None
    since: float | None
    exit_code: int | None
    restarts: int | None
    result: str | None
    load: str | None
    image: str | None
    tag: str | None
    container: str | None
    description: str | None
    can_reload: bool | None


def image_and_tag(reference: str | None) -> tuple[str | None, str | None]:
    """`quay.io/openstack.kolla/nova-api:2025.1` → (`quay.io/openstack.kolla/nova-api`, `2025.1`); digests are tags."""
    if not reference:
        return None, None
    name, at, digest = reference.partition("@")
    if at:
        return name, digest
    slash = name.rfind("/")
    colon = name.find(":", slash + 1)  # a colon before the last slash is a registry's port
    return (name, None) if colon < 0 else (name[:colon], name[colon + 1 :])


def row(wire: UnitWire, reading: Reading) -> Unit:
    """The id joins host, engine and name, because a container and its service may share a name."""
    image, tag = image_and_tag(wire.image)
    since = wire.since if wire.since is not None or wire.age is None else reading.now - wire.age
    return Unit(
        id=f"{wire.host}/{wire.engine}/{wire.name}",
        name=intern(wire.name),
        host=intern(wire.host),
        engine=intern(wire.engine),
        state=word(wire.state),
        detail=word(wire.detail),
        since=since,
        exit_code=wire.exit_code,
        restarts=wire.restarts,
        result=word(wire.result),
        load=word(wire.load),
        image=word(image),
        tag=word(tag),
        container=wire.container[:12] if wire.container else None,
        description=word(wire.description),
        can_reload=wire.can_reload,
    )


def health(unit: Unit, now: float) -> Health:
    """Failed, restarting and unhealthy are critical; a container that somebody stopped is a warning."""
    when = "" if unit.since is None else f" {ago(now - unit.since)}"
    return _service(unit, when) if unit.engine == "systemd" else _container(unit, now, when)


def _code(unit: Unit) -> str:
    """`status 137 (KILL)`."""
    signal = _SIGNALS.get(unit.exit_code or 0)
    return f"status {unit.exit_code}" + (f" ({signal})" if signal else "")


def _service(unit: Unit, when: str) -> Health:
    if unit.state == "failed":
        why = [unit.result] if unit.result and unit.result != "success" else []
        why += [_code(unit)] if unit.exit_code else []
        return critical(f"failed{when}" + (f": {', '.join(why)}" if why else ""))
    if unit.state == "activating" and unit.detail == "auto-restart":
        times = f", {unit.restarts} restarts" if unit.restarts else ""
        return critical(f"restarting, last ended with {_code(unit)}{times}" if unit.exit_code else f"restarting{times}")
    if unit.load in ("error", "bad-setting"):
        return warning(f"its unit file is wrong ({unit.load})")
    if unit.state in ("active", "inactive"):
        return OK
    if unit.state in ("activating", "deactivating", "reloading", "maintenance"):
        return ok(f"{unit.state}{when}")
    return unknown(f"state is {unit.state or 'missing'}")


def _container(unit: Unit, now: float, when: str) -> Health:
    if unit.state == "running":
        if unit.detail == "unhealthy":
            lasting = "" if unit.since is None else f", up {age(now - unit.since)}"
            return critical(f"its health check fails{lasting}")
        return ok("its health check has not passed yet") if unit.detail == "starting" else OK
    if unit.state == "restarting":
        return critical(
            f"restarting, last ended{when} with {_code(unit)}" if unit.exit_code is not None else "restarting"
        )
    if unit.state in ("exited", "stopped"):
        return critical(f"ended{when} with {_code(unit)}") if unit.exit_code else warning(f"stopped{when}")
    if unit.state in ("created", "configured", "initialized"):
        return warning("was created, but never started")
    if unit.state == "paused":
        return warning(f"paused{when}")
    if unit.state in ("dead", "removing", "stopping"):
        return warning(f"{unit.state}{when}")
    return unknown(f"state is {unit.state or 'missing'}")


KIND = Kind(
    name="units",
    title="Units",
    aliases=("unit", "containers", "systemd-units"),
    about="one row per systemd service or container of a host: state, since when, image and tag",
    system="hosts",
    scope=Scope("host"),
    read=HostCommands(("services", "service-states", "docker-containers", "podman-containers")),
    wire=UnitWire,
    row=row,
    fields=Unit,
    columns=(
        Column("name", "UNIT", "name", 1),
        Column("host", "HOST", "ref", 1),
        Column("engine", "ENGINE", "text", 3, help="systemd, docker or podman"),
        Column("state", "STATE", "status", 2, help="the engine's own word"),
        Column("detail", "DETAIL", "status", 3, help="systemd's sub-state, or what the health check says"),
        Column("since", "SINCE", "time", 2, help="of containers, and of services that run or are in trouble"),
        Column("tag", "TAG", "text", 3, help="of the container's image"),
        Column("image", "IMAGE", "text", 5),
        Column("exit_code", "STATUS", "number", 6, wide=True, help="how it last ended; 137 is a kill"),
        Column("restarts", "RESTARTS", "number", 6, wide=True, help="by the engine, of itself"),
        Column("result", "RESULT", "text", 6, wide=True, help="systemd's word for how it ended"),
        Column("description", "DESCRIPTION", "text", 6, wide=True),
        Column("can_reload", "RELOADS", "flag", 7, wide=True, help="it can read its configuration again while it runs"),
        Column("load", "LOADED", "text", 7, wide=True, help="of the unit file: loaded, masked, error"),
        Column("container", "CONTAINER", "id", 7, wide=True),
        Column("id", "ID", "id", 8, wide=True),
    ),
    sort=("host", "engine", "name"),
    health=health,
    rollup=Share("units", "well", by="name", bad="failed"),
    links=(Link("hosts", "name", "host", "its host"),),
    runs=Runs(host="{host}", unit="{name}"),
    element="{name}@{host}",
    period=30.0,
)
