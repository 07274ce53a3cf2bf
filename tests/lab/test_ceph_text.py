"""The text of the Ceph cluster: keys that Ceph takes, files that say the same in every run."""

from __future__ import annotations

import base64
import struct
from configparser import ConfigParser
from pathlib import Path
from uuid import UUID

import pytest

from runbooks.lab.lab import Lab
from runbooks.lab.layout import Layout
from runbooks.lab.services import ceph_text as text
from runbooks.lab.services.ceph_client import managers, nodes

SECRET = "0123456789abcdef"


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path, Layout(99, "storage"), "test")


def parsed(words: str) -> ConfigParser:
    parser = ConfigParser(interpolation=None, strict=True, default_section="")
    parser.read_string(words)
    return parser


def test_a_key_has_the_form_that_cephx_reads() -> None:
    raw = base64.b64decode(text.key(SECRET, "client.admin"))
    kind, seconds, fraction, length = struct.unpack_from("<HIIH", raw)
    assert (kind, seconds, fraction, length) == (1, 0, 0, 16)
    assert len(raw) == 12 + 16


def test_everybody_has_a_key_of_his_own_and_the_same_in_every_run() -> None:
    names = ["mon.", *text.CAPS, "mgr.ceph01", "osd.0", "osd.1"]
    keys = {text.key(SECRET, name) for name in names}
    assert len(keys) == len(names)
    assert text.key(SECRET, "osd.1") in keys
    assert text.key("another secret", "osd.1") not in keys


def test_ids_are_uuids_and_differ() -> None:
    found = {UUID(text.fsid(SECRET)), UUID(text.osd_uuid(SECRET, 0)), UUID(text.osd_uuid(SECRET, 1))}
    assert len(found) == 3


def test_the_first_keyring_has_all_who_must_be_known_before_anybody_can_be_entered(lab: Lab) -> None:
    found = parsed(text.first_keyring(SECRET, managers(lab)).replace("\t", ""))
    assert set(found.sections()) == {"mon.", *text.CAPS, "mgr.ceph01", "mgr.ceph02"}
    assert found["client.admin"]["caps mon"] == '"allow *"'


def test_a_console_may_look_and_nothing_else() -> None:
    rights = dict(text.CAPS["client.viewer"])
    assert set(rights.values()) == {"allow r"}
    assert "osd" not in rights


def test_the_hosts_know_all_monitors_and_log_to_the_journal(lab: Lab) -> None:
    found = parsed(text.conf(SECRET, nodes(lab), lab.layout.net(0)))
    assert found["global"]["fsid"] == text.fsid(SECRET)
    assert found["global"]["mon host"].count("v2:10.99.0.4") == 3
    assert found["global"]["mon initial members"] == "ceph01,ceph02,ceph03"
    assert found["global"]["public network"] == "10.99.0.0/24"
    assert int(found["osd"]["bluestore block size"]) == text.OSD_GIB << 30
    for section in ("mon", "mgr", "osd"):
        assert found[section]["log to file"] == "false"
        assert found[section]["log to stderr"] == "true"


def test_a_client_outside_finds_its_keyring_beside_its_ceph_conf(lab: Lab) -> None:
    found = parsed(text.client_conf(SECRET, nodes(lab), "/state"))
    assert found["client"]["keyring"] == "/state/ceph.$name.keyring"
    assert "10.99.0.43:6789" in found["global"]["mon host"]


def test_each_manager_serves_at_the_address_of_its_host(lab: Lab) -> None:
    found = text.manager_settings(managers(lab))
    assert found["mgr/dashboard/ceph01/server_addr"] == "10.99.0.41"
    assert found["mgr/prometheus/ceph02/server_addr"] == "10.99.0.42"
    assert not any("ceph03" in name for name in found)


def test_what_can_be_written_before_looking_is_less_than_the_level() -> None:
    from runbooks.lab.faults.ceph_data import _LEVELS

    limits = {"OSD_NEARFULL": 0.85, "OSD_FULL": 0.95}
    assert all(share < limits[code] for code, share in _LEVELS.values())
