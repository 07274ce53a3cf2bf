"""Keys of people and a site that allows them, made with the real ssh-keygen."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from collectors.site import Site

needs_ssh_keygen = pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="ssh-keygen is not installed")


def key(folder: Path, name: str, passphrase: str = "") -> Path:
    """A new private key."""
    path = folder / name
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", passphrase, "-C", name, "-f", str(path)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    return path


def line(principals: str, private: Path, options: str = "") -> str:
    """A line of `allowed_signers`."""
    kind, public, *_ = Path(f"{private}.pub").read_text().split()
    return f"{principals} {options + ' ' if options else ''}{kind} {public}\n"


def allowing(folder: Path, *lines: str, **more: object) -> Site:
    """A site with these `allowed_signers`."""
    (folder / "allowed").write_text("# who may approve\n\n" + "".join(lines))
    (folder / "allowed").chmod(0o600)
    return Site("prod", "RegionOne", lock_dir=folder / "locks", allowed_signers=folder / "allowed", **more)  # type: ignore[arg-type]
