"""The command line that shows what the screen shows."""

from __future__ import annotations

import shlex
import subprocess

import pytest

from collectors.kinds.compute_services import KIND
from collectors.snapshot import OddRow
from tests.views.made import service, services
from views.equivalent import of_list, of_row, on_cloud, quoted


def test_a_row() -> None:
    assert of_row(KIND, service(17)) == "openstack compute service list --host cmp0017 --service nova-compute"


def test_a_list() -> None:
    assert of_list(KIND) == "openstack compute service list"


def test_a_row_that_lacks_a_value_falls_back_to_the_list() -> None:
    assert of_row(KIND, service(1, host="")) == "openstack compute service list"


def test_an_odd_row_has_our_own_command() -> None:
    assert of_row(KIND, OddRow("a b", "x", "odd")) == "nephoscope describe compute-services 'a b'"


def test_the_cloud_is_named() -> None:
    assert on_cloud("openstack server list", services(1)) == (
        "openstack --os-cloud prod --os-region-name RegionOne server list"
    )
    assert on_cloud("nephoscope get servers", services(1)) == ("nephoscope --cloud prod --region RegionOne get servers")
    assert on_cloud("ceph -s", services(1)) == "ceph -s"


@pytest.mark.parametrize(
    "value",
    ["web-1", "two words", "it's", '"', "$(reboot)", "`id`", "a;b", "-rf", "数据", "x\ny", "\x1b[31m", "\u202e", "\\"],
)
def test_a_shell_reads_back_what_was_quoted(value: str) -> None:
    word = quoted(value)
    assert word.isprintable()
    done = subprocess.run(
        ["bash", "-c", f"printf -- %s {word}"], capture_output=True, check=True, env={"LC_ALL": "C.UTF-8"}
    )
    assert done.stdout.decode() == value


def test_a_name_cannot_start_a_command() -> None:
    command = of_row(KIND, service(1, host="x; reboot"))
    assert shlex.split(command)[5] == "x; reboot"
