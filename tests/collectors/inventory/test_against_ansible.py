"""Our reading of inventories against that of Ansible itself.

`recorded/` holds what `ansible-inventory --list` (ansible-core 2.19) answered for each of `fixtures/`. When the program
is installed it is asked again, so that the recordings cannot go stale unnoticed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from collectors.inventory import read_inventory

HERE = Path(__file__).parent
SOURCES = {
    "multinode": "multinode/multinode",
    "odd": "odd/hosts",
    "layered": "layered/inventory/multinode",
    "yaml": "yaml/hosts.yml",
    "folder": "folder",
}


def recorded(name: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads((HERE / "recorded" / f"{name}.json").read_text())
    return answer


def members(answer: dict[str, Any], group: str) -> set[str]:
    """All hosts of a group of the recorded answer, through its children."""
    entry = answer.get(group, {})
    found = set(entry.get("hosts", ()))
    return found.union(*(members(answer, child) for child in entry.get("children", ())))


def marked_texts_plain(value: Any) -> Any:
    """The answer without Ansible's mark of `!unsafe` texts."""
    if isinstance(value, dict):
        if list(value) == ["__ansible_unsafe"]:
            return value["__ansible_unsafe"]
        return {key: marked_texts_plain(inner) for key, inner in value.items()}
    return value


@pytest.mark.parametrize("name", SOURCES)
def test_same_hosts(name: str) -> None:
    ours = read_inventory([HERE / "fixtures" / SOURCES[name]])
    answer = recorded(name)
    assert set(ours.hosts) == members(answer, "all")


@pytest.mark.parametrize("name", SOURCES)
def test_same_groups(name: str) -> None:
    ours = read_inventory([HERE / "fixtures" / SOURCES[name]])
    answer = recorded(name)
    for group in set(answer) - {"_meta"}:
        assert set(ours.groups[group]) == members(answer, group), group
    assert {group for group, hosts in ours.groups.items() if hosts} <= set(answer)


@pytest.mark.parametrize("name", SOURCES)
def test_same_variables(name: str) -> None:
    ours = read_inventory([HERE / "fixtures" / SOURCES[name]])
    expected = recorded(name)["_meta"]["hostvars"]
    for host, machine in ours.hosts.items():
        assert dict(machine.variables) == marked_texts_plain(expected.get(host, {})), host


def test_recordings_are_what_ansible_says(tmp_path: Path) -> None:
    for name, source in SOURCES.items():
        done = subprocess.run(
            [str(Path(sys.executable).with_name("ansible-inventory")), "-i", str(HERE / "fixtures" / source), "--list"],
            capture_output=True,
            timeout=60,
            check=True,
            env={**os.environ, "HOME": str(tmp_path)},
        )
        answer = json.loads(done.stdout)
        answer["_meta"].pop("profile", None)
        assert answer == recorded(name), name
