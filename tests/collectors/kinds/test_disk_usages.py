"""Disk usage and the broker's memory: from what df, du and a broker print, to rows; and output that is not theirs."""

from __future__ import annotations

import pytest

from collectors.errors import UsageError
from collectors.health import OK
from collectors.kinds import broker_memory_parts, disk_usages
from collectors.snapshot import OddRow
from collectors.sources.entries import command
from collectors.sources.parsers.disks import holding, usage
from tests.collectors.kinds.cluster_recordings import decoded, one

DF = b"Filesystem     Type 1024-blocks      Used Available Capacity Mounted on\n"
DU = b"""102400\t/var/lib/docker/overlay2/a b
204800\t/var/lib/docker/overlay2
du: cannot read directory '/var/lib/docker/x': Permission denied
307200\t/var/lib/docker/volumes/dump.sql
du: cannot access '/var/lib/docker/y': No such file or directory
409600\t/var/lib/docker/volumes
819200\t/var/lib/docker
"""


def test_the_file_system_of_a_folder() -> None:
    (found,) = holding(DF + b"/dev/sdb1      ext4   480000000 407000000  48000000      90% /var/lib/docker\n")
    row = one("disk-usages", host="ctl01", folder="/var/lib/docker/volumes", **found)
    assert (row.path, row.what, row.device, row.type) == ("/var/lib/docker", "file-system", "/dev/sdb1", "ext4")
    assert (row.bytes, row.left, row.share) == (407000000 << 10, 48000000 << 10, 89.5)
    assert (row.id, row.place) == ("ctl01/file-system /var/lib/docker", "ctl01//var/lib/docker")
    assert disk_usages.KIND.health(row, 0.0) == OK


@pytest.mark.parametrize("output", [b"", DF, b"nonsense\nmore\n", DF + b"none - - - - - /x\n", DF + DF + DF])
def test_what_is_not_of_df(output: bytes) -> None:
    with pytest.raises(ValueError, match="no file system"):
        holding(output)


def test_what_folders_hold_besides_what_is_told_too() -> None:
    found = {item["path"]: (item["bytes"] >> 20, item["own"] >> 20) for item in usage(DU)}
    assert found == {
        "/var/lib/docker/overlay2/a b": (100, 100),
        "/var/lib/docker/overlay2": (200, 100),
        "/var/lib/docker/volumes/dump.sql": (300, 300),
        "/var/lib/docker/volumes": (400, 100),
        "/var/lib/docker": (800, 200),
    }
    assert {item["unseen"] for item in usage(DU)} == {1}
    rows = decoded("disk-usages", [{"host": "ctl01", **item} for item in usage(DU)])
    assert len({row.id for row in rows}) == 5
    assert [row.left for row in rows] == [None] * 5


@pytest.mark.parametrize("output", [b"", b"du: invalid option\n", b"\n", b"sudo: unable to resolve host ctl01\n"])
def test_nothing_is_large(output: bytes) -> None:
    assert usage(output) == []


@pytest.mark.parametrize("output", [b"5 /no-tab\n", b"-5\t/x\n", b"\xff\xfe\n", b"5\tx\n"])
def test_lines_that_are_not_of_du(output: bytes) -> None:
    with pytest.raises(ValueError, match="no line of du"):
        usage(output)
    assert [item["path"] for item in usage(b"5\t/x\n" + output)] == ["/x"], "the rest of a name with a line break"


def test_the_root_and_names_that_begin_alike() -> None:
    found = {item["path"]: item["own"] >> 10 for item in usage(b"3\t/a\n4\t/ab\n2\t/a/b/c\n10\t/\n")}
    assert found == {"/a": 1, "/ab": 4, "/a/b/c": 2, "/": 3}


@pytest.mark.parametrize(
    "folder", ["relative", "/a/../b", "/a b", "/$(reboot)", "/a;b", "/a'b", "", "-x", "/" + "a" * 300, "/a\nb"]
)
def test_no_other_words_reach_a_host(folder: str) -> None:
    for entry in ("disk-usage", "file-system"):
        with pytest.raises((UsageError, ValueError)):
            command(f"{entry} folder={folder!r}")
    words = command("disk-usage folder=/var/lib/docker").words
    assert words == ("timeout", "20", "du", "-axk", "--threshold=100M", "--", "/var/lib/docker")


def test_categories_have_words_or_their_own_name() -> None:
    row = one("broker-memory-parts", node="rabbit@ctl01.example", category="binary", bytes=50, total=200)
    assert (row.id, row.holds, row.share, row.host) == (
        "rabbit@ctl01.example/binary",
        "bodies of messages",
        25,
        "ctl01",
    )
    row = one("broker-memory-parts", node="rabbit@ctl01", category="new_things")
    assert (row.holds, row.bytes, row.share) == ("new things", None, None)
    assert broker_memory_parts.KIND.health(row, 0.0) == OK
    (odd,) = decoded("broker-memory-parts", [{"node": "n", "category": "binary", "bytes": "much"}])
    assert isinstance(odd, OddRow)
