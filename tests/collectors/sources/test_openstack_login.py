"""As whom, where and how we log in: credentials, scopes, regions, interfaces, certificates."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from collectors.deadline import Deadline, working
from collectors.errors import BadConfiguration, Refused, SourceError
from collectors.request import Rest
from collectors.site import Site
from collectors.sources.base import Where
from collectors.sources.openstack import OpenStackSource
from collectors.sources.version_probe import probe
from tests.wire_cloud import PASSWORD, WireCloud, wire_cloud
from tests.wire_server import WireServer, json_reply
from tests.wire_tls import self_signed

SERVERS = Rest("compute", "/servers/detail", "servers")
PATH = "/compute/v2.1/servers/detail"


def listed(source: OpenStackSource) -> int:
    """How many pages a list of servers has; the source is closed."""
    try:
        with working(Deadline(10)) as deadline:
            return len(list(source.read(SERVERS, "wire", deadline, Where())))
    finally:
        source.close()


@pytest.fixture(autouse=True)
def servers(cloud: WireCloud) -> None:
    """A list to read."""
    cloud.on(PATH, json_reply({"servers": []}))


def settings(cloud: WireCloud, auth: dict[str, Any], **more: Any) -> None:
    """Write clouds.yaml with exactly this login."""
    import json

    wire = {"auth": {"auth_url": f"{cloud.url}/identity/v3", **auth}, "region_name": "RegionOne", **more}
    (cloud.folder / "clouds.yaml").write_text(json.dumps({"clouds": {"wire": wire}}))


def test_a_password(cloud: WireCloud) -> None:
    assert listed(cloud.source()) == 1
    (asked,) = cloud.asked_logins
    assert asked["identity"]["password"]["user"]["name"] == "admin"
    assert asked["scope"]["project"]["name"] == "admin"


def test_an_application_credential(cloud: WireCloud) -> None:
    credential = {"application_credential_id": "ac-1", "application_credential_secret": PASSWORD}
    settings(cloud, credential, auth_type="v3applicationcredential")
    assert listed(cloud.source()) == 1
    (asked,) = cloud.asked_logins
    assert asked["identity"]["application_credential"]["id"] == "ac-1"
    assert "scope" not in asked


def test_an_application_credential_that_was_revoked(cloud: WireCloud) -> None:
    credential = {"application_credential_id": "ac-1", "application_credential_secret": "gone"}
    settings(cloud, credential, auth_type="v3applicationcredential")
    with pytest.raises(Refused) as caught:
        listed(cloud.source())
    assert "gone" not in str(caught.value)


def test_the_scope_of_the_whole_system(cloud: WireCloud) -> None:
    login = {"username": "admin", "password": PASSWORD, "user_domain_name": "Default", "system_scope": "all"}
    settings(cloud, login)
    assert listed(cloud.source()) == 1
    assert cloud.asked_logins[0]["scope"] == {"system": {"all": True}}
    source = cloud.source()
    (first, *_) = source.doctor(Deadline(10))
    source.close()
    assert first.identity == "admin (Default) in the system: admin, reader"


def test_a_service_that_wants_a_project_is_not_blamed_on_our_roles(cloud: WireCloud) -> None:
    login = {"username": "admin", "password": PASSWORD, "user_domain_name": "Default", "system_scope": "all"}
    settings(cloud, login)
    cloud.on(PATH, json_reply({"forbidden": {"code": 403, "message": "Policy doesn't allow it"}}, 403))
    with pytest.raises(Refused) as caught:
        listed(cloud.source())
    assert "the service wants a project" in caught.value.hint
    cloud.on("/compute/", json_reply({"versions": []}))
    cloud.on("/compute/v2.1/os-services", json_reply({"forbidden": {"message": "no"}}, 403))
    source = cloud.source()
    found = {fact.system: fact for fact in source.doctor(Deadline(10))}
    source.close()
    assert found["compute"].refused == "may not list compute services: needs a token of a project"


def test_environment_variables_alone(cloud: WireCloud, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("OS_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    (cloud.folder / "clouds.yaml").unlink()
    variables = {
        "OS_AUTH_URL": f"{cloud.url}/identity/v3", "OS_USERNAME": "admin", "OS_PASSWORD": PASSWORD,
        "OS_PROJECT_NAME": "admin", "OS_USER_DOMAIN_NAME": "Default", "OS_PROJECT_DOMAIN_NAME": "Default",
        "OS_REGION_NAME": "RegionOne",
    }  # fmt: skip
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert listed(OpenStackSource(Site(""))) == 1


def test_the_interface_that_is_configured(cloud: WireCloud) -> None:
    with WireServer() as inside:
        inside.on(PATH, json_reply({"servers": []}))
        cloud.places["RegionOne", "internal"] = inside.url
        cloud.configure(settings={"interface": "internal"})
        source = cloud.source()
        assert source.interfaces("compute") == ["internal"]
        assert listed(source) == 1
        assert inside.paths() == [PATH]


def test_an_interface_for_one_service_only(cloud: WireCloud) -> None:
    cloud.places["RegionOne", "admin"] = "http://far.invalid"
    cloud.configure(settings={"compute_interface": "admin"})
    source = cloud.source()
    assert source.endpoint("compute") == "http://far.invalid/compute/v2.1"
    assert source.endpoint("network") == f"{cloud.url}/network/v2.0"
    source.close()


def test_an_endpoint_that_is_configured_overrides_the_catalogue(cloud: WireCloud) -> None:
    cloud.configure(settings={"compute_endpoint_override": "http://direct:8774/v2.1/"})
    source = cloud.source()
    assert source.endpoint("compute") == "http://direct:8774/v2.1"
    source.close()


def test_the_region_that_is_asked_for(cloud: WireCloud) -> None:
    with WireServer() as second:
        second.on(PATH, json_reply({"servers": []}))
        cloud.places["RegionTwo", "public"] = second.url
        cloud.configure(settings={"region_name": None, "regions": ["RegionOne", "RegionTwo"]})
        assert listed(OpenStackSource(Site("wire", "RegionTwo"))) == 1
        assert second.paths() == [PATH]
        assert cloud.asked(PATH) == []


def test_a_region_that_the_configuration_lacks(cloud: WireCloud) -> None:
    cloud.configure(settings={"region_name": None, "regions": ["RegionOne", "RegionTwo"]})
    with pytest.raises(BadConfiguration, match="Mars"):
        listed(OpenStackSource(Site("wire", "Mars")))


def test_a_region_that_the_catalogue_lacks(cloud: WireCloud) -> None:
    cloud.configure(settings={"region_name": "Mars"})
    with pytest.raises(BadConfiguration, match="the catalogue has no compute in region Mars"):
        listed(OpenStackSource(Site("wire", "Mars")))


def test_a_client_certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pair = self_signed(tmp_path)
    with wire_cloud(tmp_path, monkeypatch, pair, client_ca=pair) as cloud:
        cloud.on(PATH, json_reply({"servers": []}))
        cloud.on("/compute/", json_reply({"versions": []}))
        cloud.configure(cacert=str(pair), settings={"cert": str(pair), "key": str(pair)})
        assert listed(cloud.source()) == 1
        source = cloud.source()
        assert probe(source.endpoint("compute"), source.bare_session, 5).answer == "answers"
        source.close()


def test_a_client_certificate_that_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pair = self_signed(tmp_path)
    with wire_cloud(tmp_path, monkeypatch, pair, client_ca=pair) as cloud:
        cloud.configure(cacert=str(pair))
        with pytest.raises(SourceError) as caught:
            listed(cloud.source())
    assert caught.value.why


@pytest.mark.parametrize("more", [{"cacert": "/nowhere/x.pem"}, {"cert": "/nowhere/x.pem", "key": "/nowhere/x.pem"}])
def test_a_file_for_tls_that_does_not_exist(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: dict[str, Any]
) -> None:
    pair = self_signed(tmp_path)
    with wire_cloud(tmp_path, monkeypatch, pair) as cloud:
        cloud.configure(settings={"cacert": str(pair)} | more)
        with pytest.raises(SourceError) as caught:
            listed(cloud.source())
        assert "/nowhere/x.pem" in str(caught.value)
        source = cloud.source()
        answer = probe(f"{cloud.url}/compute/v2.1", source.bare_session, 5)
        source.close()
    assert answer.answer == "tls"
    assert "/nowhere/x.pem" in answer.detail
