"""The recordings of a real Galera cluster: status, variables, processes."""

from __future__ import annotations

from pathlib import Path

WIRE = Path(__file__).resolve().parents[2] / "wire" / "galera"


def pairs(name: str) -> dict[str, str]:
    """A recorded `Variable_name<TAB>Value` table."""
    found = {}
    for line in (WIRE / name).read_text().splitlines():
        if not line.startswith(("#", "Variable_name")):
            variable, _, value = line.partition("\t")
            found[variable] = value
    return found


def header(name: str) -> list[str]:
    """The column names of a recorded table."""
    return (WIRE / name).read_text().splitlines()[0].split("\t")
