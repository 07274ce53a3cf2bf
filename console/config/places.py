"""Where a key stands in a TOML file, as one would look for it."""

from __future__ import annotations

import re


def place(keys: tuple[str, ...]) -> str:
    """`[site.prod.galera] user`."""
    if len(keys) < 2:
        return keys[0] if keys else "as a whole"
    *tables, key = keys
    return f"[{'.'.join(_quoted(table) for table in tables)}] {key}"


def _quoted(word: str) -> str:
    return word if re.fullmatch(r"[A-Za-z0-9_-]+(\[\d+\])?", word) else f'"{word}"'
