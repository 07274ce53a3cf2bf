"""The hosts' answers against what commands printed on real hosts: same lines, columns, keys and exit status."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.simulator.ssh.conftest import Run

_RECORDINGS = Path(__file__).parents[2] / "wire" / "hosts"
HOSTS = ("ctl01", "cmp02")


def recorded(host: str, name: str) -> tuple[str, list[str], int]:
    """(command, lines, exit status) of one recording."""
    lines = (_RECORDINGS / host / f"{name}.txt").read_text().splitlines()
    status = re.fullmatch(r"\[exit (\d+)\]", lines[-1])
    assert status is not None
    return lines[0].removeprefix("$ "), lines[1:-1], int(status[1])


def _shape(line: str) -> str:
    """The line with every number replaced, and runs of blanks as one."""
    return re.sub(r"\s+", " ", re.sub(r"\d+(\.\d+)?", "N", line)).strip()


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("name", ["loadavg", "uptime", "free", "is-system-running"])
def test_lines_have_the_recorded_shape(run: Run, host: str, name: str) -> None:
    command, lines, status = recorded(host, name)
    found = run(command, host=host)
    assert [_shape(line) for line in found.out.splitlines()] == [_shape(line) for line in lines]
    assert (found.status, found.err) == (status, "")


@pytest.mark.parametrize("host", HOSTS)
def test_free_has_the_recorded_columns(run: Run, host: str) -> None:
    _, lines, _ = recorded(host, "free")
    found = run("free", host=host).out.splitlines()  # in KiB, because larger hosts' bytes push the columns apart
    assert found[0] == lines[0]
    assert [len(line) for line in found] == [len(line) for line in lines]


@pytest.mark.parametrize("host", HOSTS)
def test_df_has_the_recorded_columns(run: Run, host: str) -> None:
    command, lines, status = recorded(host, "df")
    found = run(command, host=host)
    assert found.status == status
    head, *rows = found.out.splitlines()
    assert head.split() == lines[0].split()
    pattern = re.compile(r"(\S+) +(\S+) +(\d+) +(\d+) +(\d+) +(\d+)% (/\S*)")
    assert all(pattern.fullmatch(line) for line in lines[1:])
    assert all(pattern.fullmatch(row) for row in rows)
    # right-aligned numbers end under their heading, as in the recording
    for text in (lines, [head, *rows]):
        assert {row.index("% /") + 1 for row in text[1:]} == {text[0].index("Capacity") + len("Capacity")}


@pytest.mark.parametrize("host", HOSTS)
def test_os_release_has_the_recorded_values(run: Run, host: str) -> None:
    command, lines, _ = recorded(host, "os-release")
    found = run(command, host=host).out.splitlines()
    assert found[: len(lines)] == lines


@pytest.mark.parametrize("host", HOSTS)
def test_units_as_json_have_the_recorded_keys(run: Run, host: str) -> None:
    command, lines, status = recorded(host, "systemctl-list-units-json")
    found = run(command, host=host)
    wanted = json.loads(lines[0])
    rows = json.loads(found.out)
    assert found.status == status
    assert found.out.count("\n") == 1
    assert {tuple(row) for row in rows} == {tuple(row) for row in wanted}
    assert [row["unit"] for row in rows] == sorted(row["unit"] for row in rows)
    states = {(row["load"], row["active"], row["sub"]) for row in rows}
    assert states <= {(row["load"], row["active"], row["sub"]) for row in wanted}


@pytest.mark.parametrize("host", HOSTS)
def test_units_as_text_have_the_recorded_columns(run: Run, host: str) -> None:
    command, lines, _ = recorded(host, "systemctl-list-units")
    pattern = re.compile(
        r"(\S+\.service) +(loaded|not-found|masked) +(active|inactive|failed) +(running|exited|dead|failed) +(\S.*)"
    )
    found = run(command, host=host).out.splitlines()
    assert all(pattern.fullmatch(line) for line in lines)
    assert all(pattern.fullmatch(line) for line in found)
    rows = json.loads(run(command.replace("--plain --no-legend", "--output=json"), host=host).out)
    assert [line.split()[0] for line in found] == [row["unit"] for row in rows]


def test_show_prints_the_recorded_properties_in_their_order(run: Run) -> None:
    command, lines, status = recorded("ctl01", "systemctl-show")
    found = run("systemctl show ssh frobnicate --no-pager -p " + command.rpartition(" -p ")[2])
    blocks = "\n".join(lines).split("\n\n")
    names = [line.partition("=")[0] for line in blocks[0].splitlines()]
    shown = found.out.rstrip("\n").split("\n\n")
    assert [[line.partition("=")[0] for line in block.splitlines()] for block in shown] == [names, names]
    assert found.status == status
    pattern = re.compile(r"ActiveEnterTimestamp=\w{3} \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC")
    assert [line for line in blocks[0].splitlines() if pattern.fullmatch(line)]
    assert [line for line in shown[0].splitlines() if pattern.fullmatch(line)]
    assert "LoadState=not-found" in shown[1]
    assert shown[1].endswith("ActiveEnterTimestamp=")


@pytest.mark.parametrize("host", HOSTS)
def test_addresses_have_the_recorded_keys_in_their_order(run: Run, host: str) -> None:
    command, lines, _ = recorded(host, "ip-j-addr")
    wanted = json.loads(lines[0])
    found = json.loads(run(command, host=host).out)
    assert list(found[0]) == list(wanted[0])
    assert found[0] == wanted[0]  # lo is the same everywhere
    only_in_containers = {"link_index", "link_netnsid"}
    assert list(found[1]) == [key for key in wanted[1] if key not in only_in_containers]
    assert [list(info) for info in found[1]["addr_info"] if info["family"] == "inet6"] == [
        list(info) for info in wanted[1]["addr_info"] if info["family"] == "inet6"
    ]
    assert list(wanted[1]["addr_info"][0]) == list(found[1]["addr_info"][0])


@pytest.mark.parametrize("host", HOSTS)
def test_the_journal_as_json_uses_the_recorded_fields(run: Run, host: str) -> None:
    command, lines, status = recorded(host, "journal-json")
    found = run(command, host=host)
    known = {key for name in HOSTS for line in recorded(name, "journal-json")[1] for key in json.loads(line)}
    entries = [json.loads(line) for line in found.out.splitlines()]
    assert (found.status, len(entries)) == (status, len(lines))
    always = set.intersection(*(set(json.loads(line)) for line in lines))
    for entry in entries:
        # systemd's own words about a unit, and the kernel's, have fields of their own
        assert set(entry) <= known | {"UNIT", "_SYSTEMD_UNIT"}
        assert all(isinstance(value, str) for value in entry.values())
        assert {"__REALTIME_TIMESTAMP", "__CURSOR", "MESSAGE", "PRIORITY", "_HOSTNAME", "_BOOT_ID"} <= set(
            entry
        ) & always
    assert re.fullmatch(r"s=\w{32};i=\w+;b=\w{32};m=\w+;t=\w+;x=\w+", entries[0]["__CURSOR"])


def test_the_list_of_boots_has_the_recorded_shape(run: Run) -> None:
    command, lines, _ = recorded("ctl01", "list-boots")
    head, row = run(command).out.splitlines()
    assert head == lines[0]
    pattern = re.compile(
        r"  0 [0-9a-f]{32} \w{3} \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC \w{3} \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC"
    )
    assert pattern.fullmatch(lines[1])
    assert pattern.fullmatch(row)


def test_sockets_have_the_recorded_columns(run: Run) -> None:
    _, lines, _ = recorded("ctl01", "ss")
    pattern = re.compile(r'(?:tcp )?LISTEN +\d+ +\d+ +\S+:\d+ +\S+:\* +users:\(\("[\w.+-]+",pid=\d+,fd=\d+\)\) *')
    listening = [line for line in lines if line.startswith("tcp LISTEN")]
    assert [line for line in listening if pattern.fullmatch(line)]
    found = run("sudo -n ss -Hltnp").out.splitlines()
    assert found
    assert all(pattern.fullmatch(line) for line in found)
