"""Pairs that a kind shows as one text (`disk=ssd, rack=a`): read, and expected to be there or gone."""

from __future__ import annotations

import re

KEY = r"[A-Za-z0-9_.:-]{1,255}"
"""What Nova lets a property of an aggregate or an extra spec be called, but for spaces."""
VALUE = r'[^\r\n"]{0,255}'


def pairs_of(text: str | None) -> dict[str, str]:
    """The pairs behind the text; a value with `, ` in it and something like a pair behind it is misread."""
    found = (each.partition("=") for each in (text or "").split(", ") if each)
    return {key: value for key, _, value in found}


def has_part(column: str, text: str) -> str:
    """A term of a filter: `text` is one of the parts of a listed column."""
    return f'{column}~"(^|, )(?-i:{re.escape(text)})(, |$)"'


def has_host(host: str) -> str:
    """A term of a filter: the host, whose name has no capitals that matter, is one of the column `hosts`."""
    return f'hosts~"(^|, ){re.escape(host)}(, |$)"'


def has_key(column: str, key: str) -> str:
    """A term of a filter: there is such a key among the pairs."""
    return f'{column}~"(^|, )(?-i:{re.escape(key)})="'
