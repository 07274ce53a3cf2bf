"""Positions of database members: the files as they are on a real host, and what they mean."""

from __future__ import annotations

from typing import Any

import pytest

from collectors.sources.parsers.galera import files, process, recovered
from tests.collectors.kinds.cluster_recordings import one, verdict

UUID = "1be5655b-eaa8-11f1-b92f-8fd5770a6eef"
RUNS = b"""/var/lib/mysql/grastate.dat:# GALERA saved state
/var/lib/mysql/grastate.dat:version: 2.1
/var/lib/mysql/grastate.dat:uuid:    1be5655b-eaa8-11f1-b92f-8fd5770a6eef
/var/lib/mysql/grastate.dat:seqno:   -1
/var/lib/mysql/grastate.dat:safe_to_bootstrap: 0
/var/lib/mysql/gvwstate.dat:my_uuid: 1e7a589a-eaa8-11f1-be5b-0e17d3ccf576
/var/lib/mysql/gvwstate.dat:#vwbeg
/var/lib/mysql/gvwstate.dat:view_id: 3 1e7a589a-eaa8-11f1-be5b-0e17d3ccf576 3
/var/lib/mysql/gvwstate.dat:bootstrap: 0
/var/lib/mysql/gvwstate.dat:member: 1e7a589a-eaa8-11f1-be5b-0e17d3ccf576 0
/var/lib/mysql/gvwstate.dat:member: 1f4e3598-eaa8-11f1-8bb9-f6bef2e262df 0
/var/lib/mysql/gvwstate.dat:member: 1f4fbf53-eaa8-11f1-b4e0-032c636d53a3 0
/var/lib/mysql/gvwstate.dat:#vwend
"""
"""Of a member that runs, and of one that was killed (MariaDB 10.11)."""
STOPPED = RUNS.partition(b"/var/lib/mysql/gvwstate")[0].replace(b"   -1", b"   345").replace(b"strap: 0", b"strap: 1")
RECOVERY = f"WSREP: Recovered position {UUID}:345\n--wsrep_start_position={UUID}:345\n".encode()
"""`galera_recovery`, both of its streams."""
LOG = f"2026-11-27 22:01:02 0 [Note] WSREP: Recovered position: {UUID}:2157005771,0-1-14\n".encode()
HOST: dict[str, Any] = {"host": "ctl01", "failed": {}}


def test_what_the_files_say() -> None:
    assert files(RUNS) == {"file": "/var/lib/mysql/grastate.dat", "uuid": UUID, "seqno": -1, "safe": False, "view": 3}
    assert files(STOPPED) == {
        "file": "/var/lib/mysql/grastate.dat",
        "uuid": UUID,
        "seqno": 345,
        "safe": True,
        "view": 0,
    }
    assert files(b"") == {}
    with pytest.raises(ValueError, match="no line of a file"):
        files(b"grep: Input/output error\n")
    with pytest.raises(ValueError, match="no seqno"):
        files(b"/var/lib/mysql/grastate.dat:seqno: many\n")


def test_what_the_logs_say() -> None:
    assert recovered(RECOVERY) == {"recovered_uuid": UUID, "recovered": 345}
    assert recovered(LOG) == {"recovered_uuid": UUID, "recovered": 2157005771}
    assert recovered(b"WSREP: Position recovery skipped.\n\n") == {}
    assert (process(b"1234\n"), process(b"")) == ({"runs": True}, {"runs": False})


@pytest.mark.parametrize(
    ("said", "level", "words"),
    [
        (files(RUNS) | {"runs": True}, "ok", ""),
        (
            files(RUNS) | {"runs": False},
            "critical",
            "stopped without saying where it stands; galera-recoveries reads it",
        ),
        (files(STOPPED) | {"runs": False}, "warning", "stopped at 345; it was the last one, and may lead"),
        ({"runs": False}, "ok", "no database of a cluster is here"),
        ({"trouble": "no route to host", "answers": False}, "unknown", "no route to host"),
        ({"runs": False, "failed": {"galera-files": "a password is required"}}, "unknown", "a password is required"),
    ],
)
def test_a_position(said: dict[str, Any], level: str, words: str) -> None:
    row = one("galera-positions", **HOST | said)
    assert row.position == (345 if "345" in words else None)
    found = verdict("galera-positions", row)
    assert found[0] == level
    assert words in found[1]


def test_a_recovery() -> None:
    row = one("galera-recoveries", **HOST, **files(RUNS), **recovered(LOG), runs=False)
    assert (row.position, row.uuid) == (2157005771, UUID)
    assert verdict("galera-recoveries", row) == ("warning", "died at 2,157,005,771")
    assert verdict("galera-recoveries", one("galera-recoveries", **HOST, **files(RUNS), runs=True)) == ("ok", "")
    stood = one("galera-recoveries", **HOST, **files(STOPPED), runs=False)
    assert verdict("galera-recoveries", stood)[1] == "stopped properly at 345: nothing to recover"
    failed = one("galera-recoveries", **HOST | {"failed": {"galera-recovered": "exit status 1"}}, runs=False)
    assert verdict("galera-recoveries", failed) == ("unknown", "galera-recovered: exit status 1")
