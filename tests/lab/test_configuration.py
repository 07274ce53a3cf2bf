"""Configuration text of what the cloud stands on: Galera, RabbitMQ, HAProxy, Keepalived, memcached, client files."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import tomllib
from getpass import getuser
from pathlib import Path

import pytest
import yaml

from runbooks.lab import clients, hosts
from runbooks.lab.lab import Lab
from runbooks.lab.layout import Layout
from runbooks.lab.services import galera, haproxy, keepalived, memcached, rabbitmq

MEMBERS = [("ctl01", "10.99.0.11"), ("ctl02", "10.99.0.12"), ("ctl03", "10.99.0.13")]


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    """A lab that only exists in its folder."""
    return Lab(tmp_path, Layout(99, "full"), "test")


def settings(text: str) -> dict[str, str]:
    """`name = value` lines."""
    pairs = (line.partition("=") for line in text.splitlines() if "=" in line)
    return {name.strip(): value.strip() for name, _, value in pairs}


def test_a_galera_member_knows_its_peers_and_listens_on_its_own_address() -> None:
    found = settings(galera.config("ctl02", "10.99.0.12", [address for _, address in MEMBERS], "secret"))
    assert found["bind-address"] == found["wsrep_node_address"] == "10.99.0.12"
    assert found["wsrep_cluster_address"] == "gcomm://10.99.0.11,10.99.0.12,10.99.0.13"
    assert found["wsrep_node_name"] == "ctl02"
    assert found["wsrep_sst_auth"] == "sst:secret"
    assert found["wsrep_on"] == "ON"


def test_rabbitmq_names_all_nodes_and_pauses_a_minority() -> None:
    found = settings(rabbitmq.config("10.99.0.12", ["ctl01", "ctl02", "ctl03"]))
    assert found["listeners.tcp.default"] == "10.99.0.12:5672"
    assert found["cluster_partition_handling"] == "pause_minority"
    nodes = [value for name, value in found.items() if name.startswith("cluster_formation.classic_config.nodes.")]
    assert nodes == ["rabbit@ctl01", "rabbit@ctl02", "rabbit@ctl03"]


def test_rabbitmqs_accounts_have_hashes_and_the_monitoring_one_may_only_make_queues_of_its_own(lab: Lab) -> None:
    text = rabbitmq.definitions(lab)
    assert lab.secrets["rabbitmq_monitor"] not in text
    found = json.loads(text)
    users = {user["name"]: user for user in found["users"]}
    assert users["monitor"]["tags"] == "monitoring"
    assert users["openstack"]["tags"] == ""
    rights = {each["user"]: each for each in found["permissions"]}
    own = re.compile(rights["monitor"]["configure"])
    assert rights["monitor"]["write"] == rights["monitor"]["configure"]
    assert own.search("nephoscope.events.x")
    assert not any(own.search(name) for name in ("conductor", "nova", "my.nephoscope.x", "nephoscope"))
    heard = re.compile(rights["monitor"]["read"])
    assert heard.search("nova")
    assert not any(heard.search(name) for name in ("conductor", "notifications.info", "nova_fanout"))
    kept = base64.b64decode(users["monitor"]["password_hash"])
    assert kept[4:] == hashlib.sha256(kept[:4] + lab.secrets["rabbitmq_monitor"].encode()).digest()


def listens(text: str) -> dict[str, list[str]]:
    """The `listen` sections of haproxy.cfg."""
    found: dict[str, list[str]] = {}
    name = ""
    for line in text.splitlines():
        if not line.startswith(" "):
            name = line.removeprefix("listen ")
            found[name] = []
        else:
            found[name].append(line.strip())
    return found


def test_haproxy_has_one_working_database_and_checks_everything() -> None:
    apis = [haproxy.Api("keystone", 5000), haproxy.Api("glance", 9292, "/healthcheck")]
    found = listens(haproxy.config("10.99.0.12", "10.99.0.10", MEMBERS, MEMBERS[:1], apis))
    assert "stats socket /run/haproxy/admin.sock mode 660 level admin expose-fd listeners" in found["global"]
    assert "bind 10.99.0.12:1984" in found["stats"]
    assert "bind 10.99.0.10:3306" in found["mariadb"]
    servers = [line for line in found["mariadb"] if line.startswith("server")]
    assert [line.endswith(" backup") for line in servers] == [False, True, True]
    assert "option httpchk GET /healthcheck" in found["glance"]
    assert [line for line in found["keystone"] if line.startswith("server")] == ["server ctl01 10.99.0.11:5000 check"]
    every = [line for lines in found.values() for line in lines if line.startswith("server ")]
    assert all(" check" in line for line in every)


def test_haproxys_apis_have_their_usual_ports() -> None:
    ports = {api.name: api.port for api in haproxy.APIS}
    assert ports["keystone"] == 5000
    assert ports["nova"] == 8774
    assert ports["placement"] == 8778
    assert len(set(ports.values())) == len(ports)


def test_keepalived_moves_the_address_when_haproxy_dies_and_leaves_it_there() -> None:
    text = keepalived.config("ctl01", "10.99.0.10", 150)
    for line in ("nopreempt", "priority 150", "10.99.0.10/24 dev eth0", "interface eth0", "router_id ctl01"):
        assert line in text
    assert text.count("{") == text.count("}")


def test_memcached_listens_on_the_hosts_address_only() -> None:
    assert "-l 10.99.0.11" in memcached.config("10.99.0.11").splitlines()


def test_clouds_yaml_has_an_administrator_the_system_and_a_user(lab: Lab) -> None:
    clouds = yaml.safe_load(clients.clouds_yaml(lab))["clouds"]
    assert set(clouds) == {"lab", "lab-system", "lab-demo"}
    assert clouds["lab"]["auth"]["project_name"] == "admin"
    assert clouds["lab-system"]["auth"]["system_scope"] == "all"
    assert "project_name" not in clouds["lab-system"]["auth"]
    assert clouds["lab-demo"]["auth"]["username"] == "demo"
    assert {cloud["auth"]["auth_url"] for cloud in clouds.values()} == {"http://10.99.0.10:5000/v3"}


def test_nephoscope_toml_names_every_host_and_holds_no_password(lab: Lab) -> None:
    text = clients.nephoscope_toml(lab)
    site = tomllib.loads(text)["site"]["lab"]
    assert set(site["hosts"]) == set(lab.machines)
    assert site["hosts"]["net01"] == {"address": "10.99.0.21", "roles": ["network"]}
    assert [member["host"] for member in site["galera"]["members"]] == ["ctl01", "ctl02", "ctl03"]
    assert site["rabbitmq"]["nodes"][2]["name"] == "rabbit@ctl03"
    assert site["galera"]["password"] == {"file": "galera.secret"}
    assert lab.secrets["galera_monitor"] not in text
    assert lab.secrets["rabbitmq_monitor"] not in text


def test_the_operator_and_a_colleague_may_approve(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both, so that it is known who asks: with his own key he approves nothing."""
    for name in ("id_ed25519", "colleague_ed25519"):
        (lab.state / f"{name}.pub").write_text(f"ssh-ed25519 KEY-OF-{name} comment\n")
    monkeypatch.setenv("SUDO_USER", "ana")
    me = getuser()
    assert clients.allowed_signers(lab) == (
        f"{me},ana ssh-ed25519 KEY-OF-id_ed25519\ncolleague ssh-ed25519 KEY-OF-colleague_ed25519\n"
    )


def test_ssh_is_strict_about_host_keys(lab: Lab) -> None:
    text = clients.ssh_config(lab)
    assert "StrictHostKeyChecking yes" in text
    assert "Host cmp01\n  HostName 10.99.0.31\n" in text
    assert f"UserKnownHostsFile {lab.state}/known_hosts" in text


def test_every_host_knows_every_host(lab: Lab) -> None:
    lines = hosts.hosts_file(lab).splitlines()
    assert "10.99.0.10 vip.lab vip" in lines
    assert "10.99.0.51 mon01.lab mon01" in lines
    assert len(lines) == len(lab.machines) + 2
