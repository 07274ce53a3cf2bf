"""Ports: switched off and on. A port that is administratively down passes nothing, whatever its server does."""

from __future__ import annotations

from collectors.call import RestCall, path
from runbooks.expect import Expect
from runbooks.operation import Asked, Guard, Inverse, Operation, Step, Verdict, Work, is_closed, is_open, work


def _switch(asked: Asked, up: bool) -> Work:
    state = "--enable" if up else "--disable"
    owner = asked.row.device_owner or "nobody"
    return work(
        Step(
            f"{state.removeprefix('--')} port {asked.name}",
            RestCall("network", "PUT", path("/ports/{}", asked.identity), {"port": {"admin_state_up": up}}),
            f"openstack port set {state} {asked.identity}",
            Expect("ports", asked.identity, f"admin_state_up={'true' if up else 'false'}"),
        ),
        stops="nothing" if up else f"all traffic through it; it belongs to {owner}",
        inverse=Inverse("port.disable" if up else "port.enable", asked.identity),
    )


def _guests(asked: Asked) -> Verdict:
    """Ports that Neutron made for itself carry many; they are switched off by what they belong to."""
    if (asked.row.device_owner or "").startswith("network:"):
        return is_closed(f"it is Neutron's own ({asked.row.device_owner}): disable the router or the agent instead")
    return is_open("it is a guest's, or nobody's")


OPERATIONS = (
    Operation(
        name="port.disable",
        kind="ports",
        title="disable port {fixed_ips}",
        about="let no traffic through it, until it is enabled again",
        risk="R2",
        closed=lambda row: "is disabled already" if row.admin_state_up is False else "",
        guards=(Guard("guests", _guests, "it is no port that Neutron made for itself"),),
        work=lambda asked: _switch(asked, False),
        at_once=4,
    ),
    Operation(
        name="port.enable",
        kind="ports",
        title="enable port {fixed_ips}",
        about="let traffic through it again",
        risk="R1",
        closed=lambda row: "is enabled already" if row.admin_state_up else "",
        work=lambda asked: _switch(asked, True),
        at_once=4,
    ),
)
