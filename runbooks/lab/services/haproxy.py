"""HAProxy on every controller: the database, the broker's management API and the APIs behind the virtual address.

It listens on that address on every host, also where the address is not (yet), so that a move of it takes no restart.
Each host's own address has the statistics page and the metrics.
"""

from __future__ import annotations

from dataclasses import dataclass

from runbooks.lab.lab import Lab
from runbooks.lab.machine import Machine

PACKAGES = ("haproxy",)
STATS = 1984
SOCKET = "/run/haproxy/admin.sock"


@dataclass(frozen=True, slots=True)
class Api:
    """A service behind the virtual address: its port is the same in front and behind."""

    name: str
    port: int
    check: str = "/"
    """The path that must answer."""
    profiles: tuple[str, ...] = ("core", "network", "storage", "full")
    alone: bool = False
    """True for a further project's: it is on the last of the API hosts only."""


APIS: tuple[Api, ...] = (
    Api("keystone", 5000),
    Api("glance", 9292, "/healthcheck"),
    Api("placement", 8778),
    Api("nova", 8774),
    Api("nova-metadata", 8775, profiles=("network", "full")),
    Api("cinder", 8776),
    Api("neutron", 9696),  # in all profiles: Nova cannot list servers without it
    Api("heat", 8004, "/healthcheck", profiles=("full",), alone=True),
    Api("barbican", 9311, "/healthcheck", profiles=("full",), alone=True),
    Api("designate", 9001, "/healthcheck", profiles=("full",), alone=True),
    Api("manila", 8786, "/healthcheck", profiles=("full",), alone=True),
    Api("octavia", 9876, "/healthcheck", profiles=("full",), alone=True),
)

GLOBAL = f"""\
global
  log /dev/log local0
  maxconn 4000
  user haproxy
  group haproxy
  stats socket {SOCKET} mode 660 level admin expose-fd listeners
defaults
  log global
  mode http
  option httplog
  option redispatch
  retries 3
  timeout connect 5s
  timeout client 5m
  timeout server 5m
  timeout check 5s
  default-server inter 2s fall 3 rise 2
"""


def install(lab: Lab) -> None:
    """Its configuration; the right to listen on an address that is elsewhere."""
    members = [(machine.name, machine.address) for machine in lab.control]
    api = [(machine.name, machine.address) for machine in lab.api]
    apis = [each for each in APIS if lab.layout.profile in each.profiles]
    for machine in lab.control:
        machine.write("/etc/sysctl.d/60-haproxy.conf", "net.ipv4.ip_nonlocal_bind = 1\n")
        machine.write("/etc/haproxy/haproxy.cfg", config(machine.address, lab.layout.vip, members, api, apis))
        machine.enable("haproxy")


def config(address: str, vip: str, members: list[tuple[str, str]], api: list[tuple[str, str]], apis: list[Api]) -> str:
    """haproxy.cfg of the controller with this address. One database member works, the others stand by."""
    parts = [GLOBAL, _stats(address), _mariadb(vip, members)]
    parts.append(_listen("rabbitmq-management", vip, 15672, "/", members))
    parts += [_listen(each.name, vip, each.port, each.check, api[-1:] if each.alone else api) for each in apis]
    return "".join(parts)


def _stats(address: str) -> str:
    return f"""\
listen stats
  bind {address}:{STATS}
  stats enable
  stats uri /
  stats refresh 15s
  http-request use-service prometheus-exporter if {{ path /metrics }}
"""


def _mariadb(vip: str, members: list[tuple[str, str]]) -> str:
    servers = "".join(
        f"  server {name} {at}:3306 check{' backup' if index else ''}\n" for index, (name, at) in enumerate(members)
    )
    return f"""\
listen mariadb
  bind {vip}:3306
  mode tcp
  option tcplog
  option clitcpka
  option srvtcpka
  option mysql-check user haproxy
  timeout client 1h
  timeout server 1h
{servers}"""


def _listen(name: str, vip: str, port: int, check: str, members: list[tuple[str, str]]) -> str:
    servers = "".join(f"  server {host} {at}:{port} check\n" for host, at in members)
    return f"""\
listen {name}
  bind {vip}:{port}
  option httpchk GET {check}
  http-check expect rstatus (2|3)[0-9][0-9]
  option forwardfor
  http-request set-header X-Forwarded-Proto http
{servers}"""


def start(lab: Lab) -> None:
    """Start it, or let it read its configuration again."""
    lab.each(lab.control, _start)


def _start(machine: Machine) -> None:
    machine.run("sysctl", "-q", "-p", "/etc/sysctl.d/60-haproxy.conf")
    machine.systemctl("reload-or-restart", "haproxy", seconds=60)
    machine.wait_port(STATS)
