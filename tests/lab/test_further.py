"""The further projects of profile `full`: what their configuration says, and that no other profile has them."""

from __future__ import annotations

from configparser import ConfigParser
from pathlib import Path

import pytest
import yaml
from cryptography.fernet import Fernet

from runbooks.lab import catalog, further, openstack, steps
from runbooks.lab.lab import Lab
from runbooks.lab.layout import PROFILES, Layout
from runbooks.lab.services import barbican, designate, haproxy, heat, manila, octavia
from runbooks.lab.services.units import Api

APIS: tuple[Api, ...] = (heat.API, barbican.API, designate.API, manila.API, octavia.API)
MEMBERS = [("ctl01", "10.99.0.11"), ("ctl02", "10.99.0.12"), ("ctl03", "10.99.0.13")]


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    """A lab that only exists in its folder."""
    return Lab(tmp_path, Layout(99, "full"), "test")


def parsed(text: str) -> ConfigParser:
    parser = ConfigParser(interpolation=None)
    parser.read_string(text)
    return parser


def configurations(lab: Lab) -> dict[str, ConfigParser]:
    """Each project's configuration by the name of its account."""
    machine = lab.further
    return {
        "heat": parsed(heat.configuration(lab)),
        "barbican": parsed(barbican.configuration(lab)),
        "designate": parsed(designate.configuration(lab, machine)),
        "manila": parsed(manila.configuration(lab, machine)),
        "octavia": parsed(octavia.configuration(lab, machine)),
    }


def test_only_full_runs_them() -> None:
    having = {profile for profile in PROFILES if any(step.name == "further" for step in steps.of(profile))}
    assert having == {"full"}
    assert all(each.profiles == ("full",) for each in haproxy.APIS if each.alone)
    assert not set(further.PROJECTS) & set(openstack.APIS)
    assert not {entry.type for entry in catalog.FURTHER} & {entry.type for entry in catalog.ENTRIES}


def test_they_run_on_one_controller_and_the_balancer_knows_which(lab: Lab) -> None:
    assert lab.further.name == "ctl02"
    alone = [each for each in haproxy.APIS if each.alone]
    text = haproxy.config("10.99.0.11", "10.99.0.10", MEMBERS, MEMBERS[:2], alone)
    for each in alone:
        section = text.partition(f"listen {each.name}\n")[2].partition("listen ")[0]
        assert [line.split()[1] for line in section.splitlines() if line.strip().startswith("server")] == ["ctl02"]


def test_the_catalogue_the_balancer_and_the_services_agree_on_ports() -> None:
    ports = sorted(api.port for api in APIS)
    assert sorted(entry.port for entry in catalog.FURTHER) == ports
    assert sorted(each.port for each in haproxy.APIS if each.alone) == ports
    assert len(further.PROJECTS) == len(ports)


def test_each_has_a_database_and_an_account_of_its_own(lab: Lab) -> None:
    for name, parser in configurations(lab).items():
        section = "storage:sqlalchemy" if name == "designate" else "database"
        start = f"mysql+pymysql://{name}:{lab.secrets[f'{name}_database']}@10.99.0.10:3306/{name}?"
        assert parser[section]["connection"].startswith(start)
        assert parser["keystone_authtoken"]["username"] == name
        assert parser["keystone_authtoken"]["password"] == lab.secrets[f"keystone_{name}"]
        assert parser["DEFAULT"]["transport_url"].count("@") == 3
        assert {entry.name: entry.user for entry in catalog.FURTHER}[name] == name


def test_heat_acts_by_trusts_and_has_a_domain_for_users_of_templates(lab: Lab) -> None:
    found = parsed(heat.configuration(lab))
    assert found["DEFAULT"]["deferred_auth_method"] == "trusts"
    assert found["DEFAULT"]["stack_user_domain_name"] == heat.DOMAIN
    assert len(found["DEFAULT"]["auth_encryption_key"]) == 32
    assert found["trustee"]["username"] == "heat"
    assert "project_name" not in found["trustee"]


def test_barbicans_key_is_a_fernet_key(lab: Lab) -> None:
    kek = parsed(barbican.configuration(lab))["simple_crypto_plugin"]["kek"]
    assert Fernet(kek).decrypt(Fernet(kek).encrypt(b"secret")) == b"secret"


def test_designates_pool_is_its_own_mdns(lab: Lab) -> None:
    found = parsed(designate.configuration(lab, lab.further))
    (pool,) = yaml.safe_load(designate.pools(lab.further))
    (server,) = pool["nameservers"]
    assert found["service:mdns"]["listen"] == f"{server['host']}:{server['port']}" == "10.99.0.12:5354"
    assert [target["type"] for target in pool["targets"]] == ["fake"]
    assert pool["targets"][0]["options"] == server
    assert found["service:worker"]["threshold_percentage"] == "0"  # else zones could not be deleted


def test_manilas_backend_is_one_that_pretends(lab: Lab) -> None:
    found = parsed(manila.configuration(lab, lab.further))
    assert found[found["DEFAULT"]["enabled_share_backends"]]["share_driver"].endswith("dummy.DummyDriver")


def test_octavias_provider_does_nothing(lab: Lab) -> None:
    settings = parsed(octavia.configuration(lab, lab.further))["api_settings"]
    assert settings["enabled_provider_drivers"].partition(":")[0] == settings["default_provider_driver"]
