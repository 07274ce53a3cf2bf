"""The lab for tests: brought up once, asked over its socket and over SSH as any client would, then taken away.

`NEPHOSCOPE_LAB_STATE=DIR` uses the lab that is up there, and leaves it up.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

from tests.ground import ROOT, Ground
from tests.lab.told import rows_of

COMMAND = str(Path(sys.executable).with_name("nephoscope"))
UP_SECONDS = 2400
"""From a machine with nothing installed."""
POLLS = 60.0
"""Two polls of the slowest kind, and the reading itself on a busy machine."""


class RealLab(Ground):
    """A running lab; `net` is its number."""

    CLOUD: ClassVar[str] = "lab"
    PATIENCE: ClassVar[float] = 420.0

    @property
    def vip(self) -> str:
        """The virtual address."""
        return f"10.{self.net}.0.10"

    def on(self, host: str, *words: str, check: bool = True) -> str:
        """What a command prints on a host, over OpenSSH."""
        line = ["ssh", "-F", str(self.state / "ssh_config"), host, *words]
        done = subprocess.run(line, capture_output=True, text=True, timeout=60, check=False)
        assert not check or done.returncode == 0, f"{words} on {host}: {done.stderr}"
        return done.stdout

    def get(self, kind: str, *filters: str) -> list[dict[str, Any]]:
        """The rows of `nephoscope get`, also of a partial answer."""
        return rows_of(self, kind, *filters)

    def row(self, kind: str, name: str) -> dict[str, Any]:
        """The one row of that id or name; empty when there is none."""
        return next((row for row in self.get(kind) if name in (row["id"], row.get("name"))), {})

    def nephoscope(self, *words: str) -> subprocess.CompletedProcess[str]:
        """A command of ours against the lab."""
        environ = self.environment()
        return subprocess.run([COMMAND, *words], env=environ, capture_output=True, text=True, timeout=120, check=False)

    @contextmanager
    def broken(self, fault: str, **parameters: str) -> Iterator[None]:
        """With the fault in effect; healed again afterwards."""
        made = self.inject(fault, **parameters)
        try:
            yield
        finally:
            self.ask("undo", id=made)


def until(look: Callable[[], Any], wanted: Callable[[Any], bool], seconds: float = POLLS) -> Any:
    """What `look` finds once it is `wanted`. Fails with the last thing that it found."""
    end = time.monotonic() + seconds
    while True:
        found = look()
        if wanted(found):
            return found
        assert time.monotonic() < end, found
        time.sleep(1.0)


def brought_up(environ: Mapping[str, str]) -> tuple[RealLab, bool]:
    """The lab, and whether it is ours to take away."""
    told = environ.get("NEPHOSCOPE_LAB_STATE")
    state = Path(told or "/var/lib/nephoscope-lab-tests")
    if told is None:
        command = [COMMAND, "lab", "up", "--profile", "full", "--state", str(state)]
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, timeout=UP_SECONDS, check=False)
        assert done.returncode == 0, f"the lab did not come up (exit {done.returncode}); its words are above"
    number = int(json.loads((state / "lab.json").read_text())["number"])
    return RealLab(state, number), told is None


def taken_away(lab: RealLab) -> None:
    """Destroy it; nothing may be left."""
    subprocess.run([COMMAND, "lab", "destroy", "--state", str(lab.state)], cwd=ROOT, timeout=300, check=True)
    assert not lab.state.exists()
    left = subprocess.run(["ip", "-o", "link"], capture_output=True, text=True, check=True).stdout
    assert f"nl{lab.net}-" not in left
    spaces = subprocess.run(["ip", "netns", "list"], capture_output=True, text=True, check=True).stdout
    assert f"nl{lab.net}-" not in spaces
    assert str(lab.state) not in Path("/proc/self/mounts").read_text()


def impossible() -> str:
    """Why no lab can be had here; empty where it can."""
    if os.geteuid() != 0:
        return "the lab needs root"
    if not Path("/usr/bin/apt-get").exists():
        return "the lab needs Debian's or Ubuntu's packages"
    return ""
