"""`POST /servers`, `DELETE /servers/{id}`, `PUT /servers/{id}`."""

from __future__ import annotations

import secrets
from uuid import uuid4

from runbooks.simulator.http.api import Route
from runbooks.simulator.http.call import ApiError, Call, Reply
from runbooks.simulator.http.nova.links import View, is_uuid, links
from runbooks.simulator.http.nova.quotas import used
from runbooks.simulator.http.nova.server_list import RULE, one
from runbooks.simulator.http.nova.server_view import ServerView
from runbooks.simulator.http.nova.who import messages, who
from runbooks.simulator.model import builds
from runbooks.simulator.model.flavors import Flavor
from runbooks.simulator.model.server import Server


def _invalid(field: str, value: object, words: str) -> ApiError:
    return ApiError(400, f"Invalid input for field/attribute {field}. Value: {value}. {words}")


def _given(call: Call) -> dict[str, object]:
    found = call.body().get("server")
    if not isinstance(found, dict):
        raise _invalid("server", found, f"{found!r} is not of type 'object'")
    for name in ("name", "flavorRef"):
        if name not in found:
            raise _invalid("server", found, f"'{name}' is a required property")
    name = found["name"]
    if not isinstance(name, str) or not 1 <= len(name.strip()) <= 255:
        raise _invalid("name", name, f"{name!r} is not of type 'name_or_az'")
    return found


def _flavor(call: Call, given: dict[str, object]) -> Flavor:
    key = str(given["flavorRef"]).rpartition("/")[2]
    found = call.cloud.compute.flavors.get(key)
    if found is None:
        raise ApiError(400, f"Flavor {key} could not be found.")
    return found


def _image(call: Call, given: dict[str, object]) -> str:
    """The image's id, empty for a server that boots from a volume."""
    reference = str(given.get("imageRef") or "").rpartition("/")[2]
    devices = given.get("block_device_mapping_v2")
    if not reference:
        if not devices:
            raise ApiError(400, "Invalid imageRef provided.")
        return ""
    if not is_uuid(reference):
        raise ApiError(400, "Invalid imageRef provided.")
    return reference


def _zone(call: Call, given: dict[str, object]) -> tuple[str | None, str | None]:
    """(zone, forced host) of `zone` or `zone:host[:node]`."""
    wanted = given.get("availability_zone")
    host = given.get("host")
    if isinstance(host, str) and call.version >= (2, 74):
        return None, _known(call, host)
    if not isinstance(wanted, str):
        return None, None
    zone, _, rest = wanted.partition(":")
    host = rest.partition(":")[0]
    if host:
        if not call.user.is_admin:
            raise ApiError(403, call.api.forbidden.format(rule=RULE + "create:forced_host"))
        return zone or None, _known(call, host)
    zones = {call.cloud.compute.zone(each.host) for each in call.cloud.compute.services if each.zone == "nova"}
    if zone not in zones:
        raise ApiError(400, "The requested availability zone is not available")
    return zone, None


def _known(call: Call, host: str) -> str:
    if call.cloud.compute.services.compute(host) is None:
        raise ApiError(400, f"No valid host was found. No such host - host: {host} node: None ")
    return host


def _networks(call: Call, given: dict[str, object]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(networks, existing ports): as asked, or the project's only network."""
    wanted = given.get("networks")
    network = call.cloud.network
    if wanted == "none":
        return (), ()
    if wanted in (None, "auto", []):
        mine = [each.id for each in network.networks.values() if each.project_id == call.user.project]
        if len(mine) > 1:
            raise ApiError(409, "Multiple possible networks found, use a Network ID to be more specific.")
        return tuple(mine), ()
    if not isinstance(wanted, list):
        raise _invalid("networks", wanted, f"{wanted!r} is not valid under any of the given schemas")
    networks, ports = [], []
    for each in wanted:
        port = each.get("port") if isinstance(each, dict) else None
        key = each.get("uuid") if isinstance(each, dict) else None
        if port:
            if network.ports.get(str(port)) is None:
                raise ApiError(400, f"Port {port} could not be found.")
            ports.append(str(port))
        elif key:
            if str(key) not in network.networks:
                raise ApiError(400, f"Network {key} could not be found.")
            networks.append(str(key))
    return tuple(networks), tuple(ports)


def _check_quota(call: Call, flavor: Flavor, count: int) -> None:
    project = call.user.project
    quota, taken = call.cloud.compute.quota(project), used(call, project)
    for name, each in (("instances", 1), ("cores", flavor.vcpus), ("ram", flavor.ram)):
        if 0 <= quota[name] < taken[name] + each * count:
            raise ApiError(
                403,
                f"Quota exceeded for {name}: Requested {each * count}, but already used {taken[name]} of "
                f"{quota[name]} {name}",
            )


def create(call: Call) -> Reply:
    given = _given(call)
    flavor, image = _flavor(call, given), _image(call, given)
    count = given.get("min_count") or 1
    if not isinstance(count, int) or not 1 <= count <= 1000:
        raise _invalid("min_count", count, f"{count!r} is not of type 'integer'")
    zone, forced = _zone(call, given)
    networks, ports = _networks(call, given)
    _check_quota(call, flavor, count)
    made = [_make(call, given, flavor, image, place if count > 1 else 0) for place in range(1, count + 1)]
    for server in made:
        builds.create(call.cloud, server, who(call), networks=networks, ports=ports, zone=zone, forced=forced)
    first = made[0]
    view: View = {
        "id": first.id,
        "links": links(call, "servers", first.id),
        "OS-DCF:diskConfig": "MANUAL",
        "security_groups": [{"name": name} for name in first.security_groups],
        "adminPass": secrets.token_urlsafe(9),
    }
    location = {"Location": f"{call.base}/v2.1/servers/{first.id}"}
    return messages(call, Reply({"server": view}, 202, location))


def _make(call: Call, given: dict[str, object], flavor: Flavor, image: str, place: int) -> Server:
    now, servers = call.cloud.now(), call.cloud.compute.servers
    name = str(given["name"])
    metadata, groups, key = given.get("metadata"), given.get("security_groups"), given.get("key_name")
    description = given.get("description") if call.version >= (2, 19) else None
    return Server(
        id=str(uuid4()),
        number=servers.next_number(),
        name=f"{name}-{place}" if place else name,
        project_id=call.user.project,
        user_id=call.user.user_id,
        flavor=flavor,
        image_id=image,
        created=now,
        updated=now,
        reservation_id="r-" + secrets.token_hex(4),
        metadata={str(key): str(value) for key, value in metadata.items()} if isinstance(metadata, dict) else {},
        security_groups=tuple(str(each["name"]) for each in groups if isinstance(each, dict) and "name" in each)
        if isinstance(groups, list) and groups
        else ("default",),
        key_name=str(key) if key else None,
        description=str(description) if description else None,
    )


def delete(call: Call) -> Reply:
    server = one(call)
    if server.locked and not call.user.is_admin:
        raise ApiError(409, f"Instance {server.id} is locked")
    builds.delete(call.cloud, server.id, who(call))
    return messages(call, Reply(None, 204))


def update(call: Call) -> Reply:
    """Name and description."""
    server = call.cloud.compute.servers.edit(one(call).id)
    given = call.body().get("server")
    if not isinstance(given, dict):
        raise _invalid("server", given, f"{given!r} is not of type 'object'")
    name = given.get("name", server.name)
    if not isinstance(name, str) or not 1 <= len(name.strip()) <= 255:
        raise _invalid("name", name, f"{name!r} is too long or empty")
    server.name, server.updated = name, call.cloud.now()
    if "description" in given and call.version >= (2, 19):
        server.description = str(given["description"]) if given["description"] is not None else None
    return Reply({"server": ServerView(call).full(server)})


ROUTES = [
    Route("POST", "/v2.1/servers", create, "member", RULE + "create"),
    Route("DELETE", "/v2.1/servers/{id}", delete, "member", RULE + "delete"),
    Route("PUT", "/v2.1/servers/{id}", update, "member", RULE + "update"),
]
