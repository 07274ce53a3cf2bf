"""Keystone's trusts and federation: lists, single ones, what is not there, who may look."""

from __future__ import annotations

import pytest

from runbooks.simulator.http.keystone import API as KEYSTONE
from runbooks.simulator.model.cloud import Cloud
from runbooks.simulator.model.trust import Trust
from tests.simulator.calls import Client, cloud

FEDERATION = "/v3/OS-FEDERATION"


@pytest.fixture
def model() -> Cloud:
    return cloud()


@pytest.fixture
def keystone(model: Cloud) -> Client:
    return Client(model, KEYSTONE)


def test_trusts_of_one_trustor(model: Cloud, keystone: Client) -> None:
    (known,) = model.identity.trusts.values()
    (found,) = keystone.get(f"/v3/OS-TRUST/trusts?trustor_user_id={known.trustor_id}")["trusts"]
    assert (found["id"], found["impersonation"], found["expires_at"]) == (known.id, True, None)
    assert keystone.get("/v3/OS-TRUST/trusts?trustor_user_id=nobody")["trusts"] == []


def test_one_trust_tells_its_roles_and_its_end(model: Cloud, keystone: Client) -> None:
    (known,) = model.identity.trusts.values()
    model.identity.trusts["t2"] = Trust(
        "t2", known.trustor_id, known.trustee_id, known.project_id, known.role_ids, expires=1795801200.0
    )
    found = keystone.get("/v3/OS-TRUST/trusts/t2")["trust"]
    assert [role["name"] for role in found["roles"]] == ["member"]
    assert found["expires_at"] == "2026-11-27T17:40:00.000000Z"


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/v3/OS-TRUST/trusts/x", "Could not find trust: x."),
        (f"{FEDERATION}/identity_providers/x", "Could not find identity provider: x."),
        (f"{FEDERATION}/identity_providers/x/protocols", "Could not find identity provider: x."),
        (
            f"{FEDERATION}/identity_providers/corp/protocols/saml2",
            "Could not find federated protocol saml2 for identity provider: corp.",
        ),
        (f"{FEDERATION}/mappings/x", "Could not find mapping: x."),
    ],
)
def test_what_is_not_there(keystone: Client, path: str, words: str) -> None:
    assert keystone.get(path, status=404)["error"]["message"] == words


def test_a_provider_its_protocol_and_the_mapping_that_it_uses(model: Cloud, keystone: Client) -> None:
    provider = keystone.get(f"{FEDERATION}/identity_providers/corp")["identity_provider"]
    assert provider["remote_ids"] == ["https://login.example.org/realms/corp"]
    protocol = keystone.get(f"{FEDERATION}/identity_providers/corp/protocols/openid")["protocol"]
    mapping = keystone.get(f"{FEDERATION}/mappings/{protocol['mapping_id']}")["mapping"]
    group = mapping["rules"][0]["local"][1]["group"]["id"]
    assert model.identity.groups[group].name == "operators"


def test_a_member_of_a_project_may_not_look(model: Cloud) -> None:
    client = Client(model, KEYSTONE, "web-shop-owner", "web-shop")
    assert "error" in client.get("/v3/OS-TRUST/trusts", status=403)
