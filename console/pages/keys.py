"""docs/keys.md: every key, the `:` word that does the same and the id that settings use, from the one table."""

from __future__ import annotations

from collections.abc import Iterator

from views.keys import CONTEXTS, FORBIDDEN, Context, offered, shown

_HEAD = """# Keys

Generated from the table in `views/keys.py`. Letters keep one meaning everywhere; `?` shows the keys that are valid
where you are. Change them in `nephoscope.toml` by their id:

```toml
[keys]
list.mark = "x"
nav.back = ["escape", "backspace"]
```

Two actions that can be offered at the same time cannot share a key: the change is refused, and the console says so.
"""


def _code(text: str) -> str:
    return f"`{text}`".replace("|", "\\|")


def _rows(context: Context) -> Iterator[str]:
    yield f"\n## {CONTEXTS[context]}\n\n| key | word | what it does | id |\n|---|---|---|---|\n"
    for action in offered(context):
        keys = " ".join(_code(shown(key)) for key in action.keys)
        word = _code(f":{action.word}") if action.word else ""
        meaning = f"{action.title}. {action.tooltip}" if action.tooltip else action.title
        yield f"| {keys} | {word} | {meaning} | `{action.id}` |\n"


def text() -> str:
    """The page."""
    parts = [_HEAD]
    for context in CONTEXTS:
        parts.extend(_rows(context))
    parts.append("\n## Keys that are never used\n\n| key | why |\n|---|---|\n")
    parts.extend(f"| {_code(shown(key))} | {why} |\n" for key, why in FORBIDDEN.items())
    parts.append("| Alt and anything | read as Escape on a slow link |\n")
    return "".join(parts)
