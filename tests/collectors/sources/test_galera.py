"""The Galera source at the wire: what it sends, what it makes of answers, and of every way in which a member fails."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from collectors.connections import Connections
from collectors.deadline import Deadline, working
from collectors.errors import (
    CircuitOpen,
    NotUnderstood,
    Refused,
    SourceError,
    TooLate,
    Unreachable,
    UsageError,
)
from collectors.kind import Scope
from collectors.request import Sql
from collectors.site import Endpoint, GaleraSite, Secret, Site
from collectors.sources.base import Page, Where
from collectors.sources.galera import GaleraSource
from collectors.sources.galera_failures import understood
from tests.wire_mysql import CLOSE, DRIP, GARBAGE, HANG, RESET, Answer, WireMysql, pairs, refused
from tests.wire_server import closed_port
from tests.wire_tls import self_signed

PASSWORD = "correct hörse"
SYNCED: dict[str, object] = {
    "wsrep_local_state_comment": "Synced",
    "wsrep_cluster_status": "Primary",
    "wsrep_cluster_size": "3",
    "Uptime": "507",
}


@pytest.fixture
def server() -> Iterator[WireMysql]:
    with WireMysql() as running:
        running.on("SHOW GLOBAL STATUS", pairs(SYNCED))
        running.on("SHOW GLOBAL VARIABLES", pairs({"wsrep_on": "ON", "version": "10.11.19-MariaDB"}))
        yield running


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    return self_signed(tmp_path)


def source_of(*ports: int, **more: Any) -> GaleraSource:
    members = tuple(Endpoint(f"ctl{n:02}", "127.0.0.1", port) for n, port in enumerate(ports, 1))
    return GaleraSource(Site("wire", galera=GaleraSite(members, "monitor", Secret(lambda: PASSWORD, "a test"), **more)))


def read(source: GaleraSource, name: str, target: str = "ctl01", seconds: float = 5, **query: str) -> list[Page]:
    with working(Deadline(seconds)) as deadline:
        return list(source.read(Sql(name), target, deadline, Where(query=tuple(query.items()))))


def failure(source: GaleraSource, name: str = "processes", target: str = "ctl01", seconds: float = 5) -> SourceError:
    with pytest.raises(SourceError) as caught:
        read(source, name, target, seconds)
    return caught.value


def test_facts_of_a_member_are_one_item(server: WireMysql) -> None:
    source = source_of(server.port)
    [page] = read(source, "member")
    [item] = page.items
    assert item["member"] == "ctl01"
    assert item["address"] == f"127.0.0.1:{server.port}"
    assert item["wsrep_local_state_comment"] == "Synced"
    assert item["uptime"] == "507"
    assert item["wsrep_on"] == "ON"
    assert "trouble" not in item
    source.close()


def test_the_connection_is_read_only_and_kept(server: WireMysql) -> None:
    source = source_of(server.port)
    read(source, "member")
    read(source, "member")
    assert server.connections == 1
    assert server.logins == ["monitor"]
    sent = " | ".join(server.seen)
    assert "SET SESSION TRANSACTION READ ONLY" in sent
    assert "max_statement_time=30" in sent
    assert "wsrep_sync_wait=0" in sent
    source.close()


def test_servers_without_mariadbs_names_are_read_as_well(server: WireMysql) -> None:
    server.on("max_statement_time", refused(1193, "Unknown system variable 'max_statement_time'"))
    source = source_of(server.port)
    assert read(source, "member")
    source.close()


def test_only_named_statements_are_sent(server: WireMysql) -> None:
    source = source_of(server.port)
    with pytest.raises(UsageError, match="no statement"):
        read(source, "DROP DATABASE nova")
    assert server.seen == []


def test_parameters_are_bound_not_pasted(server: WireMysql) -> None:
    source = source_of(server.port)
    server.on("PROCESSLIST", Answer(("id", "user"), [(7, "nova")]))
    hostile = "x' OR '1'='1"
    [page] = read(source, "processes", user=hostile)
    assert page.items == [{"member": "ctl01", "address": f"127.0.0.1:{server.port}", "id": "7", "user": "nova"}]
    sent = server.seen[-1]
    assert r"x\' OR \'1\'=\'1" in sent
    assert "DB = NULL" in sent
    source.close()


def test_unknown_parameters_are_refused(server: WireMysql) -> None:
    with pytest.raises(UsageError, match="no parameter 'nosuch'"):
        read(source_of(server.port), "processes", nosuch="1")


def test_a_dead_kept_connection_is_replaced_without_a_word(server: WireMysql) -> None:
    source = source_of(server.port)
    read(source, "member")
    server.cut()
    [page] = read(source, "member")
    assert page.items[0]["wsrep_cluster_size"] == "3"
    assert server.connections == 2
    source.close()


def test_what_is_the_same_everywhere_is_read_from_the_first_that_answers(server: WireMysql) -> None:
    server.on("SCHEMATA", Answer(("name", "tables"), [("nova", 110)]))
    source = source_of(closed_port(), server.port)
    assert source.targets(Scope(), Where()) == ("galera",)
    [page] = read(source, "databases", "galera")
    assert page.items == [{"member": "ctl02", "name": "nova", "tables": "110"}]
    assert page.calls == 2
    source.close()


def test_a_member_that_hangs_leaves_time_for_the_next(server: WireMysql) -> None:
    with WireMysql(greeting=HANG) as hanging:
        server.on("SCHEMATA", Answer(("name",), [("nova",)]))
        source = source_of(hanging.port, server.port)
        began = time.monotonic()
        [page] = read(source, "databases", "galera", seconds=1.0)
        assert page.items[0]["member"] == "ctl02"
        assert time.monotonic() - began < 0.9
        source.close()


def test_when_nobody_answers_the_first_members_error_counts() -> None:
    error = failure(source_of(closed_port(), closed_port()), "databases", "galera")
    assert "ctl01" in error.what


def test_targets(server: WireMysql) -> None:
    source = source_of(server.port, server.port)
    assert source.targets(Scope("member"), Where()) == ["ctl01", "ctl02"]
    assert source.targets(Scope("member"), Where(targets=("ctl02",))) == ("ctl02",)
    with pytest.raises(UsageError, match=r"ctl09 is no database member of wire\. Members: ctl01, ctl02"):
        source.targets(Scope("member"), Where(targets=("ctl09",)))


def test_a_refusing_port(server: WireMysql) -> None:
    port = closed_port()
    error = failure(source_of(port))
    assert type(error) is Unreachable
    assert error.what == f"galera ctl01 at 127.0.0.1:{port}"
    assert error.why == "Connection refused"


@pytest.mark.parametrize(
    ("greeting", "kind", "words"),
    [
        (HANG, TooLate, "no answer within"),
        (DRIP, TooLate, "no answer within"),
        (RESET, Unreachable, "the connection broke"),
        (CLOSE, Unreachable, "the connection broke"),
        (GARBAGE, NotUnderstood, "does not speak the MySQL protocol"),
        (Answer(then="out of order"), NotUnderstood, "does not speak the MySQL protocol"),
        (refused(1040, "Too many connections", "08004"), Unreachable, "Too many connections (error 1040)"),
        (refused(1130, "Host '10.0.0.1' is not allowed to connect"), Refused, "Host '10.0.0.1' is not allowed"),
        (refused(1129, "Host '10.0.0.1' is blocked because of many connection errors"), Refused, "is blocked"),
    ],
)
def test_in_place_of_a_greeting(greeting: Answer, kind: type[SourceError], words: str) -> None:
    with WireMysql(greeting=greeting) as server:
        began = time.monotonic()
        error = failure(source_of(server.port), seconds=0.6)
        assert type(error) is kind
        assert words in error.why
        assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    ("login", "kind", "words"),
    [
        (
            refused(1045, "Access denied for user 'monitor'@'10.0.0.1' (using password: YES)", "28000"),
            Refused,
            "Access denied for user 'monitor'@'10.0.0.1' (using password: YES) (error 1045)",
        ),
        (refused(1698, "Access denied for user 'monitor'@'10.0.0.1'", "28000"), Refused, "Access denied"),
        (refused(1862, "Your password has expired", "HY000"), Refused, "expired"),
        (HANG, TooLate, "no answer within"),
        (RESET, Unreachable, "the connection broke"),
    ],
)
def test_in_place_of_a_welcome(login: Answer, kind: type[SourceError], words: str) -> None:
    with WireMysql(login=login) as server:
        error = failure(source_of(server.port), seconds=0.6)
        assert type(error) is kind
        assert words in error.why


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (HANG, TooLate, "no answer within"),
        (DRIP, TooLate, "no answer within"),
        (RESET, Unreachable, "the connection broke"),
        (CLOSE, Unreachable, "the connection broke"),
        (
            refused(1047, "WSREP has not yet prepared node for application use", "08S01"),
            Unreachable,
            "WSREP has not yet prepared node for application use (error 1047)",
        ),
        (refused(1227, "Access denied; you need PROCESS", "42000"), Refused, "you need PROCESS"),
        (refused(1142, "SELECT command denied", "42000"), Refused, "SELECT command denied"),
        (refused(1969, "Query execution was interrupted (max_statement_time exceeded)"), TooLate, "interrupted"),
        (refused(1317, "Query execution was interrupted"), TooLate, "interrupted"),
        (refused(1064, "You have an error in your SQL syntax"), NotUnderstood, "error in your SQL"),
        (Answer(then="endless"), NotUnderstood, "more than 20,000 rows"),
        (Answer(then="huge"), NotUnderstood, "larger than 32 MiB"),
    ],
)
def test_in_place_of_an_answer(server: WireMysql, answer: Answer, kind: type[SourceError], words: str) -> None:
    server.on("PROCESSLIST", answer)
    source = source_of(server.port)
    seconds = 0.6 if kind is TooLate else 5
    error = failure(source, seconds=seconds)
    assert type(error) is kind
    assert words in error.why
    assert PASSWORD not in str(error)
    source.close()


def test_after_an_endless_answer_the_member_is_still_read(server: WireMysql) -> None:
    server.on("PROCESSLIST", Answer(then="endless"))
    source = source_of(server.port)
    failure(source)
    assert read(source, "member")
    source.close()


@pytest.mark.parametrize(
    ("greeting", "answers"),
    [(None, False), (HANG, None), (RESET, False), (refused(1040, "Too many connections"), True)],
)
def test_a_member_that_cannot_be_read_is_a_row_that_says_so(greeting: Answer | None, answers: bool | None) -> None:
    with WireMysql(greeting=greeting) as server:
        source = source_of(server.port if greeting else closed_port())
        with working(Deadline(0.5)) as deadline:
            pages = source.read(Sql("member"), "ctl01", deadline, Where())
            [item] = next(pages).items
            with pytest.raises(SourceError) as caught:
                next(pages)
    assert item["member"] == "ctl01"
    assert item["trouble"] == caught.value.why
    assert item["answers"] is answers


def test_three_failures_open_the_circuit_of_that_member_only(server: WireMysql) -> None:
    now = [100.0]
    members = (Endpoint("ctl01", "127.0.0.1", closed_port()), Endpoint("ctl02", "127.0.0.1", server.port))
    galera = GaleraSite(members, "monitor", Secret(lambda: PASSWORD, "a test"))
    source = GaleraSource(Site("wire", galera=galera), clock=lambda: now[0])
    for _ in range(3):
        assert type(failure(source)) is Unreachable
    error = failure(source)
    assert type(error) is CircuitOpen
    assert error.why == "Connection refused (3 times; it is left alone for a while)"
    assert read(source, "member", "ctl02")
    now[0] += 11
    assert type(failure(source)) is Unreachable
    source.close()


def test_a_refusal_is_no_outage(server: WireMysql) -> None:
    server.on("PROCESSLIST", refused(1227, "no"))
    source = source_of(server.port)
    for _ in range(5):
        assert type(failure(source)) is Refused
    source.close()


def test_the_password_is_not_sent_in_the_clear_however_a_server_asks() -> None:
    with WireMysql(plugin=b"mysql_clear_password") as server:
        error = failure(source_of(server.port))
        assert type(error) is Refused
        assert error.why == "asks for the password in the clear: not sent"
        assert not any(PASSWORD.encode() in sent for sent in server.secrets)


def test_a_cancelled_read_ends_at_once(server: WireMysql) -> None:
    import threading

    server.on("PROCESSLIST", HANG)
    source = source_of(server.port)
    deadline = Deadline(30)
    timer = threading.Timer(0.2, deadline.end)
    timer.start()
    began = time.monotonic()
    with pytest.raises(SourceError), working(deadline):
        list(source.read(Sql("processes"), "ctl01", deadline, Where()))
    assert time.monotonic() - began < 3
    source.close()


def test_values_of_every_type_become_plain(server: WireMysql) -> None:
    import datetime
    import decimal

    from collectors.sources.galera_session import plain

    assert plain(decimal.Decimal("12.50")) == 12.5
    assert plain(decimal.Decimal("12")) == 12
    assert plain(datetime.datetime(2026, 11, 20, 22, 40)) == "2026-11-20T22:40:00"
    assert plain(b"\xff\x41") == "�A"
    assert plain(datetime.timedelta(seconds=5)) == "0:00:05"
    assert plain(None) is None


def test_without_tls_none_is_spoken(server: WireMysql, certificate: Path) -> None:
    with WireMysql(certificate=certificate) as offering:
        source = source_of(offering.port)
        read(source, "who")
        assert not offering.encrypted
        source.close()


def test_with_tls_the_certificate_is_checked(certificate: Path) -> None:
    with WireMysql(certificate=certificate) as offering:
        source = source_of(offering.port, tls=True, ca=certificate)
        read(source, "who")
        assert offering.encrypted
        source.close()
        error = failure(source_of(offering.port, tls=True), "who")
        assert type(error) is Unreachable
        assert error.why.startswith("TLS: ")


def test_a_server_that_offers_no_tls_is_not_talked_to_without(server: WireMysql) -> None:
    error = failure(source_of(server.port, tls=True))
    assert type(error) is Unreachable
    assert error.why == "TLS: it offers none"
    assert server.logins == []


def test_doctor_tells_who_we_are_and_what_we_lack(server: WireMysql) -> None:
    server.on("CURRENT_USER()", Answer(("account", "version", "thread"), [("monitor@%", "10.11.19-MariaDB", 7)]))
    server.on("SHOW GRANTS", Answer(("Grants",), [("GRANT BINLOG MONITOR ON *.* TO `monitor`@`%`",)]))
    source = source_of(server.port, closed_port())
    good, bad = source.doctor(Deadline(5))
    assert (good.level, good.identity, good.version) == ("warning", "monitor@%", "10.11.19-MariaDB")
    assert good.round_trip is not None
    assert good.next_step == "GRANT PROCESS, SELECT ON *.* TO 'monitor'@'%'"
    assert bad.level == "critical"
    assert "Connection refused" in bad.detail
    source.close()


def test_doctor_warns_of_an_account_that_may_change_things(server: WireMysql) -> None:
    server.on("CURRENT_USER()", Answer(("account", "version", "thread"), [("root@%", "10.11.19-MariaDB", 7)]))
    server.on("SHOW GRANTS", Answer(("Grants",), [("GRANT ALL PRIVILEGES ON *.* TO `root`@`%` WITH GRANT OPTION",)]))
    source = source_of(server.port)
    [fact] = source.doctor(Deadline(5))
    assert (fact.level, fact.refused) == ("warning", "")
    assert "ALL PRIVILEGES" in fact.detail
    source.close()


def test_doctor_says_that_the_password_is_wrong() -> None:
    with WireMysql(login=refused(1045, "Access denied for user 'monitor'@'h' (using password: YES)")) as server:
        [fact] = source_of(server.port).doctor(Deadline(5))
    assert fact.level == "critical"
    assert fact.refused.startswith("Access denied")
    assert "password" in fact.next_step


def test_connections_open_it(server: WireMysql) -> None:
    member = Endpoint("ctl01", "127.0.0.1", server.port)
    site = Site("wire", galera=GaleraSite((member,), "monitor", Secret(lambda: PASSWORD, "a test")))
    connections = Connections(site)
    assert isinstance(connections.source(Sql("member")), GaleraSource)
    connections.close()


@pytest.mark.parametrize(
    "error", [ConnectionResetError(104, "Connection reset by peer"), BrokenPipeError(32, "Broken pipe")]
)
def test_a_reset_seen_while_connecting_is_told_like_one_seen_while_reading(error: OSError) -> None:
    with working(Deadline(5)) as deadline:
        told = understood(error, "galera ctl01", "ctl01", deadline)
    assert type(told) is Unreachable
    assert told.why == "the connection broke"
