"""Configuration text of the lab's OpenStack services: what an operator would look for in it."""

from __future__ import annotations

from configparser import ConfigParser
from pathlib import Path

import pytest

from runbooks.lab.lab import Lab
from runbooks.lab.layout import Layout
from runbooks.lab.services import (
    cinder,
    glance,
    keystone,
    neutron,
    neutron_agents,
    neutron_options,
    nova,
    nova_options,
    ovs,
    placement,
)
from runbooks.lab.services.options import ini


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    """A lab that only exists in its folder."""
    return Lab(tmp_path, Layout(99, "network"), "test")


def parsed(text: str) -> ConfigParser:
    parser = ConfigParser(interpolation=None, strict=True, default_section="", comment_prefixes=("#",))
    parser.read_string(text)
    return parser


def test_sections_of_several_parts_become_one() -> None:
    text = ini({"a": {"x": 1, "y": True}, "b": {"z": ""}}, {"a": {"x": 2}})
    assert text == "[a]\nx = 2\ny = true\n\n[b]\nz =\n"


def test_every_service_talks_to_the_database_at_the_virtual_address_with_its_own_account(lab: Lab) -> None:
    ctl01 = lab.machines["ctl01"]
    texts = {
        "keystone": keystone.configuration(lab),
        "placement": placement.configuration(lab),
        "glance": glance.configuration(lab, ctl01),
        "nova": nova_options.controller(lab, ctl01),
        "neutron": neutron_options.server(lab, ctl01),
        "cinder": cinder.configuration(lab, ctl01),
    }
    for name, text in texts.items():
        section = "placement_database" if name == "placement" else "database"
        connection = parsed(text)[section]["connection"]
        assert connection.startswith(
            f"mysql+pymysql://{name}:{lab.secrets[f'{name}_database']}@10.99.0.10:3306/{name}?"
        )


def test_rpc_goes_to_all_three_nodes_of_the_broker(lab: Lab) -> None:
    url = parsed(nova_options.compute(lab, lab.machines["cmp02"]))["DEFAULT"]["transport_url"]
    assert [part.rpartition("@")[2] for part in url.removeprefix("rabbit://").rstrip("/").split(",")] == [
        "10.99.0.11:5672",
        "10.99.0.12:5672",
        "10.99.0.13:5672",
    ]


def test_a_compute_knows_no_database(lab: Lab) -> None:
    parser = parsed(nova_options.compute(lab, lab.machines["cmp02"]))
    assert not parser.has_section("database")
    assert parser["DEFAULT"]["host"] == "cmp02"
    assert parser["DEFAULT"]["my_ip"] == "10.99.0.32"
    assert parser["DEFAULT"]["compute_driver"] == "lab.LabDriver"


def test_only_network_hosts_map_the_external_network(lab: Lab) -> None:
    network = parsed(neutron_options.switch(lab.machines["net01"]))["ovs"]
    compute = parsed(neutron_options.switch(lab.machines["cmp01"]))["ovs"]
    assert network["bridge_mappings"] == "physnet1:br-ex"
    assert "bridge_mappings" not in compute
    assert (network["local_ip"], compute["local_ip"]) == ("10.99.1.21", "10.99.1.31")


def test_metadata_is_signed_with_one_secret(lab: Lab) -> None:
    agent = parsed(neutron_options.metadata(lab))["DEFAULT"]["metadata_proxy_shared_secret"]
    server = parsed(nova_options.controller(lab, lab.machines["ctl01"]))["neutron"]["metadata_proxy_shared_secret"]
    assert agent == server


def test_bridges_are_set_up_with_the_tunnel_address_on_br_phy(lab: Lab) -> None:
    network, compute = ovs.script(lab.machines["net01"]), ovs.script(lab.machines["cmp01"])
    assert "ip address replace 10.99.1.21/24 dev br-phy" in network
    assert "br-ex" in network
    assert "br-ex" not in compute
    assert ovs.mac(lab.machines["net01"]) != ovs.mac(lab.machines["cmp01"])


def test_agents_of_a_host(lab: Lab) -> None:
    assert neutron_agents.units(lab.machines["cmp01"]) == ("neutron-openvswitch-agent",)
    assert len(neutron_agents.units(lab.machines["net01"])) == 4


def test_without_network_hosts_neutron_is_only_an_api(tmp_path: Path) -> None:
    core = Lab(tmp_path, Layout(99, "core"), "test")
    assert neutron.workers(core) == {}
    assert nova.apis(core) == (nova.API,)


def test_fernet_keys_are_the_same_on_every_controller_and_of_the_right_form() -> None:
    key = keystone.fernet_key("secret")
    assert key == keystone.fernet_key("secret") != keystone.fernet_key("other")
    assert len(key) == 44
