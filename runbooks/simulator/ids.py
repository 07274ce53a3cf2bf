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

    def numbered_uuid(self, index: int, *words: object) -> str:
        """The UUID of the `index`-th (below 2**32) thing named by `words`; `index_of` finds the index again."""
        raw = self.digest(*words, index, size=16)
        low = self._scramble(index, *words)
        text = raw.hex()
        return f"{low:08x}-{text[8:12]}-4{text[13:16]}-{'89ab'[raw[8] & 3]}{text[17:20]}-{text[20:]}"

    def index_of(self, uuid: str, *words: object) -> int | None:
        """The index whose `numbered_uuid` is `uuid`, or None when it is none of them (or no UUID at all)."""
        try:
            low = int(uuid[:8], 16)
        except ValueError:
            return None
        add, factor = self._key(*words)
        index = ((low ^ low >> 16) * pow(factor, -1, 1 << 32) - add) & 0xFFFFFFFF
        return index if self.numbered_uuid(index, *words) == uuid else None

    def _key(self, *words: object) -> tuple[int, int]:
        raw = self.digest("key of", *words, size=8)
        return int.from_bytes(raw[:4], "big"), int.from_bytes(raw[4:], "big") | 1

    def _scramble(self, index: int, *words: object) -> int:
        """A bijection of 32 bits that looks arbitrary: multiply by an odd number, fold the high half into the low."""
        add, factor = self._key(*words)
        mixed = (index + add) * factor & 0xFFFFFFFF
        return mixed ^ mixed >> 16

    def number(self, below: int, *words: object) -> int:
        """A number in [0, below)."""
        return int.from_bytes(self.digest(*words, size=8), "big") % below

    def fraction(self, *words: object) -> float:
        """A number in [0, 1)."""
        return self.number(1 << 53, *words) / (1 << 53)

    def mac(self, *words: object) -> str:
        """A MAC address under Neutron's default `base_mac` fa:16:3e."""
        return "fa:16:3e:" + ":".join(f"{b:02x}" for b in self.digest("mac", *words, size=3))
