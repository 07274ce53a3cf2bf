"""Sorting in slices: runs of a few thousand are sorted, then merged pairwise, with a yield after each step.

One call of `list.sort` over 260,000 strings holds the interpreter for a quarter of a second. Python's sort merges runs
that are already sorted in linear time, so sorting two adjacent runs again is the merge.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any, Final

RUN: Final = 8192


def merged(found: list[int], key: Callable[[int], Any], descending: bool) -> Generator[None, None, list[int]]:
    """`found` sorted by `key`, stable."""
    runs: list[list[int]] = []
    for start in range(0, len(found), RUN):
        runs.append(sorted(found[start : start + RUN], key=key, reverse=descending))
        yield
    while len(runs) > 1:
        pairs: list[list[int]] = []
        for first in range(0, len(runs), 2):
            pair = runs[first]
            if first + 1 < len(runs):
                pair = pair + runs[first + 1]
                pair.sort(key=key, reverse=descending)
                yield
            pairs.append(pair)
        runs = pairs
    return runs[0] if runs else []
