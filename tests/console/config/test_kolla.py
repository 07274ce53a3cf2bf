"""A Kolla folder: what its inventory and globals say about hosts, the database, the broker and accounts.

Facts are those of openstack/kolla-ansible: groups of ansible/inventory/multinode, defaults of ansible/group_vars/all,
accounts of the roles mariadb, prometheus and rabbitmq, the order in which kolla_ansible/ansible.py hands files over.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from collectors.errors import BadConfiguration
from collectors.site import Endpoint, Site, SiteHost
from console.config import LoadedSite, load
from tests.console.config.files import INVENTORY, kolla, said, toml


def loaded(folder: Path, extra: str = "", **files: str | None) -> LoadedSite:
    kolla(folder, **{name: text for name, text in files.items() if text is not None or name == "inventory"})  # type: ignore[arg-type]
    return load("prod", "", toml(folder, f"[site.prod]\nkolla = 'kolla'\n{extra}"))


def site(folder: Path, extra: str = "", **files: str | None) -> Site:
    return loaded(folder, extra, **files).site


def refused(folder: Path, extra: str = "", **files: str | None) -> BadConfiguration:
    with pytest.raises(BadConfiguration) as caught:
        loaded(folder, extra, **files)
    assert said(caught.value)
    return caught.value


# hosts


def test_hosts_and_their_roles(tmp_path: Path) -> None:
    hosts = site(tmp_path).hosts
    assert {name: host.roles for name, host in hosts.items()} == {
        "ctl01": ("control",),
        "ctl02": ("control",),
        "ctl03": ("control",),
        "net01": ("network", "loadbalancer"),
        "cmp01": ("compute",),
        "cmp02": ("compute",),
        "ceph01": ("storage",),
        "mon01": ("monitoring",),
    }


def test_what_the_inventory_says_about_a_host(tmp_path: Path) -> None:
    hosts = site(tmp_path).hosts
    assert hosts["cmp01"] == SiteHost("cmp01", "10.0.0.31", ("compute",), ("baremetal", "compute"), "nova", 2222)
    assert hosts["ctl01"] == SiteHost(
        "ctl01", "", ("control",), ("baremetal", "control", "mariadb", "rabbitmq"), "kolla", 0
    )


def test_the_deployment_host_is_no_host_of_the_site(tmp_path: Path) -> None:
    assert "localhost" not in site(tmp_path).hosts


@pytest.mark.parametrize(
    ("globals_", "tls", "port"),
    [
        ("", False, 5672),
        ("rabbitmq_enable_tls: yes\n", True, 5671),
        ("rabbitmq_enable_tls: yes\nrabbitmq_port: 5673\n", True, 5673),
    ],
)
def test_the_brokers_clients_connect_where_kolla_says(tmp_path: Path, globals_: str, tls: bool, port: int) -> None:
    found = site(tmp_path, globals_=globals_).amqp
    assert found is not None
    assert (found.tls, {listener.port for listener in found.listeners}) == (tls, {port})


def test_an_all_in_one_is_its_own_host(tmp_path: Path) -> None:
    groups = ("control", "network", "compute", "storage", "monitoring", "deployment")
    text = "".join(f"[{group}]\nlocalhost ansible_connection=local\n" for group in groups)
    found = site(tmp_path, inventory=text + "[mariadb:children]\ncontrol\n[rabbitmq:children]\ncontrol\n")
    assert found.hosts["localhost"].address == "127.0.0.1"
    assert found.hosts["localhost"].roles == ("control", "network", "compute", "storage", "monitoring")
    assert found.galera is not None
    assert found.galera.members == (Endpoint("localhost", "127.0.0.1", 3306),)
    assert found.rabbitmq is not None
    assert found.rabbitmq.urls == (("localhost", "http://127.0.0.1:15672"),)


def test_the_older_name_of_the_loadbalancer(tmp_path: Path) -> None:
    hosts = site(tmp_path, inventory="[network]\nnet01\n[haproxy:children]\nnetwork\n").hosts
    assert hosts["net01"].roles == ("network", "loadbalancer")


def test_computes_in_groups_of_their_own(tmp_path: Path) -> None:
    text = "[inner-compute]\n[external-compute]\ncmp01\n[compute:children]\ninner-compute\nexternal-compute\n"
    assert site(tmp_path, inventory=text).hosts["cmp01"].roles == ("compute",)


def test_the_file_is_laid_over_the_inventory(tmp_path: Path) -> None:
    extra = "[site.prod.hosts.cmp01]\naddress = '10.9.9.9'\n[site.prod.hosts.bastion]\nroles = ['bastion']\n"
    hosts = site(tmp_path, extra).hosts
    assert hosts["cmp01"] == SiteHost("cmp01", "10.9.9.9", ("compute",), ("baremetal", "compute"), "nova", 2222)
    assert hosts["bastion"] == SiteHost("bastion", roles=("bastion",))


def test_variables_of_globals_beat_those_of_hosts(tmp_path: Path) -> None:
    hosts = site(tmp_path, globals_="ansible_user: everywhere\n").hosts
    assert {host.user for host in hosts.values()} == {"everywhere"}


def test_a_reference_is_followed(tmp_path: Path) -> None:
    host = "ctl01 ansible_host='{{ prefix }}.{{last}}' prefix='{{ net | trim }}' last=11"
    text = f"[control]\n{host}\n[all:vars]\nnet=10.0.0\n"
    assert site(tmp_path, inventory=text).hosts["ctl01"].address == "10.0.0.11"


@pytest.mark.parametrize(
    "template",
    ["{{ a | ipaddr('address') }}", "{% if x %}1{% endif %}", "{{ missing }}", "{{ a }}", "{{ b.c }}", "{{ 1 + 1 }}"],
)
def test_what_must_be_computed_is_unknown(tmp_path: Path, template: str) -> None:
    text = f'[control]\nctl01 ansible_host="{template}" a="{{{{ a }}}}"\n'
    assert site(tmp_path, inventory=text).hosts["ctl01"].address == ""


# the way to the hosts


def test_a_key_and_a_jump_that_all_hosts_share(tmp_path: Path) -> None:
    text = (
        "[control]\nctl[01:02]\n[deployment]\nlocalhost ansible_connection=local\n[control:vars]\n"
        "ansible_ssh_private_key_file=/keys/kolla\n"
        "ansible_ssh_common_args='-o StrictHostKeyChecking=yes -J ana@bastion:22'\n"
    )
    found = site(tmp_path, inventory=text).ssh
    assert (found.identity, found.jump) == (Path("/keys/kolla"), "ana@bastion:22")


@pytest.mark.parametrize(
    ("arguments", "jump"),
    [
        ("-J bastion", "bastion"),
        ("-Jbastion", "bastion"),
        ("-o ProxyJump=bastion", "bastion"),
        ("-o 'ProxyJump bastion'", "bastion"),
        ("-o ProxyCommand='ssh -W %h:%p bastion'", ""),
        ("", ""),
    ],
)
def test_jump_hosts(tmp_path: Path, arguments: str, jump: str) -> None:
    text = f'[control]\nctl01\n[control:vars]\nansible_ssh_common_args="{arguments}"\n'
    assert site(tmp_path, inventory=text).ssh.jump == jump


def test_keys_that_differ_are_not_guessed(tmp_path: Path) -> None:
    text = "[control]\nctl01 ansible_ssh_private_key_file=/a\nctl02 ansible_ssh_private_key_file=/b\n"
    assert site(tmp_path, inventory=text).ssh.identity is None


def test_the_file_beats_the_inventory_about_ssh(tmp_path: Path) -> None:
    text = "[control]\nctl01 ansible_ssh_private_key_file=/a\n"
    extra = "ssh = {identity = '/mine', jump = 'door'}\n"
    found = site(tmp_path, extra, inventory=text).ssh
    assert (found.identity, found.jump) == (Path("/mine"), "door")


def test_an_address_of_the_file_serves_database_and_broker(tmp_path: Path) -> None:
    found = site(tmp_path, "[site.prod.hosts.ctl01]\naddress = '10.0.0.11'\n")
    assert found.galera is not None
    assert found.galera.members[0] == Endpoint("ctl01", "10.0.0.11", 3306)
    assert found.rabbitmq is not None
    assert found.rabbitmq.urls[0] == ("ctl01", "http://10.0.0.11:15672")


# the database


def test_members_are_the_group_mariadb(tmp_path: Path) -> None:
    galera = site(tmp_path).galera
    assert galera is not None
    assert galera.members == tuple(Endpoint(name, name, 3306) for name in ("ctl01", "ctl02", "ctl03"))
    assert not galera.tls


@pytest.mark.parametrize(
    ("variables", "address"),
    [
        ("", "ctl01"),
        ("ansible_host=10.0.0.11", "10.0.0.11"),
        ("ansible_host=10.0.0.11 api_interface_address=172.16.0.11", "172.16.0.11"),
        ("ansible_host=10.0.0.11 api_interface_address='{{ x | kolla }}'", "10.0.0.11"),
    ],
)
def test_where_a_member_listens(tmp_path: Path, variables: str, address: str) -> None:
    text = f"[control]\nctl01 {variables}\n[mariadb:children]\ncontrol\n[rabbitmq:children]\ncontrol\n"
    found = site(tmp_path, inventory=text)
    assert found.galera is not None
    assert found.galera.members == (Endpoint("ctl01", address, 3306),)
    assert found.rabbitmq is not None
    assert found.rabbitmq.urls == (("ctl01", f"http://{address}:15672"),)


@pytest.mark.parametrize(("globals_", "port"), [("database_port: 3307", 3307), ("mariadb_port: '3308'", 3308)])
def test_the_port_of_the_database(tmp_path: Path, globals_: str, port: int) -> None:
    galera = site(tmp_path, globals_=globals_).galera
    assert galera is not None
    assert {member.port for member in galera.members} == {port}


def test_only_the_default_shard_is_the_cluster(tmp_path: Path) -> None:
    text = "[mariadb]\ndb01\ndb02 mariadb_shard_id=0\ndb03 mariadb_shard_id=1\n[control]\ndb[01:03]\n"
    galera = site(tmp_path, inventory=text).galera
    assert galera is not None
    assert [member.host for member in galera.members] == ["db01", "db02"]


@pytest.mark.parametrize("globals_", ["enable_mariadb: no", "enable_mariadb: 'False'"])
def test_a_database_that_kolla_does_not_run(tmp_path: Path, globals_: str) -> None:
    assert site(tmp_path, globals_=globals_).galera is None


def test_without_the_groups_there_is_nothing_to_ask(tmp_path: Path) -> None:
    found = site(tmp_path, inventory="[control]\nctl01\n")
    assert (found.galera, found.rabbitmq) == (None, None)


@pytest.mark.parametrize(
    ("globals_", "user", "password"),
    [
        ("---", "monitor", "monitor-secret"),
        ("enable_prometheus: yes", "prometheus", "exporter-secret"),
        ("enable_prometheus: 'true'", "prometheus", "exporter-secret"),
        ("enable_prometheus: yes\nenable_prometheus_mysqld_exporter: no", "monitor", "monitor-secret"),
        ("mariadb_monitor_user: watch", "watch", "monitor-secret"),
        ("enable_proxysql: no", "haproxy", ""),
        ("enable_proxysql: yes", "monitor", "monitor-secret"),
    ],
)
def test_the_least_account_is_used(tmp_path: Path, globals_: str, user: str, password: str) -> None:
    galera = site(tmp_path, globals_=globals_).galera
    assert galera is not None
    assert (galera.user, galera.password.reveal()) == (user, password)


@pytest.mark.parametrize(
    ("user", "password"),
    [("root", "root-secret"), ("root_shard_0", "root-secret"), ("backup_shard_0", "backup-secret")],
)
def test_another_account_of_kolla_has_its_password(tmp_path: Path, user: str, password: str) -> None:
    galera = site(tmp_path, f"[site.prod.galera]\nuser = '{user}'\n").galera
    assert galera is not None
    assert (galera.user, galera.password.reveal()) == (user, password)


def test_accounts_of_one_name_have_passwords_of_their_own(tmp_path: Path) -> None:
    found = site(tmp_path, globals_="rabbitmq_monitoring_user: monitor\n")
    assert found.galera is not None
    assert found.rabbitmq is not None
    assert (found.galera.user, found.galera.password.reveal()) == ("monitor", "monitor-secret")
    assert (found.rabbitmq.user, found.rabbitmq.password.reveal()) == ("monitor", "rabbit-monitor-secret")


@pytest.mark.parametrize(("system", "user"), [("galera", "openstack"), ("rabbitmq", "root")])
def test_an_account_of_the_other_system_is_not_known(tmp_path: Path, system: str, user: str) -> None:
    error = refused(tmp_path, f"[site.prod.{system}]\nuser = '{user}'\n")
    assert f"the password of {user} is missing" in error.why


def test_an_account_that_kolla_does_not_know_needs_a_password(tmp_path: Path) -> None:
    error = refused(tmp_path, "[site.prod.galera]\nuser = 'ana'\n")
    assert error.what.endswith("[site.prod.galera] password")
    assert "the password of ana is missing" in error.why


def test_a_password_of_kolla_by_name(tmp_path: Path) -> None:
    extra = "[site.prod.galera]\nuser = 'ana'\npassword = {kolla = 'database_password'}\n"
    galera = site(tmp_path, extra).galera
    assert galera is not None
    assert galera.password.reveal() == "root-secret"


def test_every_part_may_be_overridden(tmp_path: Path) -> None:
    extra = (
        "[site.prod.galera]\nmembers = ['cmp01']\nport = 3310\nvia = 'ssh:net01'\ntls = true\nca = '/ca.pem'\n"
        "[site.prod.rabbitmq]\nurls = ['http://mq:1']\nuser = 'ana'\npassword = {env = 'X'}\nvia = 'ssh:net01'\n"
    )
    found = site(tmp_path, extra)
    assert found.galera is not None
    assert found.galera.members == (Endpoint("cmp01", "10.0.0.31", 3310),)
    assert (found.galera.user, found.galera.via) == ("monitor", "ssh:net01")
    assert (found.galera.tls, found.galera.ca) == (True, Path("/ca.pem"))
    assert found.rabbitmq is not None
    assert found.rabbitmq.urls == (("mq", "http://mq:1"),)
    assert (found.rabbitmq.user, found.rabbitmq.via) == ("ana", "ssh:net01")


@pytest.mark.parametrize(
    ("globals_", "tls"),
    [
        ("kolla_enable_tls_backend: yes", True),
        ("kolla_enable_tls_backend: yes\nenable_proxysql: no", False),
        ("kolla_enable_tls_backend: yes\ndatabase_enable_tls_backend: no", False),
        ("database_enable_tls_backend: yes", True),
        ("kolla_enable_tls_internal: yes", False),
    ],
)
def test_tls_of_the_database(tmp_path: Path, globals_: str, tls: bool) -> None:
    galera = site(tmp_path, globals_=globals_).galera
    assert galera is not None
    assert galera.tls is tls


def test_the_ca_that_kolla_made(tmp_path: Path) -> None:
    ca = tmp_path / "kolla" / "certificates" / "ca" / "root.crt"
    globals_ = "kolla_enable_tls_backend: yes\nrabbitmq_enable_tls: yes\n"
    kolla(tmp_path, globals_=globals_)
    ca.parent.mkdir(parents=True)
    ca.touch()
    found = load("prod", "", toml(tmp_path, "[site.prod]\nkolla = 'kolla'\n")).site
    assert found.galera is not None
    assert found.rabbitmq is not None
    assert found.galera.ca == found.rabbitmq.ca == ca


# the broker


@pytest.mark.parametrize(
    ("globals_", "url", "user", "password"),
    [
        ("---", "http://ctl01:15672", "openstack", "rabbit-secret"),
        ("rabbitmq_monitoring_user: mon", "http://ctl01:15672", "mon", "rabbit-monitor-secret"),
        ("rabbitmq_user: bus", "http://ctl01:15672", "bus", "rabbit-secret"),
        ("rabbitmq_management_port: '15999'", "http://ctl01:15999", "openstack", "rabbit-secret"),
        ("rabbitmq_enable_tls: yes", "https://ctl01:15672", "openstack", "rabbit-secret"),
    ],
)
def test_the_broker(tmp_path: Path, globals_: str, url: str, user: str, password: str) -> None:
    broker = site(tmp_path, globals_=globals_).rabbitmq
    assert broker is not None
    assert broker.urls[0] == ("ctl01", url)
    assert len(broker.urls) == 3
    assert (broker.user, broker.password.reveal()) == (user, password)


def test_a_broker_at_an_ipv6_address(tmp_path: Path) -> None:
    broker = site(tmp_path, inventory="[rabbitmq]\nctl01 ansible_host=fd00::11\n[control]\nctl01\n").rabbitmq
    assert broker is not None
    assert broker.urls == (("ctl01", "http://[fd00::11]:15672"),)


def test_a_broker_that_kolla_does_not_run(tmp_path: Path) -> None:
    assert site(tmp_path, globals_="enable_rabbitmq: 'no'").rabbitmq is None


def test_a_broker_when_only_ansible_can_tell_that_it_runs(tmp_path: Path) -> None:
    globals_ = "enable_rabbitmq: \"{{ 'yes' if om_rpc_transport == 'rabbit' else 'no' }}\"\n"
    assert site(tmp_path, globals_=globals_).rabbitmq is not None


# files


def test_globals_d_beats_globals(tmp_path: Path) -> None:
    folder = kolla(tmp_path, globals_="database_port: 1\nrabbitmq_user: first\n")
    (folder / "globals.d").mkdir()
    (folder / "globals.d" / "10-ports.yml").write_text("database_port: 2\n")
    (folder / "globals.d" / "20-ports.yaml").write_text("database_port: 3\n")
    (folder / "globals.d" / "30-ports.conf").write_text("database_port: 4\n")
    found = load("prod", "", toml(tmp_path, "[site.prod]\nkolla = 'kolla'\n")).site
    assert found.galera is not None
    assert found.rabbitmq is not None
    assert (found.galera.members[0].port, found.rabbitmq.user) == (3, "first")


@pytest.mark.parametrize(
    "name",
    ["multinode", "inventory", "hosts", "hosts.yml", "ansible/inventory/multinode", "ansible/inventory/all-in-one"],
)
def test_where_an_inventory_is_looked_for(tmp_path: Path, name: str) -> None:
    folder = kolla(tmp_path, inventory=None)
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text("control: {hosts: {ctl01: }}\n" if name.endswith("yml") else "[control]\nctl01\n")
    assert set(load("prod", "", toml(tmp_path, "[site.prod]\nkolla = 'kolla'\n")).site.hosts) == {"ctl01"}


def test_an_inventory_folder(tmp_path: Path) -> None:
    folder = kolla(tmp_path, inventory=None)
    (folder / "inventory" / "host_vars").mkdir(parents=True)
    (folder / "inventory" / "multinode").write_text("[control]\nctl01\n")
    (folder / "inventory" / "host_vars" / "ctl01.yml").write_text("ansible_host: 10.0.0.11\n")
    found = load("prod", "", toml(tmp_path, "[site.prod]\nkolla = 'kolla'\n")).site
    assert found.hosts["ctl01"].address == "10.0.0.11"


def test_several_inventories_are_told(tmp_path: Path) -> None:
    folder = kolla(tmp_path)
    (folder / "all-in-one").write_text("localhost\n")
    notes = load("prod", "", toml(tmp_path, "[site.prod]\nkolla = 'kolla'\n")).notes
    assert notes[0].subject == str(folder / "multinode")
    assert "also all-in-one" in notes[0].text


@pytest.mark.parametrize("told", ["'elsewhere/mine'", "['elsewhere/mine']"])
def test_an_inventory_that_is_named(tmp_path: Path, told: str) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "mine").write_text("[control]\nother\n")
    assert set(site(tmp_path, f"inventory = {told}\n").hosts) == {"other"}


def test_several_inventories_that_are_named(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("[control]\nctl01 ansible_host=1.1.1.1\n")
    (tmp_path / "b").write_text("[control]\nctl01 ansible_host=2.2.2.2\n[compute]\ncmp01\n")
    hosts = site(tmp_path, "inventory = ['a', 'b']\n").hosts
    assert set(hosts) == {"ctl01", "cmp01"}
    assert hosts["ctl01"].address == "2.2.2.2"


def test_an_inventory_without_kolla_gives_hosts_only(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text(INVENTORY)
    found = load("prod", "", toml(tmp_path, "[site.prod]\ninventory = 'mine'\n")).site
    assert found.hosts["ctl01"].roles == ("control",)
    assert (found.galera, found.rabbitmq) == (None, None)


def test_hosts_by_hand_need_no_inventory(tmp_path: Path) -> None:
    found = site(tmp_path, "[site.prod.hosts.ctl01]\nroles = ['control']\n", inventory=None)
    assert set(found.hosts) == {"ctl01"}


def test_names_that_must_be_looked_up_are_noted(tmp_path: Path) -> None:
    texts = [note.text for note in loaded(tmp_path).notes]
    assert texts == ["no address is known of ctl01, ctl02, ctl03: these names are looked up"]


def test_encrypted_globals_are_noted(tmp_path: Path) -> None:
    notes = loaded(tmp_path, globals_="$ANSIBLE_VAULT;1.1;AES256\n3030\n").notes
    assert notes[0].level == "warning"
    assert "encrypted as a whole" in notes[0].text


@pytest.mark.parametrize(
    ("globals_", "why"),
    [
        ("- a\n", "it is a list"),
        ("text\n", "it is plain text"),
        ("a: [1\n", "not valid YAML"),
        ("a: {{ b }}\n", "not valid YAML"),
        ("a: !python x\n", "not valid YAML"),
    ],
)
def test_broken_globals(tmp_path: Path, globals_: str, why: str) -> None:
    error = refused(tmp_path, globals_=globals_)
    assert "globals.yml, line" in error.what
    assert why in error.why


def test_without_globals_it_is_no_kolla_folder(tmp_path: Path) -> None:
    (kolla(tmp_path) / "globals.yml").unlink()
    with pytest.raises(BadConfiguration, match=r"globals\.yml: there is no such file of Kolla"):
        load("prod", "", toml(tmp_path, "[site.prod]\nkolla = 'kolla'\n"))


def test_without_an_inventory(tmp_path: Path) -> None:
    error = refused(tmp_path, inventory=None)
    assert "holds no inventory" in error.why
    assert "inventory =" in error.hint


@pytest.mark.parametrize(("name", "why"), [("none", "no such folder"), ("nephoscope.toml", "no folder")])
def test_no_folder(tmp_path: Path, name: str, why: str) -> None:
    environ = toml(tmp_path, f"[site.prod]\nkolla = '{name}'\n")
    with pytest.raises(BadConfiguration, match=why):
        load("prod", "", environ)


def test_a_broken_inventory_is_told_with_its_line(tmp_path: Path) -> None:
    error = refused(tmp_path, inventory="[control]\nctl[1:\n")
    assert error.what == f"{tmp_path / 'kolla' / 'multinode'}, line 2"
