"""One value as people read it, without any screen: the same words in a grid cell, the describe pane and `get`.

Text from outside is neutralised here; times become ages in steps (nothing while fresh), sizes and counts get units.
"""

from __future__ import annotations

from collectors.kind import Column, Value
from collectors.untrusted import neutral
from collectors.values import age, count, iso, size


def plain(value: Value, column: Column | None, now: float, *, full: bool = False) -> str:
    """`value` of `column` in words; `full` (describe) adds the exact time and shows fresh ages too."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    role = column.role if column is not None else "text"
    if isinstance(value, str):
        return neutral(value)
    match role:
        case "time":
            old = now - value
            if full:
                return f"{iso(int(value))} ({age(old) if old >= 0 else 'ahead'} ago)" if old >= 10 else iso(int(value))
            return "" if column is not None and old < column.fresh else age(old)
        case "duration" if value < 0:
            shown = plain(-value, column, now)
            return shown if shown == "0 ms" else f"-{shown}"
        case "duration":
            return f"{value * 1000:.0f} ms" if value < 1 else f"{value:.1f} s" if value < 10 else age(value)
        case "bytes":
            return size(value)
        case "percent":
            return f"{value:.0f} %"
        case "number":
            return count(value)
        case _:
            return str(value)
