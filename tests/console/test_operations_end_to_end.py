"""Operations as a person meets them: the console on a pseudo-terminal of 80x24, on a simulated cloud that changes."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.config import load_site
from runbooks.approval import approved
from tests.console.test_end_to_end import COMMAND, PATIENCE, environment
from tests.ground import Ground, simulator
from tests.terminal import Terminal


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with simulator(tmp_path_factory.mktemp("cloud")) as ground:
        yield ground


def test_a_compute_is_disabled_and_that_is_taken_back(cloud: Ground, tmp_path: Path) -> None:
    with Terminal(COMMAND, environment(cloud, tmp_path)) as console:
        console.until(lambda: console.shows("compute services up"), PATIENCE)
        console.press(":cs host=cmp02\r")
        console.until(lambda: console.shows("nova-compute"), PATIENCE)
        assert console.press("a").size <= 1500
        assert console.shows("2  disable")
        console.press("2RAM swap\r")
        console.until(lambda: console.shows("risk R1, reversible"), PATIENCE)
        # once the first reads have arrived, a plan that is read writes nothing
        console.until(lambda: console.listen(2.0, 2.0).size == 0, PATIENCE)
        console.press("\ry\r")
        console.press(":arm 10m INC-4711\r")
        console.until(lambda: console.shows("ARMED 10 min: INC-4711"), PATIENCE)
        assert console.text[1].startswith("plan   disable nova-compute on cmp02")
        console.press("Rcmp02\r")
        console.until(lambda: console.text[1].endswith("done"), PATIENCE)
        assert max(len(line) for line in console.text) <= 80
        console.press("q")
        console.until(lambda: console.shows("RAM swap"), PATIENCE)
        console.press("u")
        console.until(lambda: console.shows("plan   enable nova-compute on cmp02"), PATIENCE)
        console.press("Rcmp02\r")
        console.until(lambda: console.text[1].endswith("done"), PATIENCE)
        console.press("@")
        console.until(lambda: console.shows("undone"), PATIENCE)
        console.press("qq")
        console.until(lambda: not console.shows("RAM swap"), PATIENCE)
        console.press(":q\r")
        assert console.ended(PATIENCE) == 0


def test_read_only_in_ascii_without_colour(cloud: Ground, tmp_path: Path) -> None:
    with Terminal([*COMMAND, "--ascii", "--read-only"], environment(cloud, tmp_path, NO_COLOR="1")) as console:
        console.until(lambda: console.shows("compute services up"), PATIENCE)
        console.press(":arm 10m INC-4711\r")
        console.until(lambda: console.shows("--read-only was given"), PATIENCE)
        console.press(":do compute-service.force-down cmp01 fenced=no\r")
        console.until(lambda: console.shows("Nothing starts"), PATIENCE)
        assert console.shows("read-only")
        assert all(line.isascii() for line in console.text), console.text
        console.press("R@")
        assert all(line.isascii() for line in console.text), console.text


def test_a_colleague_of_the_simulated_cloud_approves(cloud: Ground, tmp_path: Path) -> None:
    """Drills of what wants a second person work as they come: its key is there, and the operator's own does not do."""
    environ = environment(cloud, tmp_path)
    words = [*COMMAND, "do", "hypervisor.evacuate", "cmp01", "fenced=off, seen on its BMC", "--plan", "-o", "json"]
    plan = subprocess.run(words, env=environ, capture_output=True, text=True, check=False).stdout
    (tmp_path / "plan.json").write_text(plan)
    site = load_site("simulator", "RegionOne", environ)
    for key, approvals in (("id_ed25519", 0), ("colleague_ed25519", 1)):
        approve = ["approve", str(tmp_path / "plan.json"), "--key", str(cloud.state / key)]
        subprocess.run([*COMMAND, *approve, "--yes", json.loads(plan)["hash"]], env=environ, check=True)
        assert len(approved(site, json.loads(plan)["hash"], time.time())) == approvals


def test_what_only_reads_needs_no_window(cloud: Ground, tmp_path: Path) -> None:
    with Terminal([*COMMAND, "--read-only"], environment(cloud, tmp_path)) as console:
        console.until(lambda: console.shows("compute services up"), PATIENCE)
        console.press(":do service.check glance user= project=service roles=service,admin\r")
        console.until(lambda: console.shows("begins it: it only reads"), PATIENCE)
        assert console.shows("none, it only reads")
        console.press("R")
        console.until(lambda: console.text[1].endswith("done"), PATIENCE)
        assert console.shows("READ-ONLY")
        console.press("q:do server.console-log ci-app-07 lines=3\r")
        console.until(lambda: console.shows("begins it: it only reads"), PATIENCE)
        console.press("R")
        console.until(lambda: console.shows("ci-app-07 login:"), PATIENCE)
