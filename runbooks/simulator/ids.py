"""Identifiers and choices that are the same on every run with the same seed.

Nothing in the model calls `random`: whatever looks arbitrary (ids, MAC addresses, phases of heartbeats) is a hash of
the seed and of words that say what it is. So scaled objects can be computed from their index instead of being held.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b


@dataclass(frozen=True, slots=True)
class Seed:
    """The root of everything arbitrary."""

    value: int = 0

    def digest(self, *words: object, size: int = 16) -> bytes:
        """`size` bytes (at most 64) named by `words`."""
        text = "\x1f".join([str(self.value), *map(str, words)])
        return blake2b(text.encode(), digest_size=size).digest()

    def uuid(self, *words: object) -> str:
        """A version 4 UUID, with dashes."""
        raw = bytearray(self.digest(*words))
        raw[6] = raw[6] & 0x0F | 0x40
        raw[8] = raw[8] & 0x3F | 0x80
        text = raw.hex()
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"

    def hex(self, *words: object) -> str:
        """A 32-digit id without dashes, as Keystone makes them."""
        return self.uuid(*words).replace("-", "")

    def number(self, below: int, *words: object) -> int:
        """A number in [0, below)."""
        return int.from_bytes(self.digest(*words, size=8), "big") % below

    def fraction(self, *words: object) -> float:
        """A number in [0, 1)."""
        return self.number(1 << 53, *words) / (1 << 53)

    def mac(self, *words: object) -> str:
        """A MAC address under Neutron's default `base_mac` fa:16:3e."""
        return "fa:16:3e:" + ":".join(f"{b:02x}" for b in self.digest("mac", *words, size=3))
