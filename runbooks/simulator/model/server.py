"""One server (instance) of Nova: its values, and what its states are called."""

from __future__ import annotations

from dataclasses import dataclass, field

from runbooks.simulator.model.flavors import Flavor

NOSTATE, RUNNING, PAUSED, SHUTDOWN, CRASHED, SUSPENDED = 0, 1, 3, 4, 6, 7
"""Power states, Nova's numbers."""


@dataclass(frozen=True, slots=True)
class Nic:
    """A server's port, as Nova's network information cache has it."""

    port_id: str
    mac: str
    address: str
    network_id: str
    network_name: str
    subnet_id: str
    floating: str = ""
    """The floating address that points at it."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What Nova says of a server in ERROR."""

    at: float
    message: str
    code: int = 500
    details: str = ""


@dataclass(slots=True)
class Server:
    """A server. Times are seconds since the epoch."""

    id: str
    number: int
    """Makes `instance-%08x`."""
    name: str
    project_id: str
    user_id: str
    flavor: Flavor
    image_id: str
    """Empty when it boots from a volume."""
    created: float
    updated: float
    reservation_id: str
    host: str | None = None
    vm_state: str = "building"
    task_state: str | None = None
    power_state: int = NOSTATE
    launched: float | None = None
    terminated: float | None = None
    nics: tuple[Nic, ...] = ()
    volumes: tuple[str, ...] = ()
    """Ids of attached volumes."""
    security_groups: tuple[str, ...] = ("default",)
    metadata: dict[str, str] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    key_name: str | None = None
    locked: bool = False
    locked_reason: str | None = None
    description: str | None = None
    failure: Failure | None = None
    progress: int = 0
    old_flavor: Flavor | None = None
    """Before a resize that is not confirmed yet."""
    old_host: str | None = None

    @property
    def status(self) -> str:
        """Nova's `status`: a word made of vm_state and task_state, as nova.api.openstack.common does."""
        by_task = _STATUS.get(self.vm_state, {})
        return by_task.get(self.task_state or "", by_task.get("", "UNKNOWN"))


_STATUS: dict[str, dict[str, str]] = {
    "active": {
        "": "ACTIVE",
        "rebooting": "REBOOT",
        "reboot_pending": "REBOOT",
        "reboot_started": "REBOOT",
        "rebooting_hard": "HARD_REBOOT",
        "reboot_pending_hard": "HARD_REBOOT",
        "reboot_started_hard": "HARD_REBOOT",
        "updating_password": "PASSWORD",
        "rebuilding": "REBUILD",
        "rebuild_block_device_mapping": "REBUILD",
        "rebuild_spawning": "REBUILD",
        "migrating": "MIGRATING",
        "resize_prep": "RESIZE",
        "resize_migrating": "RESIZE",
        "resize_migrated": "RESIZE",
        "resize_finish": "RESIZE",
    },
    "building": {"": "BUILD"},
    "stopped": {
        "": "SHUTOFF",
        "resize_prep": "RESIZE",
        "resize_migrating": "RESIZE",
        "resize_migrated": "RESIZE",
        "resize_finish": "RESIZE",
        "rebuilding": "REBUILD",
        "rebuild_block_device_mapping": "REBUILD",
        "rebuild_spawning": "REBUILD",
    },
    "resized": {"": "VERIFY_RESIZE", "resize_reverting": "REVERT_RESIZE"},
    "paused": {"": "PAUSED", "migrating": "MIGRATING"},
    "suspended": {"": "SUSPENDED"},
    "rescued": {"": "RESCUE"},
    "error": {
        "": "ERROR",
        "rebuilding": "REBUILD",
        "rebuild_block_device_mapping": "REBUILD",
        "rebuild_spawning": "REBUILD",
    },
    "deleted": {"": "DELETED"},
    "soft-delete": {"": "SOFT_DELETED"},
    "shelved": {"": "SHELVED"},
    "shelved_offloaded": {"": "SHELVED_OFFLOADED"},
}


def vm_states_of(status: str) -> frozenset[str]:
    """The vm_states that a `status=` filter may mean; empty for a word that Nova does not know."""
    wanted = status.upper()
    return frozenset(vm for vm, words in _STATUS.items() if wanted in words.values())
