"""Real services: the lines that we show are those that journalctl and the files have."""

from __future__ import annotations

import json
import shlex
import time

import pytest

from tests.lab.real import RealLab, until

pytestmark = [pytest.mark.lab, pytest.mark.timeout(600)]


def ours(lab: RealLab, *words: str) -> list[dict[str, object]]:
    done = lab.nephoscope(*words, "-o", "json")
    assert done.returncode == 0, done.stderr
    found: list[dict[str, object]] = json.loads(done.stdout)
    return found


def test_a_services_lines_are_those_of_the_journal(lab: RealLab) -> None:
    now = int(time.time())
    since = now - 7200  # with its start, where nothing else has happened yet
    told = lab.on("cmp01", f"journalctl -u nova-compute -o json --no-pager --since @{since} --until @{now - 5}")
    theirs = [json.loads(line)["__REALTIME_TIMESTAMP"] for line in told.splitlines()]
    mine = ours(lab, "logs", "nova-compute", "host=cmp01", "--since", "2h")
    stamps = {row["time"] for row in mine}
    assert theirs, "nova-compute logged nothing: nothing was compared"
    from collectors.values import iso

    assert {iso(int(stamp) / 1e6) for stamp in theirs if int(stamp) / 1e6 > since + 30} <= stamps


def test_several_hosts_are_merged_by_time_and_rabbitmqs_file_is_read(lab: RealLab) -> None:
    rows = ours(lab, "logs", "rabbitmq", "--since", "2h")
    assert {row["host"] for row in rows} == {"ctl01", "ctl02", "ctl03"}
    times = [row["time"] for row in rows if row["time"]]  # a banner at the head of a file has none
    assert times == sorted(times)  # type: ignore[type-var]
    assert "/var/log/rabbitmq/rabbitmq-server.log" in {row["source"] for row in rows}


def test_a_request_is_found_where_grep_finds_it(lab: RealLab) -> None:
    line = lab.on("ctl01", "journalctl -o cat --no-pager -g 'req-[0-9a-f]{8}' -n 1")
    request = line[line.index("req-") :][:40]
    hosts = {row["host"] for row in ours(lab, "search", request)}
    theirs = {
        host
        for host in ("ctl01", "ctl02", "cmp01", "net01")
        if lab.on(host, f"journalctl -o cat --no-pager -g {request}", check=False).strip()
    }
    assert theirs <= hosts
    assert "ctl01" in hosts


def test_following_leaves_nothing_behind(lab: RealLab) -> None:
    lab.nephoscope("--timeout", "4", "logs", "nova-api", "rabbitmq", "-f")
    until(
        lambda: lab.on("ctl01", "pgrep -fc 'journalctl .*--follow|tail .*rabbitmq' || true").strip(),
        lambda count: count in ("0", "1"),  # pgrep finds the shell that runs it
        20,
    )


def test_a_shell_in_a_namespace(lab: RealLab) -> None:
    namespace = lab.on("net01", "ip netns list").split()[0]
    done = lab.nephoscope("shell", "net01", namespace)
    assert done.returncode == 0, done.stderr
    refused = lab.nephoscope("--read-only", "shell", "net01")
    assert refused.returncode == 77


def test_following_a_container_ends_the_engines_client(lab: RealLab) -> None:
    """The lab has no containers: a program of the engine's name that says one line and then nothing for long."""
    script = r"""#!/bin/sh
case "$1" in ps) echo '{"Names":"silent_one","State":"running","Status":"Up 1 minute","Image":"i"}';;
logs) echo "2026-11-27T21:00:00Z one"; exec sleep 654321;; esac
"""
    lab.on("cmp03", f"printf '%s' {shlex.quote(script)} > /usr/local/bin/docker && chmod +x /usr/local/bin/docker")
    try:
        done = lab.nephoscope("--timeout", "6", "logs", "silent-one", "host=cmp03", "-f", "--since", "30d")
        assert "docker silent_one" in done.stderr
        until(
            lambda: lab.on("cmp03", "ps -eo args= | grep -c '^sleep 65432[1]' || true").strip(), lambda n: n == "0", 20
        )
    finally:
        lab.on("cmp03", "rm -f /usr/local/bin/docker; pkill -f 'sleep 65432[1]' || true")
