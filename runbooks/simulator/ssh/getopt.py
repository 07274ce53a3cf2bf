"""Arguments as getopt_long takes them, and its words about wrong ones."""

from __future__ import annotations

import re
from dataclasses import dataclass

from runbooks.simulator.ssh.program import Call, UsageError


@dataclass(frozen=True, slots=True)
class Options:
    """Parsed arguments: option (without dashes) → its values, "" for a flag; and the operands."""

    given: dict[str, list[str]]
    operands: list[str]

    def __contains__(self, names: str) -> bool:
        """`"a/all" in options`: any of the spellings is there."""
        return any(name in self.given for name in names.split("/"))

    def last(self, names: str, default: str = "") -> str:
        """The value given last under any of the spellings."""
        values = self.all(names)
        return values[-1] if values else default

    def all(self, names: str) -> list[str]:
        return [value for name in names.split("/") for value in self.given.get(name, [])]


def options(
    call: Call, flags: str = "", valued: str = "", long: str = "", long_valued: str = "", *, usage_status: int = 1
) -> Options:
    """Parse `call`'s arguments as getopt_long does.

    `flags`, `valued`: letters; `long`, `long_valued`: words separated by blanks. Raises UsageError in getopt's words.
    """
    given: dict[str, list[str]] = {}
    operands: list[str] = []
    arguments = call.args
    at = 0

    def refuse(text: str) -> UsageError:
        return UsageError(f"{call.name}: {text}\nTry '{call.name} --help' for more information.", usage_status)

    while at < len(arguments):
        word = arguments[at]
        at += 1
        if word == "--":
            operands += arguments[at:]
            break
        if word.startswith("--"):
            name, has_value, value = word[2:].partition("=")
            if name in long_valued.split():
                if not has_value:
                    if at >= len(arguments):
                        raise refuse(f"option '--{name}' requires an argument")
                    value = arguments[at]
                    at += 1
            elif name not in long.split():
                raise refuse(f"unrecognized option '{word}'")
            given.setdefault(name, []).append(value)
        elif re.fullmatch(r"-.+", word, re.DOTALL):
            letters = word[1:]
            while letters:
                letter, letters = letters[0], letters[1:]
                if letter in valued:
                    if not letters:
                        if at >= len(arguments):
                            raise refuse(f"option requires an argument -- '{letter}'")
                        letters = arguments[at]
                        at += 1
                    given.setdefault(letter, []).append(letters)
                    break
                if letter not in flags:
                    raise refuse(f"invalid option -- '{letter}'")
                given.setdefault(letter, []).append("")
        else:
            operands.append(word)
    return Options(given, operands)
