"""Roles: what a colour means. Views name roles, themes say how each one looks; nobody writes a colour in a view.

A theme is a TOML file beside this one. `[roles]` gives every role a style in rich's words (`bold #ff6b6b on #1d1f21`,
`reverse`, `yellow`); `[surface]` gives the few colours that Textual's own widgets need. Severity is always carried by
glyph and word as well, so a theme without any colour loses nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

Role: TypeAlias = Literal[
    "critical", "warning", "unknown", "ok", "acknowledged",
    "text", "dim", "strong", "accent", "name", "ref",
    "header", "where", "mode", "armed", "production",
    "crumb", "column", "sorted", "cursor", "cursor-unfocused", "mark", "match", "changed", "stale",
    "message", "error", "prompt", "completion", "completion-chosen", "hint", "hint-key", "rule",
]  # fmt: skip

ROLES: Final[Mapping[Role, str]] = {
    "critical": "it does not do its work",
    "warning": "it works, but somebody should look",
    "unknown": "we cannot tell",
    "ok": "it is well; quiet",
    "acknowledged": "a known problem, with reason and expiry",
    "text": "anything without another role",
    "dim": "what may be overlooked: units, ids, what is well",
    "strong": "the one thing to read first",
    "accent": "titles, what was chosen",
    "name": "what people call a thing",
    "ref": "the name of another thing, which can be followed",
    "header": "line 1 as a whole",
    "where": "cloud and region in line 1",
    "mode": "READ-ONLY and its like in line 1",
    "armed": "changes are possible",
    "production": "changes here hurt people: the frame of a production cloud",
    "crumb": "line 2: where we are, what is shown of how much",
    "column": "a column's title",
    "sorted": "the title of the column that gives the order",
    "cursor": "the line with the cursor",
    "cursor-unfocused": "that line while another pane has the keys",
    "mark": "a marked row",
    "match": "what the filter found",
    "changed": "a value that is not what it was",
    "stale": "known from before, not read now",
    "message": "something the console says",
    "error": "something that could not be done or read",
    "prompt": "the `:` or `/` before what is typed",
    "completion": "words offered behind it",
    "completion-chosen": "the one that Tab takes",
    "hint": "what a key does",
    "hint-key": "the key",
    "rule": "lines and frames",
}
"""Role → what it is for."""

SEVERITIES: Final[tuple[Role, ...]] = ("critical", "warning", "unknown", "ok")

SURFACE: Final[tuple[str, ...]] = (
    "primary", "secondary", "warning", "error", "success", "accent", "foreground", "background", "surface", "panel",
)  # fmt: skip
"""Colours of `[surface]`, for Textual's own widgets."""
