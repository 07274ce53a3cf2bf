"""Tables as Ceph prints them: columns two blanks apart, each as wide as its widest cell, ends filled up."""

from __future__ import annotations

from collections.abc import Sequence


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, head: str = "") -> str:
    """Rows under their titles. A title with `<` before it is a column of text at the left; others are at the right.

    `head`: how titles stand where that differs from their cells (`<` at the left, all of them).
    """
    left = [column.startswith("<") for column in columns]
    titles = [column.removeprefix("<") for column in columns]
    widths = [max([len(title), *(len(row[at]) for row in rows)]) for at, title in enumerate(titles)]

    def line(cells: Sequence[str], lefts: Sequence[bool]) -> str:
        return "  ".join(
            cell.ljust(width) if at_left else cell.rjust(width)
            for cell, width, at_left in zip(cells, widths, lefts, strict=True)
        )

    first = line(titles, [True] * len(titles) if head == "<" else left)
    return "\n".join([first, *(line(row, left) for row in rows)]) + "\n"
