"""journalctl: by unit, count, priority, time; short, short-iso, cat and json output; the list of boots."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

from runbooks.simulator.ssh import files, journal
from runbooks.simulator.ssh.getopt import Options, options
from runbooks.simulator.ssh.journal import Entry
from runbooks.simulator.ssh.program import Call, Place, UsageError, program
from runbooks.simulator.ssh.services import full_name

_PRIORITIES = ("emerg", "alert", "crit", "err", "warning", "notice", "info", "debug")
_UNITS = {
    "s": 1.0,
    "sec": 1.0,
    "min": 60.0,
    "m": 60.0,
    "minute": 60.0,
    "h": 3600.0,
    "hour": 3600.0,
    "d": 86400.0,
    "day": 86400.0,
}
_MESSAGE_IDS = {
    "Starting ": "7d4958e842da4a758f6c1cdc7b36dcc5",
    "Started ": "39f53479d3a045ac8e11786248231fbf",
    "Stopping ": "de5b426a63be47a7b6ac3eaac82e2f6f",
    "Stopped ": "9d1aaa27d60140bd96365438aad20286",
    "Deactivated successfully": "7ad2d189f7e94e70a38c781354912448",
    "Main process exited": "98e322203f7a4ed290d09fe03c09fe15",
    "Failed with result": "d9b373ed55a64feb8242e02dbe79a49c",
}
"""Words of systemd's messages → their ids."""
_SPAN = re.compile(r"-?\s*(\d+)\s*([a-z]+?)s?(?:\s+ago)?")
_NO_RIGHTS = (
    "Hint: You are currently not seeing messages from other users and the system.\n"
    "      Users in groups 'adm', 'systemd-journal' can see all messages.\n"
    "      Pass -q to turn off this notice.\n"
    "No journal files were opened due to insufficient permissions."
)


@program("journalctl")
def _journalctl(call: Call) -> int:
    given = options(
        call,
        flags="reqkafx",
        valued="unopStgb",
        long="no-pager list-boots reverse quiet dmesg all utc no-hostname no-tail follow",
        long_valued="unit lines output priority since until identifier boot grep output-fields",
    )
    place = call.place
    if not (place.root or place.account.docker):
        return call.fail(_NO_RIGHTS)
    if "list-boots" in given:
        return _list_boots(call)
    try:
        since, until = _moment(given.last("S/since"), place.now), _moment(given.last("until"), place.now)
    except ValueError:
        return call.fail(f"Failed to parse timestamp: {given.last('S/since') or given.last('until')}")
    found = journal.entries(place, since=since)
    if until is not None:
        found = [entry for entry in found if entry.at <= until]
    try:
        found = _chosen(given, found)
    except UsageError as problem:
        return call.fail(problem.text)
    count = given.last("n/lines", "" if "f/follow" not in given else "10")
    if count and not count.isdigit():
        return call.fail(f"Failed to parse lines '{count}'")
    if count:
        found = found[len(found) - min(int(count), len(found)) :]
    if "r/reverse" in given:
        found.reverse()
    form = given.last("o/output", "short")
    fields = given.last("output-fields")
    for entry in found:
        call.print(_shown(place, entry, form, fields))
    if "f/follow" in given:
        _follow(call, given, form, fields)
        return 0
    if not found and "q/quiet" not in given and not form.startswith("json"):
        call.print("-- No entries --")
    return 0 if found or "g/grep" not in given else 1


def _chosen(given: Options, found: list[Entry]) -> list[Entry]:
    """The entries that fields, unit, identifier, priority and pattern leave. Raises UsageError."""
    for match in given.operands:
        name, equals, value = match.partition("=")
        if not equals:
            raise UsageError(f"Failed to add match '{match}': Invalid argument")
        found = [entry for entry in found if _field(entry, name) == value]
    if units := [full_name(name) for name in given.all("u/unit")]:
        found = [entry for entry in found if entry.unit in units]
    if "k/dmesg" in given:
        found = [entry for entry in found if entry.identifier == "kernel"]
    if names := given.all("t/identifier"):
        found = [entry for entry in found if entry.identifier in names]
    if priority := given.last("p/priority"):
        if priority not in _PRIORITIES and not priority.isdigit():
            raise UsageError(f"Unknown log level {priority}")
        limit = int(priority) if priority.isdigit() else _PRIORITIES.index(priority)
        found = [entry for entry in found if entry.priority <= limit]
    if pattern := given.last("g/grep"):
        try:
            found = [entry for entry in found if re.search(pattern, entry.message)]
        except re.error:
            raise UsageError("Bad pattern") from None
    return found


def _field(entry: Entry, name: str) -> str:
    """The fields that a match may name."""
    fields = {"_PID": str(entry.pid), "_SYSTEMD_UNIT": entry.unit, "SYSLOG_IDENTIFIER": entry.identifier}
    return fields.get(name, "")


def _follow(call: Call, given: Options, form: str, fields: str) -> None:
    """Print what is logged from now on, each time the session looks."""
    place = call.place
    last = [place.now]

    def more() -> None:
        before, last[0] = last[0], place.now
        for entry in _chosen(given, journal.entries(place, since=before)):
            if before < entry.at <= last[0]:
                call.print(_shown(place, entry, form, fields))

    call.shell.followers.append(more)


def _moment(text: str, now: float) -> float | None:
    """`-1h`, `10 min ago`, `@1795214536`, `2026-11-20 22:00:00`, `today`. Raises ValueError."""
    if not text:
        return None
    if text in ("today", "yesterday", "now"):
        return now if text == "now" else now // 86400 * 86400 - (86400 if text == "yesterday" else 0)
    if text.startswith("@"):
        return float(text[1:])
    if (span := _SPAN.fullmatch(text)) and span[2] in _UNITS:
        return now - int(span[1]) * _UNITS[span[2]]
    return datetime.fromisoformat(text.removesuffix(" UTC")).replace(tzinfo=UTC).timestamp()


def _shown(place: Place, entry: Entry, form: str, fields: str) -> str:
    if form == "cat":
        return entry.message
    if form.startswith("json"):
        wanted = {name: value for name, value in _fields(place, entry).items() if not fields or _kept(name, fields)}
        return json.dumps(wanted, ensure_ascii=False, separators=(",", ":"))
    moment = datetime.fromtimestamp(entry.at, UTC)
    stamp = moment.strftime("%Y-%m-%dT%H:%M:%S+0000" if form == "short-iso" else "%b %d %H:%M:%S")
    process = f"[{entry.pid}]" if entry.pid else ""
    return f"{stamp} {place.host.name} {entry.identifier}{process}: {entry.message}"


def _kept(name: str, fields: str) -> bool:
    """`--output-fields` leaves the fields that it names, and those that every entry has."""
    return name in fields.split(",") or name in (
        "__CURSOR",
        "__REALTIME_TIMESTAMP",
        "__MONOTONIC_TIMESTAMP",
        "_BOOT_ID",
    )


def _fields(place: Place, entry: Entry) -> dict[str, str]:
    """One line of `-o json`: the journal's own field names, all values text."""
    stamp = int(entry.at * 1e6)
    monotonic = max(int((entry.at - place.host.booted) * 1e6), 0)
    machine, boot = files.machine_id(place), place.host.boot_id.replace("-", "")
    mark = place.cloud.seed.hex("journal", place.host.name)
    found = {
        "__CURSOR": f"s={mark};i={monotonic // 1000:x};b={boot};m={monotonic:x};t={stamp:x};x={monotonic ^ stamp:x}",
        "__REALTIME_TIMESTAMP": str(stamp),
        "__MONOTONIC_TIMESTAMP": str(monotonic),
        "_BOOT_ID": boot,
        "_MACHINE_ID": machine,
        "_HOSTNAME": place.host.name,
        "_TRANSPORT": "kernel" if entry.identifier == "kernel" else "journal" if entry.pid == 1 else "syslog",
        "PRIORITY": str(entry.priority),
        "SYSLOG_IDENTIFIER": entry.identifier,
        "MESSAGE": entry.message,
        "_SOURCE_REALTIME_TIMESTAMP": str(stamp - 40),
    }
    if entry.pid:
        found |= {
            "_PID": str(entry.pid),
            "_COMM": entry.identifier,
            "_UID": "0",
            "_GID": "0",
            "_SYSTEMD_SLICE": "system.slice",
        }
        if entry.pid == 1:
            if message_id := next((mid for words, mid in _MESSAGE_IDS.items() if words in entry.message), ""):
                found["MESSAGE_ID"] = message_id
            found |= {"UNIT": entry.unit, "_SYSTEMD_UNIT": "init.scope", "_EXE": "/usr/lib/systemd/systemd"}
        else:
            found |= {
                "_SYSTEMD_UNIT": entry.unit,
                "_SYSTEMD_CGROUP": f"/system.slice/{entry.unit}",
                "SYSLOG_FACILITY": "3",
            }
    return found


def _list_boots(call: Call) -> int:
    host = call.place.host
    begin, end = (
        datetime.fromtimestamp(at, UTC).strftime("%a %Y-%m-%d %H:%M:%S UTC") for at in (host.booted, call.place.now)
    )
    call.print("IDX BOOT ID                          FIRST ENTRY                 LAST ENTRY")
    call.print(f"  0 {host.boot_id.replace('-', '')} {begin} {end}")
    return 0
