"""`printf` and the escapes of `echo`, as bash and dash understand them."""

from __future__ import annotations

import re

from runbooks.simulator.ssh.program import encode

_FORMAT_ESCAPE = re.compile(rb"\\(?:([0-7]{1,3})|x([0-9A-Fa-f]{1,2})|(.))", re.DOTALL)
_ECHO_ESCAPE = re.compile(rb"\\(?:0([0-7]{1,3})|x([0-9A-Fa-f]{1,2})|(.))", re.DOTALL)
_PLAIN = {
    b"n": b"\n",
    b"t": b"\t",
    b"r": b"\r",
    b"a": b"\a",
    b"b": b"\b",
    b"f": b"\f",
    b"v": b"\v",
    b"e": b"\x1b",
    b"\\": b"\\",
}
_CONVERSION = re.compile(r"%(?:%|([-0+ #]*)(\d*)(?:\.(\d*))?([sdiuxXocb]))")


def escapes(text: str, *, in_format: bool = False) -> bytes:
    """`text` with its backslash escapes replaced; unknown ones stay.

    Octal is `\\0101` for `echo` and `%b`, `\\101` in a format.
    """

    def replaced(found: re.Match[bytes]) -> bytes:
        octal, hexadecimal, letter = found.groups()
        if octal is not None:
            return bytes((int(octal, 8) & 0xFF,))
        if hexadecimal is not None:
            return bytes((int(hexadecimal, 16),))
        return _PLAIN.get(letter, found[0])

    return (_FORMAT_ESCAPE if in_format else _ECHO_ESCAPE).sub(replaced, encode(text))


def printf(template: str, arguments: list[str]) -> tuple[bytes, list[str]]:
    """What `printf template arguments…` writes, and the arguments that are no numbers where one was wanted.

    The template is used again while arguments are left, as POSIX says. Raises ValueError naming a bad conversion.
    """
    written: list[bytes] = []
    odd: list[str] = []
    left = list(arguments)
    while True:
        before = len(left)
        at = 0
        for found in re.finditer(r"%(?:%|[-0+ #]*\d*(?:\.\d*)?.?)", template, re.DOTALL):
            written.append(escapes(template[at : found.start()], in_format=True))
            at = found.end()
            written.append(_converted(found[0], left, odd))
        written.append(escapes(template[at:], in_format=True))
        if not left or len(left) == before:
            return b"".join(written), odd


def _converted(conversion: str, left: list[str], odd: list[str]) -> bytes:
    found = _CONVERSION.fullmatch(conversion)
    if found is None:
        raise ValueError(conversion[-1:] if len(conversion) > 1 else "")
    if conversion == "%%":
        return b"%"
    flags, width, precision, letter = found.groups()
    value = left.pop(0) if left else ""
    if letter == "c":
        data = encode(value[:1])
    elif letter in "sb":
        data = escapes(value) if letter == "b" else encode(value)
        if precision is not None:
            data = data[: int(precision or 0)]
    else:
        try:
            number = int(value or "0", 0)
        except ValueError:
            odd.append(value)
            number = 0
        data = format(number, "d" if letter in "diu" else letter).encode()
        if "0" in flags and "-" not in flags:
            data = data.rjust(int(width or 0), b"0")
    return data.ljust(int(width or 0)) if "-" in flags else data.rjust(int(width or 0))
