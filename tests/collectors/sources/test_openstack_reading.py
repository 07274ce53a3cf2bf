"""Reading lists through the OpenStack source: tokens, endpoints, pages, markers, microversions."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from collectors.deadline import Deadline, working
from collectors.errors import BadConfiguration, NotUnderstood, SourceError
from collectors.kind import Scope
from collectors.request import Rest
from collectors.sources.base import Page, Where
from collectors.sources.openstack import OpenStackSource
from tests.wire_cloud import WireCloud
from tests.wire_server import Reply, Seen, json_reply

SERVERS = Rest("compute", "/servers/detail", "servers", page=2, microversion="2.96", since="changes-since")
PATH = "/compute/v2.1/servers/detail"


def pages(source: OpenStackSource, request: Rest, where: Where | None = None, seconds: float = 10) -> list[Page]:
    """Every page, read under a deadline as `collectors.read` does."""
    with working(Deadline(seconds)) as deadline:
        target = source.targets(Scope(), Where())[0]
        return list(source.read(request, target, deadline, where or Where()))


def names(found: list[Page]) -> list[str]:
    """The ids that arrived, in order."""
    return [row["id"] for page in found for row in msgspec.json.decode(page.raw or b"[]")]


def server_list(*ids: str, next_marker: str = "", url: str = "http://elsewhere") -> Reply:
    """A page of servers as Nova gives it."""
    found: dict[str, Any] = {"servers": [{"id": i} for i in ids]}
    if next_marker:
        found["servers_links"] = [{"rel": "next", "href": f"{url}{PATH}?limit=2&marker={next_marker}"}]
    return json_reply(found)


def test_a_list_costs_a_token_and_one_request(cloud: WireCloud) -> None:
    cloud.on(PATH, server_list("a"))
    source = cloud.source()
    assert names(pages(source, SERVERS)) == ["a"]
    pages(source, SERVERS)
    assert cloud.logins == 1
    assert len(cloud.asked(PATH)) == 2
    assert cloud.paths() == ["/identity/v3", "/identity/v3/auth/tokens", PATH, PATH]
    source.close()


def test_the_request_carries_token_page_size_and_microversion(cloud: WireCloud) -> None:
    cloud.on(PATH, server_list("a"))
    source = cloud.source()
    pages(source, SERVERS, Where(query=(("host", "cmp01"),)))
    seen = cloud.asked(PATH)[0]
    assert seen.query == {"limit": "2", "host": "cmp01"}
    assert seen.headers["x-auth-token"] == "token-1"
    assert seen.headers["openstack-api-version"] == "compute 2.96"
    assert seen.headers["x-openstack-nova-api-version"] == "2.96"
    source.close()


def test_a_microversion_is_asked_for_in_each_services_own_header(cloud: WireCloud) -> None:
    path = "/shared-file-system/v2/services"
    cloud.on(path, json_reply({"services": [{"id": "1"}]}))
    source = cloud.source()
    request = Rest("shared-file-system", "/services", "services", microversion="2.7")
    assert names(pages(source, request)) == ["1"]
    seen = cloud.asked(path)[0]
    assert seen.headers["x-openstack-manila-api-version"] == "2.7"
    assert "openstack-api-version" not in seen.headers
    source.close()


def test_a_name_is_asked_for_exactly_where_the_api_takes_a_pattern(cloud: WireCloud) -> None:
    cloud.on(PATH, server_list("a"))
    source = cloud.source()
    pages(source, SERVERS, Where(query=(("name~", "db+backup (old)"),)))
    assert cloud.asked(PATH)[0].query["name"] == r"^db\+backup\ \(old\)$"
    source.close()


def test_changes_are_asked_for_in_the_services_words(cloud: WireCloud) -> None:
    cloud.on(PATH, server_list())
    source = cloud.source()
    pages(source, SERVERS, Where(since=1795232839.7))
    assert cloud.asked(PATH)[0].query["changes-since"] == "2026-11-21T03:47:19Z"
    source.close()


def test_the_parents_id_is_quoted_into_the_path(cloud: WireCloud) -> None:
    request = Rest("compute", "/servers/{parent}/os-instance-actions", "instanceActions")
    cloud.on("/compute/v2.1/servers/a%2F..%2Fb/os-instance-actions", json_reply({"instanceActions": [{"id": "x"}]}))
    source = cloud.source()
    assert names(pages(source, request, Where(parent="a/../b"))) == ["x"]
    source.close()


@pytest.mark.parametrize(
    ("service", "url", "expected"),
    [
        ("network", "http://vip:9696", "http://vip:9696/v2.0"),
        ("network", "http://vip:9696/v2.0/", "http://vip:9696/v2.0"),
        ("image", "http://vip/image", "http://vip/image/v2"),
        ("compute", "http://vip:8774/v2.1", "http://vip:8774/v2.1"),
        ("block-storage", "http://vip:8776/v3/abc", "http://vip:8776/v3/abc"),
        ("placement", "http://vip/placement", "http://vip/placement"),
    ],
)
def test_a_version_is_added_only_where_it_is_missing(cloud: WireCloud, service: str, url: str, expected: str) -> None:
    cloud.urls[service] = url
    source = cloud.source()
    assert source.endpoint(service) == expected
    source.close()


def test_a_service_that_the_catalogue_lacks(cloud: WireCloud) -> None:
    source = cloud.source()
    with pytest.raises(BadConfiguration, match="the catalogue has no dns in region RegionOne"):
        source.endpoint("dns")
    source.close()


# -- pages ------------------------------------------------------------------------------------------------------------


def test_pages_follow_the_services_own_links_to_the_address_we_know(cloud: WireCloud) -> None:
    cloud.on(PATH, server_list("a", "b", next_marker="b"), server_list("c", "d", next_marker="d"), server_list("e"))
    source = cloud.source()
    assert names(pages(source, SERVERS)) == ["a", "b", "c", "d", "e"]
    assert [seen.query.get("marker") for seen in cloud.asked(PATH)] == [None, "b", "d"]
    source.close()


def test_one_page_is_read_when_there_is_no_next(cloud: WireCloud) -> None:
    cloud.on(PATH, server_list("a", "b"))
    source = cloud.source()
    assert [page.calls for page in pages(source, SERVERS)] == [1]
    source.close()


def test_a_marker_that_was_deleted_meanwhile_is_replaced_by_the_row_before_it(cloud: WireCloud) -> None:
    gone = json_reply({"badRequest": {"code": 400, "message": "marker [b] not found"}}, 400)
    cloud.on(PATH, server_list("a", "b", next_marker="b"), gone, server_list("c"))
    source = cloud.source()
    found = pages(source, SERVERS)
    assert names(found) == ["a", "b", "c"]
    assert [seen.query.get("marker") for seen in cloud.asked(PATH)] == [None, "b", "a"]
    assert [page.calls for page in found] == [1, 2]
    source.close()


def test_when_every_marker_was_deleted_the_refusal_is_told(cloud: WireCloud) -> None:
    gone = json_reply({"badRequest": {"code": 400, "message": "marker not found"}}, 400)
    cloud.on(PATH, server_list("a", "b", next_marker="b"), gone)
    source = cloud.source()
    with pytest.raises(SourceError, match="marker not found"):
        pages(source, SERVERS)
    assert [seen.query.get("marker") for seen in cloud.asked(PATH)] == [None, "b", "a"]
    source.close()


def test_a_service_that_goes_round_in_circles_is_left_and_named(cloud: WireCloud) -> None:
    cloud.on(PATH, server_list("a", "b", next_marker="b"))
    source = cloud.source()
    with pytest.raises(NotUnderstood, match="the same page again and again; rows may be missing"):
        pages(source, SERVERS)
    assert len(cloud.asked(PATH)) == 2
    source.close()


def test_a_page_that_overlaps_goes_on(cloud: WireCloud) -> None:
    cloud.on(PATH, server_list("a", "b", next_marker="b"), server_list("b", "c", next_marker="c"), server_list("d"))
    source = cloud.source()
    assert names(pages(source, SERVERS)) == ["a", "b", "b", "c", "d"]
    source.close()


def test_an_odd_row_does_not_end_the_walk(cloud: WireCloud) -> None:
    odd = json_reply(
        {
            "servers": [{"id": []}, {"id": "a"}],
            "servers_links": [{"rel": "next", "href": "http://x/?marker=a"}],
        }
    )
    cloud.on(PATH, odd, server_list("b"))
    source = cloud.source()
    assert len(pages(source, SERVERS)) == 2
    source.close()


def test_glance_names_the_next_page_at_the_top(cloud: WireCloud) -> None:
    first = json_reply({"images": [{"id": "a"}], "next": "/v2/images?limit=1&marker=a"})
    cloud.on("/image/v2/images", first, json_reply({"images": [{"id": "b"}], "first": "/v2/images"}))
    source = cloud.source()
    assert names(pages(source, Rest("image", "/images", "images", page=1))) == ["a", "b"]
    source.close()


def test_keystone_names_the_next_page_in_links(cloud: WireCloud) -> None:
    first = json_reply({"projects": [{"id": "a"}], "links": {"next": "http://x/v3/projects?marker=a"}})
    cloud.on("/identity/v3/projects", first, json_reply({"projects": [{"id": "b"}], "links": {"next": None}}))
    source = cloud.source()
    assert names(pages(source, Rest("identity", "/projects", "projects"))) == ["a", "b"]
    source.close()


def test_novas_actions_name_the_next_page_in_a_list_of_links(cloud: WireCloud) -> None:
    path = "/compute/v2.1/servers/s/os-instance-actions"
    rows = [{"request_id": "req-1"}]
    cloud.on(
        path,
        json_reply({"instanceActions": rows, "links": [{"rel": "next", "href": "http://x/?marker=req-1"}]}),
        json_reply({"instanceActions": [{"request_id": "req-2"}]}),
    )
    source = cloud.source()
    request = Rest("compute", "/servers/{parent}/os-instance-actions", "instanceActions")
    assert len(pages(source, request, Where(parent="s"))) == 2
    source.close()


def test_pages_by_offset_are_followed_to_the_end(cloud: WireCloud) -> None:
    def secrets(seen: Seen) -> Reply:
        start = int(seen.query.get("offset", "0"))
        found: dict[str, Any] = {"secrets": [{"secret_ref": f"http://x/secrets/{start}"}], "total": 3}
        if start < 2:
            found["next"] = f"http://x/v1/secrets?limit=1&offset={start + 1}"
        return json_reply(found)

    cloud.on(f"/orchestration/v1/{cloud.url_of('orchestration').rsplit('/', 1)[1]}/secrets", secrets)
    source = cloud.source()
    assert len(pages(source, Rest("orchestration", "/secrets", "secrets", page=1))) == 3
    source.close()


def test_a_list_that_keystone_cuts_off_says_so(cloud: WireCloud) -> None:
    cloud.on("/identity/v3/users", json_reply({"users": [{"id": "a"}], "truncated": True}))
    source = cloud.source()
    with pytest.raises(NotUnderstood, match="rows are missing: its list is cut off"):
        pages(source, Rest("identity", "/users", "users"))
    source.close()


def test_one_object_is_a_list_of_one(cloud: WireCloud) -> None:
    cloud.on("/placement/resource_providers/p/usages", json_reply({"usages": {"VCPU": 1}}))
    source = cloud.source()
    request = Rest("placement", "/resource_providers/{parent}/usages", "usages", single=True)
    assert pages(source, request, Where(parent="p"))[0].raw == b'[{"VCPU": 1}]'
    source.close()


# -- microversions ----------------------------------------------------------------------------------------------------


def nova_with(maximum: str, *, header: bool = False) -> Any:
    """Nova that knows microversions up to `maximum`."""

    def answer(seen: Seen) -> Reply:
        asked = seen.headers["openstack-api-version"].split()[1]
        if tuple(map(int, asked.split("."))) <= tuple(map(int, maximum.split("."))):
            return server_list(f"at-{asked}")
        said = "not acceptable" if header else f"Version {asked} is not supported by the API. Minimum is 2.1 and "
        said += "" if header else f"maximum is {maximum}."
        extra = {"OpenStack_API_Maximum_Version": f"compute {maximum}"} if header else {}
        return json_reply({"computeFault": {"code": 406, "message": said}}, 406, **extra)

    return answer


@pytest.mark.parametrize("header", [False, True])
def test_an_older_cloud_gets_its_own_newest_microversion(cloud: WireCloud, header: bool) -> None:
    cloud.on(PATH, nova_with("2.79", header=header))
    source = cloud.source()
    assert names(pages(source, SERVERS)) == ["at-2.79"]
    pages(source, SERVERS)
    asked = [seen.headers["openstack-api-version"] for seen in cloud.asked(PATH)]
    assert asked == ["compute 2.96", "compute 2.79", "compute 2.79"]
    source.close()


def test_a_kind_that_wants_less_than_the_ceiling_gets_what_it_wants(cloud: WireCloud) -> None:
    cloud.on(PATH, nova_with("2.79"))
    source = cloud.source()
    pages(source, SERVERS)
    assert names(pages(source, Rest("compute", "/servers/detail", "servers", microversion="2.1"))) == ["at-2.1"]
    source.close()


def test_placements_ceiling_is_in_its_error(cloud: WireCloud) -> None:
    def answer(seen: Seen) -> Reply:
        if seen.headers["openstack-api-version"] == "placement 1.30":
            return json_reply({"resource_providers": [{"id": "ok"}]})
        error = {"status": 406, "title": "Not Acceptable", "max_version": "1.30", "min_version": "1.0"}
        return json_reply({"errors": [error]}, 406)

    cloud.on("/placement/resource_providers", answer)
    source = cloud.source()
    request = Rest("placement", "/resource_providers", "resource_providers", microversion="1.39")
    assert names(pages(source, request)) == ["ok"]
    source.close()


def test_a_406_that_names_no_maximum_is_an_error_not_a_loop(cloud: WireCloud) -> None:
    cloud.on(PATH, json_reply({"computeFault": {"code": 406, "message": "no"}}, 406))
    source = cloud.source()
    with pytest.raises(NotUnderstood, match="406 no"):
        pages(source, SERVERS)
    assert len(cloud.asked(PATH)) == 1
    source.close()
