"""Host aggregates: rack-a has cmp01 and cmp03, rack-b cmp02 and cmp04; servers are on all of them."""

from __future__ import annotations

from tests.runbooks.scenario import Closed, Did, Ran, Scenario

RACK, EMPTY = ("rack-a",), ("spare",)
MADE = Ran("openstack aggregate create --zone az9 spare")
PLAIN = Ran("openstack aggregate create spare")
DISK = {"property": "disk", "value": "ssd fast"}

FULL = (PLAIN, Did("aggregate.add-host", EMPTY, {"host": "cmp02"}))

SCENARIOS = (
    Scenario(
        "aggregate.create",
        RACK,
        {"name": "gpus", "zone": "az7"},
        closed=(
            Closed("sense", RACK, {"name": "rack-b"}),
            Closed("zone", RACK, {"name": "gpus", "zone": "nova"}),
        ),
        restores=("name", "hosts"),
    ),
    Scenario("aggregate.delete", EMPTY, before=(PLAIN,), closed=(Closed("sense", EMPTY, before=FULL),)),
    Scenario(
        "aggregate.add-host",
        RACK,
        {"host": "cmp02"},
        closed=(
            Closed("sense", RACK, {"host": "cmp01"}),
            Closed("sense", RACK, {"host": "cmp77"}),
            Closed("zone", EMPTY, {"host": "cmp01"}, (MADE,)),
        ),
        restores=("hosts", "metadata"),
    ),
    Scenario(
        "aggregate.remove-host",
        RACK,
        {"host": "cmp01"},
        closed=(Closed("sense", RACK, {"host": "cmp02"}),),
    ),
    Scenario(
        "aggregate.set",
        RACK,
        DISK,
        closed=(
            Closed("sense", RACK, {"property": "rack", "value": "a"}),
            Closed("sense", RACK, {"property": "availability_zone", "value": "a"}),
        ),
        restores=("metadata", "hosts"),
    ),
    Scenario(
        "aggregate.unset",
        RACK,
        {"property": "rack"},
        closed=(Closed("sense", RACK, {"property": "disk"}),),
        restores=("metadata", "hosts"),
    ),
    Scenario(
        "aggregate.set-zone",
        EMPTY,
        {"zone": "az8"},
        before=(MADE,),
        closed=(Closed("zone", EMPTY, {"zone": "az9"}, (MADE,)), Closed("zone", EMPTY, {"zone": "az9"}, FULL)),
        restores=("availability_zone", "hosts"),
    ),
)
