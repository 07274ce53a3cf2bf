"""Programs that run another one: sudo, sh, env, timeout."""

from __future__ import annotations

import math
import re

from runbooks.simulator.ssh.pace import Until
from runbooks.simulator.ssh.program import (
    ACCOUNTS,
    NESTED_SHELLS,
    Call,
    Dialect,
    UsageError,
    decode,
    find_program,
    program,
)


@program("sudo")
def _sudo(call: Call) -> int:
    """`sudo [-n] [-u USER] COMMAND…`: no password is ever asked for, because nobody could type one."""
    words = call.args
    target, quiet, listing = "root", False, False
    while words and words[0].startswith("-"):
        word, words = words[0], words[1:]
        if word == "--":
            break
        if word in ("-u", "--user"):
            if not words:
                return call.fail("sudo: option requires an argument -- 'u'", 1)
            target, words = words[0], words[1:]
        elif re.fullmatch(r"-[nHEklv]+", word):
            quiet = quiet or "n" in word
            listing = listing or "l" in word or "v" in word
        else:
            return call.fail(f"sudo: invalid option -- '{word.lstrip('-')[:1]}'", 1)
    account = call.place.account
    if target not in ACCOUNTS:
        return call.fail(f"sudo: unknown user {target}\nsudo: error initializing audit plugin sudoers_audit")
    if not account.sudo and account.name != target:
        if not quiet:
            call.fail(
                "sudo: a terminal is required to read the password; either use the -S option to read from standard"
                " input or configure an askpass helper"
            )
        return call.fail("sudo: a password is required")
    if not words:
        if listing:
            return 0
        raise UsageError("usage: sudo -h | -K | -k | -V\nusage: sudo [-ABbEHnPS] [-u user] [VAR=value] [command]")
    if find_program(call.place.host, words[0]) is None:
        return call.fail(f"sudo: {words[0]}: command not found")
    below = call.shell.child(place=call.place.become(target))
    return below.spawn(words, (call.stdin, call.out, call.err), builtins=False)


@program("sh", "dash", "bash")
def _sh(call: Call) -> int:
    """`sh -c LINE` or `sh [-s]` with the lines on standard input; on a terminal the session goes on with it."""
    words = call.args
    dialect: Dialect = "bash" if call.name == "bash" else "sh"
    if call.shell.depth >= NESTED_SHELLS:
        return call.fail(f"{call.name}: 0: Cannot fork", 2)
    below = call.shell.child(dialect=dialect)
    line: str | None = None
    while words and words[0].startswith("-"):
        word, words = words[0], words[1:]
        if "c" in word:
            if not words:
                return call.fail(f"{call.name}: 0: -c requires an argument", 2)
            line, below.arguments = words[0], words[2:]
            break
        if word not in ("-s", "-l", "-e", "-u", "-", "--"):
            return call.fail(f"{call.name}: 0: Illegal option {word}", 2)
    if line is None and words:
        return call.fail(f"{call.name}: 0: cannot open {words[0]}: No such file", 2)
    if line is None and not call.stdin and call.shell.terminals is not None:
        call.shell.terminals.append(call.place)
        return 0
    if line is None:
        line, stdin = decode(call.stdin), b""
    else:
        stdin = call.stdin
    return below.run_to_end(line, call.out, call.err, stdin)


@program("env")
def _env(call: Call) -> int:
    words = call.args
    below = call.shell.child()
    if words[:1] == ["-i"]:
        words, below.variables = words[1:], {}
    while words and (found := re.match(r"([A-Za-z_]\w*)=(.*)", words[0], re.DOTALL)):
        below.variables[found[1]] = found[2]
        words = words[1:]
    if not words:
        for name, value in below.variables.items():
            call.print(f"{name}={value}")
        return 0
    if find_program(call.place.host, words[0]) is None:
        return call.fail(f"env: ‘{words[0]}’: No such file or directory", 127)
    return below.spawn(words, (call.stdin, call.out, call.err), builtins=False)


@program("timeout")
def _timeout(call: Call) -> int:
    """Ends a command that would take longer: 124, and nothing that it would have said after."""
    words = call.args
    while words and words[0].startswith("-"):
        valued = words[0] in ("-k", "-s", "--kill-after", "--signal")
        words = words[2 if valued else 1 :]
    if len(words) < 2:
        raise UsageError("Try 'timeout --help' for more information.", 125)
    found = re.fullmatch(r"(\d*\.?\d+)([smhd]?)", words[0])
    if found is None:
        raise UsageError(
            f"timeout: invalid time interval ‘{words[0]}’\nTry 'timeout --help' for more information.", 125
        )
    if find_program(call.place.host, words[1]) is None:
        return call.fail(f"timeout: failed to run command ‘{words[1]}’: No such file or directory", 127)
    pace = call.shell.pace
    limit = float(found[1]) * {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}[found[2]]
    end = pace.waited + limit if limit else math.inf
    sinks = Until(call.out, pace, end), Until(call.err, pace, end)
    before, pace.end = pace.end, min(pace.end, end)
    status = call.shell.spawn(words[1:], (call.stdin, *sinks), builtins=False)
    pace.end = before
    if pace.waited < end:
        return status
    pace.waited = end
    return 124
