"""Databases and database processes: sizes, tables that are not replicated, statements that run or wait for long."""

from __future__ import annotations

from typing import Any

import pytest

from collectors.snapshot import OddRow
from tests.collectors.kinds.cluster_recordings import decoded, one, verdict

NOVA: dict[str, Any] = {
    "name": "nova",
    "member": "ctl01",
    "tables": 110,
    "table_rows": 5000,
    "data_length": 3 << 20,
    "index_length": 1 << 20,
    "update_time": "2026-11-20T22:39:00",
    "not_innodb": 0,
}


def test_a_database() -> None:
    found = one("databases", **NOVA)
    assert (found.size, found.rows, found.tables, found.system) == (4 << 20, 5000, 110, False)
    assert found.updated_at == 1_795_214_340.0
    assert verdict("databases", found) == ("ok", "")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"not_innodb": 1}, ("warning", "1 table is not InnoDB: Galera does not replicate it")),
        ({"not_innodb": 3}, ("warning", "3 tables are not InnoDB: Galera does not replicate them")),
        ({"name": "mysql", "not_innodb": 30}, ("ok", "")),
        ({"name": "information_schema", "tables": 0}, ("ok", "")),
        ({"tables": 0, "data_length": None, "index_length": None}, ("ok", "no tables that we may see")),
    ],
)
def test_health_of_a_database(changes: dict[str, Any], expected: tuple[str, str]) -> None:
    assert verdict("databases", one("databases", **(NOVA | changes))) == expected


def test_a_database_of_unknown_size() -> None:
    found = one("databases", name="x")
    assert (found.size, found.rows, found.updated_at) == (None, None, None)


@pytest.mark.parametrize("changes", [{"tables": "many"}, {"update_time": "yesterday"}, {"name": None}])
def test_odd_databases(changes: dict[str, Any]) -> None:
    (found,) = decoded("databases", [NOVA | changes])
    assert isinstance(found, OddRow)


SLEEPING: dict[str, Any] = {
    "id": 704,
    "member": "ctl01",
    "user": "nova",
    "client": "10.77.0.11:39472",
    "db": "nova",
    "command": "Sleep",
    "time": 5000,
    "state": "",
    "info": None,
}


def test_a_process() -> None:
    found = one("db-processes", **SLEEPING)
    assert (found.id, found.thread, found.client, found.port) == ("ctl01/704", 704, "10.77.0.11", 39472)
    assert verdict("db-processes", found) == ("ok", "")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"command": "Query", "time": 1, "state": "Sending data"}, ("ok", "")),
        ({"command": "Query", "time": 700, "state": "Sending data"}, ("warning", "has run for 11 min: Sending data")),
        ({"command": "Query", "time": 700}, ("warning", "has run for 11 min")),
        (
            {"command": "Query", "time": 30, "state": "Waiting for certification"},
            ("warning", "has waited 30 s for certification: flow control, or a member that is slow"),
        ),
        (
            {"command": "Query", "time": 40, "state": "Waiting for table metadata lock"},
            ("warning", "has waited 40 s: Waiting for table metadata lock"),
        ),
        ({"user": "system user", "time": 10**6, "state": "wsrep applier idle"}, ("ok", "")),
        (
            {"user": "system user", "time": 600, "state": "Update_rows_log_event::find_row(-1)"},
            ("warning", "has been applying one transaction for 10 min: Update_rows_log_event::find_row(-1)"),
        ),
        ({"command": "Daemon", "time": 10**6}, ("ok", "")),
        ({"command": None, "time": None}, ("ok", "")),
    ],
)
def test_health_of_a_process(changes: dict[str, Any], expected: tuple[str, str]) -> None:
    assert verdict("db-processes", one("db-processes", **(SLEEPING | changes))) == expected


@pytest.mark.parametrize(
    ("client", "expected"),
    [
        ("localhost", ("localhost", None)),
        ("", (None, None)),
        (None, (None, None)),
        ("[::1]:5000", ("[::1]", 5000)),
        (":77", (":77", None)),
    ],
)
def test_where_a_client_sits(client: str | None, expected: tuple[str | None, int | None]) -> None:
    found = one("db-processes", **(SLEEPING | {"client": client}))
    assert (found.client, found.port) == expected


def test_long_statements_are_cut_and_on_one_line() -> None:
    found = one("db-processes", **(SLEEPING | {"info": "SELECT\n\t'" + "x" * 4000 + "'"}))
    assert found.statement.startswith("SELECT 'xxx")
    assert len(found.statement) == 500
    assert found.statement.endswith("…")


def test_the_same_thread_id_on_two_members_is_two_rows() -> None:
    ids = {one("db-processes", **(SLEEPING | {"member": name})).id for name in ("ctl01", "ctl02")}
    assert ids == {"ctl01/704", "ctl02/704"}
