"""Grafana Loki: what its streams are called, and their lines in pages. GETs only; one address that answers is enough.

Loki gives no more than a few thousand lines at a time (`max_entries_limit_per_query`), so all of it is read in pages by
time; how they are put together is `collectors/logs/central.py`'s business.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar

import msgspec

from collectors.deadline import Deadline
from collectors.errors import BadConfiguration, NotUnderstood, SourceError, UsageError
from collectors.kind import Scope
from collectors.logs.logql import Entry
from collectors.request import Request
from collectors.shapes import decoded
from collectors.site import LokiSite, Site
from collectors.sources.base import Fact, Page, Where
from collectors.sources.prometheus import fact, first_answer
from collectors.sources.web import Web

if TYPE_CHECKING:
    from collectors.connections import Connections

PAGE: Final = 1000
"""Lines of one answer: half of what the strictest usual limit allows."""

T = TypeVar("T")
Direction = Literal["backward", "forward"]


class _Stream(msgspec.Struct, gc=False):
    stream: dict[str, str]
    values: list[list[Any]]
    """(nanoseconds as text, line), and since Loki 3 perhaps structured metadata."""


class _Data(msgspec.Struct, gc=False):
    resultType: str  # noqa: N815  their name
    result: list[_Stream]


class _Answer(msgspec.Struct, gc=False):
    """`GET /loki/api/v1/query_range`."""

    data: _Data


class _Names(msgspec.Struct, gc=False):
    """`labels`, `label/NAME/values`; without any, Loki leaves `data` out."""

    status: str
    data: list[str] | None = None


class LokiSource:
    """The Loki of one site."""

    system = "loki"
    workers = 2

    def __init__(self, site: Site, connections: Connections | None = None) -> None:
        if site.loki is None:
            raise BadConfiguration("loki", "the site says nothing about it", "add [site.NAME.loki]")
        self.site: LokiSite = site.loki
        headers = {"X-Scope-OrgID": site.loki.tenant} if site.loki.tenant else {}
        self.web = Web("loki", site.loki.web, connections, headers=headers)

    def targets(self, scope: Scope, where: Where) -> Sequence[str]:
        """No kind is read from it."""
        raise UsageError("Loki has logs, and no list of things", "nephoscope logs")

    def read(self, request: Request, target: str, deadline: Deadline, where: Where) -> Iterator[Page]:
        """No kind is read from it."""
        raise UsageError("Loki has logs, and no list of things", "nephoscope logs")

    def labels(self, since: float, deadline: Deadline) -> list[str]:
        """The names of labels that streams have had since that moment. Raises `SourceError`."""
        return self._names("/loki/api/v1/labels", since, deadline)

    def values(self, label: str, since: float, deadline: Deadline) -> list[str]:
        """The values of one label. Raises `SourceError`."""
        return self._names(f"/loki/api/v1/label/{label}/values", since, deadline)

    def _names(self, path: str, since: float, deadline: Deadline) -> list[str]:
        return self._asked(path, {"start": str(int(since * 1e9))}, _Names, deadline).data or []

    def page(
        self, query: str, start: int, end: int, limit: int, direction: Direction, deadline: Deadline
    ) -> list[Entry]:
        """At most `limit` lines from `start` until before `end` (nanoseconds), the oldest first.

        `backward` gives the latest of them. Raises `SourceError`.
        """
        given = {"query": query, "start": str(start), "end": str(end), "limit": str(limit), "direction": direction}
        answer = self._asked("/loki/api/v1/query_range", given, _Answer, deadline)
        if answer.data.resultType != "streams":
            raise self._other(self.web.site.urls[0][0], b"")
        found = []
        for each in answer.data.result:
            labels = tuple(sorted(each.stream.items()))
            found += [(int(value[0]), labels, str(value[1])) for value in each.values]
        return sorted(found, key=lambda entry: entry[0])

    def _asked(self, path: str, given: Mapping[str, str], shape: type[T], deadline: Deadline) -> T:
        def ask(host: str, own: Deadline) -> T:
            body = self.web.get(host, path, given, own).content
            try:
                found: T = decoded(body, shape)
                return found
            except (msgspec.DecodeError, ValueError, IndexError) as error:
                raise self._other(host, body) from error

        return first_answer(self.web, deadline, ask)

    def _other(self, host: str, body: bytes) -> SourceError:
        words = "HTML instead of JSON" if body.lstrip()[:1] == b"<" else "the answer is not Loki's"
        return NotUnderstood(self.web.title(host), words, f"check the URL in {self.web.table}")

    def doctor(self, deadline: Deadline) -> Iterator[Fact]:
        """One fact per address: its version, and whether we may read there."""
        for host, url in self.web.site.urls:
            found = fact(self.web, host, "/loki/api/v1/status/buildinfo", deadline)
            if found.level == "ok":
                found = self._readable(host, url, found, deadline)
            yield found

    def _readable(self, host: str, url: str, found: Fact, deadline: Deadline) -> Fact:
        """`buildinfo` is given to anybody; labels only to a tenant."""
        try:
            body = self.web.get(host, "/loki/api/v1/labels", {}, deadline).content
            names = decoded(body, _Names).data or []
        except msgspec.DecodeError:
            return Fact("loki", f"{host} {url}", "critical", detail="something else answers", next_step="check its URL")
        except SourceError as error:
            hint = f"set tenant in {self.web.table}" if "org id" in error.why else error.hint
            return Fact("loki", f"{host} {url}", "critical", refused=error.why, next_step=hint)
        who = f"tenant {self.site.tenant}" if self.site.tenant else found.identity
        level, detail = ("ok", "") if names else ("warning", "has no streams of the last hours")
        return msgspec.structs.replace(found, identity=who, level=level, detail=detail)

    def close(self) -> None:
        """Close the connections."""
        self.web.close()
