"""A container's log that is followed, in a real shell: it ends with its channel, and when the engine ends."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from collectors.sources.batch import rendered
from collectors.sources.entries import command

FOLLOW = command("follow-docker since=1 lines=10 container=nova_compute")


@pytest.fixture
def engine(tmp_path: Path) -> Path:
    """A folder for a program `docker`."""
    (tmp_path / "bin").mkdir()
    return tmp_path / "bin"


def begun(engine: Path, script: str) -> subprocess.Popen[str]:
    """`docker` does what `script` says; standard input stays open, as a channel's does."""
    (engine / "docker").write_text(f"#!/bin/sh\n{script}\n")
    (engine / "docker").chmod(0o755)
    pipe = subprocess.PIPE
    line = f"exec {rendered(FOLLOW, root=True, sudo=False)}"
    environment = {"PATH": f"{engine}:{os.environ['PATH']}"}
    return subprocess.Popen(["sh", "-c", line], stdin=pipe, stdout=pipe, stderr=pipe, env=environment, text=True)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_the_engines_client_ends_with_its_channel(engine: Path) -> None:
    with begun(engine, "echo $$; exec sleep 600") as following:
        assert following.stdin is not None
        assert following.stdout is not None
        pid = int(following.stdout.readline())
        assert alive(pid)
        following.stdin.close()
        assert following.stdout.read() == ""  # the end of the last process that could have written
        following.wait(20)
    assert not alive(pid)


def test_its_own_end_and_its_words_are_told_at_once(engine: Path) -> None:
    with begun(engine, "echo one; echo two >&2; exit 3") as following:
        assert following.stdout is not None
        assert following.stderr is not None
        assert (following.stdout.read(), following.stderr.read()) == ("one\n", "two\n")
        assert following.wait(20) == 3


def test_sudo_is_asked_for_the_shell_that_ends_it() -> None:
    assert rendered(FOLLOW, root=False, sudo=True).startswith("sudo -n sh -c 'exec 3<&0;")
    assert rendered(FOLLOW, root=False, sudo=False).startswith("sh -c 'exec 3<&0;")
