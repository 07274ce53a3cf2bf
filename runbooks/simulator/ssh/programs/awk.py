"""awk, as far as one-liners go: `NR>1 /regex/ {print $1, "text" $NF}`."""

from __future__ import annotations

import re

from runbooks.simulator.ssh.getopt import options
from runbooks.simulator.ssh.program import Call, UsageError, encode, program
from runbooks.simulator.ssh.programs.text import inputs, lines_of

_AWK = re.compile(
    r"\s*(?:NR\s*(==|>|<|>=|<=|!=)\s*(\d+))?\s*(?:/((?:[^/\\]|\\.)*)/)?\s*(?:\{\s*print\s*([^{}]*?)\s*;?\s*\})?\s*"
)
_AWK_ITEM = re.compile(r'\s*(?:\$(\d+|NF)|(NF|NR)|"((?:[^"\\]|\\.)*)")\s*(,?)')


@program("awk", "gawk", "mawk")
def _awk(call: Call) -> int:
    """`[NR>N] [/regex/] {print $1, "text" $NF}`; anything else is refused as a syntax error."""
    given = options(call, valued="Fv", usage_status=2)
    if not given.operands:
        raise UsageError("Usage: mawk [Options] [Program] [file ...]", 2)
    source = given.operands[0]
    found = _AWK.fullmatch(source)
    if found is None or not source.strip():
        return call.fail(
            f"mawk: line 1: syntax error at or near {source.split()[0] if source.split() else 'end of file'}", 2
        )
    operator, limit, pattern, printed = found.groups()
    items = list(_AWK_ITEM.finditer(printed or ""))
    if printed and "".join(item[0] for item in items).strip() != printed.strip():
        return call.fail(f"mawk: line 1: syntax error at or near {printed}", 2)
    wanted = re.compile(encode(pattern)) if pattern is not None else None
    compare = {"==": (0,), "!=": (-1, 1), ">": (1,), "<": (-1,), ">=": (0, 1), "<=": (-1, 0), None: (-1, 0, 1)}[
        operator
    ]
    separator = encode(given.last("F")) or None
    for _, content in inputs(call, given.operands[1:]):
        if content is None:
            return 2
        for number, line in enumerate(lines_of(content), 1):
            side = (number > int(limit or 0)) - (number < int(limit or 0))
            if side not in compare or (wanted is not None and not wanted.search(line)):
                continue
            call.out.write(_awk_line(items, line, separator, number) + b"\n")
    return 0


def _awk_line(items: list[re.Match[str]], line: bytes, separator: bytes | None, number: int) -> bytes:
    if not items:
        return line
    fields = line.split(separator)
    written: list[bytes] = []
    for item in items:
        column, variable, literal, comma = item.groups()
        if column is not None:
            at = len(fields) if column == "NF" else int(column)
            value = line if at == 0 else fields[at - 1] if at <= len(fields) else b""
        elif variable is not None:
            value = str(len(fields) if variable == "NF" else number).encode()
        else:
            value = encode(literal.replace("\\t", "\t").replace("\\n", "\n").replace('\\"', '"'))
        written += [value, b" " if comma else b""]
    return b"".join(written)
