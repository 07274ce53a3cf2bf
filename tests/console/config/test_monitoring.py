"""Prometheus and Alertmanager of a site: what the file says, what Kolla says, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from collectors.errors import BadConfiguration
from collectors.site import LokiSite, Site, WebSite
from console.config import load_site
from tests.console.config.files import INVENTORY, PASSWORDS, kolla, said, toml

HOSTS = '[site.prod]\n[site.prod.hosts.mon01]\naddress = "10.0.0.51"\n'
GROUPS = INVENTORY + "\n[prometheus:children]\nmonitoring\n[prometheus-alertmanager:children]\nmonitoring\n"


def site(folder: Path, text: str) -> Site:
    return load_site("prod", "", toml(folder, HOSTS + text) | {"WORD": "geheim"})


def test_nothing_is_said(tmp_path: Path) -> None:
    found = site(tmp_path, "")
    assert (found.prometheus, found.alertmanager) == (None, None)


def test_one_url_and_several(tmp_path: Path) -> None:
    text = '[site.prod.prometheus]\nurl = "http://10.0.0.51:9090/"\n'
    text += '[site.prod.alertmanager]\nurls = ["http://mon01:9093", "https://mon.example/am"]\nvia = "ssh:mon01"\n'
    found = site(tmp_path, text)
    assert found.prometheus == WebSite((("mon01", "http://10.0.0.51:9090"),))
    urls = (("mon01", "http://mon01:9093"), ("mon.example", "https://mon.example/am"))
    assert found.alertmanager == WebSite(urls, via="ssh:mon01")


def test_an_account_or_a_token(tmp_path: Path) -> None:
    text = '[site.prod.prometheus]\nurl = "http://mon01"\nuser = "ana"\npassword = {env = "WORD"}\nca = "/ca.pem"\n'
    text += '[site.prod.alertmanager]\nurl = "http://mon01"\ntoken = {env = "WORD"}\n'
    found = site(tmp_path, text)
    assert found.prometheus is not None
    assert found.prometheus.password is not None
    assert (found.prometheus.user, found.prometheus.password.reveal()) == ("ana", "geheim")
    assert found.prometheus.ca == Path("/ca.pem")
    assert found.alertmanager is not None
    assert found.alertmanager.token is not None
    assert (found.alertmanager.user, found.alertmanager.token.reveal()) == ("", "geheim")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "add url ="),
        ('url = "http://a"\nurls = ["http://b"]\n', "url and urls are both given"),
        ('urls = ["http://a", "http://a:1"]\n', "a is named 2 times"),
        ('url = "a:9090"\n', "no http or https URL"),
        ('url = "http://x:y@a"\n', "holds a user or a password"),
        ('url = "http://a"\nuser = "ana"\n', "the password of ana is missing"),
        ('url = "http://a"\npassword = {env = "WORD"}\n', "add user ="),
        ('url = "http://a"\nuser = "ana"\ntoken = {env = "WORD"}\n', "user or password are given as well"),
        ('url = "http://a"\nvia = "mon01"\n', 'write "ssh:HOST"'),
    ],
)
@pytest.mark.parametrize("system", ["prometheus", "alertmanager", "loki"])
def test_what_is_refused(tmp_path: Path, system: str, text: str, words: str) -> None:
    with pytest.raises(BadConfiguration) as caught:
        site(tmp_path, f"[site.prod.{system}]\n{text}")
    assert words in said(caught.value)


def test_loki(tmp_path: Path) -> None:
    text = "[site.prod.loki]\nurl = 'https://logs:3100/'\ntenant = 'blue'\nprefer = true\nhost_label = 'box'\n"
    found = site(tmp_path, text).loki
    assert found == LokiSite(WebSite((("logs", "https://logs:3100"),)), "blue", prefer=True, host_label="box")
    assert site(tmp_path, "").loki is None


@pytest.mark.parametrize(
    ("text", "words"),
    [('host_label = "a-b"', "is no name of a label"), ('service_label = "a b"', "is no name of a label"),
     ('tenant = "a/b"', "is no tenant"), ('tenant = "a\\nX: y"', "is no tenant")],
)  # fmt: skip
def test_a_loki_that_is_refused(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(BadConfiguration, match=words):
        site(tmp_path, f"[site.prod.loki]\nurl = 'http://a'\n{text}\n")


def with_kolla(folder: Path, globals_: str, passwords: str = PASSWORDS) -> Site:
    inventory = GROUPS.replace("\nmon01\n", "\nmon01 ansible_host=10.0.0.51\n")
    kolla(folder, globals_=globals_, passwords=passwords, inventory=inventory)
    return load_site("prod", "", toml(folder, "[site.prod]\nkolla = 'kolla'\n"))


def test_kollas(tmp_path: Path) -> None:
    told = "---\nenable_prometheus: yes\nprometheus_port: 9191\n"
    found = with_kolla(tmp_path, told, PASSWORDS + "prometheus_password: metrics\n")
    assert found.prometheus is not None
    assert found.prometheus.urls == (("mon01", "http://10.0.0.51:9191"),)
    assert found.prometheus.password is not None
    assert (found.prometheus.user, found.prometheus.password.reveal()) == ("admin", "metrics")
    assert found.alertmanager == WebSite((("mon01", "http://10.0.0.51:9093"),))


def test_an_older_kolla_has_no_password_for_it(tmp_path: Path) -> None:
    found = with_kolla(tmp_path, "---\nenable_prometheus: yes\n")
    assert found.prometheus is not None
    assert found.prometheus.password is not None
    assert found.prometheus.password.reveal() == ""


@pytest.mark.parametrize(
    ("globals_", "there"),
    [
        ("---\n", (False, False)),
        ("---\nenable_prometheus: yes\nenable_prometheus_alertmanager: no\n", (True, False)),
        ("---\nenable_prometheus: yes\nenable_prometheus_server: no\n", (False, True)),
    ],
)
def test_kolla_without_one_of_them(tmp_path: Path, globals_: str, there: tuple[bool, bool]) -> None:
    found = with_kolla(tmp_path, globals_)
    assert (found.prometheus is not None, found.alertmanager is not None) == there
