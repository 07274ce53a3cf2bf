"""Keypairs of one user: never the text of the key."""

from __future__ import annotations

from typing import Any

from tests.collectors.kinds.recordings import row, rows


def test_the_recorded_keypair() -> None:
    (found,) = rows("keypairs")
    made: Any = found
    assert (made.name, made.type, made.user) == ("ana", "ssh", "the-parent")
    assert made.fingerprint == "b4:d2:11:30:36:dc:78:e1:9f:b1:5d:4c:67:05:df:1b"
    assert not any("AAAA" in str(getattr(made, name)) for name in made.__struct_fields__)


def test_before_types_were_told_every_key_was_for_ssh() -> None:
    assert row("keypairs", keypair={"name": "old"}).type == "ssh"
