"""HAProxy's statistics, from each host that runs it: over SSH from its socket, or as CSV from its statistics page.

Every HAProxy checks the servers by itself, so each is asked. The socket answers with the process' own figures as well
(`show info`). A HAProxy that does not answer is a row too, saying why, followed by the error.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from collectors.deadline import Deadline
from collectors.errors import (
    BadConfiguration,
    NotUnderstood,
    Refused,
    SourceError,
    TooLate,
    Unreachable,
    UsageError,
)
from collectors.kind import Scope
from collectors.request import BalancerStats, Request
from collectors.site import HaproxySite, Site
from collectors.sources.base import Fact, Page, Where
from collectors.sources.entries import command
from collectors.sources.parsers.haproxy import SILENT, stat

if TYPE_CHECKING:
    from collectors.connections import Connections
    from collectors.sources.web import Web

SOCKETS: Final = (
    "/run/haproxy/admin.sock",  # Debian and Ubuntu
    "/var/lib/haproxy/stats",  # Red Hat's
    "/var/lib/docker/volumes/haproxy_socket/_data/haproxy.sock",  # Kolla: the container's volume on the host
    "/var/lib/containers/storage/volumes/haproxy_socket/_data/haproxy.sock",
)
"""Where the statistics socket usually is."""
_NO_SOCKET: Final = "No such file or directory"


class HaproxySource:
    """The load balancers of one site."""

    system = "haproxy"
    workers = 16

    def __init__(self, site: Site, connections: Connections | None = None) -> None:
        if site.haproxy is None:
            raise BadConfiguration("haproxy", "the site says nothing about it", "add [site.NAME.haproxy]")
        self.site = site
        self.haproxy: HaproxySite = site.haproxy
        self._ways = connections
        self._sockets: dict[str, str] = {}
        """Where each host's socket was found."""
        self.web: Web | None = None
        if self.haproxy.pages is not None:
            from collectors.sources.web import Web

            self.web = Web("haproxy", self.haproxy.pages, connections)

    def targets(self, scope: Scope, where: Where) -> Sequence[str]:
        """The hosts that run HAProxy, or those of them that `where` names."""
        for name in where.targets:
            if name not in self.haproxy.hosts:
                raise UsageError(f"{name} runs no HAProxy of this site", f"Hosts: {', '.join(self.haproxy.hosts)}")
        return where.targets or self.haproxy.hosts

    def read(self, request: Request, target: str, deadline: Deadline, where: Where) -> Iterator[Page]:
        """One page: the process, then its frontends, backends and servers."""
        assert isinstance(request, BalancerStats)
        try:
            process, rows, calls = self.stats(target, deadline)
        except SourceError as error:
            silent = isinstance(error, Unreachable) and not isinstance(error, TooLate)
            answers = None if isinstance(error, TooLate) else not silent
            yield Page(items=[_process(target) | {"status": None, "trouble": error.why, "answers": answers}])
            raise
        yield Page(items=[_process(target) | process, *({"host": target} | row for row in rows)], calls=calls)

    def stats(self, host: str, deadline: Deadline) -> tuple[dict[str, Any], list[dict[str, Any]], int]:
        """(what the process says of itself, its proxies and servers, round trips). Raises `SourceError`."""
        if self.web is None:
            return self._from_socket(host, deadline)
        slash = "" if urlsplit(self.web.url(host)).path else "/"
        response = self.web.get(host, f"{slash};csv", {}, deadline)
        try:
            return {}, stat(response.content), 1
        except ValueError as error:
            hint = "urls in [site.NAME.haproxy] must be what `stats uri` says"
            raise NotUnderstood(self.web.title(host), "no statistics of HAProxy there", hint) from error

    # -- the socket -----------------------------------------------------------------------------------------------

    def _paths(self, host: str) -> Sequence[str]:
        if self.haproxy.socket:
            return (self.haproxy.socket,)
        found = self._sockets.get(host)
        return (found, *(path for path in SOCKETS if path != found)) if found else SOCKETS

    def _from_socket(self, host: str, deadline: Deadline) -> tuple[dict[str, Any], list[dict[str, Any]], int]:
        if self._ways is None:
            raise BadConfiguration("haproxy", "its socket is read over SSH, and no SSH is at hand", "set urls")
        ssh, calls, worst = self._ways.ssh(), 0, None
        for path in self._paths(host):
            commands = [command(f"{entry} socket={path}") for entry in ("haproxy-info", "haproxy-stat")]
            found, more = ssh.findings(host, commands, deadline)
            calls += more
            if "haproxy-stat" not in found.failed:
                self._sockets[host] = path
                return found.facts | {"socket": path}, found.rows, calls
            told = next((each for each in found.errors if each.what.startswith("haproxy-stat")), found.errors[0])
            error = _in_words(told, host, path)
            if worst is None or _tells_more(error, worst):
                worst = error
            if not error.why.startswith("no socket"):
                break
        assert worst is not None
        raise worst

    def doctor(self, deadline: Deadline) -> Iterator[Fact]:
        """One fact per host: how it is asked, version, round trip, what is refused, what to do next."""
        from collectors.sources.haproxy_doctor import facts

        yield from facts(self, deadline)

    def close(self) -> None:
        """Close the connections of the statistics pages; those over SSH belong to the hosts."""
        if self.web is not None:
            self.web.close()


def _process(host: str) -> dict[str, Any]:
    return {"host": host, "proxy": "haproxy", "server": "", "type": "process", "status": "running", "answers": True}


def _tells_more(error: SourceError, than: SourceError) -> bool:
    """A refusal says where the socket is; that there is none at the usual places says nothing."""
    return (than.why.startswith("no socket") and not error.why.startswith("no socket")) or isinstance(error, Refused)


def _in_words(error: SourceError, host: str, path: str) -> SourceError:
    """What socat said, without its time stamp and source text."""
    what = f"haproxy on {host}"
    if SILENT in error.why:
        return Unreachable(what, f"{SILENT}: it hangs", f"nephoscope get units host={host}")
    if isinstance(error, Refused | TooLate | NotUnderstood):
        return error
    if "not found" in error.why:
        return Unreachable(what, f"{error.why}: the socket is read by it", "install socat there, or set urls")
    if _NO_SOCKET in error.why:
        return Unreachable(
            what, f"no socket at {path}", f"does it run? nephoscope get units host={host}; or set socket or urls"
        )
    if "Connection refused" in error.why:
        return Unreachable(what, "Connection refused: nobody serves its socket", f"nephoscope get units host={host}")
    return error
