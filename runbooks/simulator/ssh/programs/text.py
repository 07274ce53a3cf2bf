"""The text tools of a shell line: cat, grep, head, tail, wc, sort, uniq, cut."""

from __future__ import annotations

import re
from collections.abc import Iterator

from runbooks.simulator.ssh import files
from runbooks.simulator.ssh.getopt import options
from runbooks.simulator.ssh.posix_regex import Flavour, compile_pattern
from runbooks.simulator.ssh.program import Call, UsageError, encode, program


def inputs(call: Call, names: list[str], complaint: str = "{name}: {why}") -> Iterator[tuple[str, bytes | None]]:
    """(name, content) of each operand, standard input for none or `-`; None after a complaint about a missing one."""
    for name in names or ["-"]:
        content = call.stdin if name == "-" else files.read(call.place, name)
        if isinstance(content, str):
            call.fail(f"{call.name}: {complaint.format(name=name, why=content)}")
            yield name, None
        else:
            yield name, content


def _below(call: Call, name: str) -> list[str]:
    """The files below a folder, or the operand itself where it is none."""
    return sorted(files.listed(call.place, name)) if files.is_folder(call.place, name) else [name]


def lines_of(content: bytes) -> list[bytes]:
    """Lines without their newline."""
    lines = content.split(b"\n")
    return lines[:-1] if lines[-1] == b"" else lines


@program("cat")
def _cat(call: Call) -> int:
    given = options(call, flags="u")
    status = 0
    for _, content in inputs(call, given.operands):
        if content is None:
            status = 1
        else:
            call.out.write(content)
    return status


@program("grep", "egrep")
def _grep(call: Call) -> int:
    """Status 0 when something matched, 1 when nothing did, 2 when a file could not be read."""
    given = options(call, flags="EFGvciqnohHswxlar", valued="em", long="color", usage_status=2)
    operands = given.operands
    patterns = given.all("e")
    if not patterns:
        if not operands:
            raise UsageError("Usage: grep [OPTION]... PATTERNS [FILE]...\nTry 'grep --help' for more information.", 2)
        patterns, operands = operands[:1], operands[1:]
    flavour: Flavour = "fixed" if "F" in given else "extended" if "E" in given or call.name == "egrep" else "basic"
    try:
        wanted = compile_pattern(
            "\n".join(patterns), flavour, ignore_case="i" in given, word="w" in given, line="x" in given
        )
    except re.error as problem:
        return call.fail(f"grep: {problem}", 2)
    found_any, trouble = False, False
    named = (len(operands) > 1 or "H" in given) and "h" not in given
    if "r" in given:
        operands = [path for name in operands for path in _below(call, name)]
    limit = int(given.last("m", "-1"))
    for name, content in inputs(call, operands):
        if content is None:
            trouble = True
            continue
        prefix = encode(f"{name if name != '-' else '(standard input)'}:") if named else b""
        matched = 0
        for number, line in enumerate(lines_of(content), 1):
            if matched == limit:
                break
            if bool(wanted.search(line)) == ("v" in given):
                continue
            matched += 1
            if "q" in given:
                return 0
            if "c" not in given and "l" not in given:
                shown = b"\n".join(found[0] for found in wanted.finditer(line)) if "o" in given else line
                call.out.write(prefix + (b"%d:" % number if "n" in given else b"") + shown + b"\n")
        if "c" in given:
            call.out.write(prefix + b"%d\n" % matched)
        if "l" in given and matched:
            call.print(name)
        found_any = found_any or matched > 0
    return 2 if trouble else int(not found_any)


def _count(call: Call, given: str, what: str) -> tuple[str, int]:
    found = re.fullmatch(r"([-+]?)(\d+)", given)
    if found is None:
        raise UsageError(f"{call.name}: invalid number of {what}: ‘{given}’")
    return found[1], int(found[2])


def _old_style(call: Call) -> Call:
    """`head -5` is `head -n 5`."""
    first = [re.sub(r"^-(\d+)$", r"-n\1", word) for word in call.argv[1:2]]
    return Call(call.shell, [call.argv[0], *first, *call.argv[2:]], call.stdin, call.out, call.err)


@program("head")
def _head(call: Call) -> int:
    given = options(_old_style(call), flags="q", valued="nc", long_valued="lines bytes")
    status = 0
    for _, content in inputs(call, given.operands, "cannot open '{name}' for reading: {why}"):
        if content is None:
            status = 1
        elif "c/bytes" in given:
            sign, size = _count(call, given.last("c/bytes"), "bytes")
            call.out.write(content[:-size] if sign == "-" and size else content[:size])
        else:
            sign, size = _count(call, given.last("n/lines", "10"), "lines")
            lines = content.splitlines(keepends=True)
            call.out.write(b"".join(lines[:-size] if sign == "-" and size else lines[:size]))
    return status


@program("tail")
def _tail(call: Call) -> int:
    given = options(_old_style(call), flags="qvfF", valued="nc", long="follow", long_valued="lines bytes")
    status = 0
    for name, content in inputs(call, given.operands, "cannot open '{name}' for reading: {why}"):
        if content is None:
            status = 1
            continue
        if ("v" in given or len(given.operands) > 1) and "q" not in given:
            call.print(f"==> {name} <==")
        by_bytes = "c/bytes" in given
        text = given.last("c/bytes") if by_bytes else given.last("n/lines", "10")
        sign, size = _count(call, text, "bytes" if by_bytes else "lines")
        pieces = [content[at : at + 1] for at in range(len(content))] if by_bytes else content.splitlines(keepends=True)
        call.out.write(b"".join(pieces[max(size - 1, 0) :] if sign == "+" else pieces[max(len(pieces) - size, 0) :]))
    if "f/F/follow" in given:
        _follow(call, given.operands, named=("v" in given or len(given.operands) > 1) and "q" not in given)
    return status


def _follow(call: Call, names: list[str], *, named: bool) -> None:
    """Print what is written to the files from now on, each time the session looks."""
    last, shown = [call.place.now], [names[-1] if names else ""]

    def more() -> None:
        before, last[0] = last[0], call.place.now
        for name in names:
            written = files.written(call.place, name, before)
            if written and named and shown[0] != name:
                call.print(f"\n==> {name} <==")
                shown[0] = name
            call.out.write(written)

    call.shell.followers.append(more)


@program("wc")
def _wc(call: Call) -> int:
    given = options(call, flags="lwcm", long="lines words bytes chars")
    chosen = [letter for letter in "lwc" if letter in given.given] or list("lwc")
    if "m" in given or "bytes/chars" in given:
        chosen = [*[letter for letter in chosen if letter in given.given], "c"]
    status = 0
    for name, content in inputs(call, given.operands):
        if content is None:
            status = 1
            continue
        sizes = {"l": content.count(b"\n"), "w": len(content.split()), "c": len(content)}
        numbers = [str(sizes[letter]) for letter in chosen]
        width = 0 if len(numbers) == 1 else 7 if name == "-" else len(str(len(content)))
        call.print(" ".join(number.rjust(width) for number in numbers) + ("" if name == "-" else f" {name}"))
    return status


def _number(text: bytes) -> float:
    found = re.match(rb"\s*-?\d*\.?\d+", text)
    return float(found[0]) if found else 0.0


@program("sort")
def _sort(call: Call) -> int:
    given = options(call, flags="nrufhVsb", valued="kt", long="numeric-sort reverse unique", usage_status=2)
    lines: list[bytes] = []
    for _, content in inputs(call, given.operands, "cannot read: {name}: {why}"):
        if content is None:
            return 2
        lines += lines_of(content)
    separator = encode(given.last("t")) or None
    field = re.match(r"(\d+)(?:[.,\d]*)([nr]*)", given.last("k", "0"))
    number, letters = (int(field[1]), field[2]) if field else (0, "")
    numeric = "n/h/V/numeric-sort" in given or "n" in letters

    def key(line: bytes) -> tuple[float, bytes]:
        fields = line.split(separator)
        text = line if number == 0 else (separator or b" ").join(fields[number - 1 :])
        return (_number(text) if numeric else 0.0), (text.lower() if "f" in given else text)

    ordered = sorted(lines, key=key, reverse="r/reverse" in given or "r" in letters)
    if "u/unique" in given:
        ordered = list(dict.fromkeys(ordered))
    call.out.write(b"".join(line + b"\n" for line in ordered))
    return 0


@program("uniq")
def _uniq(call: Call) -> int:
    given = options(call, flags="cdu")
    runs: list[tuple[bytes, int]] = []
    for _, content in inputs(call, given.operands):
        if content is None:
            return 1
        for line in lines_of(content):
            if runs and runs[-1][0] == line:
                runs[-1] = (line, runs[-1][1] + 1)
            else:
                runs.append((line, 1))
    for line, times in runs:
        if ("d" in given and times == 1) or ("u" in given and times > 1):
            continue
        call.out.write((b"%7d " % times if "c" in given else b"") + line + b"\n")
    return 0


@program("cut")
def _cut(call: Call) -> int:
    given = options(call, flags="s", valued="fdcb", long_valued="fields delimiter characters bytes")
    by_field = "f/fields" in given
    listed = given.last("f/fields" if by_field else "c/b/characters/bytes")
    if not listed:
        raise UsageError(
            "cut: you must specify a list of bytes, characters, or fields\nTry 'cut --help' for more information."
        )
    ranges: list[tuple[int, int]] = []
    for piece in listed.split(","):
        found = re.fullmatch(r"(\d*)(-?)(\d*)", piece)
        if found is None or not (found[1] or found[3]) or found[1] == "0":
            raise UsageError(f"cut: invalid field value ‘{piece}’\nTry 'cut --help' for more information.")
        low = int(found[1] or 1)
        ranges.append((low, low if not found[2] else int(found[3] or 1 << 30)))
    delimiter = encode(given.last("d/delimiter", "\t"))
    for _, content in inputs(call, given.operands):
        if content is None:
            return 1
        for line in lines_of(content):
            if by_field and delimiter not in line:
                if "s" not in given:
                    call.out.write(line + b"\n")
                continue
            parts = line.split(delimiter) if by_field else [line[at : at + 1] for at in range(len(line))]
            kept = [part for at, part in enumerate(parts, 1) if any(low <= at <= high for low, high in ranges)]
            call.out.write((delimiter if by_field else b"").join(kept) + b"\n")
    return 0
