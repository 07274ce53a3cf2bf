"""Where a key stands in a TOML file, as one would look for it."""

from __future__ import annotations


def place(keys: tuple[str, ...]) -> str:
    """`[site.prod.galera] user`."""
    if len(keys) < 2:
        return keys[0] if keys else "as a whole"
    *tables, key = keys
    return f"[{'.'.join(_quoted(table) for table in tables)}] {key}"


def _quoted(word: str) -> str:
    return word if word and all(c.isascii() and (c.isalnum() or c in "_-") for c in word) else f'"{word}"'
