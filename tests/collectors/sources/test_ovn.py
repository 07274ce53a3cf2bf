"""OVN at the wire: every member is asked for itself, lists come from one that takes part; no answer is no list."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from collectors.connections import Connections
from collectors.deadline import Deadline, working
from collectors.errors import BadConfiguration, SourceError, Unreachable, UsageError
from collectors.kind import Scope
from collectors.request import Ovn
from collectors.site import OvnSite, SiteHost
from collectors.sources.base import Page, Where
from collectors.sources.ovn import OvnSource
from tests.collectors.kinds.ovn_recordings import RECORDINGS
from tests.scripted_ssh import ScriptedHost, scripted_host
from tests.wire_server import closed_port

FOLDER = RECORDINGS / "25.03"
SHOW = "sed -n '1d;$d;/^! /!p'"
COMPLAIN = "sed -n 's/^! //p'"
LISTS = {
    "list Chassis_Private": "ovn-chassis", "NB_Global": "ovn-configuration", "list HA_Chassis_Group":
    "ovn-logical-routers", "list Logical_Switch": "ovn-logical-switches", "type=chassisredirect": "ovn-gateways",
    "list Port_Binding": "ovn-port-bindings", "list Datapath_Binding": "ovn-datapaths",
}  # fmt: skip
"""Words of each list's command → its recording; the first that fits."""


@pytest.fixture
def host(tmp_path: Path) -> Iterator[ScriptedHost]:
    with scripted_host(tmp_path) as running:
        yield running


def recorded(name: str) -> str:
    """Shell words that print a recording as the program did."""
    file = FOLDER / f"{name}.txt"
    last = file.read_text().splitlines()[-1]
    return f"{SHOW} {file}; {COMPLAIN} {file} >&2; exit {last.removeprefix('[exit ').removesuffix(']')}"


def serve(host: ScriptedHost, southbound: str, northd: str = "ovn-northd-status-ctl03") -> None:
    """The host answers as ctl01 did: `southbound` is the recording of that database."""
    host.program(
        "ovn-appctl",
        f'case "$*" in\n*OVN_Northbound*) {recorded("ovn-northbound-status-ctl01")};;\n'
        f"*OVN_Southbound*) {recorded(southbound)};;\n*ovn-northd.ctl*) exit 1;;\n*) {recorded(northd)};;\nesac",
    )
    cases = "\n".join(f'*"{words}"*) {recorded(name)};;' for words, name in LISTS.items())
    for client in ("ovn-nbctl", "ovn-sbctl"):
        host.program(client, f'case "$*" in\n{cases}\nesac')


def source_of(host: ScriptedHost, *more: str) -> tuple[OvnSource, Connections]:
    """The scripted host, and further ones that refuse connections."""
    site = host.site()
    dead = {name: SiteHost(name, "127.0.0.1", ("control",), port=closed_port()) for name in more}
    names = ("ctl01", *more)
    ways = Connections(replace(site, hosts={**site.hosts, **dead}, ovn=OvnSite(names, names, names)))
    found = ways.source(Ovn("databases"))
    assert isinstance(found, OvnSource)
    return found, ways


def page(source: OvnSource, view: str) -> Page:
    with working(Deadline(20)) as deadline:
        (found,) = source.read(Ovn(view), "ovn", deadline, Where())
    return found


def items(source: OvnSource, view: str) -> list[dict[str, Any]]:
    return list(page(source, view).items)


def test_members_that_answer_and_hosts_that_do_not(host: ScriptedHost) -> None:
    serve(host, "ovn-southbound-status-ctl01")
    source, ways = source_of(host, "ctl02")
    found = {(item["database"], item["host"]): item for item in items(source, "databases") if "stranger" not in item}
    assert found["OVN_Southbound", "ctl01"]["role"] == "leader"
    assert found["ovn-northd", "ctl01"]["role"] == "active"
    assert found["ovn-northd", "ctl01"]["nb_cfg"] == 1
    silent = found["OVN_Southbound", "ctl02"]
    assert (silent["trouble"], silent["answers"], silent["leader"]) == ("connection refused", None, "ctl01")
    assert silent["silent"] < 1  # the leader hears both of those that do not answer us
    ways.close()


def test_every_list(host: ScriptedHost) -> None:
    serve(host, "ovn-southbound-status-ctl01")
    source, ways = source_of(host)
    counts = {view: len(items(source, view)) for view in (
        "chassis", "logical-switches", "logical-routers", "port-bindings",
    )}  # fmt: skip
    assert counts == {"chassis": 1, "logical-switches": 2, "logical-routers": 1, "port-bindings": 9}
    asked = len(host.lines)
    found = page(source, "port-bindings")
    assert (found.calls, len(host.lines) - asked) == (1, 1)  # who gave it last time is asked at once
    assert found.server_time is not None
    ways.close()


def test_without_a_majority_nothing_is_listed(host: ScriptedHost) -> None:
    serve(host, "ovn-southbound-status-ctl01-no-quorum")
    source, ways = source_of(host)
    with pytest.raises(Unreachable) as caught:
        items(source, "chassis")
    assert (caught.value.what, caught.value.why) == ("OVN_Southbound", "none of 1 members takes part in its cluster")
    found = {item["database"]: item for item in items(source, "databases") if "stranger" not in item}
    assert found["OVN_Southbound"]["role"] == "candidate"
    ways.close()


def test_hosts_are_listed_without_the_northbound_database(host: ScriptedHost) -> None:
    serve(host, "ovn-southbound-status-ctl01")
    host.program("ovn-nbctl", recorded("ovn-chassis-no-quorum"))
    source, ways = source_of(host)
    (item,) = items(source, "chassis")
    assert (item["name"], item["wanted"], item["counted"]) == ("cmp01", 1, None)
    with pytest.raises(Unreachable):
        items(source, "logical-switches")
    ways.close()


def test_a_member_that_stops_to_take_part_is_asked_no_longer(host: ScriptedHost) -> None:
    serve(host, "ovn-southbound-status-ctl01")
    source, ways = source_of(host)
    assert items(source, "port-bindings")
    host.program("ovn-sbctl", recorded("ovn-chassis-no-quorum"))
    serve_again = "ovn-southbound-status-ctl01-no-quorum"
    host.program("ovn-appctl", recorded(serve_again))
    with pytest.raises(Unreachable, match="none of 1 members"):
        items(source, "port-bindings")
    ways.close()


@pytest.mark.parametrize(
    ("recording", "trouble", "answers"),
    [
        ("ovn-southbound-status-ctl02-no-quorum", "does not run: connection refused", False),
        ("ovn-northd-status-absent", "does not run: no such file or directory", False),
    ],
)
def test_a_database_that_does_not_run(host: ScriptedHost, recording: str, trouble: str, answers: bool | None) -> None:
    serve(host, recording)
    source, ways = source_of(host)
    found = {item["database"]: item for item in items(source, "databases")}["OVN_Southbound"]
    assert (found["trouble"], found["answers"]) == (trouble, answers)
    ways.close()


def test_a_database_without_a_cluster(host: ScriptedHost) -> None:
    serve(host, "ovn-southbound-status-standalone")
    source, ways = source_of(host)
    found = {item["database"]: item for item in items(source, "databases")}["OVN_Southbound"]
    assert found["role"] == "standalone"
    assert len(items(source, "chassis")) == 1
    ways.close()


def test_in_kollas_containers(host: ScriptedHost) -> None:
    """The host has no such program: the container of each part has, and northd's socket has a name of its own."""
    host.program(
        "docker",
        f'shift; container=$1; shift\ncase "$container $*" in\n'
        f"ovn_nb_db*cluster/status*) {recorded('ovn-northbound-status-ctl01')};;\n"
        f"ovn_sb_db*cluster/status*) {recorded('ovn-southbound-status-ctl01')};;\n"
        f"ovn_northd*/var/run/ovn/ovn-northd.ctl*) {recorded('ovn-northd-status-ctl03')};;\n"
        f"ovn_northd*) {recorded('ovn-northd-status-absent')};;\n"
        f"ovn_nb_db*NB_Global*) {recorded('ovn-configuration')};;\n"
        'ovn_sb_db*"list Chassis_Private"*) ' + recorded("ovn-chassis") + ";;\n"
        '*) echo "Error response from daemon: No such container: $container" >&2; exit 1;;\nesac',
    )
    source, ways = source_of(host)
    roles = {item["database"]: item["role"] for item in items(source, "databases") if "stranger" not in item}
    assert roles == {"OVN_Northbound": "leader", "OVN_Southbound": "leader", "ovn-northd": "active"}
    assert len(items(source, "chassis")) == 1
    ways.close()


def test_a_container_that_is_stopped(host: ScriptedHost) -> None:
    host.program("docker", 'echo "Error response from daemon: container 0123 is not running" >&2; exit 1')
    source, ways = source_of(host)
    found = items(source, "databases")
    assert {item["answers"] for item in found} == {False}
    assert found[0]["trouble"].startswith("does not run: ")
    ways.close()


def test_nobody_can_be_asked(host: ScriptedHost) -> None:
    """A host that has no OVN at all is not a database that is down."""
    source, ways = source_of(host)
    for view in ("databases", "chassis"):
        with pytest.raises(SourceError):
            items(source, view)
    facts = list(source.doctor(Deadline(10)))
    assert [fact.level for fact in facts] == ["critical"] * 3
    assert all(fact.next_step for fact in facts)
    ways.close()


def test_doctor(host: ScriptedHost) -> None:
    serve(host, "ovn-southbound-status-ctl01")
    source, ways = source_of(host)
    facts = list(source.doctor(Deadline(10)))
    assert [fact.level for fact in facts] == ["ok"] * 3
    assert facts[1].identity == "OVN_Southbound, its own socket, over SSH: leader"
    ways.close()


def test_what_is_no_answer(host: ScriptedHost) -> None:
    serve(host, "ovn-southbound-status-ctl01")
    host.program("ovn-appctl", "echo Welcome to this host")
    source, ways = source_of(host)
    with pytest.raises(Unreachable, match="no status of a cluster"):
        items(source, "databases")
    ways.close()


def test_targets_and_configuration(host: ScriptedHost) -> None:
    source, ways = source_of(host)
    assert source.targets(Scope(), Where()) == ("ovn",)
    with pytest.raises(UsageError):
        source.targets(Scope(), Where(targets=("ctl01",)))
    ways.close()
    assert not Connections(host.site()).has("ovn")
    with pytest.raises(BadConfiguration, match="says nothing about"):
        Connections(host.site()).source(Ovn("chassis"))
