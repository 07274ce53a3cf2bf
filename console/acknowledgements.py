"""Acknowledged problems on disk: one JSON file in the state folder, written whole and atomically.

Several consoles of one person may run at a time: every change is made under a lock, on what the file holds at that
moment. A file that cannot be understood is told in words and counts as empty; it is never overwritten, but set aside.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

from collectors.acknowledge import Acknowledgement
from collectors.shapes import decoded

FILE: Final = "acknowledgements.json"


def read(state_dir: Path) -> tuple[list[Acknowledgement], str]:
    """What the file holds, and what is wrong with it in words (empty: nothing)."""
    path = state_dir / FILE
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        return [], ""
    except OSError as error:
        return [], f"acknowledgements: {path}: {error.strerror}"
    try:
        return decoded(text, list[Acknowledgement]), ""
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return [], f"acknowledgements: {path} cannot be understood ({error}); nothing counts as known"


def load(state_dir: Path) -> list[Acknowledgement]:
    """What the file holds; nothing when it cannot be read (`read` says why)."""
    return read(state_dir)[0]


@contextmanager
def _locked(state_dir: Path) -> Iterator[None]:
    state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open(state_dir / f"{FILE}.lock", "a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def change(
    state_dir: Path, edit: Callable[[Sequence[Acknowledgement]], list[Acknowledgement]], now: float
) -> list[Acknowledgement]:
    """Write what `edit` makes of what the file holds; lapsed ones leave. Raises `OSError` when that cannot be done."""
    with _locked(state_dir):
        found, complaint = read(state_dir)
        path = state_dir / FILE
        if complaint and path.exists():
            os.replace(path, state_dir / f"{FILE}.broken")
        kept = [a for a in edit(found) if now < a.until]
        spare = state_dir / f"{FILE}.new"
        with open(spare, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(msgspec.json.format(msgspec.json.encode(kept), indent=1) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        os.replace(spare, path)
        return kept


def add(state_dir: Path, new: Sequence[Acknowledgement], now: float) -> list[Acknowledgement]:
    """Remember `new`; an older one of the same row gives way."""
    rows = {(a.cloud, a.region, a.kind, a.row) for a in new}
    return change(
        state_dir, lambda found: [*(a for a in found if (a.cloud, a.region, a.kind, a.row) not in rows), *new], now
    )


def take_back(
    state_dir: Path, cloud: str, region: str, rows: Sequence[tuple[str, str]], now: float
) -> list[Acknowledgement]:
    """Forget those of `rows`: (kind, row id)."""
    gone = set(rows)
    return change(
        state_dir,
        lambda found: [a for a in found if (a.cloud, a.region) != (cloud, region) or (a.kind, a.row) not in gone],
        now,
    )
