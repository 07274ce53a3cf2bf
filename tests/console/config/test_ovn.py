"""OVN of a site: what the file says, and what Kolla says."""

from __future__ import annotations

from pathlib import Path

import pytest

from collectors.errors import BadConfiguration
from collectors.site import OvnSite
from console.config import load_site
from tests.console.config.files import INVENTORY, kolla, said, toml

HOSTS = '[site.prod]\n[site.prod.hosts."ctl[01:03]"]\naddress = "10.0.0.[11:13]"\n[site.prod.ovn]\n'
ALL = ("ctl01", "ctl02", "ctl03")
GROUPS = "\n[ovn-nb-db]\nctl01\nctl02\n\n[ovn-sb-db]\nctl03\n\n[ovn-northd:children]\ncontrol\n"
"""Kolla has a group for each part."""


def found(folder: Path, text: str) -> OvnSite | None:
    return load_site("prod", "", toml(folder, HOSTS + text)).ovn


def test_hosts(tmp_path: Path) -> None:
    names = 'hosts = ["ctl01", "ctl02", "ctl03"]\n'
    assert found(tmp_path, names) == OvnSite(ALL, ALL, ALL)
    site = found(tmp_path, names + 'southbound = ["ctl02"]\nnorthd = ["ctl03", "ctl01"]\n')
    assert site == OvnSite(ALL, ("ctl02",), ("ctl03", "ctl01"))
    assert site is not None
    assert (site.of("OVN_Southbound"), site.hosts) == (("ctl02",), ALL)
    assert load_site("prod", "", toml(tmp_path, "[site.prod]\n")).ovn is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no host is named"),
        ('northbound = ["ctl01"]\n', "no host is named"),
        ('hosts = ["ctl09"]\n', "the site has no host ctl09"),
        ('hosts = ["ctl01"]\nnorthd = ["x"]\n', "the site has no host x"),
    ],
)
def test_what_is_refused(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(BadConfiguration) as caught:
        found(tmp_path, text)
    assert words in said(caught.value)


@pytest.mark.parametrize("globals_", ["---\nneutron_plugin_agent: ovn\n", "---\nenable_ovn: yes\n"])
def test_kollas(tmp_path: Path, globals_: str) -> None:
    kolla(tmp_path, globals_=globals_, inventory=INVENTORY + GROUPS)
    site = load_site("prod", "", toml(tmp_path, "[site.prod]\nkolla = 'kolla'\n"))
    assert site.ovn == OvnSite(("ctl01", "ctl02"), ("ctl03",), ALL)


@pytest.mark.parametrize("globals_", ["---\n", "---\nneutron_plugin_agent: ovn\nenable_ovn: no\n"])
def test_kolla_without_it(tmp_path: Path, globals_: str) -> None:
    """Its usual inventory has the groups whatever Neutron uses."""
    kolla(tmp_path, globals_=globals_, inventory=INVENTORY + GROUPS)
    assert load_site("prod", "", toml(tmp_path, "[site.prod]\nkolla = 'kolla'\n")).ovn is None
