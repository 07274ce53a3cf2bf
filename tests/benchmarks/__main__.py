"""`make bench`: every `bench_*.py` of this folder, or those named; exit 1 when a target is missed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from tests.benchmarks.figure import Figure


def modules(wanted: list[str]) -> Iterator[str]:
    """Names of the benchmark modules."""
    for path in sorted(Path(__file__).parent.glob("bench_*.py")):
        if not wanted or any(word in path.stem for word in wanted):
            yield path.stem


def main() -> int:
    """Run them one after the other, alone on the machine, and print as they finish."""
    missed = 0
    for name in modules(sys.argv[1:]):
        module = import_module(f"tests.benchmarks.{name}")
        print(f"\n{name.removeprefix('bench_')}: {(module.__doc__ or '').strip().splitlines()[0]}")
        figures: Iterator[Figure] = module.figures()
        for figure in figures:
            print("  " + figure.line(), flush=True)
            missed += not figure.met
    print(f"\n{missed} target{'' if missed == 1 else 's'} missed" if missed else "\nevery target met")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
