"""Secrets out of anything that is kept or shown, at any depth, before anything else looks at it.

Services notify with their whole request context (tokens, passwords of instances and pools, connection details), and
what we ask of them may hold a password, too. What a key is called decides; values are not looked at. What only makes a
notification long (whole catalogues) goes only from there.
"""

from __future__ import annotations

import re
from typing import Any, Final

DEEPEST: Final = 40
"""Levels that any real message has; what is deeper goes."""
GONE: Final = "***"

_SECRET = re.compile(
    r"token|passw|secret|credential|privatekey|privkey|authkey|apikey|accesskey|hostkey|keymaterial|adminpass|userdata"
    r"|connectioninfo|connectiondata|keyring|passphrase|certificate|signature|cookie|xauth|authorization$|^auth$|^key$"
)
NOISE: Final = re.compile(r"servicecatalog|traceback")
"""Long and of no use in a notification."""
NOTHING: Final = re.compile(r"(?!)")


def without_secrets(found: Any, noise: re.Pattern[str] = NOTHING, depth: int = 0) -> Any:
    """`found` (JSON values) with every value whose key names a secret replaced by `***`, of `noise` by None."""
    if isinstance(found, dict):
        if depth >= DEEPEST:
            return GONE
        return {key: _value(str(key), value, noise, depth) for key, value in found.items()}
    if isinstance(found, list):
        return GONE if depth >= DEEPEST else [without_secrets(value, noise, depth + 1) for value in found]
    return found


def _value(key: str, value: Any, noise: re.Pattern[str], depth: int) -> Any:
    plain = "".join(c for c in key.lower() if c.isalnum())
    if noise.search(plain):
        return None
    if value is not None and _SECRET.search(plain):
        return GONE
    return without_secrets(value, noise, depth + 1)
