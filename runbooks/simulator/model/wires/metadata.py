"""What answers on 169.254.169.254: a namespace's proxy, its host's metadata agent, Nova; each in its own words.

The proxy is HAProxy in the namespace of a router, or of a DHCP server whose network has no router. It adds who asks
and for which router or network; the agent looks up whose address that is (nobody's: 404, Nova is never asked), signs
the server's id with the secret that it shares with Nova, and passes the request on. Another secret: 403.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from hmac import new as hmac_of
from ipaddress import AddressValueError, IPv4Address
from typing import TYPE_CHECKING, Final

from runbooks.simulator.model.network.records import Port
from runbooks.simulator.model.wires.namespaces import Namespace, processes

if TYPE_CHECKING:
    from runbooks.simulator.model.cloud import Cloud
    from runbooks.simulator.model.server import Server

AGENT: Final = "neutron_metadata_agent"
ADDRESS: Final = "169.254.169.254"
PROXY_PORT: Final = 9697
SOCKET: Final = "/var/lib/docker/volumes/neutron_metadata_socket/_data/metadata_proxy"
"""The agent's own, in the volume that it shares with the agents whose namespaces have proxies."""
OTHER_SECRET: Final = "of-somebody-else"
VERSIONS: Final = ("1.0", "2007-01-19", "2007-03-01", "2007-08-29", "2007-10-10", "2007-12-15", "2008-02-01",
                   "2008-09-01", "2009-04-04")  # fmt: skip
OPENSTACK_VERSIONS: Final = ("2012-08-10", "2013-04-04", "2013-10-17", "2015-10-15", "2016-06-30", "2016-10-06",
                             "2017-02-22", "2018-08-27", "2020-10-14")  # fmt: skip
_REASONS = {
    403: ("Forbidden", "Access was denied to this resource."),
    404: ("Not Found", "The resource could not be found."),
    500: ("Internal Server Error", "An unknown error has occurred. Please try your request again."),
    503: (
        "Service Unavailable",
        "The remote metadata server is temporarily unavailable. Please try again later.",
    ),
}
_NO_SERVER = (
    "<html><body><h1>503 Service Unavailable</h1>\nNo server is available to handle this request.\n</body></html>\n"
)


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer."""

    status: int
    body: str
    type: str = "text/html; charset=UTF-8"

    @property
    def reason(self) -> str:
        return "OK" if self.status == 200 else _REASONS[self.status][0]


def _refused(status: int) -> Answer:
    """An error in WebOb's form."""
    reason, words = _REASONS[status]
    title = f"{status} {reason}"
    body = f"<html>\n <head>\n  <title>{title}</title>\n </head>\n <body>\n  <h1>{title}</h1>\n  {words}<br /><br />\n"
    return Answer(status, body + "\n\n\n </body>\n</html>")


def proxied(cloud: Cloud, host: str, namespace: Namespace) -> bool:
    """True while a proxy runs in the namespace."""
    return any(each.name == "haproxy" for each in processes(cloud, host, namespace))


def by_proxy(cloud: Cloud, host: str, namespace: Namespace, source: str, path: str, forwarded: str = "") -> Answer:
    """What the namespace's proxy answers to `source`; `forwarded` is what the request itself says of who asks."""
    if cloud.hosts[host].answer(AGENT) != "answers":
        return Answer(503, _NO_SERVER, "text/html")
    asked_by = f"{forwarded}, {source}" if forwarded else source
    if namespace.kind == "router":
        return by_agent(cloud, host, path, asked_by, router=namespace.of)
    return by_agent(cloud, host, path, asked_by, network=namespace.of)


def by_agent(cloud: Cloud, host: str, path: str, forwarded: str, router: str = "", network: str = "") -> Answer:
    """What the host's metadata agent answers to a request with these headers; it must run."""
    try:
        IPv4Address(forwarded)
    except AddressValueError:
        return _refused(500)
    if bool(router) == bool(network):
        return _refused(404)
    networks = [network] if network else [port.network_id for port in cloud.network.routers.interfaces(router)]
    found = [port for each in networks if each in cloud.network.networks for port in _with(cloud, each, forwarded)]
    server = cloud.compute.servers.get(found[0].device_id) if len(found) == 1 else None
    if server is None:
        return _refused(404)
    if not any(one.alive("nova_api") for one in cloud.hosts.with_role("control")):
        return _refused(503)
    if wrong(cloud, host, cloud.now()):
        return _refused(403)
    text = _document(cloud, server, found[0], path)
    return _refused(404) if text is None else Answer(200, text, "text/plain; charset=UTF-8")


def _with(cloud: Cloud, network: str, address: str) -> list[Port]:
    ports = cloud.network.ports.on_network(network)
    return [port for port in ports if any(fixed == address for _, fixed in port.fixed_ips)]


def wrong(cloud: Cloud, host: str, at: float) -> bool:
    """True at moments at which the host's agent signed with another secret."""
    spans = cloud.damage.other_secret.get(host, [])
    return any(begin <= at and (end is None or at < end) for begin, end in spans)


def signatures(cloud: Cloud, server_id: str) -> tuple[str, str]:
    """(with the other secret, with Nova's): of a server's id."""
    keys = (OTHER_SECRET, cloud.secrets.metadata)
    one, other = (hmac_of(key.encode(), server_id.encode(), sha256).hexdigest() for key in keys)
    return one, other


def agent_of(cloud: Cloud, port: Port) -> str:
    """The host whose agent passes a server's requests on: where its network's router is active; empty without one."""
    routers = cloud.network.routers
    for each in cloud.network.ports.of_services(port.network_id):
        if each.device_id in routers.by_id:
            hosts = routers.hosts.get(each.device_id, [])
            return routers.active.get(each.device_id) or (hosts[0] if hosts else "")
    hosts = cloud.network.dhcp_hosts.get(port.network_id, [])
    return hosts[0] if hosts else ""


def _openstack(cloud: Cloud, server: Server, parts: list[str]) -> str | None:
    """The same in OpenStack's own form."""
    match parts:
        case []:
            return "\n".join((*OPENSTACK_VERSIONS, "latest"))
        case [version] if version in (*OPENSTACK_VERSIONS, "latest"):
            return "meta_data.json"
        case [version, "meta_data.json"] if version in (*OPENSTACK_VERSIONS, "latest"):
            told = {
                "uuid": server.id,
                "hostname": f"{server.name}.novalocal",
                "name": server.name,
                "launch_index": 0,
                "availability_zone": cloud.compute.zone(server.host) if server.host else "nova",
                "project_id": server.project_id,
                "devices": [],
            }
            return json.dumps(told)
    return None


def _document(cloud: Cloud, server: Server, port: Port, path: str) -> str | None:
    """What Nova tells a server of itself; None for what is not there."""
    parts = [part for part in path.partition("?")[0].split("/") if part]
    if parts[:1] == ["openstack"]:
        return _openstack(cloud, server, parts[1:])
    if not parts:
        return "\n".join((*VERSIONS, "latest"))
    if parts[0] not in (*VERSIONS, "latest"):
        return None
    facts = {
        "ami-id": f"ami-{server.number:08x}",
        "hostname": f"{server.name}.novalocal",
        "instance-id": f"i-{server.number:08x}",
        "instance-type": server.flavor.name,
        "local-hostname": f"{server.name}.novalocal",
        "local-ipv4": port.fixed_ips[0][1],
        "public-ipv4": cloud.network.floating_of(port.id),
        "reservation-id": server.reservation_id,
    }
    match parts[1:]:
        case []:
            return "meta-data/"
        case ["meta-data"]:
            return "\n".join([*facts, "placement/"])
        case ["meta-data", "placement"]:
            return "availability-zone"
        case ["meta-data", "placement", "availability-zone"]:
            return cloud.compute.zone(server.host) if server.host else "nova"
        case ["meta-data", name] if name in facts:
            return facts[name]
    return None
