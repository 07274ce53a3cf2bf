"""Network namespaces."""

from __future__ import annotations

from tests.runbooks.scenario import Before, Closed, Fault, Passed, Ran, Scenario

LEFT = "qrouter-11111111-2222-4333-8444-555555555555"
LEFT_OVER = Ran(f"ssh net01 sudo ip netns add {LEFT}")
DHCP = ("host=net01", "purpose=DHCP", "neutron_name=ci-net")
SILENT: tuple[Before, ...] = (Fault("agent-dead", {"host": "net02", "binary": "neutron-dhcp-agent"}), Passed(120))

SCENARIOS = (
    Scenario(
        "namespace.resync",
        DHCP,
        before=(Fault("dhcp-silent", {"host": "net01"}),),
        closed=(Closed("one-at-a-time", DHCP, before=SILENT),),
    ),
    Scenario(
        "namespace.remove",
        (LEFT,),
        before=(LEFT_OVER,),
        closed=(Closed("sense", DHCP), Closed("nobodys", DHCP), Closed("empty", DHCP)),
    ),
)
