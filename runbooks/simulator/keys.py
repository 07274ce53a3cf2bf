"""The SSH keys of one run: one per host and one of the user `kolla`, all Ed25519.

They are derived from the run's secret and the host's name, so that ten thousand hosts need no key to be held.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

from runbooks.simulator.secret import Secrets

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

SSH_USER = "kolla"
SSH_PORT = 2222


@dataclass(frozen=True, slots=True)
class Keys:
    """Keys by what they are for: a host's name, or `user` for the one that may log in to all hosts."""

    secrets: Secrets

    def private(self, name: str) -> str:
        """The private key in OpenSSH's format, without a passphrase."""
        from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

        return self._key(name).private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode()

    def public(self, name: str) -> str:
        """The public key on one line: `ssh-ed25519 AAAA…`."""
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        return self._key(name).public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()

    def _key(self, name: str) -> Ed25519PrivateKey:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        raw = blake2b(name.encode(), key=self.secrets.ssh, digest_size=32).digest()
        return Ed25519PrivateKey.from_private_bytes(raw)
