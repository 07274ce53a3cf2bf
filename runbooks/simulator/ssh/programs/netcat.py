"""`nc -z`: whether a TCP port is open: the walk of a SYN, and what listens where it arrives."""

from __future__ import annotations

from runbooks.simulator.model.wires.look import Look
from runbooks.simulator.model.wires.metadata import PROXY_PORT
from runbooks.simulator.model.wires.namespaces import processes
from runbooks.simulator.model.wires.packet import Packet
from runbooks.simulator.model.wires.places import Place
from runbooks.simulator.model.wires.walk import answered
from runbooks.simulator.ssh.getopt import options
from runbooks.simulator.ssh.pace import FOREVER
from runbooks.simulator.ssh.program import Call, UsageError, program
from runbooks.simulator.ssh.programs.ping import here, noted, resolve, source_for, tried
from runbooks.simulator.ssh.programs.sockets import PORTS

NAMES = {"ssh": 22, "http": 80, "https": 443, "domain": 53, "mysql": 3306, "amqp": 5672}
SERVERS_LISTEN = (22,)
"""What answers on a server: its images run nothing but SSH."""


def listens(call: Call, place: Place, port: int) -> bool:
    """True when somebody accepts connections to this port where they arrive."""
    cloud = call.place.cloud
    if place.port:
        return port in SERVERS_LISTEN
    if place.namespace:
        namespace = Look(cloud).namespace(place.host, place.namespace)
        running = {p.name for p in processes(cloud, place.host, namespace)} if namespace is not None else set()
        proxies = port == (80 if place.namespace.startswith("qdhcp-") else PROXY_PORT) and "haproxy" in running
        return proxies or (port == 53 and "dnsmasq" in running)
    if not place.host:
        return False
    host = cloud.hosts[place.host]
    units = [unit for unit in host.units.values() if unit.state in ("running", "hung")]
    return any(port == number for unit in units for number, *_ in PORTS.get(unit.name, ()))


def filtered(place: Place, port: int) -> bool:
    """True where a rule drops it: to a router's proxy only what was for 169.254.169.254 gets, marked on its way."""
    return place.namespace.startswith("qrouter-") and port == PROXY_PORT


@program("nc", folder="/usr/bin")
def _nc(call: Call) -> int:
    """`nc -z [-v] [-w SECONDS] HOST PORT`."""
    given = options(call, flags="zvnu46", valued="wsp", usage_status=1)
    if len(given.operands) != 2 or "z" not in given or "u" in given:
        raise UsageError("usage: nc [-46nvz] [-s sourceaddr] [-w timeout] destination port", 1)
    name, text = given.operands
    target, port = resolve(call, name), NAMES.get(text, int(text) if text.isdigit() else 0)
    if not target:
        return call.fail(f'nc: getaddrinfo for host "{name}" port {text}: Temporary failure in name resolution')
    if not 0 < port < 65536:
        return call.fail(f"nc: port number invalid: {text}")
    source = source_for(call, target)
    words = f"nc: connect to {name} port {port} (tcp) failed: "
    loud = "v" in given
    if not source:
        return call.fail(words + "Network is unreachable") if loud else 1
    number = 32768 + call.place.cloud.seed.number(28000, "nc", call.place.now, port)
    result = tried(call, Packet("", "", source, target, protocol="tcp", source_port=number, target_port=port, size=60))
    there = result.there
    open_there = there.arrived is not None and listens(call, there.arrived, port)
    if there.arrived is not None and filtered(there.arrived, port):
        result.back, open_there = None, False
    elif there.arrived is not None and not open_there and there.arrived != here(call):
        result.back = answered(Look(call.place.cloud), there, "reset")
    noted(call, result, call.shell.pace.waited, 0)
    if result.good and open_there:
        service = next((known for known, at in NAMES.items() if at == port), "*")
        if loud:
            call.fail(f"Connection to {name} {port} port [tcp/{service}] succeeded!")
        return 0
    if result.good:
        return call.fail(words + "Connection refused") if loud else 1
    limit = given.last("w")
    call.wait(float(limit) if limit else min(130.0, FOREVER))
    if not loud:
        return 1
    why = "timed out: Operation now in progress" if limit else "failed: Connection timed out"
    return call.fail(f"nc: connect to {name} port {port} (tcp) {why}")
