"""What the tables of nephoscope.toml are made of: their base, names and ports, where a password comes from.

The tables themselves are declared in `schema.py`.
"""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

from msgspec import Meta, Struct

Name: TypeAlias = Annotated[str, Meta(min_length=1)]
Port: TypeAlias = Annotated[int, Meta(ge=1, le=65535)]
Later: TypeAlias = dict[str, Any]
"""A table that a later version reads; kept as it is."""


class Table(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Base of all tables: what is not declared is refused."""

    def __repr__(self) -> str:
        """Never the values: a password may be among them."""
        return f"<{type(self).__name__}>"


class SecretTable(Table, frozen=True):
    """Where a password comes from: exactly one of these."""

    file: Name | None = None
    """A file that only its owner can read; what it holds, without the last line end."""
    env: Name | None = None
    """An environment variable."""
    command: Annotated[list[str], Meta(min_length=1)] | None = None
    """A program and its arguments, run without a shell; what it prints. It has 10 s."""
    keyring: Name | None = None
    """An entry of the system keyring: `SERVICE/USER` (needs the package keyring)."""
    kolla: Name | None = None
    """A name in Kolla's passwords.yml, also when that is encrypted by ansible-vault."""


Password: TypeAlias = str | SecretTable
