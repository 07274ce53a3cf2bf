"""Neutron's agents: switched off and on, restarted, deleted when they will never report again.

By default a disabled L3 or DHCP agent ends what it runs (`enable_services_on_agents_with_admin_state_down` is false),
so one that still carries something alone is drained first. A restart is also the resync: an agent that starts asks for
everything it is responsible for, and forwarding goes on meanwhile.
"""

from __future__ import annotations

import shlex
from typing import Any

from collectors.call import RestCall, path
from runbooks.expect import Expect
from runbooks.guards import one_at_a_time, some
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
from runbooks.operations.agent_work import DHCP, L3, LISTS, Burden, burden, carried
from runbooks.service_steps import restarted, service

READS = ("agents", "subnets")
_OVN = "OVN "
"""How the types of OVN's agents begin: rows of its database, which Neutron cannot disable and which tell no start."""
_L2 = (
    "Open vSwitch agent",
    "Linux bridge agent",
    "NIC Switch agent",
    "Macvtap agent",
    "OVN Controller agent",
    "OVN Controller Gateway agent",
)
_RESTART_NOTES = {
    L3: "Routers go on forwarding. Never kill keepalived or remove namespaces for it.",
    DHCP: "Guests keep their leases; dnsmasq runs on.",
    "Open vSwitch agent": "Flows stay and are synchronised again; new ports on its host wait for it meanwhile.",
}


def switched(agent: Any, up: bool, description: str) -> Step:
    """The step that sets an agent's administrative state, with the reason beside it."""
    state = "--enable" if up else "--disable"
    return Step(
        f"{state.removeprefix('--')} the {agent.agent_type} on {agent.host}",
        RestCall(
            "network",
            "PUT",
            path("/agents/{}", agent.id),
            {"agent": {"admin_state_up": up, "description": description}},
        ),
        f"openstack network agent set {state} --description {shlex.quote(description)} {agent.id}",
        Expect("agents", agent.id, f"admin_state_up={'true' if up else 'false'}"),
    )


def _is_ovn(row: Any) -> bool:
    return bool(row.agent_type.startswith(_OVN))


def _not_disabled(row: Any) -> str:
    """Why it cannot be disabled."""
    if _is_ovn(row):
        return "is OVN's: Neutron cannot disable it"
    return "is disabled already" if row.admin_state_up is False else ""


def _enable(asked: Asked) -> Work:
    before = asked.row.description or "disabled again"
    notes = ["It sets up again what it still has, and is given new work; nothing is moved back to it."]
    if asked.row.agent_type == DHCP:
        notes.append("Neutron gives it networks that have fewer DHCP agents than dhcp_agents_per_network says.")
    return work(
        switched(asked.row, True, asked.values["description"]),
        stops="nothing",
        notes=tuple(notes),
        inverse=Inverse("agent.disable", asked.identity, {"reason": before}),
    )


def _disable(asked: Asked) -> Work:
    notes = ["It is given nothing new."]
    stops = "nothing"
    step, proof = switched(asked.row, False, asked.values["reason"]), [_down(asked)]
    if asked.row.agent_type in LISTS:
        found = burden(asked.cloud, asked.row)
        if found.ha:
            proof += taken_over(asked.row, found)
            stops = f"traffic of those of {len(found.ha)} HA routers that are active there, for seconds: they fail over"
        elif found.shared:
            stops = "nothing: other agents serve its networks too"
    else:
        notes.append("Neutron only notes it: an agent of this type works on as before.")
    return work(
        step,
        verify=tuple(proof),
        stops=stops,
        less=_left(asked),
        notes=tuple(notes),
        inverse=Inverse("agent.enable", asked.identity, {"description": asked.row.description or ""}),
    )


def _down(asked: Asked) -> Expect:
    return Expect("agents", asked.identity, "admin_state_up=false")


def taken_over(agent: Any, found: Burden) -> tuple[Expect, ...]:
    """Each HA router that it has is active elsewhere; one that is disabled is active nowhere."""
    return tuple(
        Expect("router-agents", where=f"ha_state=active host!={agent.host}", parent=row.id)
        for row in found.ha
        if row.admin_state_up is not False
    )


def _left(asked: Asked) -> str:
    gone = {asked.identity, *asked.also}
    left = [
        row
        for row in asked.cloud.rows("agents", agent_type=asked.row.agent_type)
        if row.id not in gone and row.alive and row.admin_state_up is not False
    ]
    return f"{len(left)} other {asked.row.agent_type}{'' if len(left) == 1 else 's'} alive and enabled"


def _delete(asked: Asked) -> Work:
    return work(
        Step(
            f"delete the record of the {asked.row.agent_type} on {asked.row.host}",
            RestCall("network", "DELETE", path("/agents/{}", asked.identity)),
            f"openstack network agent delete {asked.identity}",
            Expect("agents", asked.identity, absent=True),
        ),
        stops="nothing: it does not report",
        notes=(
            "An agent that starts again registers itself again, with a new id.",
            "Only for a host that does not come back: what was bound to the record is not given to the new one.",
        ),
    )


def _restart(asked: Asked) -> Work:
    unit = service(asked.cloud, asked.row.host, asked.row.binary)
    notes = [_RESTART_NOTES.get(asked.row.agent_type, "What is set up stays while it restarts.")]
    if unit.engine != "systemd" and asked.row.agent_type in (L3, DHCP):
        inside = "keepalived" if asked.row.agent_type == L3 else "dnsmasq"
        notes.append(
            f"Where {inside} runs inside the container (Kolla without agent wrappers), it ends and starts too."
        )
    return work(
        Step(
            f"restart {unit.name} on {unit.host} ({unit.engine})",
            restarted(asked.cloud, unit),
            expect=Expect("agents", asked.identity, "started_at>{began} alive=true"),
            seconds=240.0,
            call_seconds=120.0,
        ),
        stops="what the agent does, for seconds to a minute: changes on its host wait for it",
        notes=tuple(notes),
    )


# -- guards -----------------------------------------------------------------------------------------------------------


def network_work(asked: Asked, agents: list[Any]) -> Verdict:
    """Nothing would stop with these agents: what they alone carry was moved."""
    for agent in agents:
        lost = burden(asked.cloud, agent).stops
        if lost:
            one = "router" if agent.agent_type == L3 else "network"
            words = f"{some(lost)} ({len(lost)} {one}{'' if len(lost) == 1 else 's'}) would stop"
            return is_closed(f"{words} with the {agent.agent_type} on {agent.host}: agent.drain {agent.id} first")
    return is_open("nothing depends on it alone" if agents else "no agent that carries anything")


def _drained(asked: Asked) -> Verdict:
    return network_work(asked, [asked.row] if asked.row.agent_type in LISTS else [])


def _silent(asked: Asked) -> Verdict:
    if asked.row.alive is not False:
        return is_closed(f"it reports: stop {asked.row.binary} on {asked.row.host} first, or it registers again")
    return is_open("it does not report")


def _unused(asked: Asked) -> Verdict:
    """No routers, no networks, and of an L2 agent no ports that are bound on its host."""
    if asked.row.agent_type in LISTS:
        rows = carried(asked.cloud, [asked.row])[asked.identity]
        names = [str(row.name or row.id) for row in rows.values()]
        if names:
            return is_closed(f"{some(names)} would lose this agent: agent.drain {asked.identity} first")
    if asked.row.agent_type in _L2:
        query = (("binding:host_id", asked.row.host),)
        bound = [row for row in asked.cloud.rows("ports", query=query) if row.host == asked.row.host]
        if bound:
            return is_closed(f"{len(bound)} ports are bound on {asked.row.host}: move what they belong to first")
    return is_open("it carries nothing")


ALONE = one_at_a_time("agents", "alive=false", lambda row, target: bool(row.agent_type == target.agent_type))
DRAINED = Guard("network-work", _drained, "no router and no network depends on this agent alone")

OPERATIONS = (
    Operation(
        name="agent.enable",
        kind="agents",
        title="enable the {agent_type} on {host}",
        about="let Neutron give it work again; it sets up what it still has",
        risk="R1",
        parameters=(Parameter("description", "what Neutron keeps beside it", "", pattern=r".{0,255}"),),
        closed=lambda row: "is enabled already" if row.admin_state_up else "",
        work=_enable,
        at_once=8,
    ),
    Operation(
        name="agent.disable",
        kind="agents",
        title="disable the {agent_type} on {host}",
        about="give it nothing new; an L3 or DHCP agent also ends what it runs",
        risk="R2",
        parameters=(Parameter("reason", "why; Neutron keeps it as its description", pattern=r".{1,255}"),),
        reads=READS,
        closed=_not_disabled,
        guards=(DRAINED, ALONE),
        work=_disable,
    ),
    Operation(
        name="agent.restart",
        kind="agents",
        title="restart the {agent_type} on {host}",
        about="restart its process, by which it synchronises everything anew",
        risk="R1",
        account="ssh",
        reads=("agents",),
        closed=lambda row: "is OVN's, which tells no start: restart its unit instead" if _is_ovn(row) else "",
        guards=(ALONE,),
        work=_restart,
    ),
    Operation(
        name="agent.delete",
        kind="agents",
        title="delete the {agent_type} on {host}",
        about="remove the record of an agent that will never report again",
        risk="R3",
        closed=lambda row: "it reports: stop it first" if row.alive else "",
        guards=(
            Guard("silent", _silent, "it does not report"),
            Guard("unused", _unused, "it has no routers, no networks, no bound ports"),
        ),
        work=_delete,
        irreversible=True,
    ),
)
