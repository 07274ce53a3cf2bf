"""df and du on a simulated host: they agree with each other, root sees all, and a file that is removed makes room."""

from __future__ import annotations

import pytest

from runbooks.simulator.model.broker_space import DUMP
from runbooks.simulator.model.cloud import Cloud
from tests.simulator.ssh.conftest import Run

DOCKER = "/var/lib/docker"
BROKER = f"{DOCKER}/volumes/rabbitmq/_data"


def told(out: str) -> dict[str, int]:
    """Path → KiB."""
    return {path: int(size) for size, path in (line.split("\t") for line in out.splitlines())}


def df(run: Run, folder: str) -> list[str]:
    return run(f"sudo df -PkT -- {folder}").out.splitlines()[1].split()


@pytest.mark.parametrize("mount", ["/", DOCKER, "/boot/efi"])
def test_du_finds_what_df_says_is_used(run: Run, mount: str) -> None:
    found = run(f"sudo du -axk {mount}")
    assert (found.status, found.err) == (0, "")
    *_, last = found.out.splitlines()
    assert last.endswith(f"\t{mount}"), "a folder comes after what is in it"
    assert abs(told(found.out)[mount] - int(df(run, mount)[3])) < 10
    if mount == "/":
        assert DOCKER not in told(found.out), "another file system"


def test_one_folder_and_only_what_is_large(run: Run) -> None:
    assert df(run, BROKER)[6] == DOCKER
    every = told(run(f"sudo du -axk {BROKER}").out)
    large = told(run(f"sudo du -axk --threshold=100M -- {BROKER}").out)
    assert large == {path: kib for path, kib in every.items() if kib >= 100 << 10}
    assert BROKER in large
    assert set(told(run(f"sudo du -sk {BROKER}").out)) == {BROKER}
    assert set(told(run(f"sudo du -k -d 1 {BROKER}").out)) == {BROKER, f"{BROKER}/mnesia"}


def test_who_may_not_look(run: Run) -> None:
    for words in (f"du -axk {BROKER}", f"df -PkT {BROKER}"):
        found = run(words)
        assert found.status == 1
        assert "Permission denied" in found.err
    found = run("du -axk /")
    assert (found.status, "Permission denied" in found.err, "/usr/lib" in found.out) == (1, True, True)


def test_what_is_not_there(run: Run) -> None:
    for words, said in (("du -k /no/such", "du: cannot access"), ("df -PkT /no/such", "df: /no/such: No such file")):
        found = run(f"sudo {words}")
        assert (found.status, said in found.err) == (1, True)
    assert run("sudo du --threshold=many /").status == 1
    assert run("sudo du -d x /").status == 1
    assert run(f"sudo du -axk {BROKER}", host="cmp01").status == 1, "no broker, no data of one"


def test_a_file_that_is_removed_makes_room(run: Run, cloud: Cloud) -> None:
    before = int(df(run, DOCKER)[4])
    cloud.rabbitmq.set_disk_alarm("ctl01", True)
    assert int(df(run, DOCKER)[4]) < before
    assert DUMP in told(run(f"sudo du -axk --threshold=100M {DOCKER}").out)
    assert DUMP not in told(run(f"sudo du -xk {DOCKER}").out), "a file: only -a tells it"
    assert run(f"sudo ls -l {DUMP}").out.strip() == DUMP
    assert run(f"rm {DUMP}").status == 1
    assert run(f"sudo rm {DUMP}").status == 0
    assert int(df(run, DOCKER)[4]) == before
    assert cloud.rabbitmq.alarms() == []


def test_the_breakdown_by_command(run: Run) -> None:
    found = run("sudo rabbitmq-diagnostics memory_breakdown")
    lines = found.out.splitlines()
    assert lines[0] == "Reporting memory breakdown on node rabbit@ctl01..."
    shares = [float(line.partition("(")[2].rstrip("%)")) for line in lines[1:]]
    assert shares == sorted(shares, reverse=True)
    assert abs(sum(shares) - 100) < 1
    assert "binary: " in run("sudo rabbitmq-diagnostics -q memory_breakdown").out
    assert run("sudo rabbitmqctl memory_breakdown").status == 64
