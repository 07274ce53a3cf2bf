"""What a hypervisor carries, and what must hold before it is emptied: room elsewhere, nobody else down, none busy."""

from __future__ import annotations

from typing import Any, Final

from collectors.errors import UsageError
from runbooks.capacity import Load, Room, packed
from runbooks.guards import some
from runbooks.operation import Asked, Guard, Verdict, is_closed, is_open, is_unknown
from runbooks.operations.agent_work import LISTS
from runbooks.operations.agents import network_work

MOVES_LIVE: Final = ("ACTIVE", "PAUSED")
MOVES_COLD: Final = ("SHUTOFF",)


def host_of(asked: Asked) -> str:
    """The host of its nova-compute."""
    return str(asked.row.host or asked.row.name)


def servers_on(asked: Asked) -> list[Any]:
    """The servers on it; only those are asked for."""
    host = host_of(asked)
    return [row for row in asked.cloud.rows("servers", query=(("host", host),)) if row.host == host]


def service_of(asked: Asked) -> Any:
    """Its nova-compute. Raises `UsageError` when Nova knows none."""
    host = host_of(asked)
    for row in asked.cloud.rows("compute-services", binary="nova-compute"):
        if row.host == host:
            return row
    raise UsageError(f"{host} has no nova-compute that Nova knows", "nova-manage cell_v2 discover_hosts")


def _fits(asked: Asked) -> Verdict:
    """Every server of it is packed into what Placement says the others have left."""
    servers, rooms = servers_on(asked), _rooms(asked)
    if not servers:
        return is_open("no servers to move")
    flavors = {row.name: row for row in asked.cloud.rows("flavors")}
    unknown = [row.name for row in servers if row.flavor not in flavors]
    if unknown:
        return is_unknown(f"the size of {some(unknown)} is not known: its flavor is gone")
    lacking = packed([_load(row, flavors[row.flavor]) for row in servers], rooms)
    fit = len(servers) - len(lacking)
    words = f"{fit} of {len(servers)} fit elsewhere (placement)"
    if lacking:
        return is_closed(f"{words}: no room for {some([load.name for load in lacking])}; free some, or add a host")
    return is_open(words)


def _load(row: Any, flavor: Any) -> Load:
    local = 0 if row.image is None else flavor.disk or 0
    return Load(row.name, flavor.vcpus or 0, flavor.ram or 0, local)


def _rooms(asked: Asked) -> list[Room]:
    """What the other hosts that take servers have left."""
    taking = {
        row.host
        for row in asked.cloud.rows("compute-services", binary="nova-compute", status="enabled", state="up")
        if row.host != host_of(asked)
    }
    hosts = {row.id: row.host for row in asked.cloud.rows("hypervisors") if row.host in taking}
    return [
        Room(
            hosts[row.id],
            (row.vcpus or 0) - (row.vcpus_used or 0),
            (row.memory or 0) - (row.memory_used or 0),
            (row.disk or 0) - (row.disk_used or 0),
        )
        for row in asked.cloud.rows("provider-summaries")
        if row.id in hosts
    ]


def less(asked: Asked) -> str:
    """Free memory of the whole cloud, without and with this host."""
    rows = asked.cloud.rows("provider-summaries")
    everything = sum(row.memory or 0 for row in rows)
    others = sum(row.memory or 0 for row in rows if row.id != asked.identity)
    used = sum(row.memory_used or 0 for row in rows)
    if not everything or not others:
        return ""
    now, then = 100 * (1 - used / everything), 100 * (1 - used / others)
    return f"the cloud keeps {max(then, 0):.0f} % of its memory free (now {now:.0f} %)"


def alone(asked: Asked) -> Verdict:
    """No other compute is down, or disabled while it still has servers."""
    down = [
        row.host
        for row in asked.cloud.rows("compute-services", binary="nova-compute")
        if row.host != host_of(asked) and row.state != "up" and row.status == "enabled"
    ]
    if down:
        return is_closed(f"{some(down)} is down as well: mend that first")
    if len(asked.also) > 1:
        return is_closed(f"{len(asked.also)} hosts at once: drain one after the other")
    return is_open("no other compute is down")


def idle(asked: Asked) -> Verdict:
    """Every server can be moved."""
    busy = [f"{row.name} is {row.task_state}" for row in servers_on(asked) if row.task_state]
    odd = [
        f"{row.name} is {row.status}"
        for row in servers_on(asked)
        if not row.task_state and row.status not in (*MOVES_LIVE, *MOVES_COLD)
    ]
    if busy or odd:
        return is_closed(f"{some([*busy, *odd])}: wait, mend or move it by hand first")
    return is_open("no server has a task in progress")


def network_idle(asked: Asked) -> Verdict:
    """No router and no DHCP network would stop with the agents on it; HA routers fail over."""
    agents = [row for row in asked.cloud.rows("agents", host=host_of(asked)) if row.agent_type in LISTS]
    return network_work(asked, agents)


def stated(asked: Asked) -> Verdict:
    """Somebody says how the host was fenced."""
    told = asked.values["fenced"].strip()
    return is_open(f"stated: {told}") if told else is_closed("say how you know that it is powered off: fenced=…")


def silent(asked: Asked) -> Verdict:
    """Its nova-compute does not report."""
    service = service_of(asked)
    if service.state == "up":
        return is_closed(f"nova-compute on {service.host} reports: a living host is drained, not evacuated")
    return is_open(f"nova-compute on {service.host} does not report")


CAPACITY = Guard("capacity", _fits, "its servers, packed host by host, fit into what Placement says is left elsewhere")
