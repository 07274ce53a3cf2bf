"""Which table a cloud and region get, and what the keys of a site become."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from collectors.errors import BadConfiguration
from collectors.site import Endpoint, Mon, Site, SiteHost, SshSettings
from console.config import load, load_site
from tests.console.config.files import said, toml

TWO_REGIONS = """
[site.prod]
protection = "production"
ssh = {user = "ana", jump = "bastion"}
[site.prod.hosts.ctl01]
address = "10.0.0.11"
[site."prod/West"]
protection = "read-only"
ssh = {user = "west"}
[site."prod/East".hosts.ctl51]
address = "10.5.0.11"
"""


def test_a_cloud_name_alone_is_enough(tmp_path: Path) -> None:
    assert load_site("prod", "", {"HOME": str(tmp_path)}) == Site("prod")


def test_a_region_is_kept(tmp_path: Path) -> None:
    assert load_site("prod", "West", {"HOME": str(tmp_path)}) == Site("prod", "West")


def test_nothing_at_all_is_no_mistake(tmp_path: Path) -> None:
    assert load_site("", "", {"HOME": str(tmp_path)}) == Site("")


@pytest.mark.parametrize(
    ("environ", "cloud", "region"),
    [
        ({"OS_CLOUD": "edge"}, "edge", ""),
        ({"OS_CLOUD": "edge", "OS_AUTH_URL": "http://x"}, "edge", ""),
        ({"OS_AUTH_URL": "http://x", "OS_REGION_NAME": "West"}, "envvars", "West"),
        ({"OS_AUTH_URL": "http://x", "OS_CLOUD_NAME": "mine"}, "mine", ""),
        ({}, "prod", "North"),
        ({"OS_REGION_NAME": "West"}, "prod", "West"),
    ],
)
def test_the_cloud_when_nobody_names_it(tmp_path: Path, environ: dict[str, str], cloud: str, region: str) -> None:
    text = 'cloud = "prod"\nregion = "North"\n[site.lab]\n[site.other]\n'
    site = load_site("", "", toml(tmp_path, text) | environ)
    assert (site.cloud, site.region) == (cloud, region)


def test_the_default_region_is_that_of_the_default_cloud_only(tmp_path: Path) -> None:
    environ = toml(tmp_path, 'cloud = "prod"\nregion = "North"\n')
    assert load_site("prod", "", environ).region == "North"
    assert load_site("lab", "", environ).region == ""


def test_the_only_site_is_the_default(tmp_path: Path) -> None:
    assert load_site("", "", toml(tmp_path, '[site.lab]\n[site."lab/West"]\n')).cloud == "lab"


def test_two_sites_are_no_default(tmp_path: Path) -> None:
    assert load_site("", "", toml(tmp_path, "[site.lab]\n[site.prod]\n")).cloud == ""


def test_a_region_is_laid_over_its_cloud(tmp_path: Path) -> None:
    site = load_site("prod", "West", toml(tmp_path, TWO_REGIONS))
    assert site.protection == "read-only"
    assert site.ssh == SshSettings(user="west")
    assert set(site.hosts) == {"ctl01"}


def test_a_sub_table_of_the_region_replaces_the_whole(tmp_path: Path) -> None:
    site = load_site("prod", "East", toml(tmp_path, TWO_REGIONS))
    assert site.protection == "production"
    assert site.ssh.jump == "bastion"
    assert set(site.hosts) == {"ctl51"}


def test_a_region_without_a_table_has_that_of_the_cloud(tmp_path: Path) -> None:
    site = load_site("prod", "South", toml(tmp_path, TWO_REGIONS))
    assert (site.region, set(site.hosts)) == ("South", {"ctl01"})


def test_the_only_region_is_meant(tmp_path: Path) -> None:
    environ = toml(tmp_path, '[site."prod/West"]\nprotection = "production"\n')
    site = load_site("prod", "", environ)
    assert (site.region, site.protection) == ("West", "production")


def test_a_table_of_the_cloud_does_not_choose_a_region(tmp_path: Path) -> None:
    assert load_site("prod", "", toml(tmp_path, '[site.prod]\n[site."prod/West"]\n')).region == ""


def test_several_regions_must_be_chosen_from(tmp_path: Path) -> None:
    loaded = load("prod", "", toml(tmp_path, '[site."prod/West"]\n[site."prod/East"]\n'))
    assert loaded.site == Site("prod", origin=loaded.site.origin)
    assert loaded.notes[0].level == "warning"
    assert "East, West" in loaded.notes[0].text


def test_a_cloud_that_the_file_does_not_know_is_noted(tmp_path: Path) -> None:
    loaded = load("edge", "", toml(tmp_path, "[site.prod]\n"))
    assert loaded.site.cloud == "edge"
    assert "only its APIs" in loaded.notes[0].text


def test_everything_of_the_design(tmp_path: Path) -> None:
    (tmp_path / "galera.secret").write_text("s3cret\n")
    (tmp_path / "galera.secret").chmod(0o600)
    environ = toml(
        tmp_path,
        """
[site.prod]
protection = "production"
ssh = {config = "ssh_config", user = "kolla", jump = "bastion", known_hosts = "kh", identity = "/k/id"}
lock_dir = "locks"
notifications = false
[site.prod.hosts.ctl01]
address = "10.0.0.11"
roles = ["control"]
groups = ["mariadb"]
user = "ana"
port = 2222
[site.prod.galera]
user = "monitor"
password = {file = "galera.secret"}
members = [{host = "ctl01", address = "10.0.0.11", port = 3307}]
tls = true
ca = "ca.pem"
[site.prod.rabbitmq]
via = "ssh:ctl01"
user = "watch"
password = {env = "MQ"}
urls = ["https://10.0.0.11:15671/", "http://mq02:15672/api"]
[site.prod.ceph]
mons = ["ctl01"]
user = "client.watcher"
[site.prod.ceph.dashboard]
urls = ["https://10.0.0.11:8443/"]
user = "viewer"
password = {env = "MQ"}
ca = "ca.pem"
[site.prod.grafana]
url = "http://x"
""",
    )
    loaded = load("prod", "", environ | {"MQ": "rabbit"})
    site = loaded.site
    assert site.protection == "production"
    assert site.ssh == SshSettings(
        tmp_path / "ssh_config", tmp_path / "kh", user="kolla", jump="bastion", identity=Path("/k/id")
    )
    assert site.lock_dir == tmp_path / "locks"
    assert dict(site.hosts) == {"ctl01": SiteHost("ctl01", "10.0.0.11", ("control",), ("mariadb",), "ana", 2222)}
    assert site.galera is not None
    assert site.galera.members == (Endpoint("ctl01", "10.0.0.11", 3307),)
    assert (site.galera.user, site.galera.tls, site.galera.ca) == ("monitor", True, tmp_path / "ca.pem")
    assert site.galera.password.reveal() == "s3cret"
    assert site.rabbitmq is not None
    assert site.rabbitmq.urls == (("ctl01", "https://10.0.0.11:15671"), ("mq02", "http://mq02:15672"))
    assert (site.rabbitmq.user, site.rabbitmq.via) == ("watch", "ssh:ctl01")
    assert site.rabbitmq.password.reveal() == "rabbit"
    assert site.origin == environ["NEPHOSCOPE_CONFIG"]
    assert site.ceph is not None
    assert (site.ceph.mons, site.ceph.user, site.ceph.conf) == (
        (Mon("ctl01", "ctl01"),),
        "watcher",
        "/etc/ceph/ceph.conf",
    )
    assert site.ceph.dashboard is not None
    assert (site.ceph.dashboard.urls, site.ceph.dashboard.ca) == (("https://10.0.0.11:8443",), tmp_path / "ca.pem")
    assert site.ceph.dashboard.password.reveal() == "rabbit"
    assert loaded.later == {"grafana": {"url": "http://x"}}
    assert loaded.notes == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "names neither monitors nor a dashboard nor a ceph.conf here"),
        ('mons = ["ceph01"]', "the site has no host ceph01"),
        ('mons = ["ctl01", {host = "ctl01"}]', "ctl01 is named 2 times"),
        ('mons = ["ctl01"]\nconf = "ceph.conf"', "is a file on the monitors' hosts"),
        ('mons = ["ctl01"]\nuser = ""', "is empty"),
        ('dashboard = {urls = [], user = "v", password = {env = "P"}}', "no address is named"),
        ('dashboard = {urls = ["ctl01:8443"], user = "v", password = {env = "P"}}', "no http or https URL"),
        (
            'dashboard = {urls = ["https://v:w@ctl01"], user = "v", password = {env = "P"}}',
            "holds a user or a password",
        ),
        ('dashboard = {urls = ["https://ctl01:x"], user = "v", password = {env = "P"}}', "no URL"),
        ('dashboard = {urls = ["https://c/?a"], user = "v", password = {env = "P"}}', "has a query"),
        ('dashboard = {urls = ["https://c"], user = "v", password = {env = "P"}, via = "ssh:x"}', "has no host x"),
    ],
)
def test_a_ceph_that_cannot_be_used(tmp_path: Path, text: str, words: str) -> None:
    environ = toml(tmp_path, f'[site.prod.hosts.ctl01]\naddress = "10.0.0.11"\n[site.prod.ceph]\n{text}\n')
    with pytest.raises(BadConfiguration, match=re.escape(words)):
        load("prod", "", environ)


def test_ceph_may_be_asked_from_here_alone(tmp_path: Path) -> None:
    ceph = load("prod", "", toml(tmp_path, '[site.prod.ceph]\nlocal = "prod.conf"\n')).site.ceph
    assert ceph is not None
    assert (ceph.local, ceph.mons, ceph.user) == (tmp_path / "prod.conf", (), "viewer")


def test_a_monitor_may_have_another_name_than_its_host(tmp_path: Path) -> None:
    text = '[site.prod.hosts."ctl01.example"]\n[site.prod.ceph]\nmons = [{host = "ctl01.example", name = "a"}]\n'
    ceph = load("prod", "", toml(tmp_path, text)).site.ceph
    assert ceph is not None
    assert ceph.mons == (Mon("a", "ctl01.example"),)


def test_later_tables_may_hold_anything(tmp_path: Path) -> None:
    text = "".join(f"[site.prod.{name}]\na = {{b = [1, {{c = 2}}]}}\n" for name in ("grafana",))
    assert set(load("prod", "", toml(tmp_path, text)).later) == {"grafana"}


def test_home_and_absolute_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ana")
    environ = toml(tmp_path, "[site.prod.ssh]\nconfig = '~/.ssh/prod'\nidentity = '/k/id'\n")
    assert load_site("prod", "", environ).ssh == SshSettings(Path("/home/ana/.ssh/prod"), identity=Path("/k/id"))


def test_hosts_may_be_a_range(tmp_path: Path) -> None:
    text = "[site.prod.hosts.'cmp[08:10]']\naddress = '10.0.1.[8:10]'\nroles = ['compute']\n"
    hosts = load_site("prod", "", toml(tmp_path, text)).hosts
    assert list(hosts) == ["cmp08", "cmp09", "cmp10"]
    assert hosts["cmp10"] == SiteHost("cmp10", "10.0.1.10", ("compute",))


def test_a_range_of_hosts_without_an_address(tmp_path: Path) -> None:
    hosts = load_site("prod", "", toml(tmp_path, "[site.prod.hosts.'cmp[1:2]']\nroles = ['compute']\n")).hosts
    assert [host.address for host in hosts.values()] == ["", ""]


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ("[site.prod.hosts.'cmp[1:3]']\naddress = '10.0.1.[1:2]'", "3 names, but 2 addresses"),
        ("[site.prod.hosts.'cmp[1:3]']\naddress = '10.0.1.1'", "3 names, but 1 address"),
        ("[site.prod.hosts.'cmp[3:1]']", "backwards"),
        ("[site.prod.hosts.'cmp[1:3']", "brackets"),
    ],
)
def test_broken_ranges_of_hosts(tmp_path: Path, table: str, why: str) -> None:
    with pytest.raises(BadConfiguration) as caught:
        load_site("prod", "", toml(tmp_path, table))
    assert why in caught.value.why
    assert "[site.prod.hosts]" in said(caught.value)


GALERA = "[site.prod.hosts.ctl01]\naddress = '10.0.0.11'\n[site.prod.galera]\nuser = 'm'\npassword = {env = 'P'}\n"


def test_members_by_the_names_of_hosts(tmp_path: Path) -> None:
    text = GALERA + "port = 3307\nmembers = ['ctl01', 'ctl02', {host = 'ctl03', port = 3308}]\n"
    site = load_site("prod", "", toml(tmp_path, text))
    assert site.galera is not None
    assert site.galera.members == (
        Endpoint("ctl01", "10.0.0.11", 3307),
        Endpoint("ctl02", "ctl02", 3307),
        Endpoint("ctl03", "ctl03", 3308),
    )


def test_members_that_are_no_hosts_are_noted(tmp_path: Path) -> None:
    loaded = load("prod", "", toml(tmp_path, GALERA + "members = ['ctl09']\n"))
    assert any("member ctl09 is no host" in note.text for note in loaded.notes)


@pytest.mark.parametrize(
    ("text", "key", "why"),
    [
        ("[site.prod.galera]\nuser = 'm'", "members", "no member is named"),
        ("[site.prod.galera]\nmembers = []", "members", "no member is named"),
        ("[site.prod.galera]\nmembers = ['a']", "user", "is missing"),
        ("[site.prod.galera]\nmembers = ['a']\nuser = 'm'", "password", "the password of m is missing"),
        (GALERA + "members = ['a', 'a']", "members", "a is named 2 times"),
        (GALERA + "members = ['a']\nvia = 'ctl01'", "via", "no way to get there"),
        (GALERA + "members = ['a']\nvia = 'ssh:'", "via", "no way to get there"),
        (GALERA + "members = ['a']\nvia = 'ssh:ctl1'", "via", "the site has no host ctl1"),
        ("[site.prod.rabbitmq]\nuser = 'm'", "urls", "no node is named"),
        ("[site.prod.rabbitmq]\nurls = ['http://a:1']", "user", "is missing"),
        ("[site.prod.rabbitmq]\nurls = ['http://a:1']\nuser = 'm'", "password", "the password of m is missing"),
        ("[site.prod.rabbitmq]\nurls = ['http://a']\nnodes = ['a']", "nodes", "both given"),
        ("[site.prod.rabbitmq]\nurls = ['a:15672']", "urls", "no http or https URL"),
        ("[site.prod.rabbitmq]\nurls = ['http://']", "urls", "no http or https URL"),
        ("[site.prod.rabbitmq]\nurls = ['http://a:x']", "urls", "no URL"),
        ("[site.prod.rabbitmq]\nurls = ['http://a:99999']", "urls", "no URL"),
        ("[site.prod.rabbitmq]\nurls = ['http://[::1']", "urls", "no URL"),
        ("[site.prod.rabbitmq]\nurls = ['http://a/?x=1']", "urls", "a query or a fragment"),
        ("[site.prod.rabbitmq]\nurls = ['http://u:hunter2@a']", "urls", "a user or a password"),
    ],
)
def test_incomplete_systems(tmp_path: Path, text: str, key: str, why: str) -> None:
    with pytest.raises(BadConfiguration) as caught:
        load_site("prod", "", toml(tmp_path, text))
    assert caught.value.what.endswith(f"] {key}")
    assert why in caught.value.why
    assert "hunter2" not in said(caught.value)


def test_a_via_host_with_a_typo_is_told_what_is_near(tmp_path: Path) -> None:
    with pytest.raises(BadConfiguration, match=r"did you mean ctl01\?"):
        load_site("prod", "", toml(tmp_path, GALERA + "members = ['a']\nvia = 'ssh:ctl10'"))


def test_a_via_without_any_host(tmp_path: Path) -> None:
    text = "[site.prod.galera]\nmembers = ['a']\nuser = 'm'\npassword = {env = 'P'}\nvia = 'ssh:ctl01'\n"
    with pytest.raises(BadConfiguration, match=r"hosts\.ctl01"):
        load_site("prod", "", toml(tmp_path, text))


RABBIT = "[site.prod.hosts.ctl01]\naddress = '10.0.0.11'\n[site.prod.rabbitmq]\nuser = 'm'\npassword = {env = 'P'}\n"


@pytest.mark.parametrize(
    ("text", "urls"),
    [
        ("nodes = ['ctl01']", [("ctl01", "http://10.0.0.11:15672")]),
        ("nodes = ['ctl01']\ntls = true\nport = 15671", [("ctl01", "https://10.0.0.11:15671")]),
        ("nodes = ['mq01']", [("mq01", "http://mq01:15672")]),
        ("nodes = [{host = 'ctl01', address = 'fd00::1', port = 1}]", [("ctl01", "http://[fd00::1]:1")]),
        ("nodes = [{host = 'x', name = 'rabbit@x', url = 'http://y:1/api/'}]", [("x", "http://y:1")]),
        ("urls = ['http://CTL01:15672']", [("ctl01", "http://CTL01:15672")]),
        ("urls = ['http://10.0.0.11:15672/mq']", [("ctl01", "http://10.0.0.11:15672/mq")]),
        ("urls = ['http://elsewhere']", [("elsewhere", "http://elsewhere")]),
    ],
)
def test_nodes(tmp_path: Path, text: str, urls: list[tuple[str, str]]) -> None:
    site = load_site("prod", "", toml(tmp_path, RABBIT + text))
    assert site.rabbitmq is not None
    assert list(site.rabbitmq.urls) == urls


def test_hosts_without_roles_are_noted(tmp_path: Path) -> None:
    text = "".join(f"[site.prod.hosts.h{number}]\n" for number in range(7))
    notes = load("prod", "", toml(tmp_path, text)).notes
    assert notes[0].text == "no role is known of h0, h1, h2, h3, h4 and 2 more"


def test_two_hosts_at_one_address_are_noted(tmp_path: Path) -> None:
    text = "".join(f"[site.prod.hosts.{n}]\naddress = '10.0.0.1'\nroles = ['control']\n" for n in ("a", "b"))
    notes = load("prod", "", toml(tmp_path, text)).notes
    assert [note.text for note in notes] == ["a and b have the same address 10.0.0.1"]


def test_two_hosts_behind_one_address_with_ports_of_their_own(tmp_path: Path) -> None:
    text = "".join(
        f"[site.prod.hosts.{n}]\naddress = '10.0.0.1'\nroles = ['control']\nport = {p}\n"
        for n, p in (("a", 1), ("b", 2))
    )
    assert load("prod", "", toml(tmp_path, text)).notes == ()
