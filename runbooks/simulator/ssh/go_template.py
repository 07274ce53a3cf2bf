"""The part of Go's templates that people write after `docker ps --format`: fields, `json`, joined by text."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_ACTION = re.compile(r"\{\{-?\s*(json\s+)?(\.[\w.]*)\s*-?\}\}")


class TemplateError(Exception):
    """The template cannot be used; the message is the rest of the program's sentence."""


def render(template: str, value: Mapping[str, Any]) -> str:
    """`template` with `{{.A.B}}` and `{{json .A}}` filled from `value`. Raises TemplateError."""
    left = _ACTION.sub("", template)
    if "{{" in left:
        raise TemplateError(
            f"template parsing error: template: :1: unexpected {left[left.index('{{') :][:20]!r} in operand"
        )

    def filled(found: re.Match[str]) -> str:
        as_json, path = found.groups()
        at: Any = value
        for name in path.strip(".").split("."):
            if not name:
                continue
            if not isinstance(at, Mapping) or name not in at:
                raise TemplateError(f'template: :1:2: executing "" at <{path}>: map has no entry for key "{name}"')
            at = at[name]
        return compact(at) if as_json else _plain(at)

    return _ACTION.sub(filled, template).replace("\\t", "\t").replace("\\n", "\n")


def compact(value: Any) -> str:
    """JSON without blanks, as Go writes it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return f"[{' '.join(map(_plain, value))}]"
    if isinstance(value, Mapping):
        return f"map[{' '.join(f'{key}:{_plain(item)}' for key, item in value.items())}]"
    return "<no value>" if value is None else str(value)
