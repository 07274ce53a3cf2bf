"""systemctl: list-units, list-unit-files, show, status, is-active and its like, start, stop, restart."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from fnmatch import fnmatchcase

from runbooks.simulator.ssh import changes, journal
from runbooks.simulator.ssh.getopt import Options, options
from runbooks.simulator.ssh.program import Call, program
from runbooks.simulator.ssh.services import Service, find, full_name, keeps, reloads, services, system_state

_LEGEND = (
    "LOAD   = Reflects whether the unit definition was properly loaded.\n"
    "ACTIVE = The high-level unit activation state, i.e. generalization of SUB.\n"
    "SUB    = The low-level unit activation state, values depend on unit type.\n"
)


@program("systemctl")
def _systemctl(call: Call) -> int:
    given = options(
        call,
        flags="alqr",
        valued="tpno",
        long="all plain no-legend no-pager quiet failed value full now system no-block no-ask-password",
        long_valued="type output state property lines timestamp",
    )
    verb, names = (given.operands[0], given.operands[1:]) if given.operands else ("list-units", [])
    if verb == "list-units":
        return _list_units(call, given, names)
    if verb == "list-unit-files":
        return _list_unit_files(call, given, names)
    if verb == "show":
        return _show(call, given, names)
    if verb == "status":
        return _status(call, given, names)
    if verb in ("is-active", "is-failed", "is-enabled"):
        return _is(call, verb, names, quiet="q/quiet" in given)
    if verb == "is-system-running":
        state = system_state(call.place)
        call.print(state)
        return int(state != "running")
    if verb in (
        "start",
        "stop",
        "restart",
        "try-restart",
        "reload",
        "reset-failed",
        "enable",
        "disable",
        "daemon-reload",
    ):
        return _change(call, verb, names)
    return call.fail(f"Unknown command verb {verb}.")


def _wanted(call: Call, given: Options, patterns: list[str]) -> list[Service]:
    """The services that type, state and patterns leave; without --all only those that are active or failed."""
    types = [part for value in given.all("t/type") for part in value.split(",")]
    states = [part for value in given.all("state") for part in value.split(",")]
    if "failed" in given:
        states.append("failed")
    found = [] if types and "service" not in types else services(call.place)
    if states:
        found = [s for s in found if {s.active, s.sub, s.load} & set(states)]
    elif "a/all" not in given:
        found = [s for s in found if s.active in ("active", "failed")]
    if patterns:
        found = [s for s in found if any(fnmatchcase(s.name, full_name(pattern)) for pattern in patterns)]
    return found


def _list_units(call: Call, given: Options, patterns: list[str]) -> int:
    found = _wanted(call, given, patterns)
    if given.last("o/output") == "json":
        rows = [
            {"unit": s.name, "load": s.load, "active": s.active, "sub": s.sub, "description": s.description}
            for s in found
        ]
        call.print(json.dumps(rows, separators=(",", ":"), ensure_ascii=False))
        return 0
    legend = "no-legend" not in given
    plain = "plain" in given
    table = [["UNIT", "LOAD", "ACTIVE", "SUB", "DESCRIPTION"]] if legend else []
    table += [[s.name, s.load, s.active, s.sub, s.description] for s in found]
    widths = [max((len(row[at]) for row in table), default=0) for at in range(4)]
    for number, row in enumerate(table):
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        bad = (number > 0 or not legend) and (row[2] == "failed" or row[1] == "not-found")
        mark = "" if plain else "● " if bad else "  "
        call.print((mark + " ".join([*cells, row[4]])).rstrip())
    if legend:
        if found:
            call.print("")
            call.out.write(_LEGEND.encode())
        every, filtered = "a/all" in given, "failed" in given or bool(given.all("state"))
        more = "" if every or filtered else " Pass --all to see loaded but inactive units, too."
        call.print(f"{len(found)} loaded units listed.{more}")
        if every or not filtered:
            call.print("To show all installed unit files use 'systemctl list-unit-files'.")
    return 0


def _list_unit_files(call: Call, given: Options, patterns: list[str]) -> int:
    types = given.all("t/type")
    states = [part for value in given.all("state") for part in value.split(",")]
    found = [] if types and "service" not in types else [s for s in services(call.place) if s.enabled]
    found = [s for s in found if not states or s.enabled in states]
    if patterns:
        found = [s for s in found if any(fnmatchcase(s.name, full_name(pattern)) for pattern in patterns)]
    rows = [(s.name, s.enabled, "enabled" if s.enabled in ("enabled", "disabled") else "-") for s in found]
    if given.last("o/output") == "json":
        listed = [
            {"unit_file": name, "state": state, "preset": None if preset == "-" else preset}
            for name, state, preset in rows
        ]
        call.print(json.dumps(listed, separators=(",", ":")))
        return 0
    legend = "no-legend" not in given
    table = [("UNIT FILE", "STATE", "PRESET"), *rows] if legend else rows
    widths = [max((len(row[at]) for row in table), default=0) for at in range(2)]
    for row in table:
        call.print(f"{row[0]:<{widths[0]}} {row[1]:<{widths[1]}} {row[2]}")
    if legend:
        call.print(f"\n{len(rows)} unit files listed.")
    return 0


def _stamp(at: float | None, form: str = "") -> str:
    if at is None:
        return ""
    if form == "unix":
        return f"@{int(at)}"
    return datetime.fromtimestamp(at, UTC).strftime("%a %Y-%m-%d %H:%M:%S UTC")


def _properties(call: Call, name: str, service: Service | None, form: str) -> dict[str, str]:
    """In systemd's order."""
    unit = service.unit if service else None
    active = service is not None and service.active == "active"
    since = service.since if service else None
    left = None if active else since
    return {
        "Type": "oneshot" if service and service.sub == "exited" else "simple",
        "Restart": "on-failure" if unit else "no",
        "MainPID": str(changes.process_id(call.place, unit))
        if unit and active and service and service.sub == "running"
        else "0",
        "Result": service.result if service else "success",
        "NRestarts": str(unit.restarts) if unit else "0",
        "ExecMainStartTimestamp": _stamp(since if active else None, form),
        "ExecMainCode": "0" if active or since is None else "1",
        "ExecMainStatus": str(unit.exit_status) if unit else "0",
        "MemoryCurrent": "[not set]",
        "Id": name,
        "Names": name,
        "Description": service.description if service else name,
        "LoadState": service.load if service else "not-found",
        "CanReload": "yes" if service and reloads(service) else "no",
        "ActiveState": service.active if service else "inactive",
        "SubState": service.sub if service else "dead",
        "UnitFileState": service.enabled if service else "",
        "StateChangeTimestamp": _stamp(since, form),
        "ActiveEnterTimestamp": _stamp(since if active else None, form),
        "ActiveExitTimestamp": _stamp(left, form),
        "InactiveEnterTimestamp": _stamp(left, form),
    }


def _show(call: Call, given: Options, names: list[str]) -> int:
    chosen = [part for value in given.all("p/property") for part in value.split(",")]
    known = {service.name: service for service in services(call.place)}
    states = {part for value in given.all("state") for part in value.split(",")}
    wanted: list[str] = []
    for name in names:
        if any(letter in name for letter in "*?["):
            fitting = [s for s in known.values() if not states or {s.active, s.sub, s.load} & states]
            wanted += [service.name for service in fitting if fnmatchcase(service.name, full_name(name))]
        else:
            wanted.append(full_name(name))
    form = given.last("timestamp")
    blocks = []
    for name in wanted:
        properties = _properties(call, name, known.get(name), form)
        shown = {key: value for key, value in properties.items() if not chosen or key in chosen}
        blocks.append("".join(f"{value if 'value' in given else f'{key}={value}'}\n" for key, value in shown.items()))
    call.out.write("\n".join(blocks).encode())
    return 0


def _status(call: Call, given: Options, names: list[str]) -> int:
    """Status 0 when all are active, 3 when one is not, 4 when one does not exist."""
    status = 0
    for number, name in enumerate(names):
        service = find(call.place, name)
        if number:
            call.print("")
        if service is None or service.load == "not-found":
            status = call.fail(f"Unit {full_name(name)} could not be found.", 4)
            continue
        mark = {"active": "●", "failed": "×"}.get(service.active, "○")
        call.print(f"{mark} {service.name} - {service.description}")
        call.print(f"     Loaded: loaded (/lib/systemd/system/{service.name}; {service.enabled}; preset: enabled)")
        result = (
            " (Result: exit-code)"
            if service.active == "failed"
            else f" ({service.sub})"
            if service.active == "active"
            else " (dead)"
        )
        since = f" since {_stamp(service.since)}" if service.since else ""
        call.print(f"     Active: {service.active}{result}{since}")
        if service.unit and service.active == "active":
            call.print(f"   Main PID: {changes.process_id(call.place, service.unit)} ({service.unit.name})")
        lines = [entry for entry in journal.entries(call.place) if entry.unit == service.name]
        count = given.last("n/lines", "10")
        for entry in lines[len(lines) - min(int(count) if count.isdigit() else 10, len(lines)) :]:
            moment = datetime.fromtimestamp(entry.at, UTC).strftime("%b %d %H:%M:%S")
            call.print(f"{moment} {call.place.host.name} {entry.identifier}[{entry.pid}]: {entry.message}")
        if service.active != "active" and status == 0:
            status = 3
    return status


def _is(call: Call, verb: str, names: list[str], *, quiet: bool) -> int:
    if not names:
        return call.fail("Too few arguments.")
    good = False
    for name in names:
        service = find(call.place, name)
        if verb == "is-enabled":
            state = service.enabled if service else ""
            if not state:
                call.fail(f"Failed to get unit file state for {full_name(name)}: No such file or directory")
                continue
            good = good or state in ("enabled", "enabled-runtime", "static")
        else:
            state = service.active if service else "inactive"
            good = good or state == ("active" if verb == "is-active" else "failed")
        if not quiet:
            call.print(state)
    return 0 if good else 3 if verb == "is-active" else 1


def _change(call: Call, verb: str, names: list[str]) -> int:
    if not call.place.root:
        subject = full_name(names[0]) if names else "daemon"
        return call.fail(
            f"Failed to {verb} {subject}: Interactive authentication required.\n"
            f"See system logs and 'systemctl status {subject}' for details."
        )
    status = 0
    for name in names:
        service = find(call.place, name)
        if service is None or service.load == "not-found":
            status = call.fail(f"Failed to {verb} {full_name(name)}: Unit {full_name(name)} not found.", 5)
            continue
        unit = service.unit
        if unit is None:
            continue
        if verb == "reload":
            status = _reload(call, service) or status
            continue
        if verb in ("enable", "disable") and not keeps(service):
            unit.enabled = verb == "enable"
        elif verb == "reset-failed":
            if unit.state == "failed":
                call.place.cloud.hosts.set_unit(call.place.host.name, unit.name, "stopped", call.place.now)
                call.place.cloud.settle()
                call.place.cloud.wrote(
                    f"ssh:{call.place.host.name}", f"systemctl {verb} {unit.name}", call.place.account.name, "exit 0"
                )
        elif verb != "start" or unit.state != "running":
            if keeps(service):
                unit.wanted = verb != "stop"
            changes.apply(call.place, unit, verb.removeprefix("try-"))
    return status


def _reload(call: Call, service: Service) -> int:
    """It reads its configuration again; nothing else of it changes."""
    if not reloads(service):
        return call.fail(
            f"Failed to reload {service.name}: Job type reload is not applicable for unit {service.name}.\n"
            f"See system logs and 'systemctl status {service.name}' for details."
        )
    if service.active != "active":
        return call.fail(f"{service.name} is not active, cannot reload.")
    host, by = call.place.host.name, call.place.account.name
    call.place.cloud.wrote(f"ssh:{host}", f"systemctl reload {service.name.removesuffix('.service')}", by, "exit 0")
    return 0
