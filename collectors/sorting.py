"""Sorting in slices: runs of a few thousand are sorted, then merged pairwise, a few thousand at a time.

One call of `list.sort` over 260,000 strings holds the interpreter for a quarter of a second, and one merge of two long
halves still for thirty milliseconds. Python's sort merges runs that are already sorted in linear time, so sorting two
adjacent parts again is their merge; where the parts may be cut is found by bisection.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Generator
from typing import Any, Final

RUN: Final = 8192

Key = Callable[[int], Any]


def merged(found: list[int], key: Key, descending: bool) -> Generator[None, None, list[int]]:
    """`found` sorted by `key`, stable."""
    if descending:  # stable downwards is stable upwards, read backwards
        turned = yield from merged(found[::-1], key, False)
        return turned[::-1]
    runs: list[list[int]] = []
    for start in range(0, len(found), RUN):
        runs.append(sorted(found[start : start + RUN], key=key))
        yield
    while len(runs) > 1:
        pairs: list[list[int]] = []
        for first in range(0, len(runs), 2):
            if first + 1 < len(runs):
                pairs.append((yield from _pair(runs[first], runs[first + 1], key)))
            else:
                pairs.append(runs[first])
        runs = pairs
    return runs[0] if runs else []


def _pair(one: list[int], other: list[int], key: Key) -> Generator[None, None, list[int]]:
    """Two sorted runs as one; of equals those of `one` come first."""
    made: list[int] = []
    i, j = 0, 0
    while i < len(one) and j < len(other):
        one_end, other_end = min(i + RUN, len(one)), min(j + RUN, len(other))
        one_last, other_last = key(one[one_end - 1]), key(other[other_end - 1])
        # What comes before the lower of the two ends is complete: nothing that is further on belongs before it.
        if other_last < one_last:
            one_end = bisect_right(one, other_last, i, one_end, key=key)
        else:
            other_end = bisect_left(other, one_last, j, other_end, key=key)
        made += sorted(one[i:one_end] + other[j:other_end], key=key)
        i, j = one_end, other_end
        yield
    return made + one[i:] + other[j:]
