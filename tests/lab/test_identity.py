"""Groups, credentials of programs, trusts and federation on a real Keystone: made, compared, removed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import openstack
import pytest
from openstack.config import OpenStackConfig

from tests.agreement import OPENSTACK, below, mine, theirs
from tests.lab.real import RealLab

pytestmark = [
    pytest.mark.lab,
    pytest.mark.timeout(600),
    # openstacksdk warns of what it does itself.
    pytest.mark.filterwarnings("ignore::DeprecationWarning:openstack"),
    pytest.mark.filterwarnings("ignore::PendingDeprecationWarning:openstack"),
]

NAME = "nephoscope-test"
RULES = [{"local": [{"user": {"name": "{0}"}}], "remote": [{"type": "OIDC-email"}]}]


def send(keystone: Any, method: str, path: str, **body: Any) -> Any:
    """One request to Keystone, which must succeed."""
    done = keystone.request(path, method, json=body or None)
    assert done.status_code < 300, (path, done.text)
    return done.json() if done.content else {}


@pytest.fixture(scope="module")
def filled(lab: RealLab) -> Iterator[dict[str, str]]:
    """One of each; its ids."""
    config = OpenStackConfig(config_files=[str(lab.state / "clouds.yaml")], load_envvars=False)
    cloud = openstack.connection.Connection(config=config.get_one("lab"))
    keystone = cloud.identity
    me, project = cloud.current_user_id, cloud.current_project_id
    demo = next(keystone.users(name="demo")).id
    reader = next(keystone.roles(name="reader")).id
    ids: dict[str, str] = {}
    with ExitStack() as undo:
        undo.callback(cloud.close)

        def make(what: str, method: str, path: str, gone: str, **body: Any) -> str:
            made = send(keystone, method, path, **body)
            found = str(next(iter(made.values()))["id"])
            undo.callback(send, keystone, "DELETE", gone.replace("ID", found))
            ids[what] = found
            return found

        group = make("groups", "POST", "/groups", "/groups/ID", group={"name": NAME, "domain_id": "default"})
        send(keystone, "PUT", f"/projects/{project}/groups/{group}/roles/{reader}")
        at = f"/users/{me}/application_credentials"
        make("application-credentials", "POST", at, f"{at}/ID",
             application_credential={"name": NAME, "roles": [{"name": "reader"}],
                                     "expires_at": "2199-01-01T00:00:00.000000Z"})  # fmt: skip
        trust = {"trustor_user_id": me, "trustee_user_id": demo, "project_id": project, "impersonation": True,
                 "roles": [{"name": "reader"}]}  # fmt: skip
        make("trusts", "POST", "/OS-TRUST/trusts", "/OS-TRUST/trusts/ID", trust=trust)
        at = f"/OS-FEDERATION/mappings/{NAME}"
        make("mappings", "PUT", at, at, mapping={"rules": RULES})
        at = f"/OS-FEDERATION/identity_providers/{NAME}"
        provider = {"enabled": True, "domain_id": "default", "remote_ids": [f"https://{NAME}.example"]}
        make("identity-providers", "PUT", at, at, identity_provider=provider)
        make("protocols", "PUT", f"{at}/protocols/openid", f"{at}/protocols/openid", protocol={"mapping_id": NAME})
        yield ids


KINDS = ("groups", "role-assignments", "trusts", "mappings", "identity-providers")


@pytest.mark.parametrize("line", [each for each in OPENSTACK if each.kind in KINDS], ids=lambda line: line.kind)
def test_each_agrees_with_the_client(line: Any, filled: dict[str, str], lab: RealLab) -> None:
    environ = lab.environment()
    ours = mine(line, environ)
    assert ours == theirs(line, environ)
    wanted = filled["groups"] if line.kind == "role-assignments" else filled[line.kind]
    assert any(wanted in dict(row).values() for row in ours)


def test_application_credentials_agree_and_tell_no_secret(filled: dict[str, str], lab: RealLab) -> None:
    (line, _), environ = below("admin"), lab.environment()
    ours = mine(line, environ)
    assert ours == theirs(line, environ)
    assert filled["application-credentials"] in {dict(row)["id"] for row in ours}
    done = lab.nephoscope("get", "application-credentials", "user=admin", "-o", "json")
    assert "secret" not in done.stdout


def test_the_protocol_below_its_provider(filled: dict[str, str], lab: RealLab) -> None:
    (row,) = lab.get("protocols", f"provider={NAME}")
    assert (row["id"], row["mapping"], row["health"]) == (filled["protocols"], NAME, "ok")


def test_the_group_is_told_by_its_name_where_it_has_a_role(filled: dict[str, str], lab: RealLab) -> None:
    (row,) = lab.get("role-assignments", f"group={NAME}")
    assert (row["role"], row["user"], row["group_id"]) == ("reader", None, filled["groups"])
