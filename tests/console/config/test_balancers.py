"""HAProxy and Keepalived of a site: what the file says, what Kolla says, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from collectors.errors import BadConfiguration
from collectors.site import HaproxySite, KeepalivedSite, Site
from console.config import load_site
from tests.console.config.files import PASSWORDS, kolla, said, toml

HOSTS = '[site.prod]\n[site.prod.hosts."ctl[01:02]"]\naddress = "10.0.0.[11:12]"\n'


def site(folder: Path, text: str, head: str = HOSTS) -> Site:
    return load_site("prod", "", toml(folder, head + text))


def refused(folder: Path, text: str) -> str:
    with pytest.raises(BadConfiguration) as caught:
        site(folder, text)
    return said(caught.value)


def test_nothing_is_said(tmp_path: Path) -> None:
    found = site(tmp_path, "")
    assert (found.haproxy, found.keepalived) == (None, None)


def test_the_socket_of_hosts(tmp_path: Path) -> None:
    found = site(tmp_path, '[site.prod.haproxy]\nhosts = ["ctl01", "ctl02"]\nsocket = "/run/haproxy.sock"\n')
    assert found.haproxy == HaproxySite(("ctl01", "ctl02"), "/run/haproxy.sock")
    assert found.keepalived is None


def test_pages_name_their_hosts(tmp_path: Path) -> None:
    text = '[site.prod.haproxy]\nurls = ["http://10.0.0.12:1984/", "https://lb.example:8404/stats"]\n'
    text += 'user = "ana"\npassword = {env = "PAGE"}\nvia = "ssh:ctl01"\nca = "/ca.pem"\n'
    found = load_site("prod", "", toml(tmp_path, HOSTS + text) | {"PAGE": "geheim"}).haproxy
    assert found is not None
    assert found.pages is not None
    assert found.hosts == ("ctl02", "lb.example")
    assert found.pages.urls == (("ctl02", "http://10.0.0.12:1984"), ("lb.example", "https://lb.example:8404/stats"))
    assert (found.pages.user, found.pages.via, found.pages.ca) == ("ana", "ssh:ctl01", Path("/ca.pem"))
    assert found.pages.password is not None
    assert found.pages.password.reveal() == "geheim"


def test_keepalived_is_on_the_load_balancers(tmp_path: Path) -> None:
    found = site(tmp_path, '[site.prod.haproxy]\nhosts = ["ctl02"]\n[site.prod.keepalived]\n')
    assert found.keepalived == KeepalivedSite(("ctl02",), "/etc/keepalived/keepalived.conf", ())
    text = '[site.prod.keepalived]\nhosts = ["ctl01"]\nconfig = "/opt/k.conf"\naddresses = ["10.0.0.10", "fd00::10"]\n'
    assert site(tmp_path, text).keepalived == KeepalivedSite(("ctl01",), "/opt/k.conf", ("10.0.0.10", "fd00::10"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[site.prod.haproxy]\n", "no host is named"),
        ('[site.prod.haproxy]\nhosts = ["ctl1"]\n', "did you mean ctl01?"),
        ('[site.prod.haproxy]\nhosts = ["ctl01"]\nsocket = "run/a"\n', "is no path"),
        ('[site.prod.haproxy]\nhosts = ["ctl01"]\nsocket = "/run/a,fork"\n', "is no path"),
        ('[site.prod.haproxy]\nurls = ["http://10.0.0.11"]\nhosts = ["ctl01"]\n', "hosts and urls are both given"),
        ('[site.prod.haproxy]\nurls = ["http://10.0.0.11"]\nsocket = "/a"\n', "socket and urls are both given"),
        ('[site.prod.haproxy]\nurls = ["http://10.0.0.11", "http://10.0.0.11:2"]\n', "ctl01 is named 2 times"),
        ('[site.prod.haproxy]\nurls = ["http://a:b@10.0.0.11"]\n', "holds a user or a password"),
        ('[site.prod.haproxy]\nurls = ["ftp://10.0.0.11"]\n', "no http or https URL"),
        ('[site.prod.haproxy]\nurls = ["http://10.0.0.11"]\nuser = "ana"\n', "the password of ana is missing"),
        ('[site.prod.haproxy]\nurls = ["http://10.0.0.11"]\npassword = {env = "A"}\n', "add user ="),
        ('[site.prod.haproxy]\nurls = ["http://10.0.0.11"]\nvia = "ssh:x"\n', "the site has no host x"),
        ("[site.prod.keepalived]\n", "no host is named"),
        ('[site.prod.keepalived]\nhosts = ["ctl01"]\nconfig = "k.conf"\n', "is no path"),
        ('[site.prod.keepalived]\nhosts = ["ctl01"]\naddresses = ["10.0.0.10/24"]\n', "is no address"),
    ],
)
def test_what_is_refused(tmp_path: Path, text: str, words: str) -> None:
    assert words in refused(tmp_path, text)


def with_kolla(folder: Path, globals_: str = "---\n", extra: str = "") -> Site:
    kolla(folder, globals_=globals_, passwords=PASSWORDS + "haproxy_password: page-secret\n")
    return site(folder, f"kolla = 'kolla'\n{extra}", "[site.prod]\n")


def test_kollas_pages_and_addresses(tmp_path: Path) -> None:
    told = "---\nkolla_internal_vip_address: 10.0.0.10\nkolla_external_vip_address: 192.0.2.10\n"
    found = with_kolla(tmp_path, told)
    assert found.haproxy is not None
    assert found.haproxy.hosts == ("net01",)
    assert found.haproxy.pages is not None
    assert found.haproxy.pages.urls == (("net01", "http://10.0.0.21:1984"),)
    assert found.haproxy.pages.user == "openstack"
    assert found.haproxy.pages.password is not None
    assert found.haproxy.pages.password.reveal() == "page-secret"
    config = "/etc/kolla/keepalived/keepalived.conf"
    assert found.keepalived == KeepalivedSite(("net01",), config, ("10.0.0.10", "192.0.2.10"))


def test_kolla_with_one_virtual_address_and_other_ports(tmp_path: Path) -> None:
    told = "---\nkolla_internal_vip_address: 10.0.0.10\nhaproxy_stats_port: 8404\nhaproxy_user: watch\n"
    found = with_kolla(tmp_path, told)
    assert found.haproxy is not None
    assert found.haproxy.pages is not None
    assert found.haproxy.pages.urls == (("net01", "http://10.0.0.21:8404"),)
    assert found.haproxy.pages.user == "watch"
    assert found.keepalived is not None
    assert found.keepalived.addresses == ("10.0.0.10",)


def test_kolla_without_them(tmp_path: Path) -> None:
    found = with_kolla(tmp_path, "---\nenable_haproxy: no\n")
    assert (found.haproxy, found.keepalived) == (None, None)


def test_kolla_with_a_hardware_balancer_for_the_addresses(tmp_path: Path) -> None:
    found = with_kolla(tmp_path, "---\nenable_keepalived: false\n")
    assert found.haproxy is not None
    assert found.keepalived is None


def test_the_file_is_laid_over_kolla(tmp_path: Path) -> None:
    found = with_kolla(tmp_path, extra='[site.prod.haproxy]\nhosts = ["ctl01"]\n').haproxy
    assert found == HaproxySite(("ctl01",))
