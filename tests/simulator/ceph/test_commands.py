"""Command lines word for word: what the real commands said to the same lines, on standard error and in tables."""

from __future__ import annotations

import re

import pytest

from tests.simulator.ceph.calls import Cluster, commands

EXACT = (
    *("asok3", "viewerset", "viewerout", "viewermute", "viewercrash", "viewerrepair", "viewermgrfail", "rbdnone"),
    *("rbdnopool", "badid", "badflag", "safejson", "okstop", "monok", "monok2", "poolls", "version", "configget"),
    *("configbad", "pg-stuck", "crash-ls", "crash-stat", "progress", "progress2", "health-detail", "mgr-stat"),
)
"""What does not depend on how large the cluster is and how old."""
IN_TURN = (
    *("f-setnoout", "f-setnoout2", "f-noout-health", "f-mute", "f-mute-health", "f-unmute", "f-unmute2", "f-mutebad"),
    *("f-unset", "f-out", "f-out2", "f-in", "f-in2", "f-reweight", "f-reweight1", "f-down", "f-archall", "f-arch"),
    *("f-scrub", "f-repair", "f-badpg", "m-fail", "m-fail2"),
)
"""One after the other."""
TABLES = ("df", "df-detail", "tree", "osd-df", "osdperf", "f-osd-pgls2", "rbdls-plain", "rbddu-plain")
TIMES = re.compile(r"\(?\b\d+(\.\d+)?(s|m|h|d|w|M)\b\)?")


def one_osd(text: str) -> str:
    """Whose primary it is differs."""
    return re.sub(r"osd\.\d+ to", "osd.N to", text)


@pytest.mark.parametrize("name", EXACT)
def test_words_are_the_recorded_ones(name: str) -> None:
    real = commands()[name]
    ours = Cluster().run(real["line"])
    assert ours.status == real["status"]
    assert ours.err == real["err"]
    if name != "mgr-stat":
        assert ours.out.strip() == real["out"].strip()


def test_an_operators_afternoon_is_answered_as_recorded() -> None:
    cluster = Cluster()
    for name in IN_TURN:
        real = commands()[name]
        ours = cluster.run(real["line"])
        assert (ours.status, one_osd(ours.err)) == (real["status"], one_osd(real["err"])), name
        assert TIMES.sub("N", ours.out) == TIMES.sub("N", real["out"]), name
        cluster.pass_time(5)


@pytest.mark.parametrize("name", TABLES)
def test_a_table_has_the_recorded_columns(name: str) -> None:
    cluster, real = Cluster(), commands()[name]
    if name == "f-osd-pgls2":
        cluster.unit("ceph03", "ceph-osd@8")
        cluster.pass_time(10)
    ours = cluster.run(real["line"])
    assert ours.status == 0
    titles = [
        line for line in real["out"].splitlines() if re.match(r"[A-Zo][A-Za-z]+ ? ", line) or line.startswith("ID")
    ]
    assert titles
    mine = [line.split() for line in ours.out.splitlines()]
    for title in titles[:1] if name == "f-osd-pgls2" else [each for each in titles if not each.startswith("TOTAL")]:
        if title.split()[0] in ("ID", "CLASS", "POOL", "osd", "PG", "NAME"):
            assert title.split() in mine


def plain(text: str) -> list[str]:
    """Lines without figures."""
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "UUID", text)
    text = re.sub(r"\b\d+(\.\d+)?k?( [KMGT]?i?B)?(s|m|h|d|w|M)?\b", "N", text)
    return [" ".join(line.split()) for line in text.splitlines()]


@pytest.mark.parametrize("name", ["status", "f-noout-status", "f-mute-status"])
def test_the_status_has_the_recorded_lines(name: str) -> None:
    cluster = Cluster()
    if name != "status":
        cluster.run("ceph osd set noout")
    if name == "f-mute-status":
        cluster.run("ceph health mute OSDMAP_FLAGS 1h")
        cluster.pass_time(1)
    ours, real = plain(cluster.run("ceph -s").out), plain(commands()[name]["out"])
    assert [line for line in real if line not in ours] == []


def test_with_an_osd_down_the_status_and_the_health_have_the_recorded_lines() -> None:
    cluster = Cluster()
    cluster.unit("ceph03", "ceph-osd@8")
    cluster.pass_time(10)
    ours, real = plain(cluster.run("ceph -s").out), plain(commands()["f-osd-status"]["out"])
    known = {"N host (N osds) down", "N active+undersized", "N active+undersized+degraded"}
    assert [line for line in real if line not in ours and line not in known] == []
    ours, real = plain(cluster.run("ceph health detail").out), plain(commands()["f-osd-health"]["out"])
    assert ours[1] == real[1] == "[WRN] OSD_DOWN: N osds down"
    assert "osd.N (root=default,host=cephN) is down" in [re.sub(r"(osd\.|ceph)\d+", r"\1N", line) for line in ours]
    assert [line for line in ours if line.startswith("pg ")]
    pattern = re.compile(r"    pg \d\.[0-9a-f]+ is active\+undersized\+degraded, acting \[\d,\d\]")
    told = [line for line in cluster.run("ceph health detail").out.splitlines() if "is active" in line]
    assert told
    assert all(pattern.fullmatch(line) for line in told)
    assert all(
        pattern.fullmatch(line) for line in commands()["f-osd-health"]["out"].splitlines() if "is active" in line
    )


def test_a_monitor_out_of_the_quorum_is_named() -> None:
    cluster = Cluster()
    cluster.unit("ceph02", "ceph-mon@ceph02")
    cluster.pass_time(15)
    assert ", out of quorum: ceph02" in cluster.run("ceph -s").out
    assert ", out of quorum: ceph02" in commands()["q-status"]["out"]


def test_who_has_no_key_is_told_so() -> None:
    cluster = Cluster()
    for line, user in (("ceph -s", "kolla"), ("ceph --id viewer -s", "guest"), ("ceph --id stranger -s", "root")):
        done = cluster.run(line, user=user)
        assert done.status == 1
        assert done.err.endswith("[errno 2] RADOS object not found (error connecting to the cluster)\n")
    assert cluster.run("ceph --id viewer -s", user="kolla").status == 0
    assert cluster.run("sudo -n ceph -s", user="kolla").status == 0


def test_ceph_is_on_the_storage_hosts_only() -> None:
    cluster = Cluster()
    for name in ("ceph", "rbd"):
        assert cluster.run(f"{name} ls", host="ctl01").status == 127


@pytest.mark.parametrize("form", ["-f json", "--format json", "--format=json"])
def test_options_stand_anywhere(form: str) -> None:
    cluster = Cluster()
    for line in (f"ceph {form} osd tree", f"ceph osd {form} tree", f"ceph --name client.viewer osd tree {form}"):
        assert len(cluster.run(line).json()["nodes"]) == 13


def test_an_unknown_command_and_a_wrong_form_are_refused() -> None:
    cluster = Cluster()
    done = cluster.run("ceph osd frob")
    assert (done.status, done.err.splitlines()[-1]) == (22, "Error EINVAL: invalid command")
    assert cluster.run("ceph osd tree -f csv").status == 2
    assert cluster.run("ceph osd metadata 99").err == "Error ENOENT: osd.99 does not exist\n"
    assert cluster.run("ceph osd reweight 1 7").status == 22
    assert cluster.run("ceph mon metadata nope").err == "Error ENOENT: requested mon not found\n"
    done = cluster.run("ceph pg ls frob")
    assert done.status == 22
    assert done.err.startswith(
        "Error EINVAL: 'frob' is not a valid pg state, available choices: stale+creating+active+"
    )
    assert "name" not in cluster.json("mon metadata ceph02")


def test_writes_are_noted_for_whoever_judges() -> None:
    cluster = Cluster()
    cluster.run("ceph osd set noout")
    cluster.run("ceph -s")
    found = [(each.what, each.by, each.status) for each in cluster.cloud.writes if each.system == "ceph"]
    assert found == [("osd set noout", "client.admin@ceph01", "exit 0")]
