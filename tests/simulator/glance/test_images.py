"""Images: lists, changes by JSON patch, data, deactivation, sharing, refusals."""

from __future__ import annotations

import json
from typing import Any

import pytest

from runbooks.simulator.http.nova import API as NOVA
from runbooks.simulator.model.cloud import Cloud
from tests.simulator.calls import Client

AT = "/v2/images"
PATCH = "application/openstack-images-v2.1-json-patch"


def names(client: Client, query: str = "") -> list[str]:
    return [row["name"] for row in client.get(f"{AT}?{query}")["images"]]


def of(client: Client, name: str) -> str:
    """The id of the image with this name."""
    return str(client.get(f"{AT}?name={name}")["images"][0]["id"])


def patch(client: Client, image: str, *changes: object, status: int = 200) -> Any:
    reply = client.reply("PATCH", f"{AT}/{image}", list(changes), Content_Type=PATCH)
    assert reply.status == status, reply
    return json.loads(reply.encoded()) if status == 200 else reply.encoded().decode()


def words(client: Client, method: str, path: str, body: object = None, status: int = 404) -> str:
    """The words of a refusal, as JSON for a client that accepts that."""
    reply = client.reply(method, path, body, Accept="application/json")
    assert reply.status == status, reply
    found = json.loads(reply.encoded())
    assert found["code"].startswith(f"{status} ")
    return str(found["message"]).removesuffix("<br /><br />\n\n\n")


def test_an_admin_lists_all_but_hidden_images(glance: Client) -> None:
    assert names(glance) == [
        "never-uploaded",
        "analytics-snapshot",
        "web-shop-golden",
        "cirros-0.6.2",
        "rocky-9",
        "ubuntu-24.04",
        "debian-12",
    ]
    assert names(glance, "os_hidden=true") == ["debian-11"]


def test_servers_were_built_from_images_that_are_there(glance: Client, model: Cloud) -> None:
    servers = Client(model, NOVA).get("/v2.1/servers/detail?all_tenants=1", "2.96")["servers"]
    used = {server["image"]["id"] for server in servers if server["image"]}
    known = {row["id"]: row["name"] for row in glance.get(AT)["images"]}
    assert {known[identity] for identity in used} == {"debian-12", "ubuntu-24.04", "rocky-9", "cirros-0.6.2"}


def test_tenants_see_public_ones_their_own_and_shared_ones(owner: Client, partner: Client, model: Cloud) -> None:
    public = ["cirros-0.6.2", "rocky-9", "ubuntu-24.04", "debian-12"]
    assert names(owner) == ["web-shop-golden", *public]
    assert names(partner) == ["never-uploaded", "analytics-snapshot", "web-shop-golden", *public]
    private = model.seed.uuid("image", "analytics-snapshot")
    assert words(owner, "GET", f"{AT}/{private}") == f"No image found with ID {private}"


@pytest.mark.parametrize("limit", [1, 3, 7])
def test_pages_together_are_the_whole_list(glance: Client, limit: int) -> None:
    whole = names(glance)
    found: list[str] = []
    path = f"{AT}?limit={limit}"
    for _ in range(10):
        page = glance.get(path)
        assert page["first"] == f"{AT}?limit={limit}"
        found += [row["name"] for row in page["images"]]
        if "next" not in page:
            break
        path = page["next"]
    assert found == whole


def test_25_images_are_a_page(glance: Client, model: Cloud) -> None:
    for number in range(30):
        glance.do("POST", AT, {"name": f"image-{number}"}, status=201)
    page = glance.get(AT)
    assert len(page["images"]) == 25
    assert page["next"].endswith(f"marker={page['images'][-1]['id']}")
    assert len(glance.get(f"{AT}?limit=1000")["images"]) == 37


def test_filters_and_sorting(glance: Client) -> None:
    assert names(glance, "name=debian-12") == ["debian-12"]
    assert names(glance, "name=in:debian-12,rocky-9") == ["rocky-9", "debian-12"]
    assert names(glance, "visibility=private") == ["analytics-snapshot"]
    assert names(glance, "status=queued") == ["never-uploaded"]
    assert names(glance, "protected=true") == ["debian-12"]
    assert names(glance, "os_distro=rocky") == ["rocky-9"]
    assert names(glance, "tag=golden&tag=web") == ["web-shop-golden"]
    assert names(glance, "size_max=30000000") == ["cirros-0.6.2"]
    assert names(glance, "created_at=gte:2026-11-01T00:00:00Z") == ["never-uploaded", "analytics-snapshot"]
    assert names(glance, "sort=name:asc") == sorted(names(glance))
    assert names(glance, "sort_key=name&sort_dir=desc") == sorted(names(glance), reverse=True)
    sizes = [row["size"] or 0 for row in glance.get(f"{AT}?sort=size")["images"]]
    assert sizes == sorted(sizes, reverse=True)


@pytest.mark.parametrize(
    ("query", "status", "text"),
    [
        ("limit=x", 400, "limit param must be an integer"),
        ("limit=-1", 400, "limit param must be positive"),
        ("marker=nope", 404, "No image found with ID nope"),
        ("visibility=secret", 400, "Invalid visibility value: secret"),
        ("os_hidden=so", 400, "Invalid value &#x27;so&#x27; for &#x27;os_hidden&#x27; filter. Valid values are"),
        ("sort=colour", 400, "Invalid sort key: colour. It must be one of the following: name, status,"),
        ("sort=name:up", 400, "Invalid sort direction: up"),
        ("sort=name&sort_key=name", 400, "Old and new sorting syntax cannot be combined"),
        ("member_status=maybe", 400, "Invalid status: maybe"),
    ],
)
def test_odd_queries_are_refused(glance: Client, query: str, status: int, text: str) -> None:
    assert words(glance, "GET", f"{AT}?{query}", status=status).startswith(text)


def test_errors_are_a_page_unless_json_is_wanted(glance: Client) -> None:
    reply = glance.reply("GET", f"{AT}/nope")
    assert reply.headers["Content-Type"] == "text/html; charset=UTF-8"
    assert b"<title>404 Not Found</title>" in reply.encoded()
    assert b"No image found with ID nope<br /><br />" in reply.encoded()


def test_an_image_is_made_filled_changed_and_deleted(owner: Client) -> None:
    reply = owner.reply("POST", AT, {"name": "mine", "disk_format": "raw", "container_format": "bare", "colour": "red"})
    made = json.loads(reply.encoded())
    assert (reply.status, made["status"], made["visibility"], made["colour"]) == (201, "queued", "shared", "red")
    assert reply.headers["Location"].endswith(f"{AT}/{made['id']}")
    at = f"{AT}/{made['id']}"
    assert owner.reply("PUT", f"{at}/file", "some data").status == 204
    filled = owner.get(at)
    assert (filled["status"], filled["size"], len(filled["checksum"])) == ("active", 11, 32)
    assert "stores" in filled
    assert words(owner, "PUT", f"{at}/file", "again", 409).startswith("Image status transition from active to saving")
    changed = patch(
        owner,
        made["id"],
        {"op": "replace", "path": "/name", "value": "ours"},
        {"op": "add", "path": "/os_distro", "value": "debian"},
        {"op": "remove", "path": "/colour"},
        {"op": "replace", "path": "/tags", "value": ["a"]},
    )
    assert (changed["name"], changed["os_distro"], changed["tags"]) == ("ours", "debian", ["a"])
    assert "colour" not in changed
    assert owner.reply("PUT", f"{at}/tags/b").status == 204
    assert owner.get(at)["tags"] == ["a", "b"]
    assert owner.reply("DELETE", f"{at}/tags/b").status == 204
    owner.do("DELETE", at, status=204)
    assert words(owner, "GET", at) == f"No image found with ID {made['id']}"


@pytest.mark.parametrize(
    ("change", "status", "text"),
    [
        ({"op": "replace", "path": "/status", "value": "active"}, 403, "Attribute &#x27;status&#x27; is read-only."),
        ({"op": "replace", "path": "/deleted", "value": "x"}, 403, "Attribute &#x27;deleted&#x27; is reserved."),
        ({"op": "replace", "path": "/colour", "value": "red"}, 409, "Property colour does not exist."),
        ({"op": "remove", "path": "/name"}, 403, "Property name may not be removed."),
        ({"op": "paint", "path": "/name"}, 400, "Invalid operation: `paint`. It must be one of the following: add,"),
        ({"path": "/name"}, 400, "Unable to find `op` in JSON Schema change."),
        ({"op": "add", "path": "/name"}, 400, "Operation &quot;add&quot; requires a member named &quot;value&quot;."),
        ({"op": "add", "path": "name", "value": "x"}, 400, "Pointer `name` does not start with &quot;/&quot;."),
        ({"op": "add", "path": "/a/b", "value": "x"}, 400, "Invalid JSON pointer for this resource"),
        ({"op": "add", "path": "/min_ram", "value": "much"}, 400, "Provided object does not match schema"),
        ({"op": "add", "path": "/disk_format", "value": "paper"}, 400, "Provided object does not match schema"),
        ("dog", 400, "Operations must be JSON objects."),
    ],
)
def test_odd_patches_are_refused(glance: Client, change: object, status: int, text: str) -> None:
    assert text in patch(glance, of(glance, "rocky-9"), change, status=status)


def test_a_patch_needs_its_content_type(glance: Client) -> None:
    reply = glance.reply("PATCH", f"{AT}/{of(glance, 'rocky-9')}", [], Content_Type="application/json")
    assert reply.status == 415
    assert PATCH in reply.headers["Accept-Patch"]


def test_protected_images_stay(glance: Client) -> None:
    image = of(glance, "debian-12")
    refused = words(glance, "DELETE", f"{AT}/{image}", status=403)
    assert refused == f"Image {image} is protected and cannot be deleted."
    patch(glance, image, {"op": "replace", "path": "/protected", "value": False})
    glance.do("DELETE", f"{AT}/{image}", status=204)


def test_deactivated_images_are_not_given_out(glance: Client, owner: Client) -> None:
    image = of(glance, "rocky-9")
    glance.do("POST", f"{AT}/{image}/actions/deactivate", status=204)
    assert glance.get(f"{AT}/{image}")["status"] == "deactivated"
    assert words(owner, "GET", f"{AT}/{image}/file", status=403).startswith("The requested image has been deactivated.")
    assert words(owner, "POST", f"{AT}/{image}/actions/reactivate", status=403) == (
        "You are not authorized to complete reactivate action."
    )
    glance.do("POST", f"{AT}/{image}/actions/reactivate", status=204)
    assert glance.get(f"{AT}/{image}")["status"] == "active"
    queued = of(glance, "never-uploaded")
    assert words(glance, "POST", f"{AT}/{queued}/actions/deactivate", status=403) == (
        "Not allowed to deactivate image in status &#x27;queued&#x27;"
    )


def test_sharing_takes_both_sides(owner: Client, partner: Client, model: Cloud) -> None:
    made = owner.do("POST", AT, {"name": "for you"}, status=201)["id"]
    at = f"{AT}/{made}/members"
    project = model.tenants[1].project_id
    told = owner.do("POST", at, {"member": project})
    assert (told["member_id"], told["status"], told["schema"]) == (project, "pending", "/v2/schemas/member")
    assert words(owner, "POST", at, {"member": project}, 409).startswith("Member ")
    assert "for you" not in names(partner)
    assert "for you" in names(partner, "member_status=pending")
    assert partner.do("PUT", f"{at}/{project}", {"status": "accepted"})["status"] == "accepted"
    assert "for you" in names(partner)
    assert words(owner, "PUT", f"{at}/{project}", {"status": "rejected"}, 403).startswith("You are not permitted")
    assert words(partner, "DELETE", f"{AT}/{made}", status=403) == "You are not permitted to modify this image."
    owner.do("DELETE", f"{at}/{project}", status=204)
    assert "for you" not in names(partner)
    public = of(owner, "rocky-9")
    assert words(owner, "GET", f"{AT}/{public}/members", status=403) == "Only shared images have members."


def test_only_admins_make_images_public(owner: Client) -> None:
    made = owner.do("POST", AT, {"name": "mine"}, status=201)["id"]
    refused = patch(owner, made, {"op": "replace", "path": "/visibility", "value": "public"}, status=403)
    assert "You are not authorized to complete publicize_image action." in refused
    patch(owner, made, {"op": "replace", "path": "/visibility", "value": "community"})


def test_community_images_are_listed_when_asked_for(owner: Client, partner: Client) -> None:
    made = owner.do("POST", AT, {"name": "common", "visibility": "community"}, status=201)["id"]
    assert "common" not in names(partner)
    assert "common" in names(partner, "visibility=community")
    assert partner.get(f"{AT}/{made}")["name"] == "common"


def test_stores_and_usage(owner: Client) -> None:
    assert owner.get("/v2/info/stores")["stores"][0]["id"] == "rbd"
    assert owner.get("/v2/info/usage")["usage"]["image_count_total"]["usage"] == 1
    assert owner.reply("GET", "/v2/schemas/nothing").status == 404
    assert [row["name"] for row in (owner.get("/v2/schemas/members"), owner.get("/v2/schemas/images"))] == [
        "members",
        "images",
    ]
