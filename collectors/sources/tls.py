"""Every TLS address that the cloud and the site name, and the certificate files on the site's hosts.

Each address and each host is looked at by itself, side by side, within a limit of its own; systems that only a host
reaches, by way of that host. Where the catalogue or a host cannot be read, the rest is.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import msgspec

from collectors.deadline import Deadline
from collectors.errors import SourceError, TooLate
from collectors.kind import Scope
from collectors.request import Certificates, Request
from collectors.site import Site
from collectors.sources.base import Fact, Page, Where
from collectors.sources.certificate_files import compare, of_host
from collectors.sources.certificate_probe import Dial, looked_at
from collectors.sources.dial import dialled
from collectors.sources.side_by_side import side_by_side

if TYPE_CHECKING:
    from collectors.connections import Connections

THREADS: Final = 32
GRACE: Final = 1.0
FILES_SECONDS: Final = 15.0
"""For the files of one host."""
DEFAULT_PORT: Final = 443


class Address(msgspec.Struct, frozen=True):
    """Where, as whom, and for whom."""

    address: str
    port: int
    ca: Path | None = None
    via: str = ""
    """`ssh:HOST` when only that host reaches it."""


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
            dial = self._through(at.via) if at.via else dialled
            return looked_at(at.address, at.port, at.address, at.ca, seconds, deadline, dial)

        files, errors = self._begin_files(deadline)
        served = []
        for at, said in side_by_side(list(wanted), ask, seconds=rounds * 2 * seconds + GRACE, threads=THREADS):
            found = said if said is not None else {"error": f"did not finish within {seconds:g} s"}
            about = {"address": at.address, "port": at.port, "used_by": list(dict.fromkeys(wanted[at]))}
            served.append(about | found)
        lying = files()
        compare(served, lying, [(host.name, host.address) for host in self.site.hosts.values()])
        yield Page(items=[*served, *lying], calls=len(self.site.hosts))
        if failure is not None or errors:
            raise failure or errors[0]

    def _through(self, via: str) -> Dial:
        """Connections that the host makes."""

        def dial(address: str, port: int, limit: Deadline, deadline: Deadline) -> socket.socket:
            return self._connections.ssh().open_channel(via.partition(":")[2], address, port, limit)

        return dial

    def _begin_files(self, deadline: Deadline) -> tuple[Callable[[], list[dict[str, Any]]], list[SourceError]]:
        """Ask the hosts for their files while the addresses are asked; (what gives them all, what went wrong).

        Hosts that do not answer are one error together: each of them is told elsewhere.
        """
        hosts, found, errors = list(self.site.hosts), list[dict[str, Any]](), list[SourceError]()
        if not hosts:
            return lambda: found, errors
        ssh = self._connections.ssh()
        seconds = min(FILES_SECONDS, deadline.remaining() * 0.9)

        def ask(host: str) -> tuple[list[dict[str, Any]], SourceError | None]:
            own = Deadline(seconds)
            key = deadline.guard(own.end)
            try:
                return of_host(ssh, host, own)
            except SourceError as error:
                return [], error
            finally:
                deadline.release(key)

        def work() -> None:
            silent: dict[str, SourceError] = {}
            for host, said in side_by_side(hosts, ask, seconds=seconds + GRACE, threads=THREADS):
                items, error = said if said is not None else ([], TooLate(f"ssh {host}", "did not finish in time"))
                found.extend(items)
                if error is not None:
                    silent[host] = error
            if silent:
                first = next(iter(silent.values()))
                what = f"certificate files of {', '.join(sorted(silent)[:6])}"
                errors.append(type(first)(what, first.why, first.hint) if len(silent) > 1 else first)

        thread = threading.Thread(target=work, name="certificate-files", daemon=True)
        thread.start()

        def all_of_them() -> list[dict[str, Any]]:
            thread.join(seconds + 2 * GRACE)
            return list(found)

        return all_of_them, errors

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
        site = self.site
        if site.rabbitmq is not None:
            for host, url in site.rabbitmq.urls:
                if (at := _address(url, site.rabbitmq.ca, site.rabbitmq.via)) is not None:
                    yield at, f"rabbitmq management of {host}"
        if site.amqp is not None and site.amqp.tls:
            for each in site.amqp.listeners:
                yield Address(each.address, each.port, site.amqp.ca, site.amqp.via), f"rabbitmq of {each.host}"
        if site.ceph is not None and (dashboard := site.ceph.dashboard) is not None:
            for url in dashboard.urls:
                if (at := _address(url, dashboard.ca, dashboard.via)) is not None:
                    yield at, "Ceph dashboard"
        webs = {"haproxy": site.haproxy.pages if site.haproxy else None, "prometheus": site.prometheus,
                "alertmanager": site.alertmanager, "loki": site.loki.web if site.loki else None}  # fmt: skip
        for name, web in webs.items():
            for _, url in web.urls if web is not None else ():
                if web is not None and (at := _address(url, web.ca, web.via)) is not None:
                    yield at, name
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


def _address(url: str, ca: Path | None, via: str = "") -> Address | None:
    """Where an https URL leads; None for anything else."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme != "https" or not parts.hostname:
        return None
    return Address(parts.hostname, port or DEFAULT_PORT, ca, via)
