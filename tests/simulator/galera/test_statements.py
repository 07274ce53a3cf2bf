"""Statements answered as a real MariaDB 10.11 answered them: columns, types, warnings, errors word for word."""

from __future__ import annotations

import json
from typing import Any

import pytest

from runbooks.simulator.model.cloud import Cloud
from runbooks.simulator.mysql.errors import SqlError
from runbooks.simulator.mysql.result import Done, ResultSet
from runbooks.simulator.mysql.session import Session
from tests.simulator.calls import cloud as build_cloud
from tests.simulator.galera.recorded import WIRE
from tests.simulator.galera.sessions import session

RECORDED: list[dict[str, Any]] = json.loads((WIRE / "statements.json").read_text())
DIFFERENT = {
    "HELP 'x'": "no help tables: refused as not supported",
    "CHECKSUM TABLE nova.instances": "no rows to sum: refused as not supported",
    "SHOW INDEX FROM nova.instances": "no indexes: refused as not supported",
    "SHOW SLAVE STATUS": "our monitor has SLAVE MONITOR, the recorded one had not",
    "select * from instances": "a service's table shows its key only",
    "select user, host from mysql.user": "answered from global_priv, whose columns are spelled as asked for",
    "SET GLOBAL version='x'": "refused the same, in another scope",
}


@pytest.fixture(scope="module")
def sessions() -> dict[str, Session]:
    """One session per account, kept over all statements as the recording was."""
    cloud = build_cloud()
    return {user: session(cloud, user) for user in ("monitor", "nobody", "root")}


def answered(mine: Session, sql: str) -> dict[str, Any]:
    try:
        found = mine.execute(sql)
    except SqlError as error:
        return {"error": [error.code, error.state, error.message]}
    if isinstance(found, ResultSet):
        return {"columns": [[column.name, column.kind] for column in found.columns]}
    return {"warnings": found.warnings}


@pytest.mark.parametrize("entry", [pytest.param(e, id=f"{e['user']}: {e['sql']}"[:70]) for e in RECORDED])
def test_recorded_statement(sessions: dict[str, Session], entry: dict[str, Any]) -> None:
    ours = answered(sessions[entry["user"]], entry["sql"])
    if entry["sql"] in DIFFERENT:
        assert ours
        return
    real = {key: value for key, value in entry.items() if key in ("error", "columns", "warnings")}
    if entry["sql"].startswith("SHOW GRANTS") and entry["user"] == "root":
        real["columns"][0][0] = "Grants for root@%"
    assert ours == real


@pytest.fixture
def cloud() -> Cloud:
    return build_cloud()


def rows(mine: Session, sql: str) -> list[tuple[Any, ...]]:
    found = mine.execute(sql)
    assert isinstance(found, ResultSet)
    return [tuple(row) for row in found.rows]


def test_sizes_by_schema(cloud: Cloud) -> None:
    found = rows(
        session(cloud, "monitor"),
        "SELECT table_schema, ROUND(SUM(data_length + index_length) / 1024 / 1024, 2) AS mb "
        "FROM information_schema.tables WHERE table_schema NOT IN ('information_schema') "
        "GROUP BY table_schema ORDER BY mb DESC",
    )
    names = [name for name, _ in found]
    assert {"nova", "nova_api", "nova_cell0", "neutron", "cinder", "glance", "keystone", "placement"} <= set(names)
    assert [mb for _, mb in found] == sorted((mb for _, mb in found), reverse=True)
    assert all(str(mb).count(".") == 1 and len(str(mb).split(".")[1]) == 2 for _, mb in found)


def test_larger_clouds_have_larger_databases() -> None:
    sql = "SELECT SUM(table_rows) FROM information_schema.tables WHERE table_schema = 'nova'"
    small, large = (rows(session(build_cloud(servers=n)), sql)[0][0] for n in (40, 4000))
    assert large > 10 * small


def test_where_on_show_and_like_are_case_insensitive(cloud: Cloud) -> None:
    mine = session(cloud)
    assert rows(mine, "SHOW STATUS LIKE 'WSREP_READY'") == [("wsrep_ready", "ON")]
    assert rows(mine, "SHOW STATUS WHERE variable_name = 'WSREP_READY'") == [("wsrep_ready", "ON")]
    assert rows(mine, r"SHOW STATUS LIKE 'wsrep\_ready'") == [("wsrep_ready", "ON")]


def test_processes_are_the_living_services(cloud: Cloud) -> None:
    mine = session(cloud, "monitor")
    sql = "SELECT user, COUNT(*) FROM information_schema.processlist WHERE user <> 'system user' GROUP BY user"
    before = dict(rows(mine, sql))
    assert before["neutron"] == 42
    for host in ("ctl01", "ctl02", "ctl03"):
        cloud.hosts.set_unit(host, "neutron_server", "failed", cloud.now())
    cloud.settle()
    assert "neutron" not in dict(rows(mine, sql))


def test_only_the_member_that_haproxy_uses_serves_the_services(cloud: Cloud) -> None:
    found = rows(session(cloud, "monitor", "ctl02"), "SHOW PROCESSLIST")
    assert {row[1] for row in found} == {"system user", "monitor"}


def test_a_killed_service_connection_comes_back_under_another_id(cloud: Cloud) -> None:
    mine = session(cloud)
    sql = "SELECT id FROM information_schema.processlist WHERE user = 'nova' ORDER BY id"
    before = [row[0] for row in rows(mine, sql)]
    assert mine.execute(f"KILL {before[0]}") == Done()
    after = [row[0] for row in rows(mine, sql)]
    assert len(after) == len(before)
    assert before[0] not in after
    assert cloud.writes[-1].what == f"KILL {before[0]}"


def test_flow_control_shows_clients_waiting_for_certification(cloud: Cloud) -> None:
    cloud.galera.slow_down("ctl02")
    cloud.clock.advance(30)
    found = rows(
        session(cloud), "SELECT COUNT(*) FROM information_schema.processlist WHERE state LIKE 'Waiting for cert%'"
    )
    assert found[0][0] > 5


def test_a_member_without_quorum_refuses_tables_but_tells_about_itself(cloud: Cloud) -> None:
    cloud.galera.cut_off("ctl03")
    cloud.settle()
    cloud.clock.advance(10)
    cloud.catch_up()
    mine = session(cloud, "monitor", "ctl03")
    with pytest.raises(SqlError) as refused:
        mine.execute("SELECT COUNT(*) FROM nova.instances")
    assert (refused.value.code, refused.value.state) == (1047, "08S01")
    assert refused.value.message == "WSREP has not yet prepared node for application use"
    assert rows(mine, "SHOW STATUS LIKE 'wsrep_ready'") == [("wsrep_ready", "OFF")]
    assert rows(mine, "SELECT COUNT(*) FROM information_schema.tables")[0][0] > 200
    assert mine.execute("USE nova") == Done()
    mine.execute("SET SESSION wsrep_dirty_reads = 1")
    assert rows(mine, "SELECT COUNT(*) FROM nova.instances")[0][0] > 0


def test_desync_by_statement(cloud: Cloud) -> None:
    mine = session(cloud)
    mine.execute("SET GLOBAL wsrep_desync = ON")
    assert rows(mine, "SHOW STATUS LIKE 'wsrep_local_state_comment'")[0][1] == "Donor/Desynced"
    assert rows(mine, "SHOW VARIABLES LIKE 'wsrep_desync'")[0][1] == "ON"
    mine.execute("SET GLOBAL wsrep_desync = OFF")
    assert rows(mine, "SHOW STATUS LIKE 'wsrep_local_state_comment'")[0][1] == "Synced"
    assert [write.what for write in cloud.writes] == ["SET GLOBAL wsrep_desync=ON", "SET GLOBAL wsrep_desync=OFF"]


def test_bootstrap_by_statement(cloud: Cloud) -> None:
    for host in ("ctl02", "ctl03"):
        cloud.hosts.set_unit(host, "mariadb", "failed", cloud.now())
    cloud.settle()
    cloud.clock.advance(10)
    cloud.catch_up()
    mine = session(cloud)
    mine.execute("SET GLOBAL wsrep_provider_options='pc.bootstrap=YES'")
    assert rows(mine, "SHOW STATUS LIKE 'wsrep_cluster_status'")[0][1] == "Primary"


def test_provider_options_are_kept(cloud: Cloud) -> None:
    mine = session(cloud)
    mine.execute("SET GLOBAL wsrep_provider_options='gcs.fc_limit=32; pc.weight = 2'")
    text = rows(mine, "SHOW VARIABLES LIKE 'wsrep_provider_options'")[0][1]
    assert "gcs.fc_limit = 32;" in text
    assert "pc.weight = 2;" in text


def test_writes_are_refused_as_not_supported_for_those_who_might(cloud: Cloud) -> None:
    with pytest.raises(SqlError) as refused:
        session(cloud).execute("DELETE FROM nova.instances")
    assert refused.value.code == 1235


@pytest.mark.parametrize(
    "sql",
    ["SELECT\n1", "  select 1 -- why\n", "/* c */ SELECT 1;", "SELECT 1 # x", "select /*! 1 */ + 0", "SELECT ';'"],
)
def test_comments_and_white_space(cloud: Cloud, sql: str) -> None:
    assert len(rows(session(cloud), sql)) == 1


@pytest.mark.parametrize("name", ["\x00", "ж" * 400, "'; DROP TABLE x; --", "%", "a`b"])
def test_odd_texts_are_data(cloud: Cloud, name: str) -> None:
    quoted = name.replace("\\", "\\\\").replace("'", "''")
    found = rows(session(cloud), f"SELECT COUNT(*) FROM information_schema.tables WHERE table_name = '{quoted}'")  # noqa: S608
    assert found == [(0,)]
