"""Identifiers and choices that are the same on every run with the same seed.

Nothing in the model calls `random`: whatever looks arbitrary (ids, MAC addresses, phases of heartbeats) is a hash of
the seed and of words that say what it is. So scaled objects can be computed from their index instead of being held.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
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

    def numbered(self, *words: object) -> Numbered:
        """The ids of a numbered series of things named by `words`."""
        return _numbered(self, words)

    def numbered_uuid(self, index: int, *words: object) -> str:
        """The UUID of the `index`-th (below 2**32) thing named by `words`; `index_of` finds the index again."""
        return _numbered(self, words).uuid(index)

    def index_of(self, uuid: str, *words: object) -> int | None:
        """The index whose `numbered_uuid` is `uuid`, or None when it is none of them (or no UUID at all)."""
        return _numbered(self, words).index(uuid)

    def number(self, below: int, *words: object) -> int:
        """A number in [0, below)."""
        return int.from_bytes(self.digest(*words, size=8), "big") % below

    def fraction(self, *words: object) -> float:
        """A number in [0, 1)."""
        return self.number(1 << 53, *words) / (1 << 53)

    def mac(self, *words: object) -> str:
        """A MAC address under Neutron's default `base_mac` fa:16:3e."""
        return "fa:16:3e:" + ":".join(f"{b:02x}" for b in self.digest("mac", *words, size=3))


class Numbered:
    """UUIDs of a numbered series: looked up from the number and back without holding any of them.

    The first 32 bits are the number, scrambled by a bijection; the rest is a hash of it, which proves on the way back
    that an id belongs to the series.
    """

    def __init__(self, seed: Seed, words: tuple[object, ...]) -> None:
        self._base = blake2b("\x1f".join([str(seed.value), "series", *map(str, words)]).encode(), digest_size=32)
        raw = seed.digest("key of", *words, size=8)
        self._add = int.from_bytes(raw[:4], "big")
        self._factor = int.from_bytes(raw[4:], "big") | 1
        self._inverse = pow(self._factor, -1, 1 << 32)

    def raw(self, index: int) -> bytes:
        """32 arbitrary bytes of this number; the UUID is made of the first 12."""
        found = self._base.copy()
        found.update(index.to_bytes(4, "big"))
        return found.digest()

    def uuid(self, index: int, raw: bytes | None = None) -> str:
        """The UUID of `index` (below 2**32); `raw` when the caller has it already."""
        mixed = (index + self._add) * self._factor & 0xFFFFFFFF
        text = (raw or self.raw(index))[:12].hex()
        return f"{mixed ^ mixed >> 16:08x}-{text[:4]}-4{text[4:7]}-a{text[7:10]}-{text[10:22]}"

    def index(self, uuid: str) -> int | None:
        """The number of this UUID, None when it is none of the series."""
        try:
            low = int(uuid[:8], 16)
        except ValueError:
            return None
        index = ((low ^ low >> 16) * self._inverse - self._add) & 0xFFFFFFFF
        return index if self.uuid(index) == uuid else None


@lru_cache(maxsize=256)
def _numbered(seed: Seed, words: tuple[object, ...]) -> Numbered:
    return Numbered(seed, words)
