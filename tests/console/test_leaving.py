"""How a command leaves: at once, but with its output written, its clean-up done and its other threads heard."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.ground import ROOT


def left(code: str) -> subprocess.CompletedProcess[str]:
    """A fresh interpreter in which `main` does `code` and gives 3."""
    lines = "".join(f"    {line}\n" for line in code.splitlines())
    program = f"import console.__main__ as m, sys\ndef main():\n{lines}    return 3\nm.main = main\nm.command()"
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=False)


def test_what_was_printed_is_written_and_the_code_is_told() -> None:
    done = left("print('x' * 300_000)\nsys.stderr.write('talk')")
    assert (len(done.stdout), done.stderr, done.returncode) == (300_001, "talk", 3)


def test_clean_up_is_done() -> None:
    done = left("import atexit\natexit.register(print, 'cleaned')")
    assert (done.stdout, done.returncode) == ("cleaned\n", 3)


def test_temporary_folders_are_removed() -> None:
    done = left("import tempfile\nglobal kept\nkept = tempfile.TemporaryDirectory()\nprint(kept.name)")
    assert done.returncode == 3
    assert not Path(done.stdout.strip()).exists()


def test_threads_that_hold_up_the_end_are_waited_for() -> None:
    done = left("import threading, time\nthreading.Thread(target=lambda: (time.sleep(0.3), print('done'))).start()")
    assert (done.stdout, done.returncode) == ("done\n", 3)
