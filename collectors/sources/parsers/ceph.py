"""JSON of `ceph` and `rbd`: handed on as it is, because views join the answers of several commands."""

from __future__ import annotations

from typing import Any

from collectors.errors import NotUnderstood
from collectors.sources.ceph_commands import plain


def answer(output: bytes) -> dict[str, Any]:
    """The answer. Raises ValueError for anything but JSON."""
    try:
        return {"answer": plain(output, "ceph")}
    except NotUnderstood as error:
        raise ValueError(error.why) from error
