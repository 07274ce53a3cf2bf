"""Several lists of the management API as one: each object says which of them it is from.

What the further lists need may be missing (an older broker has no operator policies): that one is left out then.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from collectors.deadline import Deadline
from collectors.errors import NoSuchObject, NotUnderstood
from collectors.request import Management
from collectors.shapes import decoded
from collectors.sources.base import Page

if TYPE_CHECKING:
    from collectors.sources.rabbitmq import RabbitmqSource


def marked(source: RabbitmqSource, request: Management, query: Mapping[str, str], deadline: Deadline) -> Iterator[Page]:
    """Pages of `request.path`, then of each list in `request.also`."""
    for path in (request.path, *request.also):
        try:
            for page in source.pages(path, query, request.page, deadline):
                yield _marked(page, path, f"rabbitmq {path}")
        except NoSuchObject:
            if path == request.path:
                raise


def _marked(page: Page, path: str, what: str) -> Page:
    try:
        items: list[Any] = decoded(page.raw, list[Any]) if page.raw is not None else list(page.items)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise NotUnderstood(
            what, f"the answer is no list ({error})", "check the URL in [site.NAME.rabbitmq]"
        ) from error
    known = [item | {"listed_in": path} if isinstance(item, dict) else item for item in items]
    return replace(page, raw=None, items=known)
