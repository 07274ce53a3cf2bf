"""Of which object a notification is: its kind, id, name, host and service, by the words that each service uses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

KINDS: Final[Mapping[str, str]] = {
    "instance": "servers",
    "scheduler": "servers",
    "compute_task": "servers",
    "service": "compute-services",
    "aggregate": "aggregates",
    "flavor": "flavors",
    "keypair": "keypairs",
    "server_group": "server-groups",
    "port": "ports",
    "network": "networks",
    "subnet": "subnets",
    "router": "routers",
    "floatingip": "floating-ips",
    "security_group": "security-groups",
    "security_group_rule": "security-groups",
    "trunk": "trunks",
    "volume": "volumes",
    "snapshot": "volume-snapshots",
    "backup": "volume-backups",
    "image": "images",
    "user": "users",
    "project": "projects",
    "role": "roles",
    "stack": "stacks",
}
"""Which kind shows what an event's type calls so."""

_PREFIXES: Final = ("compute", "identity", "orchestration")
"""First words that name a service, not an object: `compute.instance.create.start`, `identity.user.created`."""

_SERVICES: Final[Mapping[str, str]] = {
    "instance": "nova",
    "compute": "nova",
    "compute_task": "nova",
    "scheduler": "nova",
    "volume": "cinder",
    "snapshot": "cinder",
    "backup": "cinder",
    "group": "cinder",
    "identity": "keystone",
    "image": "glance",
    "orchestration": "heat",
    "baremetal": "ironic",
    "dns": "designate",
    "share": "manila",
}
"""Who notifies of it, where the exchange does not tell (`openstack` is everybody's default)."""

_IDS: Final[Mapping[str, tuple[str, ...]]] = {
    "servers": ("instance_id", "instance_uuid", "uuid"),
    "security-groups": ("security_group_id",),
    "stacks": ("stack_identity",),
}


def word_of(event_type: str) -> str:
    """What the event is about, in its own word: `instance`, `port`, `volume`."""
    first, dot, rest = event_type.partition(".")
    if first in _PREFIXES and dot:
        first = rest.partition(".")[0]
    return first


def subject_of(event_type: str, data: Mapping[str, Any]) -> tuple[str, str]:
    """(kind, id) of the row that an event names; empty where it names none."""
    word = word_of(event_type)
    kind = KINDS.get(word, "")
    inner = object_of(event_type, data)
    if inner is not data:
        owner = "security_group_id" if word == "security_group_rule" else "id"
        return kind, _text(inner, owner)
    keys = (*_IDS.get(kind, ()), f"{word}_id", "uuid", "id", "resource_info")
    found = next((text for key in keys if (text := _text(data, key))), "")
    if not found and kind == "servers":
        found = _of_specification(data)
    return (kind, found) if found else ("", "")


def _of_specification(data: Mapping[str, Any]) -> str:
    """The server of a request to schedule it: inside the request specification, or the first of a list."""
    ids = data.get("instance_uuids")
    if isinstance(ids, list) and ids and isinstance(ids[0], str):
        return ids[0]
    wanted = data.get("request_spec")
    if isinstance(wanted, Mapping):
        inner = wanted.get("nova_object.data", wanted)
        if isinstance(inner, Mapping):
            properties = inner.get("instance_properties")
            found = _text(inner, "instance_uuid")
            return found or (_text(properties, "uuid") if isinstance(properties, Mapping) else "")
    return ""


def object_of(event_type: str, data: Mapping[str, Any]) -> Mapping[str, Any]:
    """The object itself: Neutron sends it inside the payload, under its own word, others as the payload.

    Of several that Neutron made at once (`ports`), the first.
    """
    word = word_of(event_type)
    inner, several = data.get(word), data.get(f"{word}s")
    if isinstance(inner, Mapping):
        return inner
    first = several[0] if isinstance(several, list) and several else None
    return first if isinstance(first, Mapping) else data


def name_of(event_type: str, data: Mapping[str, Any]) -> str:
    """What people call the object; of a service its program and host."""
    where = object_of(event_type, data)
    found = next((text for key in ("display_name", "name", "stack_name") if (text := _text(where, key))), "")
    binary, host = _text(data, "binary"), _text(data, "host")
    return found or (f"{binary}@{host}" if binary and host else "")


def host_of(data: Mapping[str, Any], publisher: str) -> str:
    """The host that it happened on, else the one that tells it: `nova-compute:cmp02`, `volume.ctl01@rbd-1#pool`."""
    found = _text(data, "host") or _text(data, "binding:host_id")
    inner = data.get("port")
    if not found and isinstance(inner, Mapping):
        found = _text(inner, "binding:host_id")
    if not found:
        program, colon, rest = publisher.partition(":")
        found = rest if colon else program.partition(".")[2]
    return found.partition("@")[0].partition("#")[0]


def service_of(exchange: str, event_type: str, publisher: str) -> str:
    """Who notifies: the exchange is called after it, unless it is the default of everybody."""
    if exchange and exchange != "openstack":
        return exchange
    word = event_type.partition(".")[0]
    return _SERVICES.get(word) or _SERVICES.get(word_of(event_type)) or publisher.partition(".")[0] or exchange


def _text(found: Mapping[str, Any], key: str) -> str:
    value = found.get(key)
    return value if isinstance(value, str) else ""
