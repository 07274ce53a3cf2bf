"""Keystone: who gets in, with what scope, what they may do, and what an operator changes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from runbooks.simulator.http.keystone import API as KEYSTONE
from runbooks.simulator.http.nova import API as NOVA
from runbooks.simulator.model.cloud import Cloud
from tests.simulator.calls import Client, cloud
from tests.wire_cloud import recorded

REFUSED = {"code": 401, "message": "The request you have made requires authentication.", "title": "Unauthorized"}


@pytest.fixture
def model() -> Cloud:
    return cloud()


@pytest.fixture
def keystone(model: Cloud) -> Client:
    return Client(model, KEYSTONE)


def password(model: Cloud, name: str = "admin", word: str | None = None) -> dict[str, Any]:
    given = word if word is not None else getattr(model.secrets, name, "")
    user = {"name": name, "domain": {"name": "Default"}, "password": given}
    return {"methods": ["password"], "password": {"user": user}}


def project(name: str) -> dict[str, Any]:
    return {"project": {"name": name, "domain": {"id": "default"}}}


def log_in(keystone: Client, identity: object, scope: object = None, status: int = 201) -> tuple[str, Any]:
    auth = {"identity": identity} | ({"scope": scope} if scope is not None else {})
    reply = keystone.reply("POST", "/v3/auth/tokens", {"auth": auth})
    assert reply.status == status
    return reply.headers.get("X-Subject-Token", ""), json.loads(reply.encoded())


def test_a_password_gives_a_token_for_a_project_with_the_catalog(model: Cloud, keystone: Client) -> None:
    token_id, body = log_in(keystone, password(model), project("admin"))
    token = body["token"]
    assert token["project"]["name"] == "admin"
    assert {role["name"] for role in token["roles"]} == {"admin", "manager", "member", "reader"}
    urls = {
        (service["type"], each["interface"], each["region"]): each["url"]
        for service in token["catalog"]
        for each in service["endpoints"]
    }
    assert urls["compute", "public", "RegionOne"] == f"http://{model.layout.vip}:8774/v2.1"
    assert urls["compute", "internal", "RegionTwo"] == "http://127.77.1.4:8774/v2.1"
    assert urls["volumev3", "public", "RegionOne"].endswith(f":8776/v3/{token['project']['id']}")
    assert ("volumev3", "public", "RegionTwo") not in urls
    assert model.identity.token(token_id, model.now()) is not None


def test_tokens_expire(model: Cloud, keystone: Client) -> None:
    token_id, _ = log_in(keystone, password(model), project("admin"))
    model.clock.advance(86401)
    assert model.identity.token(token_id, model.now()) is None
    nova = Client(model, NOVA)
    nova.token = token_id
    nova.get("/v2.1/servers", status=401)


@pytest.mark.parametrize(
    ("scope", "holds"),
    [
        ({"system": {"all": True}}, ("system", {"all": True})),
        ("unscoped", ("methods", ["password"])),
        (None, ("methods", ["password"])),
    ],
)
def test_other_scopes(model: Cloud, keystone: Client, scope: object, holds: tuple[str, object]) -> None:
    _, body = log_in(keystone, password(model), scope)
    assert body["token"][holds[0]] == holds[1]
    assert ("catalog" in body["token"]) is (holds[0] == "system")
    assert "project" not in body["token"]


def test_a_user_with_a_home_project_is_scoped_to_it(model: Cloud, keystone: Client) -> None:
    _, body = log_in(keystone, password(model, "reader"))
    assert body["token"]["project"]["name"] == "web-shop"


def test_an_application_credential_is_bound_to_its_project(model: Cloud, keystone: Client) -> None:
    credential = next(iter(model.identity.credentials.values()))
    part = {"id": credential.id, "secret": model.secrets.application_credential}
    identity = {"methods": ["application_credential"], "application_credential": part}
    _, body = log_in(keystone, identity)
    assert body["token"]["application_credential"]["name"] == "console"
    assert body["token"]["project"]["name"] == "admin"
    log_in(keystone, {**identity, "application_credential": part | {"secret": "wrong"}}, status=401)


def test_a_token_gives_a_token_with_another_scope_and_the_same_end(model: Cloud, keystone: Client) -> None:
    first, body = log_in(keystone, password(model), "unscoped")
    model.clock.advance(100)
    identity = {"methods": ["token"], "token": {"id": first}}
    _, second = log_in(keystone, identity, project("admin"))
    assert second["token"]["expires_at"] == body["token"]["expires_at"]
    assert second["token"]["methods"] == ["password", "token"]
    assert second["token"]["audit_ids"][1] == body["token"]["audit_ids"][0]


@pytest.mark.parametrize("case", ["password", "user", "project", "role", "disabled user", "disabled project"])
def test_whatever_is_wrong_the_refusal_is_the_same(model: Cloud, keystone: Client, case: str) -> None:
    identity = password(model, word="wrong") if case == "password" else password(model)
    scope = project("admin")
    if case == "user":
        identity = password(model, "nobody", "x")
    if case == "project":
        scope = project("nowhere")
    if case == "role":
        scope = project("ci")
    if case == "disabled user":
        person = model.identity.user_named("admin")
        assert person is not None
        person.enabled = False
    if case == "disabled project":
        place = model.identity.project_named("admin")
        assert place is not None
        place.enabled = False
    assert log_in(keystone, identity, scope, status=401)[1] == {"error": REFUSED}


@pytest.mark.parametrize(
    "body", [{}, {"auth": []}, {"auth": {"identity": {}}}, {"auth": {"identity": {"methods": ["password"]}}}]
)
def test_a_malformed_login_is_told_what_was_expected(keystone: Client, body: object) -> None:
    found = keystone.do("POST", "/v3/auth/tokens", body, status=400)
    assert found["error"]["message"].startswith("Expecting to find ")


def test_a_revoked_token_is_worth_nothing(model: Cloud, keystone: Client) -> None:
    token_id, _ = log_in(keystone, password(model), project("admin"))
    assert keystone.reply("GET", "/v3/auth/tokens", X_Subject_Token=token_id).status == 200
    assert keystone.reply("HEAD", "/v3/auth/tokens", X_Subject_Token=token_id).status == 200
    assert keystone.reply("DELETE", "/v3/auth/tokens", X_Subject_Token=token_id).status == 204
    assert keystone.reply("GET", "/v3/auth/tokens", X_Subject_Token=token_id).status == 404


def test_disabling_a_user_ends_its_tokens(model: Cloud, keystone: Client) -> None:
    owner = Client(model, NOVA, "ci-owner", "ci")
    owner.get("/v2.1/servers")
    person = model.identity.user_named("ci-owner")
    assert person is not None
    keystone.do("PATCH", f"/v3/users/{person.id}", {"user": {"enabled": False}})
    owner.get("/v2.1/servers", status=401)


def test_a_reader_of_a_project_sees_its_own_and_no_lists(model: Cloud) -> None:
    reader = Client(model, KEYSTONE, "reader", "web-shop")
    refused = reader.get("/v3/users", status=403)
    assert refused["error"] == {
        "code": 403,
        "message": "You are not authorized to perform the requested action: identity:list_users.",
        "title": "Forbidden",
    }
    mine = model.tenants[0].project_id
    assert reader.get(f"/v3/projects/{mine}")["project"]["name"] == "web-shop"
    reader.get(f"/v3/projects/{model.tenants[1].project_id}", status=403)
    assert [each["name"] for each in reader.get("/v3/auth/projects")["projects"]] == ["web-shop"]
    reader.get("/v3/regions")


def test_a_reader_of_the_system_sees_lists_and_changes_nothing(model: Cloud) -> None:
    reader = Client(model, KEYSTONE, "reader", "web-shop", system=True)
    assert {each["name"] for each in reader.get("/v3/users")["users"]} == {
        each.name for each in model.identity.users.values() if each.domain_id == "default"
    }
    service = next(iter(model.identity.catalog.services))
    reader.do("DELETE", f"/v3/services/{service}", status=403)


def test_lists_are_filtered(keystone: Client) -> None:
    assert [each["name"] for each in keystone.get("/v3/services?type=compute")["services"]] == ["nova"]
    found = keystone.get("/v3/endpoints?interface=public&region_id=RegionTwo")["endpoints"]
    assert {(each["interface"], each["region_id"]) for each in found} == {("public", "RegionTwo")}
    assert [each["name"] for each in keystone.get("/v3/users?name=admin")["users"]] == ["admin"]
    assert keystone.get("/v3/projects?enabled=false")["projects"] == []


def test_the_configuration_of_a_domain(keystone: Client) -> None:
    """Which directory its users are in; what it is opened with is never told."""
    corp = next(each for each in keystone.get("/v3/domains")["domains"] if each["name"] == "corp")
    path = f"/v3/domains/{corp['id']}/config"
    found = keystone.get(path)["config"]
    assert (found["identity"], found["ldap"]["url"]) == ({"driver": "ldap"}, "ldaps://ldap.example.org")
    assert "password" not in found["ldap"]
    assert keystone.get(f"{path}/identity") == {"config": {"identity": {"driver": "ldap"}}}
    assert keystone.get(f"{path}/ldap/url") == {"config": {"url": "ldaps://ldap.example.org"}}
    assert keystone.get(path) == recorded("identity/domains_ID_config")
    kept = keystone.get(f"{path}/ldap/password", status=404)["error"]["message"]
    assert kept == f"Could not find option password in group ldap in domain configuration for domain {corp['id']}."
    refused = keystone.get(f"{path}/ldap/nope", status=403)["error"]["message"]
    assert refused == (
        "Invalid domain specific configuration: Option nope in group ldap is not supported for domain specific "
        "configurations."
    )
    assert "Group nope is not supported" in keystone.get(f"{path}/nope", status=403)["error"]["message"]
    none = keystone.get("/v3/domains/default/config", status=404)["error"]
    assert none == {
        "code": 404,
        "message": "Could not find any options in domain configuration for domain default.",
        "title": "Not Found",
    }
    assert "group ldap" in keystone.get("/v3/domains/default/config/ldap", status=404)["error"]["message"]
    assert keystone.get("/v3/domains/nope/config", status=404)["error"]["message"] == (
        "Could not find any options in domain configuration for domain nope."
    )


def test_who_may_read_the_configuration_of_a_domain(model: Cloud) -> None:
    assert Client(model, KEYSTONE, "reader", "web-shop", system=True).get("/v3/domains/default/config", status=404)
    Client(model, KEYSTONE, "reader", "web-shop").get("/v3/domains/default/config", status=403)


def test_with_directories_a_list_has_the_users_of_one_domain(model: Cloud, keystone: Client) -> None:
    corp = next(each for each in model.identity.domains.values() if each.name == "corp")
    found = keystone.get(f"/v3/users?domain_id={corp.id}")["users"]
    assert {each["name"] for each in found} == {"alice", "bob"}
    assert {len(each["id"]) for each in found} == {64}
    assert not {"alice", "bob"} & {each["name"] for each in keystone.get("/v3/users")["users"]}
    assert keystone.get(f"/v3/users/{found[0]['id']}")["user"]["domain_id"] == corp.id


def test_what_is_not_there_is_a_404(keystone: Client) -> None:
    found = keystone.get("/v3/users/nope", status=404)
    assert found["error"] == {"code": 404, "message": "Could not find user: nope.", "title": "Not Found"}
    keystone.get("/v3/nonsense", status=404)


def test_a_service_and_its_endpoints_come_and_go(model: Cloud, keystone: Client) -> None:
    made = keystone.do("POST", "/v3/services", {"service": {"name": "swift", "type": "object-store"}}, status=201)
    service_id = made["service"]["id"]
    wrong = {"endpoint": {"service_id": service_id, "region_id": "Mars", "interface": "public", "url": "http://x"}}
    assert "Could not find region: Mars." in keystone.do("POST", "/v3/endpoints", wrong, status=400)["error"]["message"]
    wrong["endpoint"] |= {"region_id": "RegionOne", "interface": "outer"}
    keystone.do("POST", "/v3/endpoints", wrong, status=400)
    right = {"endpoint": wrong["endpoint"] | {"interface": "public"}}
    endpoint_id = keystone.do("POST", "/v3/endpoints", right, status=201)["endpoint"]["id"]
    changed = keystone.do("PATCH", f"/v3/endpoints/{endpoint_id}", {"endpoint": {"url": "http://y", "enabled": False}})
    assert (changed["endpoint"]["url"], changed["endpoint"]["enabled"]) == ("http://y", False)
    assert "object-store" in {each["type"] for each in keystone.get("/v3/auth/catalog")["catalog"]}
    keystone.do("DELETE", f"/v3/services/{service_id}", status=204)
    keystone.get(f"/v3/endpoints/{endpoint_id}", status=404)


def test_a_project_and_a_user_come_and_go(model: Cloud, keystone: Client) -> None:
    place = keystone.do("POST", "/v3/projects", {"project": {"name": "new"}}, status=201)["project"]
    keystone.do("POST", "/v3/projects", {"project": {"name": "new"}}, status=409)
    person = keystone.do("POST", "/v3/users", {"user": {"name": "eve", "password": "s3cret"}}, status=201)["user"]
    assert "password" not in person
    log_in(keystone, password(model, "eve", "s3cret"), project("new"), status=401)
    role = model.identity.role_named("member").id
    grant = f"/v3/projects/{place['id']}/users/{person['id']}/roles/{role}"
    keystone.do("PUT", grant, status=204)
    _, body = log_in(keystone, password(model, "eve", "s3cret"), project("new"))
    assert {each["name"] for each in body["token"]["roles"]} == {"member", "reader"}
    keystone.do("DELETE", grant, status=204)
    keystone.do("DELETE", grant, status=404)
    keystone.do("PATCH", f"/v3/users/{person['id']}", {"user": {"password": "other"}})
    log_in(keystone, password(model, "eve", "s3cret"), "unscoped", status=401)
    keystone.do("DELETE", f"/v3/users/{person['id']}", status=204)
    keystone.do("DELETE", f"/v3/projects/{place['id']}", status=204)
    keystone.get(f"/v3/projects/{place['id']}", status=404)


def test_secrets_are_never_shown(model: Cloud, keystone: Client) -> None:
    shown = json.dumps(
        [
            keystone.get("/v3/users"),
            keystone.get(f"/v3/users/{keystone.cloud.identity.user_named('admin').id}/application_credentials"),  # type: ignore[union-attr]
            [repr(each) for each in model.identity.users.values()],
            repr(model.secrets),
        ]
    )
    secrets = model.secrets
    for secret in (secrets.admin, secrets.reader, secrets.tenants, secrets.services, secrets.application_credential):
        assert secret not in shown


def test_wrong_types_are_refused(keystone: Client) -> None:
    found = keystone.do("POST", "/v3/projects", {"project": {"name": 5}}, status=400)
    assert found["error"]["message"] == "Invalid input for field 'name': 5 is not of type 'string'"
    keystone.do("POST", "/v3/projects", {"project": {"name": "x", "enabled": "yes"}}, status=400)
    keystone.do("POST", "/v3/projects", {"other": {}}, status=400)


def test_without_a_primary_component_keystone_fails(model: Cloud, keystone: Client) -> None:
    for host in ("ctl02", "ctl03"):
        model.hosts.set_unit(host, "mariadb", "failed", model.now(), 137)
    model.settle()
    model.clock.advance(20)
    model.catch_up()
    found = keystone.get("/v3/users", status=500)
    assert found["error"]["message"] == "An unexpected error prevented the server from fulfilling your request."
