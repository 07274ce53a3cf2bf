"""LogQL, as far as we ask in it: a selector of streams and a filter of lines, with every value escaped. Pure.

How a site's streams are labelled is its own business; these are the names under which hosts and services usually stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from collectors.logs.places import Has, places

HOST_LABELS: Final = ("host", "hostname", "nodename", "node", "node_name", "Hostname", "instance", "agent_hostname")
"""Labels that name a host, the likeliest first."""
SERVICE_LABELS: Final = (
    "unit", "systemd_unit", "_SYSTEMD_UNIT", "container", "container_name", "programname", "service", "service_name",
    "app", "application", "syslog_identifier", "filename", "path",
)  # fmt: skip
"""Labels that name a service or its file, the narrowest first."""
FILE_LABELS: Final = ("filename", "path")
LEVEL_LABELS: Final = ("level", "severity", "log_level", "detected_level")

Entry = tuple[int, tuple[tuple[str, str], ...], str]
"""(nanoseconds since the epoch, sorted labels, line)."""


def text(value: str) -> str:
    """`value` as a string of LogQL, which are Go's: always on one line."""
    known = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    return '"' + "".join(known.get(c, c if c.isprintable() else f"\\U{ord(c):08x}") for c in value) + '"'


def anyone(values: Iterable[str]) -> str:
    """A string that holds a regular expression (RE2) for exactly these values."""
    return text("|".join(re.sub(r"([\\.+*?()|\[\]{}^$])", r"\\\1", value) for value in values))


def selector(label: str, values: Sequence[str], *more: str) -> str:
    """`{host=~"cmp01|cmp02",…}`; without values, every stream that has the label."""
    first = f"{label}=~{anyone(values)}" if values else f'{label}=~".+"'
    return "{" + ",".join((first, *more)) + "}"


def containing(words: str) -> str:
    """A filter of lines: ` |= "req-…"`; nothing for no words."""
    return f" |= {text(words)}" if words else ""


def hosts_by(values: Iterable[str], hosts: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Value of the host's label → our name of (name, address); by short name, full name or address, any port aside."""
    known: dict[str, str] = {}
    for name, address in hosts:
        known |= {name.casefold(): name, name.partition(".")[0].casefold(): name}
        if address:
            known[address] = name
    found = {}
    for value in values:
        bare = re.sub(r":\d+$", "", value).casefold()
        short = bare if _is_address(bare) else bare.partition(".")[0]
        if bare in known or short in known:
            found[value] = known.get(bare) or known[short]
    return found


def _is_address(value: str) -> bool:
    return re.fullmatch(r"[\d.]+|[0-9a-f:\[\]]+:[0-9a-f:\[\]]*", value) is not None


def named(label: str, value: str) -> str:
    """The service's name in a label's value: of a file the last part, of a unit without its suffix."""
    if label in FILE_LABELS:
        return value.rpartition("/")[2].partition(".log")[0]
    return value.removeprefix("/").removesuffix(".service")


def has_of(label: str, values: Iterable[str]) -> Has:
    """What logs there, as any host would tell it."""
    if label in FILE_LABELS:
        return Has(files=tuple(values))
    return Has(units=tuple(named(label, value) for value in values))


def services(wanted: Sequence[str], there: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Label → those of its values that mean the services `wanted` (names, globs), by the same rules as on hosts."""
    found = {}
    for label, values in there.items():
        fit = places(wanted, has_of(label, values))
        chosen = set(fit.files) if label in FILE_LABELS else set(fit.units)
        if mine := [each for each in values if (each if label in FILE_LABELS else named(label, each)) in chosen]:
            found[label] = mine
    return found


def queries(host: str, values: Sequence[str], chosen: Mapping[str, Sequence[str]], words: str) -> list[str]:
    """One query per label: a stream that two of them name is given by the first."""
    made: list[str] = []
    before: list[str] = []
    for label, mine in chosen.items():
        made.append(selector(host, values, f"{label}=~{anyone(mine)}", *before) + containing(words))
        before.append(f"{label}!~{anyone(mine)}")
    return made
