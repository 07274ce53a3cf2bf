"""Which command lines wait for their client's standard input.

The shell runs a whole line at once, so what a command would read must be there before. Waiting for every command would
hang `ssh HOST uptime` on an open terminal; so only a line that begins with a filter without a file waits.
"""

from __future__ import annotations

from runbooks.simulator.ssh.parser import parse
from runbooks.simulator.ssh.syntax import Group, ShellSyntaxError, Simple, Text

_OPERANDS = {
    "cat": 0,
    "head": 0,
    "tail": 0,
    "wc": 0,
    "sort": 0,
    "uniq": 0,
    "cut": 0,
    "sh": 0,
    "bash": 0,
    "grep": 1,
    "awk": 1,
    "socat": 2,
}
"""Filter → how many operands it has when it reads its standard input."""
_VALUED = {"head": "nc", "tail": "nc", "sort": "kt", "cut": "fdcb", "grep": "em", "awk": "Fv"}


def waits_for_input(line: str) -> bool:
    """True when the first command of `line` reads standard input until its end."""
    try:
        script = parse(line)
    except ShellSyntaxError:
        return False
    while script.items:
        first = script.items[0].first.commands[0]
        if isinstance(first, Simple):
            return _reads(first)
        if any(redirect.mode == "<" for redirect in first.redirects):
            return False
        assert isinstance(first, Group)
        script = first.body
    return False


def _reads(command: Simple) -> bool:
    if any(redirect.mode == "<" for redirect in command.redirects):
        return False
    words = ["".join(part.value if isinstance(part, Text) else "$" for part in word.parts) for word in command.words]
    while words and words[0] in ("exec", "sudo", "-n", "env", "command"):
        words = words[1:]
    if not words or (name := words[0].rpartition("/")[2]) not in _OPERANDS:
        return False
    if name in ("sh", "bash"):
        return not any(word.startswith("-") and "c" in word for word in words[1:])
    operands, skip = 0, False
    for word in words[1:]:
        if skip:
            skip = False
        elif word.startswith("-") and word != "-":
            skip = len(word) == 2 and word[1] in _VALUED.get(name, "")
            operands += name == "grep" and word.startswith("-e")
        elif word != "-":
            operands += 1
    return operands <= _OPERANDS[name]
