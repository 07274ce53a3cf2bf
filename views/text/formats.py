"""Data formats on stdout: JSON, YAML and CSV.

They keep the original text, because programs read them; but a terminal might, too, so control and bidirectional
characters are written as `\\uXXXX`, and CSV fields that a spreadsheet would run as a formula get a leading apostrophe.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from collectors.kind import Value
from collectors.untrusted import escaped


def json_lines(found: Iterable[Mapping[str, Value]]) -> Iterator[str]:
    """One JSON array of objects, an object a line."""
    separator = "[\n"
    for record in found:
        yield separator + escaped(msgspec.json.encode(record).decode())
        separator = ",\n"
    yield "[]\n" if separator == "[\n" else "\n]\n"


def json_line(record: Mapping[str, Value]) -> str:
    """One object as a line of its own, for what goes on without an end."""
    return escaped(msgspec.json.encode(record).decode()) + "\n"


def json_text(found: object) -> str:
    """One JSON value, indented."""
    return escaped(msgspec.json.format(msgspec.json.encode(found), indent=2).decode()) + "\n"


def yaml_text(found: object) -> str:
    """The same as YAML; strings that need escapes are double-quoted."""
    import yaml

    class Dumper(yaml.SafeDumper):
        """Safe, with odd strings quoted so that escapes mean something."""

    def string(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
        style = None if text.isprintable() else '"'
        return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)

    Dumper.add_representer(str, string)
    return escaped(yaml.dump(found, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=1000))


def _cell(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        text = escaped(value.replace("\n", "\\u000a"))
        return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text
    return str(value)


def csv_lines(names: Sequence[str], found: Iterable[Mapping[str, Value]]) -> Iterator[str]:
    """RFC 4180 with a header line."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(names)
    for record in found:
        writer.writerow([_cell(record[name]) for name in names])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    if buffer.tell():
        yield buffer.getvalue()
