"""The certificate files on the hosts, and which of them is the one that is served.

A renewed file is of no use before its service has read it. A served certificate that no file holds any more, and a
newer one for the same names in a file beside it: that is a service that nobody has told.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

from collectors.deadline import Deadline
from collectors.errors import SourceError
from collectors.sources.entries import command

if TYPE_CHECKING:
    from collectors.sources.ssh import SshSource

MOST: Final = 60
"""Files of one host that are read; those that a configuration names come first."""


def of_host(ssh: SshSource, host: str, deadline: Deadline) -> tuple[list[dict[str, Any]], SourceError | None]:
    """An item per certificate on the host, and what could not be read there. Raises `SourceError`."""
    listed = ssh.facts(host, ("certificate-files", "certificate-names"), deadline)
    services: dict[str, list[str]] = {}
    written: dict[str, float] = {}
    for row in listed.rows:
        if "service" in row:
            services.setdefault(row["path"], []).append(row["service"])
        else:
            written[row["path"]] = row["written"]
    paths = [path for path in dict.fromkeys((*services, *sorted(written))) if "," not in path][:MOST]
    if not paths:
        return [], listed.errors[0] if listed.errors else None
    asked = [command(f"certificate-file path={shlex.quote(path)}") for path in paths]
    found, _ = ssh.findings(host, [*asked, command(f"certificate-chain path={shlex.quote(','.join(paths))}")], deadline)
    items = [
        row
        | {"host": host, "address": host, "port": None, "written": written.get(row["path"]),
           "used_by": list(dict.fromkeys(services.get(row["path"], ())))}
        for row in found.rows
        if "subject" in row
    ]  # fmt: skip
    errors = [*listed.errors, *found.errors]
    return items, errors[0] if errors else None


def compare(
    served: Sequence[dict[str, Any]], files: Sequence[dict[str, Any]], hosts: Iterable[tuple[str, str]]
) -> None:
    """Tell each file where it is served, each served one its files; and both when the file is newer.

    `hosts` are (name, address). An address of a host is compared with that host's files, any other (a virtual one) with
    those of all hosts: who has it may change.
    """
    owner = {address: name for name, address in hosts if address} | {name: name for name, _ in hosts}
    for found in served:
        if "serial" not in found:
            continue
        at, mine = f"{found['address']}:{found['port']}", owner.get(found["address"])
        near = [each for each in files if mine is None or each["host"] == mine]
        same = [each for each in near if _key(each) == _key(found)]
        found["files"] = [_name(each) for each in same]
        for each in same:
            each.setdefault("served_at", []).append(at)
        if same:
            continue
        newer = [each for each in near if _for_the_same(each, found) and each["not_before"] > found["not_before"]]
        found["renewed_in"] = [_name(each) for each in newer]
        for each in newer:
            each.setdefault("older_at", []).append(at)


def _name(item: dict[str, Any]) -> str:
    return f"{item['host']}:{item['path']}"


def _key(item: dict[str, Any]) -> tuple[Any, Any]:
    return item["issuer"], item["serial"]


def _for_the_same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """The same subject; where they say names, one of them in common."""
    names = set(one["names"]), set(other["names"])
    return one["subject"] == other["subject"] and (names[0] == names[1] or bool(names[0] & names[1]))
