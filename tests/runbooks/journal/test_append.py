"""Appending: whole or told as not written, private, chained, by several at once, and never over a broken end."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import stat
import subprocess
import sys
import threading
from hashlib import sha256
from pathlib import Path

import pytest

from console.cli.exits import Exit, exit_of
from runbooks.journal import Journal, JournalError, OddLine, Record, read, verify, waiting
from tests.runbooks.journal.written import NOW, changed, filled, journal, lines, quiet, rewritten


def test_what_is_appended_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "state" / "journal.jsonl"
    first = journal(path).append("began", "r1", {"operation": "x.y", "plan": {"parts": [1, 2.5, None, "ä"]}})
    second = journal(path).append("ended", "r1", {"outcome": "done"})
    assert (first.seq, first.prev, second.seq, second.prev) == (1, "", 2, first.hash)
    assert list(read(path)) == [first, second]
    assert list(journal(path).records()) == [first, second]
    assert first.at == NOW
    assert json.loads(lines(path)[0])["at"] == "2027-01-15T08:00:00Z"


def test_the_hash_is_over_canonical_json_as_any_tool_makes_it(tmp_path: Path) -> None:
    path = tmp_path / "j"
    record = journal(path).append("about", "r1", {"z": 1, "a": {"c": "é\x1b", "b": [True, None]}})
    found = json.loads(lines(path)[0])
    assert found.pop("hash") == record.hash
    text = json.dumps(found, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert sha256(text.encode()).hexdigest() == record.hash


def test_file_and_folder_are_for_their_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "state" / "journal.jsonl"
    before = os.umask(0)
    try:
        journal(path).append("armed", "", {"reason": "x", "until": NOW})
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_one_that_others_could_read_is_made_private(tmp_path: Path) -> None:
    path = tmp_path / "j"
    filled(path, 1)
    path.chmod(0o664)
    journal(path).append("disarmed", "", {})
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_each_record_is_on_the_disk_before_append_returns(tmp_path: Path) -> None:
    synced: list[int] = []
    own = Journal(tmp_path / "j", lambda: NOW, quiet, sync=lambda fd: synced.append(os.fstat(fd).st_size))
    own.append("armed", "", {})
    own.append("disarmed", "", {})
    assert synced[1] == (tmp_path / "j").stat().st_size > synced[0] > 0


def test_the_head_is_told_after_each_append(tmp_path: Path) -> None:
    told: list[str] = []
    record = journal(tmp_path / "j", told=told.append).append("armed", "", {})
    assert told == [f"nephoscope journal seq=1 head={record.hash}"]


def test_a_log_that_cannot_be_told_does_not_matter(tmp_path: Path) -> None:
    def told(words: str) -> None:
        raise OSError("no log")

    assert journal(tmp_path / "j", told=told).append("armed", "", {}).seq == 1


def test_no_secret_is_written(tmp_path: Path) -> None:
    call = {
        "body": {"rescue": {"adminPass": "hidden", "image": "i1"}}, "headers": [{"X-Auth-Token": "hidden"}],
        "auth": {"user": "hidden"}, "key": "hidden", "Authorization": "hidden", "private_key": "hidden",
        "key_name": "kept", "routing_key": "kept", "auth_url": "kept", "author": "kept",
    }  # fmt: skip
    journal(tmp_path / "j").append("about", "r1", {"call": call, "password": "hidden"})
    text = (tmp_path / "j").read_text()
    assert "hidden" not in text
    assert text.count("kept") == 4
    assert '"image":"i1"' in text


def test_hostile_text_is_kept_and_escaped(tmp_path: Path) -> None:
    name = "web\n\x1b]0;x\x07\u202e\u2028\x9b\x7f\U000e0001\udcff\x00"
    (record,) = [journal(tmp_path / "j").append("about", "r1", {"target": name, "n": 2**80})]
    raw = (tmp_path / "j").read_bytes()
    assert raw.count(b"\n") == 1
    assert raw.decode().rstrip("\n").isprintable()
    assert list(read(tmp_path / "j")) == [record]
    assert record.data["target"] == name.replace("\udcff", "\\udcff")
    assert record.data["n"] == str(2**80)
    assert verify(tmp_path / "j").ok


def test_order_is_by_number_when_the_clock_jumps_back(tmp_path: Path) -> None:
    times = iter([NOW, NOW - 86400, NOW + 1])
    own = journal(tmp_path / "j", clock=lambda: next(times))
    found = [own.append("armed", "", {}) for _ in range(3)]
    assert [r.seq for r in found] == [1, 2, 3]
    assert [r.at for r in read(tmp_path / "j") if isinstance(r, Record)] == [NOW, NOW - 86400, NOW + 1]
    assert verify(tmp_path / "j").ok


def test_two_consoles_continue_each_others_chain(tmp_path: Path) -> None:
    one, two = journal(tmp_path / "j"), journal(tmp_path / "j")
    for _ in range(5):
        one.append("armed", "", {})
        two.append("disarmed", "", {})
    assert verify(tmp_path / "j").records == 10


def test_threads_of_one_console_may_append_at_once(tmp_path: Path) -> None:
    own = journal(tmp_path / "j")
    threads = [threading.Thread(target=lambda: [own.append("did", "r", {"n": n}) for n in range(25)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert verify(tmp_path / "j").words.startswith("200 records, the chain holds")


MANY = """
import sys
from pathlib import Path
from runbooks.journal import Journal
own = Journal(Path(sys.argv[1]), lambda: 1.8e9, lambda words: None, sync=lambda fd: None)
sys.stdin.readline()
for n in range(40):
    own.append("did", sys.argv[2], {"n": n, "filler": "x" * (n * 97 % 9000)})
"""


def test_processes_may_append_at_once(tmp_path: Path) -> None:
    path = tmp_path / "j"
    processes = [
        subprocess.Popen([sys.executable, "-c", MANY, str(path), f"r{n}"], stdin=subprocess.PIPE) for n in range(4)
    ]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write(b"go\n")
        process.stdin.close()
    assert [process.wait(60) for process in processes] == [0] * 4
    assert verify(path).records == 160
    for name in ("r0", "r1", "r2", "r3"):
        own = [r.data["n"] for r in read(path) if isinstance(r, Record) and r.run == name]
        assert own == list(range(40))


def test_a_lock_that_nobody_gives_back_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(tmp_path / "j", 1)
    monkeypatch.setattr(waiting, "PATIENCE", 0.02)
    with open(tmp_path / "j") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(JournalError, match="another process has held it"):
            journal(tmp_path / "j").append("armed", "", {})
    assert journal(tmp_path / "j").append("armed", "", {}).seq == 2


# -- what cannot be written ---------------------------------------------------------------------------------------


def test_a_disk_that_cannot_be_synced_leaves_nothing_behind(tmp_path: Path) -> None:
    before = filled(tmp_path / "j", 2)

    def sync(descriptor: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with pytest.raises(JournalError, match="not written: input/output error") as raised:
        Journal(tmp_path / "j", lambda: NOW, quiet, sync=sync).append("armed", "", {})
    assert lines(tmp_path / "j") == before
    assert exit_of(raised.value) is Exit.CONFIGURATION


def test_an_interruption_leaves_nothing_behind(tmp_path: Path) -> None:
    before = filled(tmp_path / "j", 2)

    def sync(descriptor: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Journal(tmp_path / "j", lambda: NOW, quiet, sync=sync).append("armed", "", {})
    assert lines(tmp_path / "j") == before


FULL = """
import resource, signal, sys
from pathlib import Path
from runbooks.journal import Journal, JournalError
path = Path(sys.argv[1])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + int(sys.argv[2]),) * 2)
try:
    Journal(path, lambda: 1.8e9, lambda words: None).append("about", "r9", {"text": "x" * 500})
except JournalError as error:
    print(error)
"""


@pytest.mark.parametrize("room", [0, 1, 300, 600])
def test_where_there_is_no_room_nothing_is_left_behind(tmp_path: Path, room: int) -> None:
    """A real limit of the system: the write comes back short, or not at all."""
    before = filled(tmp_path / "j", 3)
    done = subprocess.run([sys.executable, "-c", FULL, str(tmp_path / "j"), str(room)], capture_output=True, text=True)
    assert "not written: file too large" in done.stdout, done.stderr
    assert lines(tmp_path / "j") == before
    assert journal(tmp_path / "j").append("armed", "", {}).seq == 4


def test_a_folder_in_its_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "j").mkdir()
    with pytest.raises(JournalError, match="cannot be written: is a directory"):
        journal(tmp_path / "j").append("armed", "", {})


def test_a_pipe_in_its_place_is_told(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "j")
    with pytest.raises(JournalError, match="is no plain file"):
        journal(tmp_path / "j").append("armed", "", {})


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(JournalError, match="cannot be written"):
        journal(tmp_path / "file" / "j").append("armed", "", {})


# -- a broken end -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kept", [1, 7, 40, -3, -2])
def test_a_write_that_was_cut_off_is_told_and_the_chain_goes_on(tmp_path: Path, kept: int) -> None:
    path = tmp_path / "j"
    before = filled(path, 3)
    rewritten(path, [*before[:2], before[2][:kept]])
    left = len(before[2][:kept])
    *_, odd = read(path)
    assert isinstance(odd, OddLine)
    assert (odd.torn, odd.line, odd.size) == (True, 3, left)
    assert verify(path).state == "torn"
    record = journal(path).append("armed", "", {})
    torn = next(r for r in read(path) if isinstance(r, Record) and r.event == "torn")
    assert (torn.seq, torn.data, record.seq) == (3, {"bytes": left}, 4)
    assert path.read_bytes().startswith(b"".join(before[:2]) + before[2][:kept] + b"\n"), "what was left stays"
    verdict = verify(path)
    assert (verdict.ok, verdict.torn, verdict.records) == (True, (3,), 4)


def test_a_record_that_lacks_only_its_line_end_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "j"
    before = filled(path, 2)
    rewritten(path, [before[0], before[1].rstrip(b"\n")])
    assert journal(path).append("armed", "", {}).seq == 3
    assert lines(path)[:2] == before
    assert verify(path).ok


def test_the_first_write_of_all_may_be_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "j"
    path.write_bytes(b'{"seq":1,"at":"2027')
    assert journal(path).append("armed", "", {}).seq == 2
    assert verify(path).torn == (1,)


def test_zeros_that_a_power_cut_left_are_a_torn_write(tmp_path: Path) -> None:
    path = tmp_path / "j"
    before = filled(path, 2)
    rewritten(path, [before[0], before[1][:30] + b"\0" * 500])
    assert journal(path).append("armed", "", {}).seq == 3
    assert verify(path).torn == (2,)


def test_a_repair_that_was_cut_off_is_repaired(tmp_path: Path) -> None:
    path = tmp_path / "j"
    before = filled(path, 2)
    rewritten(path, [before[0], before[1][:30]])
    journal(path).append("armed", "", {})
    repaired = path.read_bytes()
    begin = len(before[0]) + 30
    for size in range(begin, len(repaired)):
        path.write_bytes(repaired[:size])
        assert journal(path).append("armed", "", {}).seq in (3, 4, 5), size
        assert verify(path).ok, (size, verify(path))


@pytest.mark.parametrize("garbage", [b"hello\n", b"\n", b"[]\n", b'{"a":1}\n', b"\xff\xfe\n"])
def test_nothing_is_done_behind_a_line_that_is_none_of_ours(tmp_path: Path, garbage: bytes) -> None:
    path = tmp_path / "j"
    rewritten(path, [*filled(path, 2), garbage])
    with pytest.raises(JournalError, match="a line that is no record"):
        journal(path).append("armed", "", {})


def test_nothing_is_done_behind_a_record_that_was_changed(tmp_path: Path) -> None:
    path = tmp_path / "j"
    before = filled(path, 2)
    rewritten(path, [before[0], changed(before[1], run="other")])
    with pytest.raises(JournalError, match=r"last record \(seq 2\) was changed") as raised:
        journal(path).append("armed", "", {})
    assert "journal verify" in raised.value.hint


def test_what_we_wrote_must_still_be_there(tmp_path: Path) -> None:
    own = journal(tmp_path / "j")
    for _ in range(3):
        own.append("armed", "", {})
    before = lines(tmp_path / "j")
    rewritten(tmp_path / "j", before[:2])
    with pytest.raises(JournalError, match="not in it any more"):
        own.append("armed", "", {})
    rewritten(tmp_path / "j", before)
    (tmp_path / "j").rename(tmp_path / "away")
    with pytest.raises(JournalError, match="changed or replaced"):
        own.append("armed", "", {})


def test_only_the_end_is_read_however_long_it_is(tmp_path: Path) -> None:
    path = tmp_path / "j"
    before = filled(path, 3)
    path.write_bytes(b"\xff" * 50_000 + b"\n" + b"".join(before))
    assert journal(path).append("armed", "", {}).seq == 4


def test_a_last_record_longer_than_any_block_is_found(tmp_path: Path) -> None:
    own = journal(tmp_path / "j")
    own.append("began", "r1", {"plan": ["x" * 1000] * 900})
    assert journal(tmp_path / "j").append("armed", "", {}).seq == 2
    assert verify(tmp_path / "j").records == 2
