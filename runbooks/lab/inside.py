"""Run a program in a throw-away copy of a system: `python inside.py ROOT IMAGE [PATH…] -- PROGRAM WORD…`.

The copy is an overlay in memory over IMAGE, mounted at ROOT; each PATH of this machine is seen in it at the same place.
It must be started in a mount namespace of its own (`unshare --mount --propagation private`): with the program, every
mount and all that was written outside of the PATHs are gone.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def main(words: list[str]) -> None:
    """Build the copy, enter it and become the program."""
    cut = words.index("--")
    root, image, paths, program = Path(words[0]), words[1], words[2:cut], words[cut + 1 :]
    _mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", str(root))
    for name in ("upper", "work", "system"):
        (root / name).mkdir()
    system = root / "system"
    layers = f"lowerdir={image},upperdir={root / 'upper'},workdir={root / 'work'}"
    _mount("-t", "overlay", "overlay", "-o", layers, str(system))
    for path in paths:
        target = system / path.lstrip("/")
        if Path(path).is_dir():
            target.mkdir(parents=True, exist_ok=True)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.unlink(missing_ok=True)  # what may be a link that leads out of the copy
            target.touch()
        _mount("--rbind", path, str(target))
    os.chroot(system)
    os.chdir("/")
    os.execvp(program[0], program)


def _mount(*words: str) -> None:
    subprocess.run(("mount", *words), check=True)


if __name__ == "__main__":
    main(sys.argv[1:])
