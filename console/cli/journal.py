"""`nephoscope journal show|verify|export`: what was done, by whom, and how it went; whether the record is whole.

Reads the journal of this user on this machine and changes nothing.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from collectors.errors import NoSuchObject, UsageError
from collectors.kind import AnyKind
from collectors.query import Query, parse_arguments
from collectors.table import finish
from collectors.untrusted import neutral
from console.cli.exits import Exit
from console.cli.frame import global_options

if TYPE_CHECKING:
    from runbooks.journal import Record, Run

FORMATS: Final = ("table", "json", "yaml")


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments of `journal`."""
    shared = global_options()
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    about = "what was done, newest last: one line per run; or everything about one run"
    show = actions.add_parser("show", help=about, description=about, parents=[shared], allow_abbrev=False)
    show.add_argument(
        "words",
        metavar="RUN | FILTER",
        nargs="*",
        help="a run's id, or filters: run=, operation=, target=, who=, outcome=, since=2h, text, …",
    )
    show.add_argument("--events", action="store_true", help="every record, not one line per run")
    show.add_argument("-o", "--output", choices=FORMATS, default="table", help="format (default: table)")
    show.add_argument("--wide", action="store_true", help="all columns, whatever the width")
    about = "is it whole and unchanged? exit code 0, 1 (a write was cut off) or 2 (tampered with, or cut)"
    check = actions.add_parser("verify", help=about, description=about, parents=[shared], allow_abbrev=False)
    check.add_argument("--head", metavar="HASH", help="a head that must be in it, from syslog: shows a tail cut off")
    check.add_argument("-o", "--output", choices=("text", "json"), default="text", help="format (default: text)")
    about = "for a report: a timeline in Markdown, or a shell script of the equivalent commands"
    export = actions.add_parser("export", help=about, description=about, parents=[shared], allow_abbrev=False)
    export.add_argument("runs", metavar="RUN", nargs="*", help="ids of runs (default: all)")
    export.add_argument("--format", choices=("markdown", "shell"), required=True, help="what to write")


def run(options: Any) -> Exit:
    """Show, verify or export."""
    from console.config import journal_path

    path = journal_path(options.environ)
    if options.action == "verify":
        return _verify(path, options)
    return _show(path, options) if options.action == "show" else _export(path, options)


def _verify(path: Path, options: Any) -> Exit:
    from runbooks.journal import verify
    from views.text.journal import verdict_line, verdict_record

    if not path.exists() and not options.head:
        print(f"nephoscope: there is no journal yet ({path})", file=sys.stderr)
        return Exit.DONE
    found = verify(path, options.head)
    sys.stdout.write(verdict_record(found, path) if options.output == "json" else verdict_line(found, path))
    return Exit.DONE if found.ok else Exit.WARNING if found.state == "torn" else Exit.CRITICAL


def _all(path: Path) -> list[Record]:
    """Every record; what is wrong with the journal is told on stderr."""
    from runbooks.journal import OddLine, read, verify

    verdict = verify(path)
    if not verdict.ok:
        print(f"nephoscope: the journal is not whole: {neutral(verdict.words)}", file=sys.stderr)
    return [one for one in read(path) if not isinstance(one, OddLine)]


def chosen(runs: Sequence[Run], word: str) -> Run | None:
    """The run that `word` names: its id, or how only its id begins (at least 4 letters). Raises `UsageError`."""
    found = [run for run in runs if run.id == word] or [
        run for run in runs if len(word) >= 4 and run.id.startswith(word)
    ]
    if len(found) > 1:
        raise UsageError(f"“{word[:40]}” begins {len(found)} runs", ", ".join(run.id for run in found[:8]))
    return found[0] if found else None


def _show(path: Path, options: Any) -> Exit:
    from console.wiring import CLOCK
    from runbooks.journal import runs
    from runbooks.journal.rows import RECORDS, RUNS, record_row, run_row, table_of
    from views.text import formats
    from views.text import journal as text

    records, now = _all(path), CLOCK()
    found = runs(records)
    one = chosen(found, options.words[0]) if len(options.words) == 1 else None
    if one is not None and not options.events:
        _print(iter([_data(text.run_record(one), options)]) if options.output != "table" else text.one_run(one, now))
        return Exit.DONE
    if options.events:
        words = [f"run={one.id}"] if one is not None else options.words
        names = {run.id: run.names for run in found}
        table = table_of(RECORDS, [record_row(record, names.get(record.run, {})) for record in records], now)
        rows = finish(table.select(_query(RECORDS, words), now))
        shown = [text.record(records[at]) for at in rows]
    else:
        table = table_of(RUNS, [run_row(run) for run in found], now)
        told = [f"{name}={value}" for name in ("cloud", "region") if (value := getattr(options, name))]
        rows = finish(table.select(_query(RUNS, [*options.words, *told]), now))
        shown = [text.run_line(found[at], table.snapshot.healths[at]) for at in rows]
    if options.output != "table":
        _print(formats.json_lines(shown) if options.output == "json" else iter([formats.yaml_text(shown)]))
    elif rows:
        _print(text.listing(table, rows, wide=options.wide, ascii_only=options.ascii))
    else:
        what = "records" if options.events else "runs"
        print(f"none of {len(table)} match" if len(table) else f"no {what} in {path}", file=sys.stderr)
    return Exit.DONE


def _query(kind: AnyKind, words: Sequence[str]) -> Query:
    """The filters; `run=`, `since=`, `cloud=`, `region=` are what people call the columns `id`, `at` and `on`."""
    from collectors.values import quantity

    told = []
    for word in words:
        if word.startswith("since="):
            value = word.removeprefix("since=")
            word = f"at<={value}" if quantity(value) is not None else f"at>={value}"
        elif kind.column("on") is not None and word.startswith(("cloud=", "region=")):
            name, value = word.split("=", 1)
            pattern = re.escape(value).replace(r"\*", "[^/]*")
            word = f"on~^{pattern}(/|$)" if name == "cloud" else f"on~/{pattern}$"
        elif kind.column("run") is None and word.startswith(("run=", "run!=", "run~")):
            word = "id" + word.removeprefix("run")
        told.append(word)
    return parse_arguments(kind, told)


def _data(found: dict[str, Any], options: Any) -> str:
    from views.text import formats

    return formats.json_text(found) if options.output == "json" else formats.yaml_text(found)


def _export(path: Path, options: Any) -> Exit:
    from runbooks.journal import runs
    from views.text import journal_markdown, journal_shell

    known = runs(_all(path))
    wanted = []
    for word in options.runs:
        one = chosen(known, word)
        if one is None:
            raise NoSuchObject(f"run {word[:40]}", f"the journal has no such run ({path})", "nephoscope journal show")
        wanted.append(one)
    found = wanted or known
    _print(journal_markdown.lines(found) if options.format == "markdown" else journal_shell.lines(found))
    return Exit.DONE


def _print(lines: Iterator[str]) -> None:
    for line in lines:
        sys.stdout.write(line)
