"""What is configured wrongly, and what the overview and the lists say of it: a running simulator, the real command."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.agreement import BIN
from tests.ground import Ground
from tests.ground import ground as ground


def nephoscope(ground: Ground, state: Path, *words: str, cloud: str = "") -> str:
    environment = ground.environment(cloud) | {"XDG_STATE_HOME": str(state)}
    done = subprocess.run([str(BIN / "nephoscope"), *words], env=environment, capture_output=True, text=True,
                          timeout=60, check=False)  # fmt: skip
    assert "Traceback" not in done.stderr, done.stderr
    return done.stdout


def rows(ground: Ground, state: Path, *words: str, cloud: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(nephoscope(ground, state, "get", *words, "-o", "json", cloud=cloud))
    return found


def line(ground: Ground, state: Path, system: str) -> tuple[str, str]:
    """(level, words) of a system's line in the overview."""
    found = json.loads(nephoscope(ground, state, "health", "-o", "json"))
    (one,) = [each for each in found if each["system"] == system]
    return one["health"], one["reason"]


def test_a_wrong_bridge_mapping_is_what_the_overview_says_first(ground: Ground, tmp_path: Path) -> None:
    fault = ground.inject("bridge-mapping-wrong", host="net02")
    try:
        level, words = line(ground, tmp_path, "network")
        assert level == "warning"
        assert words.endswith(
            " Open vSwitch agents alive; net02: br-ex is physnet-1 here, physnet1 elsewhere; no network is on the first"
        )
        agents = rows(ground, tmp_path, "agents", "agent_type=Open vSwitch agent")
        assert {each["host"]: each["mappings"] for each in agents if each["mappings"]} == {
            "net01": "physnet1:br-ex",
            "net02": "physnet-1:br-ex",
        }
        (public,) = rows(ground, tmp_path, "networks", "external=true")
        assert (public["health"], public["carried"]) == ("ok", True)
        gateways = rows(ground, tmp_path, "ports", "device_owner=network:router_gateway", "host=net02")
        assert {each["health"] for each in gateways} == {"ok"}, "what is bound stays bound, and is cut off"
        other = ground.inject("bridge-mapping-wrong", host="net01")
        (public,) = rows(ground, tmp_path, "networks", "external=true")
        assert (public["health"], public["reason"]) == (
            "critical", "no living agent maps physnet1 to a bridge: nothing carries it",
        )  # fmt: skip
        ground.ask("undo", id=other)
    finally:
        ground.ask("undo", id=fault)
    assert line(ground, tmp_path, "network")[0] == "ok"


def test_ports_that_cannot_be_bound_say_where(ground: Ground, tmp_path: Path) -> None:
    mapping = ground.inject("bridge-mapping-wrong", host="net02")
    dead = ground.inject("host-down", host="net01")
    try:
        ground.ask("clock", advance=30)
        failed = rows(ground, tmp_path, "ports", "vif_type=binding_failed")
        assert {(each["device_owner"], each["host"]) for each in failed} == {("network:router_gateway", "net02")}
        assert {each["reason"] for each in failed} == {
            "binding failed on net02: no driver could plug it there; is the agent alive, and its mapping right?"
        }
    finally:
        ground.ask("undo", id=mapping)
        ground.ask("undo", id=dead)
        ground.ask("clock", advance=120)


def test_another_metadata_secret_is_in_no_list_but_among_the_changes(ground: Ground, tmp_path: Path) -> None:
    fault = ground.inject("metadata-secret-wrong", host="net02")
    try:
        assert line(ground, tmp_path, "network")[0] == "ok", "nobody can tell without a server's own request"
        (found,) = rows(ground, tmp_path, "changes", "host=net02", "name=neutron_metadata_agent")
        assert (found["what"], found["detail"]) == ("container", "started")
    finally:
        ground.ask("undo", id=fault)


def test_a_rule_for_a_group_that_nobody_is_in(ground: Ground, tmp_path: Path) -> None:
    fault = ground.inject("security-group-member-missing")
    try:
        assert line(ground, tmp_path, "network")[0] == "ok", "what tenants let in is not the cloud's health"
        (group,) = rows(ground, tmp_path, "security-groups", "name=nephoscope-fault-servers")
        rules = rows(ground, tmp_path, "security-group-rules", f"group={group['id']}")
        bad = [each for each in rules if each["health"] != "ok"]
        assert [(each["opens"], each["members"], each["reason"]) for each in bad] == [
            ("tcp/22", 0, "lets in the members of nephoscope-fault-clients, and no port is in it")
        ]
    finally:
        ground.ask("undo", id=fault)


def test_domains_and_the_directories_that_their_users_are_in(ground: Ground, tmp_path: Path) -> None:
    found = {each["name"]: each for each in rows(ground, tmp_path, "domains")}
    assert (found["corp"]["driver"], found["corp"]["url"], found["corp"]["users_below"]) == (
        "ldap", "ldaps://ldap.example.org", "ou=people,dc=example,dc=org",
    )  # fmt: skip
    assert (found["Default"]["driver"], found["Default"]["health"]) == (None, "ok")
    users = rows(ground, tmp_path, "users", f"domain_id={found['corp']['id']}")
    assert {each["name"] for each in users} == {"alice", "bob"}


@pytest.mark.parametrize("cloud", ["simulator-system", "simulator-credential"])
def test_domains_as_others_see_them(ground: Ground, tmp_path: Path, cloud: str) -> None:
    found = {each["name"]: each["driver"] for each in rows(ground, tmp_path, "domains", cloud=cloud)}
    assert found == {"Default": None, "corp": "ldap"}
