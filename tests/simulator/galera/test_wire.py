"""Status, variables and process list have the names, the order and the kind of values that a real member printed."""

from __future__ import annotations

import re

import pytest

from runbooks.simulator.model.cloud import Cloud
from runbooks.simulator.model.galera_status import status, variables
from tests.simulator.calls import cloud as build_cloud
from tests.simulator.galera.recorded import header, pairs

_SHAPES = (
    ("number", re.compile(r"-?\d+")),
    ("fraction", re.compile(r"-?\d+(\.\d+)?(e-\d+)?")),
    ("uuid", re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")),
    ("position", re.compile(r"[0-9a-f-]{36}:\d+( \d+-\d+-\d+)?")),
    ("addresses", re.compile(r"(\d+\.\d+\.\d+\.\d+:0,?)+")),
    ("latency", re.compile(r"([^/]+/){4}[^/]+")),
    ("empty", re.compile(r"")),
    ("word", re.compile(r"[\s\S]*")),
)
_FRACTIONS = {"wsrep_local_send_queue_avg", "wsrep_local_recv_queue_avg", "wsrep_flow_control_paused"}
_FRACTIONS |= {"wsrep_cert_deps_distance"}


def shape(value: str) -> str:
    return next(name for name, pattern in _SHAPES if pattern.fullmatch(value))


@pytest.fixture
def cloud() -> Cloud:
    return build_cloud()


def compared(cloud: Cloud, member: str, recording: str) -> list[str]:
    ours = {k: v for k, v in status(cloud.galera, member, 1).items() if k.startswith("wsrep_")}
    real = pairs(recording)
    assert list(ours) == list(real)
    numeric = {"number", "fraction"}
    return [
        f"{name}: {real[name]!r} there, {ours[name]!r} here"
        for name in real
        if shape(ours[name]) != shape(real[name])
        and not (name in _FRACTIONS and {shape(ours[name]), shape(real[name])} <= numeric)
    ]


@pytest.mark.parametrize("member", ["ctl01", "ctl02", "ctl03"])
def test_status_of_a_healthy_member(cloud: Cloud, member: str) -> None:
    assert compared(cloud, member, f"healthy-status-{member}.tsv") == []


@pytest.mark.parametrize("member", ["ctl01", "ctl03"])
def test_status_while_ctl03_is_cut_off(cloud: Cloud, member: str) -> None:
    cloud.galera.cut_off("ctl03")
    cloud.settle()
    cloud.clock.advance(30)
    cloud.catch_up()
    recording = f"ctl03-cut-status-{member}.tsv"
    assert compared(cloud, member, recording) == []
    ours, real = status(cloud.galera, member, 1), pairs(recording)
    for name in (
        "cluster_status",
        "cluster_size",
        "local_state",
        "local_state_comment",
        "connected",
        "ready",
        "cluster_weight",
    ):
        assert ours[f"wsrep_{name}"] == real[f"wsrep_{name}"], name


def test_variables(cloud: Cloud) -> None:
    ours, real = variables(cloud.galera, "ctl01"), pairs("variables-ctl01.tsv")
    assert set(real) <= set(ours)
    same = ("wsrep_on", "wsrep_sst_method", "wsrep_cluster_name", "wsrep_osu_method", "wsrep_provider")
    assert {name: ours[name] for name in same} == {name: real[name] for name in same}
    assert ours["wsrep_cluster_address"] == "gcomm://127.77.1.11,127.77.1.12,127.77.1.13"
    options = [part.partition(" = ")[0] for part in ours["wsrep_provider_options"].split("; ")]
    assert options == [part.partition(" = ")[0] for part in real["wsrep_provider_options"].split("; ")]


def test_process_list_columns(cloud: Cloud) -> None:
    from tests.simulator.galera.sessions import session

    found = session(cloud, "monitor").execute("SHOW FULL PROCESSLIST")
    assert [column.name for column in found.columns] == header("processlist.tsv")  # type: ignore[union-attr]


def test_what_moves_moves_with_the_clock(cloud: Cloud) -> None:
    before = status(cloud.galera, "ctl01", 1)
    cloud.clock.advance(60)
    after = status(cloud.galera, "ctl01", 1)
    for name in (
        "wsrep_last_committed",
        "wsrep_replicated",
        "Queries",
        "Questions",
        "Uptime",
        "Bytes_sent",
        "Com_select",
    ):
        assert int(after[name]) > int(before[name]), name
    other = status(cloud.galera, "ctl02", 1)
    assert int(other["wsrep_received"]) > int(other["wsrep_replicated"])
