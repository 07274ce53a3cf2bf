"""Alertmanager's API v2: active alerts, also those that are silenced or inhibited, and silences. GETs only.

The members of its cluster know the same; the first that answers is enough. An alert that is inhibited names the alert
that does it by a fingerprint, one that is silenced the silence by its id: both are told in words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import msgspec

from collectors.deadline import Deadline
from collectors.errors import BadConfiguration, NotUnderstood, UsageError
from collectors.kind import Scope
from collectors.request import Alerting, Request
from collectors.shapes import decoded
from collectors.site import Site
from collectors.sources.base import Fact, Page, Where
from collectors.sources.http import server_time
from collectors.sources.instances import HostNames
from collectors.sources.prometheus import fact, first_answer
from collectors.sources.web import Web

if TYPE_CHECKING:
    from collectors.connections import Connections

WHOLE: Final = "alertmanager"


class AlertmanagerSource:
    """The Alertmanager of one site."""

    system = "alertmanager"
    workers = 2

    def __init__(self, site: Site, connections: Connections | None = None) -> None:
        if site.alertmanager is None:
            raise BadConfiguration("alertmanager", "the site says nothing about it", "add [site.NAME.alertmanager]")
        self.web = Web("alertmanager", site.alertmanager, connections)
        self._hosts = HostNames(site)

    def targets(self, scope: Scope, where: Where) -> Sequence[str]:
        """It is one target."""
        if where.targets:
            raise UsageError("Alertmanager is asked as a whole", "leave the host out")
        return (WHOLE,)

    def read(self, request: Request, target: str, deadline: Deadline, where: Where) -> Iterator[Page]:
        """One page. Raises the first one's error when none answers."""
        assert isinstance(request, Alerting)
        yield first_answer(self.web, deadline, lambda host, own: self._listed(host, request, own))

    def _got(
        self, host: str, path: str, query: Mapping[str, str], deadline: Deadline
    ) -> tuple[list[Any], float | None]:
        """The list at `path`, and the clock there."""
        response = self.web.get(host, f"/api/v2/{path}", query, deadline)
        try:
            return decoded(response.content, list[Any]), server_time(response)
        except msgspec.DecodeError as error:
            html = response.content.lstrip()[:1] == b"<"
            words = "HTML instead of JSON" if html else "the answer is no list"
            raise NotUnderstood(self.web.title(host), words, f"check the URL in {self.web.table}") from error

    def _listed(self, host: str, request: Alerting, deadline: Deadline) -> Page:
        found, clock = self._got(host, request.path, dict(request.query), deadline)
        if not any(_silenced_by(each) for each in found):
            silences = {}
        else:
            listed, _ = self._got(host, "silences", {}, deadline)
            silences = {str(each["id"]): each for each in listed if isinstance(each, dict) and "id" in each}
        for each in found:
            if isinstance(each, dict) and "labels" in each:
                each["host"] = self._hosts.of(each["labels"])
            if by := _silenced_by(each):
                each["silences"] = [silences[str(one)] for one in by if str(one) in silences]
        return Page(items=_named(found), server_time=clock, calls=1 + bool(silences))

    def doctor(self, deadline: Deadline) -> Iterator[Fact]:
        """One fact per address."""
        for host, _ in self.web.site.urls:
            yield fact(self.web, host, "/api/v2/status", deadline)

    def close(self) -> None:
        """Close the connections."""
        self.web.close()


def _silenced_by(alert: object) -> list[Any]:
    """The ids of the silences that hide it."""
    status = alert.get("status") if isinstance(alert, dict) else None
    by = status.get("silencedBy") if isinstance(status, dict) else None
    return by if isinstance(by, list) else []


def _named(found: list[Any]) -> list[Any]:
    """The objects, with the names of the alerts that inhibit them."""
    names = {
        each.get("fingerprint"): str(each["labels"].get("alertname") or "")
        for each in found
        if isinstance(each, dict) and isinstance(each.get("labels"), dict)
    }
    for each in found:
        status = each.get("status") if isinstance(each, dict) else None
        by = status.get("inhibitedBy") if isinstance(status, dict) else None
        if isinstance(by, list) and by:
            each["inhibited_by"] = sorted({names.get(str(one)) or str(one) for one in by})
    return found
