"""What a list does not say of its objects, asked of each: `Each` of a request.

Lists for which that is declared are short; still no more than `MOST` questions are asked in one read, and the same
question is asked once. What is refused is part of the object, so that its row can say so; a service that is gone ends
the read, as it would end the list.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from string import Formatter
from typing import Any, Final
from urllib.parse import quote

import msgspec

from collectors.errors import SourceError
from collectors.request import Each
from collectors.sources.paging import mended

MOST: Final = 200
"""Questions of one read."""
Ask = Callable[[str, Mapping[str, str]], bytes]
"""(path, query) → the answer's body. Raises `SourceError`."""
Question = tuple[str, tuple[tuple[str, str], ...]]


def enriched(raw: bytes, each: Each, ask: Ask) -> tuple[bytes, int]:
    """(the list with what was found of each object, requests made). Raises `SourceError` when the service is gone."""
    try:
        rows: Any = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return raw, 0  # whoever decodes the rows says what is wrong with them
    found: dict[Question, dict[str, Any]] = {}
    for row in rows if isinstance(rows, list) else ():
        if not isinstance(row, dict) or (question := _question(each, row)) is None:
            continue
        if question not in found:
            too_many = {f"{each.member}_refused": f"not asked: more than {MOST} of them"}
            found[question] = too_many if len(found) >= MOST else _answer(each, question, ask)
        row.update(found[question])
    return msgspec.json.encode(rows), min(len(found), MOST)


def _question(each: Each, row: Mapping[str, Any]) -> Question | None:
    """What is to be asked of an object; None where it lacks what the question names."""
    texts = (each.path, *(value for _, value in each.query))
    names = {name for text in texts for _, name, _, _ in Formatter().parse(text) if name}
    values = {name: row.get(name) for name in names}
    if not all(isinstance(value, str) and value for value in values.values()):
        return None
    path = each.path.format(**{name: quote(str(value), safe="") for name, value in values.items()})
    return path, tuple((name, value.format(**values)) for name, value in each.query)


def _answer(each: Each, question: Question, ask: Ask) -> dict[str, Any]:
    """What is put into the object."""
    path, query = question
    try:
        body = ask(path, dict(query))
        answer = json.loads(mended(body))
        return {each.member: answer[each.key]}
    except SourceError as error:
        if error.status == 404:
            return {}
        if not error.status:
            raise
        return {f"{each.member}_refused": error.why}
    except (ValueError, RecursionError, KeyError, TypeError):
        return {f"{each.member}_refused": f"the answer has no “{each.key}”"}
