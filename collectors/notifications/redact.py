"""Secrets out of a message, at any depth, before anything else looks at it.

Services notify with their whole request context: tokens, passwords of instances and pools, connection details. What a
key is called decides; values are not looked at. Whole catalogues go too: they are long and say nothing of the event.
"""

from __future__ import annotations

import re
from typing import Any, Final

DEEPEST: Final = 40
"""Levels that any real message has; what is deeper goes."""
GONE: Final = "***"

_SECRET = re.compile(
    r"token|passw|secret|credential|privatekey|authkey|apikey|adminpass|userdata|connectioninfo|connectiondata"
    r"|keyring|passphrase|certificate|signature|cookie|xauth"
)
_NOISE = re.compile(r"servicecatalog|traceback")


def without_secrets(found: Any, depth: int = 0) -> Any:
    """`found` with every value whose key names a secret replaced by `***`."""
    if isinstance(found, dict):
        if depth >= DEEPEST:
            return GONE
        return {key: _value(str(key), value, depth) for key, value in found.items()}
    if isinstance(found, list):
        return GONE if depth >= DEEPEST else [without_secrets(value, depth + 1) for value in found]
    return found


def _value(key: str, value: Any, depth: int) -> Any:
    plain = "".join(c for c in key.lower() if c.isalnum())
    if _NOISE.search(plain):
        return None
    if value is not None and _SECRET.search(plain):
        return GONE
    return without_secrets(value, depth + 1)
