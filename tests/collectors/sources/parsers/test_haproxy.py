"""`show stat` and `show info` of HAProxy 2.6 as recorded, and as 1.5 prints it; what is neither is refused."""

from __future__ import annotations

import pytest

from collectors.sources.parsers.haproxy import info, stat
from tests.collectors.kinds.host_recordings import printed


def test_every_line_of_a_recorded_2_6() -> None:
    found = stat(printed("ctl01", "haproxy-stat"))
    assert len(found) == 42
    assert {row["type"] for row in found} == {"frontend", "backend", "server"}
    third = next(row for row in found if (row["proxy"], row["server"]) == ("mariadb", "ctl03"))
    assert (third["status"], third["check_status"], third["act"], third["bck"]) == ("UP", "L7OK", 0, 1)
    assert (third["chkfail"], third["chkdown"], third["lastchg"], third["downtime"]) == (3, 1, 145, 18)
    assert third["addr"] == "10.77.0.13:3306"
    down = next(row for row in found if (row["proxy"], row["server"]) == ("keystone", "ctl01"))
    assert (down["status"], down["check_status"], down["last_chk"]) == ("DOWN", "L4CON", "Connection refused")


def test_an_old_one_has_fewer_columns_of_the_same_names() -> None:
    front, first, second, back = stat(printed("ctl01", "haproxy-stat-1.5"))
    assert (front["type"], front["status"], front["scur"], front["hrsp_5xx"]) == ("frontend", "OPEN", 3, 4)
    assert (first["status"], first["addr"], first["mode"]) == ("UP", None, None)
    assert (second["status"], second["last_chk"], second["econ"]) == ("DOWN", "Connection refused", 3)
    assert (back["type"], back["act"], back["bck"]) == ("backend", 1, 0)


def test_an_odd_line_is_one_odd_row() -> None:
    head = b"# pxname,svname,status,type,last_chk,\n"
    assert stat(head + b'a,b,UP,2,"said, twice",\nonly,\nc,d,UP,9,,\n')[0]["last_chk"] == "said, twice"
    assert [set(row) for row in stat(head + b"only,\n,x,UP,2,,\nc,d,UP,9,,\n")] == [{"raw"}] * 3


@pytest.mark.parametrize("text", [b"Unknown command.\n", b"<html>", b"pxname,svname\n"])
def test_what_is_no_statistics(text: bytes) -> None:
    with pytest.raises(ValueError, match="no statistics of HAProxy"):
        stat(text)


def test_silence_has_its_own_words() -> None:
    with pytest.raises(ValueError, match="accepts the question and does not answer"):
        stat(b"\n")


def test_the_process() -> None:
    assert info(printed("ctl01", "haproxy-info")) == {
        "version": "2.6.12-1+deb12u4", "uptime": 768, "scur": 1, "slim": 2000, "stot": 9159,
    }  # fmt: skip
    assert info(b"Name: HAProxy\nVersion: 1.5.14\n")["uptime"] is None
    with pytest.raises(ValueError, match="no information"):
        info(b"Permission denied\n")
