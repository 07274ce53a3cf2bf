"""The commands that the shell itself knows."""

from __future__ import annotations

import re

from runbooks.simulator.ssh import files
from runbooks.simulator.ssh.printf import escapes, printf
from runbooks.simulator.ssh.program import Call, Program, ShellExit, Waiting, decode, encode, find_program, program


def _echo(call: Call) -> int:
    words = call.args
    newline, interpret = True, call.shell.dialect == "sh"
    flags = r"-[neE]+" if call.shell.dialect == "bash" else r"-n"
    while words and re.fullmatch(flags, words[0]):
        newline = newline and "n" not in words[0]
        interpret = "e" in words[0] or (interpret and "E" not in words[0])
        words = words[1:]
    text = " ".join(words)
    call.out.write((escapes(text) if interpret else encode(text)) + (b"\n" if newline else b""))
    return 0


def _printf(call: Call) -> int:
    words = call.args[1:] if call.args[:1] == ["--"] else call.args
    if not words:
        return call.fail("printf: usage: printf [-v var] format [arguments]", 2)
    try:
        written, odd = printf(words[0], words[1:])
    except ValueError as problem:
        return call.fail(call.shell.complaint(f"printf: `{problem}': invalid format character"))
    call.out.write(written)
    for value in odd:
        call.fail(call.shell.complaint(f"printf: {value}: invalid number"))
    return 1 if odd else 0


def _exit(call: Call) -> int:
    if not call.args:
        raise ShellExit(call.shell.status)
    if not call.args[0].isdigit():
        word = call.args[0]
        bash = call.shell.dialect == "bash"
        words = f"exit: {word}: numeric argument required" if bash else f"exit: Illegal number: {word}"
        raise ShellExit(call.fail(call.shell.complaint(words), 2))
    raise ShellExit(int(call.args[0]) & 0xFF)


def _cd(call: Call) -> int:
    target = call.args[0] if call.args else call.place.account.home
    if not files.is_folder(call.place, target):
        return call.fail(call.shell.complaint(f"cd: {target}: No such file or directory"))
    call.shell.variables["PWD"] = target
    return 0


def _pwd(call: Call) -> int:
    call.print(call.shell.variables["PWD"])
    return 0


def _export(call: Call) -> int:
    for word in call.args:
        name, has_value, value = word.partition("=")
        if has_value:
            call.shell.variables[name] = value
    return 0


def _command(call: Call) -> int:
    """`command -v NAME…` prints where it is; `command NAME …` runs it."""
    words = call.args
    if words[:1] not in (["-v"], ["-V"]):
        return call.shell.spawn(words, (call.stdin, call.out, call.err)) if words else 0
    status = 0 if words[1:] else 2
    for name in words[1:]:
        if name in BUILTINS:
            call.print(name)
        elif found := find_program(call.place.host, name):
            call.print(found.path)
        else:
            status = 127 if call.shell.dialect == "sh" else 1
    return status


def _exec(call: Call) -> int:
    if not call.args:
        return 0
    raise ShellExit(call.shell.spawn(call.args, (call.stdin, call.out, call.err), builtins=False))


def _read(call: Call) -> int:
    """`read -r NAME`: the first line of what there is; in the background it waits for more."""
    if not call.stdin and call.shell.in_background:
        raise Waiting
    first, newline, _ = call.stdin.partition(b"\n")
    for name in call.args:
        if not name.startswith("-"):
            call.shell.variables[name] = decode(first)
    return int(not newline)


def _wait(call: Call) -> int:
    """`wait [PID]`: what runs in the background has run already, or is a follower that the session goes on with."""
    if not call.args:
        return 0
    if call.args[0] not in call.shell.jobs:
        return call.fail(call.shell.complaint(f"wait: pid {call.args[0]} is not a child of this shell"), 127)
    return call.shell.jobs[call.args[0]]


def _kill(call: Call) -> int:
    """Of what this shell started; other processes are none of its own."""
    if len(call.args) == 1 and call.args[0] in call.shell.jobs:
        return 0
    found = find_program(call.place.host, "kill")
    return found.run(call) if found else call.fail(call.shell.complaint("kill: no such process"))


def _type(call: Call) -> int:
    status = 0
    for name in call.args:
        if name in BUILTINS:
            call.print(f"{name} is a shell builtin")
        elif found := find_program(call.place.host, name):
            call.print(f"{name} is {found.path}")
        else:
            status = call.fail(call.shell.complaint(f"type: {name}: not found"))
    return status


def _test(call: Call) -> int:
    """`[ … ]` and `test …`: files, strings and numbers, one comparison."""
    words = call.args
    if call.name == "[":
        if words[-1:] != ["]"]:
            return call.fail(call.shell.complaint("[: missing `]'"), 2)
        words = words[:-1]
    if words[:1] == ["!"]:
        return int(_holds(call, words[1:]))
    return int(not _holds(call, words))


def _holds(call: Call, words: list[str]) -> bool:
    if len(words) == 3:
        left, operator, right = words
        if operator in ("=", "=="):
            return left == right
        if operator == "!=":
            return left != right
        numbers = {"-eq": (0,), "-ne": (-1, 1), "-lt": (-1,), "-le": (-1, 0), "-gt": (1,), "-ge": (0, 1)}
        if operator in numbers and re.fullmatch(r"-?\d+", left) and re.fullmatch(r"-?\d+", right):
            return (int(left) > int(right)) - (int(left) < int(right)) in numbers[operator]
        return False
    if len(words) == 2:
        operator, name = words
        if operator in ("-e", "-f", "-r", "-s"):
            return not isinstance(files.read(call.place, name), str)
        if operator == "-d":
            return files.is_folder(call.place, name)
        return bool(name) if operator == "-n" else not name
    return bool(words and words[0])


def _true(call: Call) -> int:
    return 0


def _false(call: Call) -> int:
    return 1


BUILTINS: dict[str, Program] = {
    "echo": _echo,
    "printf": _printf,
    "true": _true,
    ":": _true,
    "false": _false,
    "exit": _exit,
    "logout": _exit,
    "cd": _cd,
    "pwd": _pwd,
    "export": _export,
    "command": _command,
    "exec": _exec,
    "read": _read,
    "wait": _wait,
    "kill": _kill,
    "type": _type,
    "test": _test,
    "[": _test,
}
"""Name → what it does."""

for _name in ("echo", "printf", "true", "false", "test", "[", "pwd"):
    program(_name)(BUILTINS[_name])  # they exist as programs as well
