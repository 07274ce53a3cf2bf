"""The docker command line client, version 28: ps, inspect, logs, exec, start, stop, restart, kill."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from runbooks.simulator.model.hosts import Host
from runbooks.simulator.ssh import changes, journal
from runbooks.simulator.ssh.containers import Container, containers, find, follow, human_duration, stamp
from runbooks.simulator.ssh.getopt import Options, options
from runbooks.simulator.ssh.go_template import TemplateError, compact, render
from runbooks.simulator.ssh.program import Call, Place, UsageError, encode, program
from runbooks.simulator.ssh.programs import docker_run

VERSION = "28.2.2"
_HEADINGS = {
    "ID": "CONTAINER ID",
    "Image": "IMAGE",
    "Command": "COMMAND",
    "RunningFor": "CREATED",
    "Status": "STATUS",
    "Ports": "PORTS",
    "Names": "NAMES",
    "State": "STATE",
    "CreatedAt": "CREATED AT",
}


def _has_docker(host: Host) -> bool:
    return "docker" in host.names


@program("docker", on=_has_docker)
def _docker(call: Call) -> int:
    words = call.args
    if words[:1] in (["--version"], ["-v"]):
        call.print(f"Docker version {VERSION}, build e6534b4")
        return 0
    if words[:1] == ["container"]:
        words = words[1:]
    verb = {"ls": "ps", "list": "ps"}.get(words[0], words[0]) if words else "--help"
    if verb == "--help":
        call.print("Usage:  docker [OPTIONS] COMMAND")
        return 0
    commands = {
        "ps": _ps,
        "inspect": _inspect,
        "logs": _logs,
        "exec": docker_run.execute,
        "start": _change,
        "stop": _change,
        "restart": _change,
        "kill": _change,
        "run": docker_run.run,
        "version": _version,
    }
    if verb not in commands:
        return call.fail(f"docker: unknown command: docker {verb}\n\nRun 'docker --help' for more information")
    refused = _daemon_refuses(call.place)
    if refused:
        return call.fail(refused)
    return commands[verb](Call(call.shell, [verb, *words[1:]], call.stdin, call.out, call.err))


def _daemon_refuses(place: Place) -> str:
    """Why the engine cannot be talked to, "" when it can."""
    if not place.account.docker:
        return (
            "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: "
            'Get "http://%2Fvar%2Frun%2Fdocker.sock/v1.50/containers/json": dial unix /var/run/docker.sock: '
            "connect: permission denied"
        )
    if place.host.units["docker"].state != "running":
        return "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?"
    return ""


def _options(call: Call, flags: str = "", valued: str = "", long: str = "", long_valued: str = "") -> Options:
    try:
        return options(call, flags, valued, long, long_valued)
    except UsageError as problem:
        word = problem.text.split("'")[1]
        what = f"unknown flag: {word}" if word.startswith("--") else f"unknown shorthand flag: '{word}' in -{word}"
        raise UsageError(
            f"{what}\n\nUsage:  docker {call.name} [OPTIONS]\n\nRun 'docker {call.name} --help' for more information",
            125,
        ) from problem


def listed(container: Container, now: float, *, whole: bool = False) -> dict[str, Any]:
    """One line of `docker ps --format '{{json .}}'`, in docker's order of keys."""
    unit = container.unit
    source = f"/etc/kolla/{unit.name.replace('_', '-')}"
    return {
        "Command": '"dumb-init --single-child -- kolla_start"' if whole else '"dumb-init --single-…"',
        "CreatedAt": datetime.fromtimestamp(container.created, UTC).strftime("%Y-%m-%d %H:%M:%S +0000 UTC"),
        "ID": container.id if whole else container.id[:12],
        "Image": container.image,
        "Labels": f"kolla_version=20.0.1,maintainer=Kolla,name={unit.name.replace('_', '-')}",
        "LocalVolumes": "1",
        "Mounts": f"{source},kolla_logs" if whole else f"{source[:14]}…,kolla_logs",
        "Names": container.name,
        "Networks": "host",
        "Platform": None,
        "Ports": "",
        "RunningFor": f"{human_duration(now - container.created)} ago",
        "Size": "0B",
        "State": container.state,
        "Status": container.status(now),
    }


def _ps(call: Call) -> int:
    given = _options(call, flags="aqsn", valued="f", long="all quiet no-trunc", long_valued="format filter")
    now = call.place.now
    found = [
        container for container in containers(call.place, "docker") if "a/all" in given or container.state == "running"
    ]
    for condition in given.all("f/filter"):
        name, _, value = condition.partition("=")
        if name not in ("name", "status", "health"):
            return call.fail(f"Error response from daemon: invalid filter '{name}'")
        fields = {"name": "name", "status": "state", "health": "health"}
        found = [
            c
            for c in found
            if value in getattr(c, fields[name]) and (name == "name" or value == getattr(c, fields[name]))
        ]
    rows = [listed(container, now, whole="no-trunc" in given) for container in found]
    if "q/quiet" in given:
        call.out.write("".join(f"{row['ID']}\n" for row in rows).encode())
        return 0
    template = given.last("format")
    try:
        for line in _ps_lines(rows, template):
            call.print(line)
    except TemplateError as problem:
        return call.fail(str(problem))
    return 0


def _ps_lines(rows: list[dict[str, Any]], template: str) -> Iterator[str]:
    if template and not template.startswith("table"):
        yield from (render("{{json .}}" if template == "json" else template, row) for row in rows)
        return
    columns = (
        template[5:].strip()
        or "{{.ID}}\t{{.Image}}\t{{.Command}}\t{{.RunningFor}}\t{{.Status}}\t{{.Ports}}\t{{.Names}}"
    )
    table = [render(columns, row).split("\t") for row in (_HEADINGS, *rows)]
    widths = [max(10, *(len(line[at]) + 3 for line in table)) for at in range(len(table[0]))]
    for line in table:
        yield "".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()


def inspected(container: Container, place: Place) -> dict[str, Any]:
    """What `docker inspect` shows of a container."""
    running = container.state == "running"
    since = stamp(container.unit.since)
    state: dict[str, Any] = {
        "Status": container.state,
        "Running": running,
        "Paused": False,
        "Restarting": False,
        "OOMKilled": False,
        "Dead": False,
        "Pid": changes.process_id(place, container.unit) if running else 0,
        "ExitCode": container.exit_code,
        "Error": "",
        "StartedAt": since if running else stamp(container.created),
        "FinishedAt": "0001-01-01T00:00:00Z" if running else since,
    }
    if container.health:
        state["Health"] = {
            "Status": container.health,
            "FailingStreak": 0 if container.health == "healthy" else 3,
            "Log": [],
        }
    return {
        "Id": container.id,
        "Created": stamp(container.created),
        "Path": "dumb-init",
        "Args": ["--single-child", "--", "kolla_start"],
        "State": state,
        "Image": f"sha256:{place.cloud.seed.digest('image', container.image, size=32).hex()}",
        "Name": f"/{container.name}",
        "RestartCount": 0,
        "HostConfig": {"NetworkMode": "host", "RestartPolicy": {"Name": "unless-stopped", "MaximumRetryCount": 0}},
        "Config": {
            "Hostname": place.host.name,
            "Image": container.image,
            "Env": ["KOLLA_CONFIG_STRATEGY=COPY_ALWAYS", "KOLLA_SERVICE_NAME=" + container.name],
            "Cmd": ["kolla_start"],
            "Labels": {"kolla_version": "20.0.1", "maintainer": "Kolla", "name": container.name.replace("_", "-")},
        },
    }


def _inspect(call: Call) -> int:
    given = _options(call, valued="f", long_valued="format type")
    status, found = 0, []
    for name in given.operands:
        container = find(call.place, "docker", name)
        if container is None:
            status = 1
        else:
            found.append(inspected(container, call.place))
    template = given.last("f/format")
    try:
        if template:
            for value in found:
                call.print(compact(value) if template == "json" else render(template, value))
        else:
            call.print(json.dumps(found, indent=4) if found else "[]")
    except TemplateError as problem:
        return call.fail(str(problem))
    for name in given.operands:
        if find(call.place, "docker", name) is None:
            call.fail(f"Error: No such object: {name}")
    return status


def _logs(call: Call) -> int:
    given = _options(call, flags="ft", valued="n", long="timestamps details follow", long_valued="tail since until")
    if not given.operands:
        return _needs_argument(call, "CONTAINER")
    container = find(call.place, "docker", given.operands[0])
    if container is None:
        return call.fail(f"Error response from daemon: No such container: {given.operands[0]}")
    tail = given.last("n/tail", "all")
    entries = journal.of_container(call.place, container.unit)
    since = given.last("since")
    found = [entry for entry in entries if not since.isdigit() or entry.at >= float(since)]
    for entry in found[-int(tail) :] if tail.isdigit() else found:
        text = (f"{stamp(entry.at)} " if "t/timestamps" in given else "") + entry.message
        if ") Entering " in entry.message:
            call.err.write(encode(f"{text}\n"))  # keepalived --log-console
        else:
            call.print(text)
    if "f/follow" in given and container.state == "running":
        follow(call, "docker", container, stamped="t/timestamps" in given)
    return 0


def _change(call: Call) -> int:
    given = _options(call, valued="ts", long_valued="time timeout signal")
    if not given.operands:
        return _needs_argument(call, "CONTAINER [CONTAINER...]")
    status = 0
    for name in given.operands:
        container = find(call.place, "docker", name)
        if container is None:
            status = call.fail(f"Error response from daemon: No such container: {name}")
            continue
        if call.name == "kill" and container.state != "running":
            status = call.fail(
                f"Error response from daemon: cannot kill container: {name}: container {container.id} is not running"
            )
            continue
        verb = "stop" if call.name == "kill" else call.name
        changes.apply(call.place, container.unit, verb, 137 if call.name == "kill" else 0)
        if verb == "stop":
            docker_run.gone(call, container.name)
            changes.ended(call.place, container.unit)
        call.print(name)
    return status


def _version(call: Call) -> int:
    given = _options(call, valued="f", long_valued="format")
    value = {"Client": {"Version": VERSION, "ApiVersion": "1.50"}, "Server": {"Version": VERSION, "ApiVersion": "1.50"}}
    template = given.last("f/format")
    call.print(render(template, value) if template else f"Client:\n Version: {VERSION}\n\nServer:\n Version: {VERSION}")
    return 0


def _needs_argument(call: Call, usage: str) -> int:
    return call.fail(
        f"docker: 'docker {call.name}' requires at least 1 argument\n\nUsage:  docker {call.name} [OPTIONS] {usage}\n\n"
        f"See 'docker {call.name} --help' for more information"
    )
