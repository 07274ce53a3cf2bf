"""Start a program in control groups, as a session of its own: `python spawn.py LOG GROUP… -- PROGRAM WORD…`.

systemd-nspawn makes its groups below the one that it was started in, so each host must be in its own before it
starts. A program of its own does that, because a thread that forks cannot do so safely.
"""

from __future__ import annotations

import os
import sys


def main(words: list[str]) -> None:
    """Enter the groups and become the program."""
    cut = words.index("--")
    log, groups, program = words[0], words[1:cut], words[cut + 1 :]
    os.setsid()
    for group in groups:
        with open(f"{group}/cgroup.procs", "w", encoding="ascii") as file:
            file.write(str(os.getpid()))
    out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for descriptor in (1, 2):
        os.dup2(out, descriptor)
    os.execvp(program[0], program)


if __name__ == "__main__":
    main(sys.argv[1:])
