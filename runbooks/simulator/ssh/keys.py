"""The keys of one run: a host key per machine, the one that may log in, and a colleague's. Made fresh, all ed25519."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat


@dataclass(frozen=True, slots=True, repr=False)
class Key:
    """A key pair in OpenSSH's formats."""

    private: bytes
    """PEM, not encrypted."""
    public: str
    """`ssh-ed25519 AAAA…`, no comment."""


def make_key() -> Key:
    """A new ed25519 key pair."""
    key = Ed25519PrivateKey.generate()
    return Key(
        key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()),
        key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode(),
    )


class Keys:
    """All keys of one run; a host's key is made when first asked for."""

    def __init__(self) -> None:
        self.login = make_key()
        """Of the operator: the state folder's `id_ed25519`."""
        self.colleague = make_key()
        """Of somebody else, who approves what wants a second person."""
        self._hosts: dict[str, Key] = {}

    def of_host(self, name: str) -> Key:
        """The host key of the machine `name`."""
        found = self._hosts.get(name)
        if found is None:
            found = self._hosts[name] = make_key()
        return found

    def renew(self, name: str) -> Key:
        """Another host key for `name`, as after a reinstallation."""
        self._hosts[name] = make_key()
        return self._hosts[name]

    def allowed_signers(self, operator: str) -> str:
        """Whose signatures approve: the operator's, whom his own do not help, and a colleague's."""
        return f"{operator} {self.login.public}\ncolleague {self.colleague.public}\n"

    def known_hosts(self, machines: Iterable[tuple[str, str]], port: int) -> Iterator[str]:
        """Lines of a `known_hosts` file for (name, address) pairs whose servers listen on `port`."""
        for name, address in machines:
            yield f"[{address}]:{port},[{name}]:{port} {self.of_host(name).public}\n"
