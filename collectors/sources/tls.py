"""Every TLS address that the cloud and the site name: endpoints, management APIs, dashboards, further addresses.

Each is looked at by itself, side by side, within a limit of its own. Where the catalogue cannot be read, the rest is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import msgspec

from collectors.deadline import Deadline
from collectors.errors import SourceError
from collectors.kind import Scope
from collectors.request import Certificates, Request
from collectors.site import Site
from collectors.sources.base import Fact, Page, Where
from collectors.sources.certificate_probe import looked_at
from collectors.sources.side_by_side import side_by_side

if TYPE_CHECKING:
    from collectors.connections import Connections

THREADS: Final = 32
GRACE: Final = 1.0
DEFAULT_PORT: Final = 443


class Address(msgspec.Struct, frozen=True):
    """Where, as whom, and for whom."""

    address: str
    port: int
    ca: Path | None = None


class TlsSource:
    """The certificates of one site."""

    system = "tls"
    workers = 1

    def __init__(self, site: Site, connections: Connections) -> None:
        self.site = site
        self._connections = connections

    def targets(self, scope: Scope, where: Where) -> Sequence[str]:
        """All addresses are one reading."""
        return ("certificates",)

    def read(self, request: Request, target: str, deadline: Deadline, where: Where) -> Iterator[Page]:
        """A page for each address as it answers; then the error where the catalogue could not be read."""
        assert isinstance(request, Certificates)
        named: list[tuple[Address, str]] = []
        failure: SourceError | None = None
        try:
            named += self._of_catalog(deadline)
        except SourceError as error:
            failure = error
        wanted = _merged([*named, *self._of_site()])
        yield Page(calls=2)
        seconds = min(request.probe_seconds, deadline.remaining())
        rounds = -(-len(wanted) // THREADS)

        def ask(at: Address) -> dict[str, Any]:
            return looked_at(at.address, at.port, at.address, at.ca, seconds, deadline)

        for at, said in side_by_side(list(wanted), ask, seconds=rounds * 2 * seconds + GRACE, threads=THREADS):
            found = said if said is not None else {"error": f"did not finish within {seconds:g} s"}
            about = {"address": at.address, "port": at.port, "used_by": list(dict.fromkeys(wanted[at]))}
            yield Page(items=[about | found], calls=0)
        if failure is not None:
            raise failure

    def _of_catalog(self, deadline: Deadline) -> Iterator[tuple[Address, str]]:
        """The endpoints with https. Raises `SourceError`."""
        from collectors.sources.openstack import OpenStackSource
        from collectors.sources.probe import listed_endpoints, substituted

        source = self._connections.system("openstack")
        assert isinstance(source, OpenStackSource)
        listed = listed_endpoints(source, deadline)
        verify = source.bare_session().verify
        ca = Path(verify) if isinstance(verify, str) else None
        words = source.substitutions()
        for endpoint in listed:
            at = _address(substituted(endpoint.url, words), ca) if endpoint.enabled is not False else None
            if at is not None:
                yield at, f"{endpoint.service or endpoint.type or 'service'} {endpoint.interface or ''}".strip()

    def _of_site(self) -> Iterator[tuple[Address, str]]:
        """What the site itself names."""
        if self.site.rabbitmq is not None:
            for host, url in self.site.rabbitmq.urls:
                if (at := _address(url, self.site.rabbitmq.ca)) is not None:
                    yield at, f"rabbitmq management of {host}"
        if self.site.ceph is not None and (dashboard := self.site.ceph.dashboard) is not None:
            for url in dashboard.urls:
                if (at := _address(url, dashboard.ca)) is not None:
                    yield at, "Ceph dashboard"
        for text in self.site.certificates.addresses:
            if (at := _address(f"https://{text}", self.site.certificates.ca)) is not None:
                yield at, "the site's own list"

    def doctor(self, deadline: Deadline) -> Iterator[Fact]:
        """Nothing of its own: whose addresses these are, is asked of their systems."""
        yield from ()

    def close(self) -> None:
        """Nothing stays open."""


def _merged(named: Iterable[tuple[Address, str]]) -> dict[Address, list[str]]:
    """Each address once, with its users; of several the first that brings a CA says which."""
    found: dict[tuple[str, int], tuple[Address, list[str]]] = {}
    for at, user in named:
        known, users = found.get((at.address, at.port), (at, []))
        found[at.address, at.port] = (known if known.ca else at, [*users, user])
    return dict(found.values())


def _address(url: str, ca: Path | None) -> Address | None:
    """Where an https URL leads; None for anything else."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme != "https" or not parts.hostname:
        return None
    return Address(parts.hostname, port or DEFAULT_PORT, ca)
