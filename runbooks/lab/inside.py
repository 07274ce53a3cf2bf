"""Run a program in a throw-away copy of a system: `python inside.py ROOT IMAGE [PATH…] -- PROGRAM WORD…`.

The copy is an overlay in memory over IMAGE, mounted at ROOT; each PATH of this machine is seen in it at the same place.
It must be started in a mount namespace of its own (`unshare --mount --propagation private`): with the program, every
mount and all that was written outside of the PATHs are gone.

Places for the PATHs are made before the first of them is mounted, so that nothing is ever written through one.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path


def outermost(paths: Sequence[str]) -> list[str]:
    """The paths without those that are below another one: they are seen with it."""
    clean = [path for path in dict.fromkeys(os.path.normpath(path) for path in paths) if path != "/"]
    return [path for path in clean if not any(path.startswith(f"{other}/") for other in clean)]


def place(system: Path, path: str) -> Path:
    """Make an empty place for `path` in the copy. Raises ValueError when a link on the way leads out of it."""
    target = system / path.lstrip("/")
    for parent in list(target.relative_to(system).parents)[-2::-1]:
        if (system / parent).is_symlink():
            raise ValueError(f"/{parent} is a link in the image, so {path} cannot be shown there")
    target.parent.mkdir(parents=True, exist_ok=True)
    if Path(path).is_dir():
        target.mkdir(exist_ok=True)
    else:
        target.unlink(missing_ok=True)  # it may be a link
        target.touch()
    return target


def main(words: list[str]) -> None:
    """Build the copy, enter it and become the program."""
    cut = words.index("--")
    root, image, paths, program = Path(words[0]), words[1], outermost(words[2:cut]), words[cut + 1 :]
    _mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", str(root))
    for name in ("upper", "work", "system"):
        (root / name).mkdir()
    system = root / "system"
    layers = f"lowerdir={image},upperdir={root / 'upper'},workdir={root / 'work'}"
    _mount("-t", "overlay", "overlay", "-o", layers, str(system))
    places = [(path, place(system, path)) for path in paths]
    for path, target in places:
        _mount("--rbind", path, str(target))
    os.chroot(system)
    os.chdir("/")
    os.execvp(program[0], program)


def _mount(*words: str) -> None:
    subprocess.run(("mount", *words), check=True)


if __name__ == "__main__":
    main(sys.argv[1:])
