"""What a client on a simulated host is answered over HTTP and TLS: the walk there, then the service that listens.

APIs answer by the same pipeline as outside clients; TLS servers hand out what they have loaded; a namespace's proxy
and the metadata agent's socket answer as the model says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, urlsplit

from multidict import CIMultiDict, MultiDict

from runbooks.simulator.http.call import HUNG_UP
from runbooks.simulator.model.balancers import front_names
from runbooks.simulator.model.ceph.managers import DASHBOARD, DASHBOARD_PORT
from runbooks.simulator.model.wires import metadata
from runbooks.simulator.model.wires.look import Look
from runbooks.simulator.model.wires.packet import Packet
from runbooks.simulator.model.wires.places import Place
from runbooks.simulator.ssh.program import Call
from runbooks.simulator.ssh.programs.netcat import filtered, listens
from runbooks.simulator.ssh.programs.ping import noted, source_for, tried

if TYPE_CHECKING:
    from runbooks.simulator.http.front import Front
    from runbooks.simulator.model.cloud import Cloud
    from runbooks.simulator.model.hosts import Answer

NEVER: Final = 86400.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """A request."""

    method: str
    target: str
    """Address."""
    port: int
    path: str
    """With its query."""
    headers: Mapping[str, str]
    data: bytes = b""


@dataclass(frozen=True, slots=True)
class Got:
    """An answer, after `seconds`."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float = 0.0

    @property
    def reason(self) -> str:
        return HTTPStatus(self.status).phrase


@dataclass(frozen=True, slots=True)
class Met:
    """What connecting met: `answers`, `refuses`, `silent`; and how long it took to know."""

    how: str
    place: Place | None = None
    seconds: float = 0.0


def connected(call: Call, target: str, port: int) -> Met:
    """Connect to a TCP port: the packets' walk, and who listens where they arrive."""
    source = source_for(call, target)
    if not source:
        return Met("refuses")
    cloud = call.place.cloud
    number = 32768 + cloud.seed.number(28000, "connect", call.place.now, port)
    result = tried(call, Packet("", "", source, target, protocol="tcp", source_port=number, target_port=port, size=60))
    noted(call, result, call.shell.pace.waited, 0)
    place = result.there.arrived
    if place is None or result.back is None or result.back.arrived is None or filtered(place, port):
        return Met("silent", seconds=NEVER)
    how = _machine_answers(cloud, place, target, port) if place.host and not place.namespace and not place.port else ""
    if not how:
        how = "answers" if listens(call, place, port) else "refuses"
    return Met({"unreachable": "silent", "hangs": "answers"}.get(how, how), place, result.seconds)


def tls_server(cloud: Cloud, target: str, port: int) -> str:
    """The name under which the cloud's authority knows the TLS server of an address; empty where there is none."""
    if port != DASHBOARD_PORT:
        return ""
    if target == cloud.layout.vip:
        return front_names(cloud)[0]
    return DASHBOARD if _manager(cloud, target) else ""


def _manager(cloud: Cloud, target: str) -> str:
    """The host with a Ceph manager that has the address."""
    hosts = (host for host in cloud.hosts if host.machine.address == target)
    return next((host.name for host in hosts if cloud.ceph.managers.unit(host.name) in host.names), "")


def _machine_answers(cloud: Cloud, place: Place, target: str, port: int) -> Answer | str:
    """How an API or a TLS server of the address takes a connection; empty where there is none."""
    if (front := _front(cloud, target, port)) is not None:
        return front.answer()
    if not tls_server(cloud, target, port):
        return ""
    if target == cloud.layout.vip:
        alive = any(host.alive("haproxy") and host.alive("keepalived") for host in cloud.balancers.hosts)
        return "answers" if alive else "refuses"
    managers, host = cloud.ceph.managers, _manager(cloud, target)
    answer = cloud.hosts[host].answer(managers.unit(host))
    if answer == "answers" and host == managers.active and not managers.announced(cloud.now()):
        return "refuses"
    return answer


def _front(cloud: Cloud, target: str, port: int) -> Front | None:
    """The API that is served on an address."""
    from runbooks.simulator.http.apis import apis
    from runbooks.simulator.http.front import Front

    layout = cloud.layout
    for api in apis(cloud):
        if api.port != port:
            continue
        if target in (layout.vip, layout.internal_vip):
            return Front(cloud, api, "public" if target == layout.vip else "internal", target)
        for host in cloud.hosts.with_role("control"):
            if host.machine.address == target:
                return Front(cloud, api, "backend", target, host.name)
    return None


def answered(call: Call, wanted: Wanted, place: Place) -> Got | None:
    """What the service says to a request on a connection that stands; None: the connection ends without a word."""
    cloud = call.place.cloud
    if place.namespace:
        return _by_proxy(call, wanted, place)
    if (front := _front(cloud, wanted.target, wanted.port)) is not None:
        return _by_api(front, wanted)
    if tls_server(cloud, wanted.target, wanted.port) and wanted.target == cloud.layout.vip:
        from runbooks.simulator.http.horizon import LOGIN

        return Got(302, {"Location": LOGIN, "Content-Length": "0", "Connection": "close"}, b"")
    return None


def _by_api(front: Front, wanted: Wanted) -> Got | None:
    split = urlsplit(wanted.path)
    query = MultiDict(parse_qsl(split.query, keep_blank_values=True))
    if front.resets():
        return None
    if front.answer() == "hangs":
        return Got(504, {}, b"", NEVER)
    reply, headers = front.reply(wanted.method, split.path, query, CIMultiDict(wanted.headers), wanted.data)
    if reply is HUNG_UP and front.backend:
        return None
    body = reply.encoded()
    return Got(reply.status, headers | {"Content-Length": str(len(body))}, body, reply.delay)


def _by_proxy(call: Call, wanted: Wanted, place: Place) -> Got | None:
    cloud = call.place.cloud
    namespace = Look(cloud).namespace(place.host, place.namespace)
    if namespace is None or not metadata.proxied(cloud, place.host, namespace):
        return None
    source = source_for(call, wanted.target)
    forwarded = wanted.headers.get("X-Forwarded-For", "")
    return _of(metadata.by_proxy(cloud, place.host, namespace, source, wanted.path, forwarded))


def by_socket(call: Call, wanted: Wanted) -> Got | None:
    """What the metadata agent of this host answers on its socket; None where nobody listens."""
    cloud, host = call.place.cloud, call.place.host
    if metadata.AGENT not in host.names or host.answer(metadata.AGENT) != "answers":
        return None
    given = CIMultiDict(wanted.headers)
    return _of(metadata.by_agent(
        cloud, host.name, wanted.path, given.get("X-Forwarded-For", ""),
        given.get("X-Neutron-Router-ID", ""), given.get("X-Neutron-Network-ID", ""),
    ))  # fmt: skip


def _of(found: metadata.Answer) -> Got:
    body = found.body.encode()
    return Got(found.status, {"Content-Type": found.type, "Content-Length": str(len(body))}, body)
