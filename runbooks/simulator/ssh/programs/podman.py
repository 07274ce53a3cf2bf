"""The podman client, version 4.3: ps, inspect, exec, stop, start, restart. Rootful: without root it sees nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from runbooks.simulator.model.hosts import Host
from runbooks.simulator.ssh import changes
from runbooks.simulator.ssh.containers import Container, containers, find, human_duration, stamp
from runbooks.simulator.ssh.getopt import Options, options
from runbooks.simulator.ssh.go_template import TemplateError, render
from runbooks.simulator.ssh.program import Call, Place, UsageError, program


def _has_podman(host: Host) -> bool:
    return any(plan.engine == "podman" for plan in host.plan)


@program("podman", on=_has_podman)
def _podman(call: Call) -> int:
    words = call.args
    if words[:1] == ["--version"]:
        call.print("podman version 4.3.1")
        return 0
    if words[:1] == ["container"]:
        words = words[1:]
    verb = {"ls": "ps", "list": "ps"}.get(words[0], words[0]) if words else "--help"
    commands = {"ps": _ps, "inspect": _inspect, "exec": _exec, "start": _change, "stop": _change, "restart": _change}
    if verb not in commands:
        return call.fail(f"Error: unrecognized command `podman {verb}`\nTry 'podman --help' for more information", 125)
    return commands[verb](Call(call.shell, [verb, *words[1:]], call.stdin, call.out, call.err))


def _options(call: Call, flags: str = "", valued: str = "", long: str = "", long_valued: str = "") -> Options:
    try:
        return options(call, flags, valued, long, long_valued)
    except UsageError as problem:
        word = problem.text.split("'")[1]
        what = f"unknown flag: {word}" if word.startswith("--") else f"unknown shorthand flag: '{word}' in -{word}"
        raise UsageError(f"Error: {what}\nSee 'podman {call.name} --help'", 125) from problem


def _visible(place: Place) -> list[Container]:
    """Each account has containers of its own; all of the model's are root's."""
    return containers(place, "podman") if place.root else []


def listed(container: Container, place: Place) -> dict[str, Any]:
    """One element of `podman ps --format json`, in podman's order of keys."""
    unit = container.unit
    return {
        "AutoRemove": True,
        "Command": ["-n", container.name.rpartition("-")[2], "-f"],
        "CreatedAt": f"{human_duration(place.now - unit.since)} ago",
        "Exited": False,
        "ExitedAt": -62135596800,
        "ExitCode": 0,
        "Id": container.id,
        "Image": container.image,
        "ImageID": place.cloud.seed.digest("image", container.image, size=32).hex(),
        "IsInfra": False,
        "Labels": {"CEPH_POINT_RELEASE": "-16.2.15", "GIT_BRANCH": "HEAD"},
        "Mounts": ["/var/log/ceph", "/var/lib/ceph/crash", "/run/ceph"],
        "Names": [container.name],
        "Namespaces": {},
        "Networks": [],
        "Pid": changes.process_id(place, unit),
        "Pod": "",
        "PodName": "",
        "Ports": None,
        "Size": None,
        "StartedAt": int(unit.since),
        "State": container.state,
        "Status": container.status(place.now),
        "Created": int(unit.since),
    }


def _ps(call: Call) -> int:
    given = _options(
        call,
        flags="aq",
        long="all quiet no-trunc noheading",
        long_valued="format filter",
    )
    found = _visible(call.place)
    form = given.last("format")
    if "q/quiet" in given:
        call.out.write("".join(f"{container.id[:12]}\n" for container in found).encode())
        return 0
    rows = [listed(container, call.place) for container in found]
    if form == "json":
        call.print(json.dumps(rows, indent=2) if rows else "[]")
        return 0
    try:
        if form:
            for row in rows:
                call.print(render(form, {**row, "ID": row["Id"][:12], "Names": row["Names"][0]}))
            return 0
    except TemplateError as problem:
        return call.fail(f"Error: {problem}", 125)
    table = [["CONTAINER ID", "IMAGE", "COMMAND", "CREATED", "STATUS", "PORTS", "NAMES"]]
    table += [
        [
            row["Id"][:12],
            row["Image"],
            " ".join(row["Command"])[:20],
            row["CreatedAt"],
            row["Status"],
            "",
            row["Names"][0],
        ]
        for row in rows
    ]
    widths = [max(len(line[at]) for line in table) + 2 for at in range(len(table[0]))]
    for line in table:
        call.print("".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
    return 0


def _inspected(container: Container, place: Place) -> Mapping[str, Any]:
    started = datetime.fromtimestamp(container.unit.since, UTC)
    return {
        "Id": container.id,
        "Created": stamp(container.unit.since),
        "Name": container.name,
        "State": {
            "Status": container.state,
            "Running": True,
            "Paused": False,
            "Restarting": False,
            "Pid": changes.process_id(place, container.unit),
            "ExitCode": 0,
            "StartedAt": stamp(started.timestamp()),
            "FinishedAt": "0001-01-01T00:00:00Z",
        },
        "ImageName": container.image,
        "RestartCount": 0,
    }


def _inspect(call: Call) -> int:
    given = _options(call, valued="f", long_valued="format type")
    status, found = 0, []
    for name in given.operands:
        container = find(call.place, "podman", name) if call.place.root else None
        if container is None:
            status = call.fail(f'Error: inspecting object: no such object: "{name}"', 125)
        else:
            found.append(_inspected(container, call.place))
    template = given.last("f/format")
    try:
        call.print("\n".join(render(template, value) for value in found) if template else json.dumps(found, indent=5))
    except TemplateError as problem:
        return call.fail(f"Error: {problem}", 125)
    return status


def _exec(call: Call) -> int:
    """Runs the program as root on the same host: what a container's tools see is the same model."""
    words = [word for word in call.args if not word.startswith("-")]
    if len(words) < 2:
        return call.fail("Error: must provide a non-empty command to start an exec session: invalid argument", 125)
    if not call.place.root or find(call.place, "podman", words[0]) is None:
        return call.fail(f'Error: no container with name or ID "{words[0]}" found: no such container', 125)
    below = call.shell.child(place=call.place.become("root"))
    return below.spawn(call.args[call.args.index(words[0]) + 1 :], (call.stdin, call.out, call.err), builtins=False)


def _change(call: Call) -> int:
    given = _options(call, valued="t", long_valued="time")
    status = 0
    for name in given.operands:
        container = find(call.place, "podman", name) if call.place.root else None
        if container is None:
            status = call.fail(f'Error: no container with name or ID "{name}" found: no such container', 125)
            continue
        changes.apply(call.place, container.unit, call.name)
        call.print(name)
    return status
