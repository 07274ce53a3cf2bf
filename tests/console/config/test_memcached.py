"""The caches of a site: what the file says, and what Kolla says."""

from __future__ import annotations

from pathlib import Path

import pytest

from collectors.errors import BadConfiguration
from collectors.site import Endpoint, MemcachedSite
from console.config import load_site
from tests.console.config.files import INVENTORY, kolla, said, toml

HOSTS = '[site.prod]\n[site.prod.hosts."ctl[01:02]"]\naddress = "10.0.0.[11:12]"\n[site.prod.memcached]\n'


def found(folder: Path, text: str) -> MemcachedSite | None:
    return load_site("prod", "", toml(folder, HOSTS + text)).memcached


def test_hosts_and_tables(tmp_path: Path) -> None:
    text = (
        'servers = ["ctl01", {host = "ctl02", address = "10.1.0.12", port = 11212}]\nport = 11311\nvia = "ssh:ctl01"\n'
    )
    servers = (Endpoint("ctl01", "10.0.0.11", 11311), Endpoint("ctl02", "10.1.0.12", 11212))
    assert found(tmp_path, text) == MemcachedSite(servers, "ssh:ctl01")
    assert load_site("prod", "", toml(tmp_path, "[site.prod]\n")).memcached is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no server is named"),
        ('servers = ["ctl01", "ctl01"]\n', "ctl01 is named 2 times"),
        ('servers = ["ctl01"]\nvia = "ssh:x"\n', "the site has no host x"),
    ],
)
def test_what_is_refused(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(BadConfiguration) as caught:
        found(tmp_path, text)
    assert words in said(caught.value)


def test_kollas(tmp_path: Path) -> None:
    inventory = INVENTORY + "\n[memcached:children]\nnetwork\n"
    kolla(tmp_path, globals_="---\nmemcached_port: 11212\n", inventory=inventory)
    site = load_site("prod", "", toml(tmp_path, "[site.prod]\nkolla = 'kolla'\n"))
    assert site.memcached == MemcachedSite((Endpoint("net01", "10.0.0.21", 11212),))


def test_kolla_without_it(tmp_path: Path) -> None:
    kolla(tmp_path, globals_="---\nenable_memcached: no\n", inventory=INVENTORY + "\n[memcached:children]\nnetwork\n")
    assert load_site("prod", "", toml(tmp_path, "[site.prod]\nkolla = 'kolla'\n")).memcached is None
