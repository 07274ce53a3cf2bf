"""SIGINT, SIGTERM and SIGHUP while `nephoscope do` is in the middle, and while the console runs something."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from console.cli.exits import Exit
from runbooks.journal import Journal, verify
from runbooks.plan import decoded
from tests.console.test_end_to_end import COMMAND
from tests.terminal import ROOT, Terminal
from tests.wire_nova import PATH, WireNova, wire_nova
from tests.wire_server import Reply, Seen

PATIENCE = 30.0
THREE = ["do", "compute-service.disable", "cmp01", "cmp02", "cmp03", "reason=RAM", "--at-once", "1", "--yes", "3"]
TEN = [f"cmp{number:02d}" for number in range(1, 11)]


@pytest.fixture(autouse=True)
def hang_ups_are_heard() -> Iterator[None]:
    """Commands hear of a hang-up, also where the tests themselves run under nohup, which their children inherit."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


class Here:
    """A scripted Nova, and commands on it as processes of their own."""

    def __init__(self, nova: WireNova, home: Path) -> None:
        self.nova, self.home = nova, home
        config = home / "nephoscope.toml"
        config.write_text(f'[site.wire]\nlock_dir = "{home}/locks"\n')
        self.environ = os.environ | {
            "NEPHOSCOPE_CONFIG": str(config), "XDG_STATE_HOME": str(home), "OS_CLOUD": "wire", "HOME": str(home),
            "TERM": "xterm-256color",
        }  # fmt: skip
        self.path = home / "nephoscope" / "journal.jsonl"

    def begin(self, *words: str, command: Sequence[str] = COMMAND) -> subprocess.Popen[str]:
        """Begin a command."""
        return subprocess.Popen(
            [*command, *words], cwd=ROOT, env=self.environ, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def ended(self, process: subprocess.Popen[str]) -> tuple[int, str, str]:
        """Exit code, stdout, stderr."""
        out, err = process.communicate(timeout=PATIENCE)
        return process.returncode, out, err

    def run(self, *words: str) -> tuple[int, str, str]:
        """The same from the beginning."""
        return self.ended(self.begin(*words))

    def events(self) -> list[str]:
        """Names of the journal's records."""
        return [record.event for record in Journal(self.path, lambda: 0.0, lambda words: None).records()]

    def id(self) -> str:
        """The last run's."""
        return [r.run for r in Journal(self.path, lambda: 0.0, lambda words: None).records() if r.run][-1]

    def hosts(self) -> list[str]:
        """Of the writes, in order."""
        return [host for host, _ in self.nova.writes]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Here]:
    with wire_nova(tmp_path, monkeypatch, hosts=10) as nova:
        yield Here(nova, tmp_path)
        nova.held.set()


def in_the_middle(here: Here) -> subprocess.Popen[str]:
    """The first of three calls was carried out, and its answer waits."""
    here.nova.held.clear()
    process = here.begin(*THREE)
    if not here.nova.arrived.acquire(timeout=PATIENCE):
        process.kill()
        raise AssertionError(here.ended(process))
    return process


def heard(process: subprocess.Popen[str], words: str) -> None:
    """Until stderr says `words`."""
    assert process.stderr is not None
    for line in process.stderr:
        if words in line:
            return
    raise AssertionError(f"{words!r} was never said")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_the_step_is_finished_and_told_and_it_is_gone_on_with(here: Here, number: signal.Signals) -> None:
    process = in_the_middle(here)
    process.send_signal(number)
    heard(process, f"{number.name}: no further step begins")
    here.nova.held.set()
    code, out, err = here.ended(process)
    assert code == Exit.INTERRUPTED
    assert [line.split()[:2] for line in out.splitlines()] == [
        ["done", "cmp01:"], ["interrupted", "cmp02:"], ["interrupted", "cmp03:"],
    ]  # fmt: skip
    run = here.id()
    assert "done: cmp01 1.1" in err
    assert "not begun: cmp02 1.1" in err
    assert f"`nephoscope undo --resume {run}`" in err
    assert f"`nephoscope undo --settle {run}` leaves it at that; then `nephoscope undo {run}` takes back" in err
    assert here.events() == ["began", "about", "did", "verified", "left"]
    assert verify(here.path, None).ok
    assert here.hosts() == ["cmp01"]
    here.nova.of("cmp03")["status"] = "disabled"
    code, out, err = here.run("undo", "--resume", run)
    assert code == Exit.GUARD
    assert "sense is closed now: is disabled already" in err
    assert f"nephoscope undo --settle {run}" in err
    assert here.run("undo", "--resume", run, "--plan")[0] == Exit.GUARD
    assert here.hosts() == ["cmp01"]
    here.nova.of("cmp03")["status"] = "enabled"
    code, out, err = here.run("undo", "--resume", run, "--plan")
    assert (code, out) == (Exit.DONE, "cmp02 1.1 disable nova-compute on cmp02: would be done\n"
                                      "cmp03 1.1 disable nova-compute on cmp03: would be done\n")  # fmt: skip
    code, out, err = here.run("undo", "--resume", run, "--plan", "-o", "json")
    assert code == Exit.DONE, "stdout is the plan alone: what a second person approves again"
    plan = decoded(json.loads(out))
    assert plan.hash == json.loads(here.path.read_text().splitlines()[0])["data"]["plan_hash"]
    assert "cmp03 1.1 disable nova-compute on cmp03: would be done" in err
    code, out, err = here.run("undo", "--resume", run)
    assert code == Exit.DONE, err
    assert here.hosts() == ["cmp01", "cmp02", "cmp03"]
    assert here.events()[5] == "resumed"
    assert here.run("undo", "--resume", run)[0] == Exit.NO_SUCH_OBJECT


def test_ctrl_c_cancels_it(here: Here) -> None:
    process = in_the_middle(here)
    process.send_signal(signal.SIGINT)
    heard(process, "SIGINT: no further step begins")
    here.nova.held.set()
    code, _, err = here.ended(process)
    run = here.id()
    assert code == Exit.INTERRUPTED
    assert f"`nephoscope undo {run}` takes back what was done" in err
    assert here.events()[-1] == "ended"
    assert here.run("undo", "--settle", run)[0] == Exit.USAGE
    assert here.run("undo", run, "--yes", "1")[0] == Exit.DONE
    assert here.nova.of("cmp01")["status"] == "enabled"
    assert here.run("undo", "--resume", run)[0] == Exit.NO_SUCH_OBJECT, "it was taken back"


@pytest.mark.parametrize("second", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_second_signal_leaves_at_once_and_the_record_stays(here: Here, second: signal.Signals) -> None:
    process = in_the_middle(here)
    process.send_signal(signal.SIGTERM)
    heard(process, "SIGTERM: no further step begins")
    process.send_signal(second)
    code, _, err = here.ended(process)
    assert code == Exit.INTERRUPTED
    assert not here.nova.held.is_set(), "nobody waited for the answer"
    assert "in flight, and not known: cmp01 1.1" in err
    run = here.id()
    assert f"`nephoscope undo --resume {run}` looks again" in err
    assert here.events() == ["began", "about", "left"]
    assert verify(here.path, None).ok
    here.nova.held.set()
    code, out, err = here.run("undo", "--resume", run)
    assert code == Exit.DONE, err
    assert "was carried out" in out
    assert here.hosts() == ["cmp01", "cmp02", "cmp03"], "and only once"


def test_before_anything_was_begun_it_just_ends(here: Here) -> None:
    listed, looks, most = here.nova.listed, 0, 1000

    def slowly(seen: Seen) -> Reply:
        nonlocal looks
        looks += 1
        if looks > most:
            here.nova.arrived.release()
            here.nova.held.wait(PATIENCE)
        return listed(seen)

    here.nova.cloud.on(PATH, slowly)
    assert here.run(*THREE, "--plan")[0] == Exit.DONE
    looks, most = 0, looks  # the plan is made with as many; then it is looked at once more
    process = in_the_middle(here)
    process.send_signal(signal.SIGTERM)
    code, _, err = here.ended(process)
    assert (code, err.splitlines()[-1]) == (Exit.INTERRUPTED, "nephoscope: nothing was begun")
    assert here.hosts() == []
    assert here.events() == []


def test_who_reads_what_it_says_may_go(here: Here) -> None:
    with in_the_middle(here) as process:
        assert process.stderr is not None
        process.stderr.close()
        here.nova.held.set()
        assert process.stdout is not None
        assert len(process.stdout.read().splitlines()) == 3
    assert process.returncode == Exit.DONE
    assert here.events()[-1] == "ended"


def test_what_is_to_survive_a_hang_up_does(here: Here) -> None:
    here.nova.held.clear()
    code = "import os, signal, sys; signal.signal(signal.SIGHUP, signal.SIG_IGN); os.execv(sys.argv[1], sys.argv[1:])"
    process = here.begin(*THREE, command=[sys.executable, "-c", code, *COMMAND])
    assert here.nova.arrived.acquire(timeout=PATIENCE)
    process.send_signal(signal.SIGHUP)
    here.nova.held.set()
    assert here.ended(process)[0] == Exit.DONE


def test_a_terminal_that_is_gone_ends_a_command_between_two_steps(here: Here) -> None:
    here.nova.held.clear()
    terminal = Terminal([*COMMAND, *THREE], here.environ)
    assert here.nova.arrived.acquire(timeout=PATIENCE)
    os.close(terminal._descriptor)
    waited(here, terminal.pid)
    assert here.events() == ["began", "about", "did", "verified", "left"]
    assert here.hosts() == ["cmp01"]


def waited(here: Here, pid: int) -> None:
    """The hang-up is heard, then the answer comes, and the process ends as documented."""
    end = time.monotonic() + PATIENCE
    try:
        while os.readlink(f"/proc/{pid}/fd/1") != os.devnull:
            assert time.monotonic() < end, "the hang-up was not heard"
            time.sleep(0.01)
        here.nova.held.set()
        while time.monotonic() < end:
            done, status = os.waitpid(pid, os.WNOHANG)
            if done:
                assert os.waitstatus_to_exitcode(status) == Exit.INTERRUPTED
                return
            time.sleep(0.05)
        raise AssertionError("it did not end")
    except BaseException:
        os.kill(pid, signal.SIGKILL)  # a console without a terminal is nobody's
        os.waitpid(pid, 0)
        raise


# -- the console ----------------------------------------------------------------------------------------------------


def console_in_the_middle(here: Here) -> Terminal:
    """A console in which ten computes are disabled, eight at a time, and the first answers wait."""
    terminal = Terminal(COMMAND, here.environ)
    terminal.until(lambda: terminal.shows("compute"), PATIENCE)
    terminal.press(":arm 10m INC-4711\r")
    terminal.until(lambda: terminal.shows("ARMED"), PATIENCE)
    here.nova.held.clear()
    terminal.press(":do compute-service.disable host=cmp* reason=RAM\r")
    terminal.until(lambda: terminal.shows("confirms, by typing"), PATIENCE)
    terminal.press("R10\r")
    assert here.nova.arrived.acquire(timeout=PATIENCE)
    return terminal


def test_a_console_that_is_terminated_waits_for_its_step(here: Here) -> None:
    with console_in_the_middle(here) as terminal:
        os.kill(terminal.pid, signal.SIGTERM)
        terminal.until(lambda: terminal.shows("waits for the one that was begun"), PATIENCE)
        here.nova.held.set()
        assert terminal.ended(PATIENCE) == Exit.INTERRUPTED
        assert terminal.shows("undo --resume")
    assert here.events()[-1] == "left"
    assert verify(here.path, None).ok


def test_a_console_without_anything_that_runs_just_ends(here: Here) -> None:
    with Terminal(COMMAND, here.environ) as terminal:
        terminal.until(lambda: terminal.shows("compute"), PATIENCE)
        os.kill(terminal.pid, signal.SIGTERM)
        assert terminal.ended(PATIENCE) == Exit.INTERRUPTED
        assert b"\x1b[?1049l" in terminal.latest, "the terminal is as it was"


def test_a_second_signal_leaves_the_console_at_once(here: Here) -> None:
    with console_in_the_middle(here) as terminal:
        os.kill(terminal.pid, signal.SIGTERM)
        terminal.until(lambda: terminal.shows("waits for the one that was begun"), PATIENCE)
        os.kill(terminal.pid, signal.SIGTERM)
        assert terminal.ended(PATIENCE) == Exit.INTERRUPTED
        assert not here.nova.held.is_set()
    assert here.events()[-1] == "left"
    here.nova.held.set()
    code, _, err = here.run("undo", "--resume")
    assert code == Exit.DONE, err
    assert sorted(here.hosts()) == TEN


@pytest.mark.parametrize("ignored", [False, True], ids=["heard", "nohup"])
def test_a_lost_session_leaves_a_record_that_is_gone_on_with(here: Here, ignored: bool) -> None:
    """Also where the hang-up is ignored: nobody can look at that console any more."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN if ignored else signal.SIG_DFL)
    terminal = console_in_the_middle(here)
    os.close(terminal._descriptor)
    waited(here, terminal.pid)
    assert here.events()[-1] == "left"
    assert verify(here.path, None).ok
    code, _, err = here.run("undo", "--resume")
    assert code == Exit.DONE, err
    assert sorted(here.hosts()) == TEN
