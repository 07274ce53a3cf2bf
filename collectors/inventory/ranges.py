"""Host patterns of an inventory: `ctl[01:03]`, `rack[a:c]-[1:9:2]`, `db01:2222`, `[fd00::11]:2222`.

The rules are Ansible's: both ends are included, a leading zero fixes the width, letters run a–z then A–Z, a third part
is the stride. Where Ansible quietly makes no host at all (`[3:1]`) or something odd (`[ab:cd]`), we refuse.
"""

from __future__ import annotations

import ipaddress
import re
import string
from collections.abc import Sequence
from typing import Final

MOST_HOSTS: Final = 100_000
"""A pattern that makes more hosts is a mistake."""

_WITH_PORT: Final = re.compile(r"((?:[^:\[\]]|\[[^\]]*\])+):([0-9]+)")
_IPV6_WITH_PORT: Final = re.compile(r"\[([0-9A-Fa-f:.]+)\]:([0-9]+)")
_NAME: Final = re.compile(r"(?:[\w.-]|\[[^\]]*\])+")
_DIGITS: Final = re.compile(r"[0-9]+")


def hosts_of(pattern: str) -> tuple[list[str], int | None]:
    """The host names that `pattern` stands for, and the port behind it. Raises `ValueError` saying what is wrong."""
    bare, port = _split_port(pattern)
    if bare is pattern and pattern.endswith(":"):
        raise ValueError(f"{pattern} ends in a colon, which wants a port behind it")
    if _is_ipv6(bare):
        return [bare], port
    return expand(bare), port


def _split_port(pattern: str) -> tuple[str, int | None]:
    found = _IPV6_WITH_PORT.fullmatch(pattern)
    if found is not None and _is_ipv6(found[1]):
        return found[1], int(found[2])
    found = _WITH_PORT.fullmatch(pattern)
    if found is not None and _NAME.fullmatch(found[1]):
        return found[1], int(found[2])
    return pattern, None


def _is_ipv6(text: str) -> bool:
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return True


def expand(pattern: str) -> list[str]:
    """Every name that the ranges of `pattern` make, the last range running fastest. Raises `ValueError`."""
    names = [""]
    rest = pattern
    while rest:
        head, bracket, behind = rest.partition("[")
        inner, closing, tail = behind.partition("]")
        if "]" in head or bool(bracket) != bool(closing):
            raise ValueError(f"the brackets of {pattern} do not match")
        words: Sequence[str] = _range(inner) if bracket else ("",)
        if len(names) * len(words) > MOST_HOSTS:
            raise ValueError(f"{pattern} makes more than {MOST_HOSTS:,} hosts")
        names = [name + head + word for name in names for word in words]
        rest = tail
    return names


def _range(inner: str) -> Sequence[str]:
    """The words of one `begin:end` or `begin:end:stride`."""
    parts = inner.split(":")
    if len(parts) not in (2, 3):
        raise ValueError(f"[{inner}] is no range: it is written [begin:end] or [begin:end:stride]")
    begin, end = parts[0] or "0", parts[1]
    stride = _number(parts[2], inner) if len(parts) == 3 else 1
    if not end:
        raise ValueError(f"[{inner}] has no end")
    if stride < 1:
        raise ValueError(f"[{inner}]: the stride must be at least 1")
    letters = string.ascii_letters
    if len(begin) == len(end) == 1 and begin in letters and end in letters:
        first, last = letters.index(begin), letters.index(end)
        _upward(first, last, inner)
        return letters[first : last + 1 : stride]
    low, high = _number(begin, inner), _number(end, inner)
    width = len(begin) if len(begin) > 1 and begin.startswith("0") else 0
    if width and len(end) != width:
        raise ValueError(f"[{inner}]: with a leading zero both ends need as many digits")
    _upward(low, high, inner)
    if (high - low) // stride >= MOST_HOSTS:
        raise ValueError(f"[{inner}] makes more than {MOST_HOSTS:,} hosts")
    return [str(number).zfill(width) for number in range(low, high + 1, stride)]


def _number(text: str, inner: str) -> int:
    if not _DIGITS.fullmatch(text) or len(text) > 15:
        raise ValueError(f"[{inner}]: {text!r} is neither a number nor one letter like the other end")
    return int(text)


def _upward(first: int, last: int, inner: str) -> None:
    if first > last:
        raise ValueError(f"[{inner}] runs backwards: it makes no host")
