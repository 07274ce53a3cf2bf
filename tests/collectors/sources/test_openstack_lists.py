"""Lists that differ from the usual: members as rows, every project's where granted, pages without links, a period."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
import pytest

from collectors.deadline import Deadline, working
from collectors.errors import NotUnderstood, Refused
from collectors.kind import Scope
from collectors.request import Rest
from collectors.sources.base import Where
from collectors.sources.openstack import OpenStackSource
from tests.wire_cloud import WireCloud
from tests.wire_server import Reply, Seen, json_reply

PATH = "/compute/v2.1/things"


def rows(source: OpenStackSource, request: Rest, where: Where | None = None) -> list[Any]:
    """Every row, read under a deadline as `collectors.read` does."""
    with working(Deadline(10)) as deadline:
        target = source.targets(Scope(), Where())[0]
        found = list(source.read(request, target, deadline, where or Where()))
    return [row for page in found for row in msgspec.json.decode(page.raw or b"[]")]


def test_members_of_one_object_are_rows(cloud: WireCloud) -> None:
    cloud.on(PATH, json_reply({"quota_set": {"id": "p1", "cores": {"limit": 20, "in_use": 3}, "key_pairs": 100}}))
    assert rows(cloud.source(), Rest("compute", "/things", "quota_set", members=True)) == [
        {"name": "cores", "limit": 20, "in_use": 3},
        {"name": "key_pairs", "limit": 100},
    ]


def test_a_list_where_members_were_expected_is_not_understood(cloud: WireCloud) -> None:
    cloud.on(PATH, json_reply({"quota_set": [1]}))
    with pytest.raises(NotUnderstood):
        rows(cloud.source(), Rest("compute", "/things", "quota_set", members=True))


def test_the_parents_id_in_the_query(cloud: WireCloud) -> None:
    cloud.on(PATH, json_reply({"things": []}))
    rows(cloud.source(), Rest("compute", "/things", "things", query=(("user_id", "{parent}"),)), Where(parent="a&b"))
    assert cloud.asked(PATH)[0].query == {"user_id": "a&b"}


def test_a_header_of_the_list(cloud: WireCloud) -> None:
    cloud.on(PATH, json_reply({"things": []}))
    rows(cloud.source(), Rest("compute", "/things", "things", headers=(("X-Auth-All-Projects", "true"),)))
    assert cloud.asked(PATH)[0].headers["x-auth-all-projects"] == "true"


EVERYONE = Rest("compute", "/things", "things", query=(("a", "b"),), everyone=(("global_tenant", "true"),))


def test_every_projects_rows_where_policy_grants_them(cloud: WireCloud) -> None:
    cloud.on(PATH, json_reply({"things": [{"id": "x"}]}))
    assert rows(cloud.source(), EVERYONE) == [{"id": "x"}]
    assert [seen.query for seen in cloud.asked(PATH)] == [{"a": "b", "global_tenant": "true"}]


def test_our_own_projects_rows_where_it_does_not_and_the_refusal_is_remembered(cloud: WireCloud) -> None:
    def answer(seen: Seen) -> Reply:
        refused = {"error": {"message": "You are not authorized to use stacks:global_index."}, "code": 403}
        return json_reply(refused, 403) if "global_tenant" in seen.query else json_reply({"things": [{"id": "mine"}]})

    cloud.on(PATH, answer)
    source = cloud.source()
    assert rows(source, EVERYONE) == rows(source, EVERYONE) == [{"id": "mine"}]
    assert [seen.query.get("global_tenant") for seen in cloud.asked(PATH)] == ["true", None, None]


def test_refused_altogether_is_said(cloud: WireCloud) -> None:
    cloud.on(PATH, json_reply({"error": {"message": "no"}}, 403))
    with pytest.raises(Refused):
        rows(cloud.source(), EVERYONE)
    assert len(cloud.asked(PATH)) == 2


def counted(seen: Seen) -> Reply:
    """Five things in pages, by offset."""
    start, size = int(seen.query.get("offset", 0)), int(seen.query["limit"])
    return json_reply({"things": [{"id": str(n)} for n in range(5)][start : start + size]})


@pytest.mark.parametrize(("size", "asked"), [(2, [None, "2", "4"]), (5, [None, "5"]), (9, [None])])
def test_pages_by_the_number_of_rows(cloud: WireCloud, size: int, asked: list[str | None]) -> None:
    cloud.on(PATH, counted)
    found = rows(cloud.source(), Rest("compute", "/things", "things", page=size, turn="offset"))
    assert [row["id"] for row in found] == ["0", "1", "2", "3", "4"]
    assert [seen.query.get("offset") for seen in cloud.asked(PATH)] == asked


def test_pages_by_the_last_rows_name(cloud: WireCloud) -> None:
    def answer(seen: Seen) -> Reply:
        names = ["a", "b", "c"]
        after = seen.query.get("marker", "")
        return json_reply([{"name": name} for name in names if name > after][: int(seen.query["limit"])])

    cloud.on(PATH, answer)
    found = rows(cloud.source(), Rest("compute", "/things", "", page=2, turn="name"))
    assert [row["name"] for row in found] == ["a", "b", "c"]
    assert [seen.query.get("marker") for seen in cloud.asked(PATH)] == [None, "b"]


def test_a_service_that_ignores_the_marker_does_not_hold_us_for_ever(cloud: WireCloud) -> None:
    cloud.on(PATH, json_reply([{"name": "a"}]))
    with pytest.raises(NotUnderstood, match="again and again"):
        rows(cloud.source(), Rest("compute", "/things", "", page=1, turn="name"))


def test_a_period_until_now(cloud: WireCloud) -> None:
    cloud.on(PATH, json_reply({"things": []}))
    rows(cloud.source(), Rest("compute", "/things", "things", days=28))
    query = cloud.asked(PATH)[0].query
    start, end = (datetime.fromisoformat(query[name]) for name in ("start", "end"))
    assert (end - start).days == 28
    assert start.tzinfo is None, "Nova takes no zone"


def test_ironics_microversion(cloud: WireCloud) -> None:
    cloud.further["baremetal"] = ("ironic", "/baremetal/v1")

    def answer(seen: Seen) -> Reply:
        asked = seen.headers["x-openstack-ironic-api-version"]
        if asked == "1.90":
            return json_reply({"error_message": "no"}, 406, X_OpenStack_Ironic_API_Maximum_Version="1.82")
        return json_reply({"nodes": [{"uuid": asked}]})

    cloud.on("/baremetal/v1/nodes", answer)
    source = cloud.source()
    assert rows(source, Rest("baremetal", "/nodes", "nodes", microversion="1.90")) == [{"uuid": "1.82"}]
