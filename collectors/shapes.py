"""JSON and plain values as typed ones: the only place where a type is handed to msgspec.

msgspec compiles what it knows of a Struct when it first meets it, and puts it where another thread finds it before it
is whole: two readers that meet the same Struct at the same moment end the process with a segmentation fault (seen with
0.22). So every type is compiled here, once, under a lock; decoding itself is safe on any thread, and needs none.
"""

from __future__ import annotations

import threading
from typing import Any

import msgspec

_compiling = threading.Lock()
_decoders: dict[Any, msgspec.json.Decoder[Any]] = {}


def decoder(shape: Any) -> msgspec.json.Decoder[Any]:
    """The decoder of JSON texts that hold a `shape` (a type); the same one each time."""
    found = _decoders.get(shape)
    if found is None:
        with _compiling:
            found = _decoders.get(shape)
            if found is None:
                found = _decoders[shape] = msgspec.json.Decoder(shape)
    return found


def decoded(text: bytes, shape: Any) -> Any:
    """The JSON `text` as a `shape`. Raises `msgspec.DecodeError` (also for a wrong type) or `UnicodeDecodeError`."""
    return decoder(shape).decode(text)


def converted(value: object, shape: Any, *, strict: bool = True) -> Any:
    """The plain `value` (of TOML, YAML, a row of a database) as a `shape`; not `strict`: "5" may be a number.

    Raises `msgspec.ValidationError`.
    """
    decoder(shape)
    return msgspec.convert(value, shape, strict=strict)
