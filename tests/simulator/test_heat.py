"""Heat: a service of the catalog that only few clients know."""

from __future__ import annotations

import pytest

from runbooks.simulator.http.heat import API as HEAT
from runbooks.simulator.model.cloud import Cloud
from tests.simulator.calls import Client, cloud
from tests.simulator.shapes import differences, recorded


@pytest.fixture
def model() -> Cloud:
    return cloud()


def test_an_owner_sees_its_stack(model: Cloud) -> None:
    owner = Client(model, HEAT, "ci-owner", "ci")
    project = model.tenants[2].project_id
    (found,) = owner.get(f"/v1/{project}/stacks")["stacks"]
    assert (found["stack_name"], found["stack_status"]) == ("runners", "UPDATE_FAILED")
    assert owner.get(f"/v1/{project}/stacks/runners/{found['id']}")["stack"]["id"] == found["id"]
    assert owner.get(f"/v1/{project}/stacks/nope", status=404)["error"]["type"] == "EntityNotFound"
    owner.get(f"/v1/{model.tenants[0].project_id}/stacks", status=403)
    owner.get(f"/v1/{project}/stacks?global_tenant=true", status=403)
    assert owner.get(f"/v1/{project}/services", status=403)["title"] == "Forbidden"


def test_an_admin_sees_all_and_the_engines(model: Cloud) -> None:
    admin = Client(model, HEAT)
    project = model.identity.project_named("admin")
    assert project is not None
    assert admin.get(f"/v1/{project.id}/stacks")["stacks"] == []
    found = admin.get(f"/v1/{project.id}/stacks?global_tenant=true")["stacks"]
    assert {each["project"] for each in found} == {model.tenants[number].project_id for number in (0, 1, 2)}
    model.hosts.set_unit("ctl02", "heat_engine", "failed", model.now())
    model.settle()
    model.clock.advance(181)
    engines = {each["hostname"]: each["status"] for each in admin.get(f"/v1/{project.id}/services")["services"]}
    assert engines == {"ctl01": "up", "ctl02": "down", "ctl03": "up"}


def test_the_versions(model: Cloud) -> None:
    assert Client(model, HEAT).get("/", status=300)["versions"][0]["id"] == "v1.0"


@pytest.mark.parametrize(("name", "path"), [("stacks", "stacks?global_tenant=true"), ("services", "services")])
def test_answer_has_the_recorded_shape(model: Cloud, name: str, path: str) -> None:
    project = model.identity.project_named("admin")
    assert project is not None
    ours = Client(model, HEAT).get(f"/v1/{project.id}/{path}")
    assert ours[name]
    assert differences(recorded(f"orchestration/{name}.json")["body"], ours) == []
