"""The machines that read logs: recorded output of real hosts, pieces in any size, and lines that are odd."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from collectors.sources.parsers.logs import Container, Files, Found, Journal, files, zone

WIRE = Path(__file__).parents[3] / "wire"


def recorded(name: str) -> list[bytes]:
    return (WIRE / "logs" / f"{name}.txt").read_bytes().splitlines()


@pytest.mark.parametrize("name", ["journal-nova-compute", "journal-control"])
def test_every_entry_of_a_journal_is_a_line_with_its_time(name: str) -> None:
    lines = recorded(name)
    found = Journal().feed(lines)
    wanted = [json.loads(line) for line in lines]
    assert [line["time"] for line in found] == [int(entry["__REALTIME_TIMESTAMP"]) / 1e6 for entry in wanted]
    assert all(line["level"] in ("info", "warning", "error") for line in found)
    assert {line["source"] for line in found} == {"journald"}
    assert {line["service"] for line in found} <= {"nova-compute", "keystone", "mariadb", "haproxy"}


def test_an_older_journal_gives_the_same_fields() -> None:
    lines = [line for line in (WIRE / "hosts/cmp02/journal-json.txt").read_bytes().splitlines() if line[:1] == b"{"]
    found = Journal().feed(lines)
    assert len(found) == len(lines)
    assert all(line["time"] and line["service"] and line["message"] for line in found)


def test_oslo_lines_in_a_journal_have_their_request_and_logger() -> None:
    lines = Journal().feed(recorded("journal-nova-compute"))
    assert any(line["request_id"] and line["logger"].startswith("nova.") for line in lines)


def test_odd_journal_entries() -> None:
    stamp = '"__REALTIME_TIMESTAMP":"1795801121087603"'
    found = Journal().feed(
        [
            b"-- No entries --",
            b"not json",
            f'{{{stamp},"MESSAGE":[104,105,255]}}'.encode(),
            f'{{{stamp},"MESSAGE":null,"_SYSTEMD_UNIT":["a.service","b.service"]}}'.encode(),
            f'{{{stamp},"MESSAGE":"x","PRIORITY":"3","SYSLOG_IDENTIFIER":"kernel"}}'.encode(),
            f'{{{stamp},"MESSAGE":"Started","UNIT":"ssh.service","_SYSTEMD_UNIT":"init.scope"}}'.encode(),
        ]
    )
    assert [line["message"][:8] for line in found] == ["not json", "hi\ufffd", "(journal", "x", "Started"]
    assert [(line["service"], line["level"]) for line in found[2:]] == [("a", ""), ("kernel", "error"), ("ssh", "")]


def test_files_are_told_apart_however_the_pieces_fall() -> None:
    lines = recorded("tail-rabbitmq") + recorded("tail-openvswitch")
    whole = Files().feed(lines)
    one = Files()
    assert [found for line in lines for found in one.feed([line])] == whole
    assert {line["service"] for line in whole} == {"rabbitmq-server", "ovs-vswitchd", "ovsdb-server"}
    assert {line["source"] for line in whole if line["service"] == "ovs-vswitchd"} == {
        "/var/log/openvswitch/ovs-vswitchd.log"
    }
    assert all(line["time"] and line["level"] == "info" for line in whole)


def test_a_traceback_stays_with_the_line_that_it_belongs_to() -> None:
    found = Files().feed(
        [
            b"==> /var/log/kolla/nova/nova-api.log <==",
            b"2026-11-27 17:36:03.532 7 ERROR nova.api [-] Unexpected",
            b"Traceback (most recent call last):",
            b'  File "x.py", line 1',
            b"something else",
        ]
    )
    assert {line["time"] for line in found} == {1795800963.532}
    assert [line["level"] for line in found] == ["error", "error", "error", ""]


def test_what_grep_found_names_its_file() -> None:
    (line,) = Found().feed([b"/var/log/kolla/nova/nova-api.log:2026-11-27 17:36:03.532 7 INFO nova.api [-] a:b"])
    assert (line["service"], line["message"], line["time"]) == ("nova-api", "a:b", 1795800963.532)


def test_containers() -> None:
    found = Container().feed(
        [
            b"2026-11-27T17:38:43.035123456Z + sudo -E kolla_set_configs",
            b"2026-11-27T18:38:43.5+01:00 INFO:__main__:Loading",
            b"2026-11-27T17:38:44Z ",
            b"no time",
        ]
    )
    assert [(line["time"], line["message"]) for line in found] == [
        (pytest.approx(1795801123.0351233), "+ sudo -E kolla_set_configs"), (1795801123.5, "INFO:__main__:Loading"),
        (None, "no time"),
    ]  # fmt: skip
    assert found[1]["level"] == "info"


def test_zones_and_files() -> None:
    assert [zone(text)["zone"] for text in (b"+0000\n", b"+0530\n", b"-0300\n")] == [0.0, 19800.0, -10800.0]
    with pytest.raises(ValueError, match="no time zone"):
        zone(b"UTC")
    found = files(b"\n".join(recorded("find")))
    assert [(row["path"], row["size"]) for row in found][-1] == ("/var/log/rabbitmq/rabbitmq-server.log", 77587)
    assert files(b"odd") == [{"raw": "odd"}]
