"""Installed packages: `dpkg-query -W` and `rpm -qa`, a name and a version on each line."""

from __future__ import annotations

from typing import Any


def deb(output: bytes) -> list[dict[str, Any]]:
    """`name TAB version TAB state`; packages that are only known, not installed, are left out."""
    found = []
    for line in _lines(output):
        fields = line.split("\t")
        if len(fields) != 3:
            found.append({"raw": line[:200]})
        elif fields[2] == "installed":
            found.append({"service": fields[0].partition(":")[0], "version": fields[1], "how": "deb"})
    return found


def rpm(output: bytes) -> list[dict[str, Any]]:
    """`name TAB version`."""
    found = []
    for line in _lines(output):
        fields = line.split("\t")
        if len(fields) != 2:
            found.append({"raw": line[:200]})
        else:
            found.append({"service": fields[0], "version": fields[1], "how": "rpm"})
    return found


def _lines(output: bytes) -> list[str]:
    return [line for line in output.decode("utf-8", "replace").split("\n") if line.strip()]
