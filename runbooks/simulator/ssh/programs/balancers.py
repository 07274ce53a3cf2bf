"""What one asks HAProxy with: `socat` at its socket."""

from __future__ import annotations

import re

from runbooks.simulator.balancers import statistics
from runbooks.simulator.clock import stamp
from runbooks.simulator.model.caches import PORT, UNIT
from runbooks.simulator.ssh.program import Call, UsageError, decode, program

SOCKET = "/var/lib/docker/volumes/haproxy_socket/_data/haproxy.sock"
"""Kolla's socket, in the container's volume: only root gets there."""


@program("socat")
def _socat(call: Call) -> int:
    """`socat [-tN] - UNIX-CONNECT:PATH` (either way round): sends standard input, prints what comes back."""
    words = [word for word in call.args if not re.fullmatch(r"-[tT][\d.]+", word)]
    if len(words) != 2:
        raise UsageError(_said(call, f'E exactly 2 addresses required (there are {len(words)}); use option "-h"'), 1)
    ends = {word.lower() if word in ("-", "STDIO", "stdio") else word for word in words} - {"-", "stdio"}
    if (away := re.fullmatch(r"(?i:TCP4?|TCP-CONNECT):([\w.-]+):(\d+)(?:,.*)?", next(iter(ends), ""))) and len(
        ends
    ) == 1:
        return _to_port(call, away[1], int(away[2]))
    path = re.fullmatch(r"(?i:UNIX-CONNECT:|UNIX-CLIENT:|UNIX:)?(/[^,]+)(?:,.*)?", next(iter(ends), ""))
    if len(ends) != 1 or path is None:
        return call.fail(_said(call, f'E unknown device/address "{next(iter(ends), "")}"'))
    host = call.place.host
    why = ""
    if path[1].startswith("/var/lib/docker/") and not call.place.root:
        why = "Permission denied"
    elif path[1] != SOCKET or "haproxy" not in host.units:
        why = "No such file or directory"
    elif host.answer("haproxy") == "refuses":
        why = "Connection refused"
    if why:
        return call.fail(_said(call, f'E connect(5, AF=1 "{path[1]}", {len(path[1]) + 2}): {why}'))
    if host.answer("haproxy") == "hangs":
        return 0  # the kernel takes connection and question; socat's patience ends
    for line in decode(call.stdin).splitlines():
        for question in line.split(";"):
            call.print(_answered(call, question.strip()), end="")
    return 0


def _said(call: Call, text: str) -> str:
    at = stamp(call.place.now).replace("-", "/")
    return f"{at} socat[{1000 + int(call.place.now) % 30000}] {text}"


def _answered(call: Call, question: str) -> str:
    """The socket's answer; a setting is a write."""
    balancers, host = call.place.cloud.balancers, call.place.host.name
    call.place.cloud.catch_up()
    if question == "show stat":
        return statistics.stat(balancers, host)
    if question == "show info":
        return statistics.info(balancers, host)
    setting = re.fullmatch(r"set server (\S+)/(\S+) (state|weight) (\S+)", question)
    if setting is None:
        return "Unknown command. Please enter one of the following commands only:\n  show info\n  show stat\n\n"
    backend, server, what, value = setting.groups()
    if missing := balancers.missing(backend, server):
        return f"{missing}\n\n"
    if what == "weight":
        if not re.fullmatch(r"\d{1,3}|100%", value) or int(value.rstrip("%")) > 256:
            return "Absolute weight can only be between 0 and 256 inclusive.\n\n"
        weight = 1 if value.endswith("%") else int(value)
        balancers.weights[host, backend, server] = weight, call.place.cloud.now()
    elif value not in ("ready", "drain", "maint"):
        return "'set server <srv> state' expects 'ready', 'drain' and 'maint'.\n\n"
    else:
        balancers.set_aside(host, backend, server, value)
    call.place.cloud.wrote(f"haproxy:{host}", question, call.place.account.name, "ok")
    return "\n"


def _to_port(call: Call, address: str, port: int) -> int:
    """Of what listens on ports, the caches are known here."""
    cloud = call.place.cloud
    name = next((each.name for each in cloud.hosts if each.machine.address == address), "")
    found = cloud.caches.get(name) if port == PORT else None
    answer = cloud.hosts[name].answer(UNIT) if found is not None else "refuses"
    if answer == "hangs":
        return 0
    if found is None or answer != "answers":
        why = "Connection timed out" if answer == "unreachable" else "Connection refused"
        return call.fail(_said(call, f"E connect(5, AF=2 {address}:{port}, 16): {why}"))
    cloud.catch_up()
    for line in decode(call.stdin).splitlines():
        if line.split() == ["quit"]:
            break
        call.print("".join(found.said(line.split(), b"")), end="")
    return 0
