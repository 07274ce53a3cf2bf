"""Networks and their DHCP agents: moved from one to another, given a further one, relieved of one.

Guests renew their leases with any agent that serves their network, so the new one is given it, and has set it up,
before the old one loses it. The last agent is not taken away.
"""

from __future__ import annotations

from typing import Any

from collectors.errors import UsageError
from runbooks.expect import Expect
from runbooks.guards import some
from runbooks.operation import Asked, Guard, Inverse, Operation, Parameter, Verdict, Work, is_closed, is_open, work
from runbooks.operations.agent_work import (
    DHCP,
    agent_named,
    carried,
    give_network,
    is_able,
    take_network,
    with_dhcp,
)
from runbooks.spreading import emptiest


def _serving(asked: Asked) -> list[Any]:
    """The agents that serve it."""
    return asked.cloud.rows("dhcp-agents", parent=asked.identity)


def _source(asked: Asked) -> Any:
    """The agent that loses it. Raises `UsageError`."""
    serving, word = _serving(asked), asked.values["from"]
    if not word and len(serving) == 1:
        return serving[0]
    found = [agent for agent in serving if word and word in (agent.id, agent.host)]
    if not found:
        hosts = some([agent.host for agent in serving]) if serving else "no agent"
        raise UsageError(f"“{word[:60]}” does not serve it" if word else "say which agent: from=HOST", f"{hosts} does")
    return found[0]


def _target(asked: Asked) -> Any:
    """The agent that gets it: the one that is named, else the emptiest. Raises `UsageError`."""
    serving = _serving(asked)
    having = {agent.id for agent in serving}
    if word := asked.values["to"]:
        return agent_named(asked.cloud, DHCP, word)
    zones = {agent.availability_zone for agent in serving}
    able = [
        agent
        for agent in asked.cloud.rows("agents", agent_type=DHCP)
        if is_able(agent) and agent.id not in having and (not zones or agent.availability_zone in zones)
    ]
    chosen = emptiest({agent: tuple(items) for agent, items in carried(asked.cloud, able).items()})
    if chosen is None:
        raise UsageError("every DHCP agent of its zone that is alive serves it already", "say one: to=HOST")
    return next(agent for agent in able if agent.id == chosen)


def _there(asked: Asked, agent: Any) -> Expect:
    return Expect("dhcp-agents", agent.id, "alive=true", parent=asked.identity)


def _gone(asked: Asked, agent: Any) -> Expect:
    return Expect("dhcp-agents", agent.id, absent=True, parent=asked.identity)


def _move(asked: Asked) -> Work:
    source, target = _source(asked), _target(asked)
    return work(
        give_network(asked.row, target, asked.identity in with_dhcp(asked.cloud)),
        take_network(asked.row, source),
        verify=(_there(asked, target), _gone(asked, source)),
        inverse=Inverse("network.move-dhcp", asked.identity, {"from": target.id, "to": source.id}, "moves it back"),
        stops="nothing: both serve it for a moment",
        notes=("Guests that use it as their DNS server learn the other address with their next lease.",),
    )


def _add(asked: Asked) -> Work:
    target = _target(asked)
    return work(
        give_network(asked.row, target, asked.identity in with_dhcp(asked.cloud)),
        verify=(_there(asked, target),),
        inverse=Inverse("network.remove-dhcp", asked.identity, {"from": target.id}),
        stops="nothing",
        notes=("It takes one more address of each subnet with DHCP.",),
    )


def _remove(asked: Asked) -> Work:
    source = _source(asked)
    return work(
        take_network(asked.row, source),
        verify=(_gone(asked, source),),
        inverse=Inverse("network.add-dhcp", asked.identity, {"to": source.id}),
        stops="nothing: others serve it",
        less=f"{len(_serving(asked)) - 1} DHCP agents serve it",
    )


# -- guards -----------------------------------------------------------------------------------------------------------


def _alive(asked: Asked) -> Verdict:
    try:
        target = _target(asked)
    except UsageError as error:
        return is_closed(str(error))
    if target.id in {agent.id for agent in _serving(asked)}:
        return is_closed(f"the DHCP agent on {target.host} serves it already: name another one")
    if not is_able(target):
        return is_closed(f"the DHCP agent on {target.host} is dead or disabled")
    return is_open(f"the DHCP agent on {target.host} is alive and enabled")


def _served(asked: Asked) -> Verdict:
    """After one was taken away, another one that is alive serves it."""
    try:
        source = _source(asked)
    except UsageError as error:
        return is_closed(str(error))
    left = [agent.host for agent in _serving(asked) if agent.id != source.id and is_able(agent)]
    if left:
        return is_open(f"{some(left)} serves it as well")
    if asked.identity not in with_dhcp(asked.cloud):
        return is_open("none of its subnets has DHCP")
    return is_closed("no other DHCP agent that is alive serves it: network.move-dhcp, or network.add-dhcp first")


FROM = Parameter("from", "host or id of the DHCP agent that loses it", "", pattern=r"[\w.:-]{0,100}")
TO = Parameter("to", "host or id of the DHCP agent; empty: the one with the fewest", "", pattern=r"[\w.:-]{0,100}")
ALIVE = Guard("target-alive", _alive, "the other agent is alive and enabled, and does not serve it yet")

OPERATIONS = (
    Operation(
        name="network.move-dhcp",
        kind="networks",
        title="move the DHCP service of {name} to another agent",
        about="give it to another DHCP agent, then take it from its present one",
        risk="R2",
        parameters=(FROM, TO),
        reads=("agents", "subnets"),
        guards=(ALIVE,),
        work=_move,
    ),
    Operation(
        name="network.add-dhcp",
        kind="networks",
        title="give {name} a further DHCP agent",
        about="have one more DHCP agent serve it",
        risk="R2",
        parameters=(TO,),
        reads=("agents", "subnets"),
        guards=(ALIVE,),
        work=_add,
    ),
    Operation(
        name="network.remove-dhcp",
        kind="networks",
        title="relieve a DHCP agent of {name}",
        about="have one DHCP agent less serve it; the last one stays",
        risk="R2",
        parameters=(FROM,),
        reads=("subnets",),
        guards=(Guard("served", _served, "another DHCP agent that is alive serves it as well"),),
        work=_remove,
    ),
)
