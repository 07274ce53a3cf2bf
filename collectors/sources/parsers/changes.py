"""What changed on a host: files of /etc, packages, units that started, stopped or failed, the boot."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import msgspec

from collectors.shapes import decoded
from collectors.sources.parsers.logs import files as listed_files
from collectors.sources.parsers.proc import boot_time

_DPKG = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) (install|upgrade|remove|purge) (\S+) (\S+)(?: (\S+))?")
_DNF = re.compile(
    r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[+-]\d{4}|Z)) \w+ (Installed|Upgraded|Upgrade|Erase|Erased|Removed): (\S+)"
)
_HAPPENED = {
    "39f53479d3a045ac8e11786248231fbf": "started",
    "9d1aaa27d60140bd96365438aad20286": "stopped",
    "d9b373ed55a64feb8242e02dbe79a49c": "failed",
    "be02cf6855d2428ba40df7e9d022f03d": "failed to start",
}
"""systemd's message ids (systemd-messages.h)."""


def files(output: bytes) -> list[dict[str, Any]]:
    """`find -printf`."""
    return [
        {"what": "file", "name": each["path"], "at": each["at"], "detail": "written"} if "path" in each else each
        for each in listed_files(output)
    ]


def dpkg(output: bytes) -> list[dict[str, Any]]:
    """/var/log/dpkg.log; its times are the host's own."""
    found: list[dict[str, Any]] = []
    for line in output.decode("utf-8", "replace").split("\n"):
        match = _DPKG.fullmatch(line.strip())
        if match is None:
            if line.strip() and not re.match(r"\d{4}-\d\d-\d\d ", line):
                found.append({"raw": line[:200]})
            continue  # its other lines are the steps of these
        local = datetime.fromisoformat(match[1]).replace(tzinfo=UTC).timestamp()
        verb, name, before, after = match[2], match[3].partition(":")[0], match[4], match[5] or "<none>"
        words = {"install": f"installed {after}", "upgrade": f"upgraded from {before} to {after}"}
        found.append({"what": "package", "name": name, "local": local, "detail": words.get(verb, f"{verb}d {before}")})
    return found


def dnf(output: bytes) -> list[dict[str, Any]]:
    """/var/log/dnf.rpm.log."""
    found: list[dict[str, Any]] = []
    for line in output.decode("utf-8", "replace").split("\n"):
        match = _DNF.match(line.strip())
        if match is not None:
            at = datetime.fromisoformat(match[1]).timestamp()
            found.append({"what": "package", "name": match[3], "at": at, "detail": match[2].lower()})
        elif line.strip() and not re.match(r"\d{4}-\d\d-\d\dT", line):
            found.append({"raw": line[:200]})
    return found


def units(output: bytes) -> list[dict[str, Any]]:
    """systemd's own messages: the last thing that happened to each unit, and how often it started."""
    last: dict[str, dict[str, Any]] = {}
    for line in output.split(b"\n"):
        if not line.strip() or line.startswith(b"-- "):
            continue
        try:
            message = decoded(line, dict[str, Any])
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise ValueError(f"not journald's JSON: {line[:60]!r}") from error
        happened = _HAPPENED.get(str(message.get("MESSAGE_ID")))
        unit, stamp, words = (str(message.get(key) or "") for key in ("UNIT", "__REALTIME_TIMESTAMP", "MESSAGE"))
        if happened is None or not unit.endswith(".service") or not stamp.isdigit() or words.startswith("Finished"):
            continue
        starts = last.get(unit, {}).get("starts", 0) + (happened == "started")
        often = f", {starts} times" if happened == "started" and starts > 1 else ""
        last[unit] = {
            "what": "unit", "name": unit.removesuffix(".service"), "at": int(stamp) / 1e6, "detail": happened + often,
            "starts": starts,
        }  # fmt: skip
    return list(last.values())


def boots(output: bytes) -> list[dict[str, Any]]:
    """`btime` of /proc/stat."""
    return [{"what": "boot", "name": "boot", "at": boot_time(output)["booted"], "detail": "booted"}]
