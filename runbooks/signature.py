"""SSH signatures of a text: made with a person's key, checked against the site's `allowed_signers`.

`ssh-keygen` does both, since it knows agents, hardware keys and certificates; it is run without a shell, with a
deadline. The namespace keeps a signature that somebody gave for a mail or a commit from counting here.
"""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from collectors.errors import BadConfiguration, Refused
from collectors.files import text_of
from collectors.programs import Done, first_line, output_of

NAMESPACE: Final = "nephoscope-plan"
SECONDS: Final = 10.0
TYPING: Final = 120.0
"""Seconds for a passphrase to be typed, or a hardware key to be touched."""
USUAL: Final = ("id_ed25519", "id_ed25519_sk", "id_ecdsa", "id_ecdsa_sk", "id_rsa")


def key_of(told: str, identity: Path | None, home: Path) -> Path:
    """The key that signs: what was `told`, the site's own, or the first of the usual ones. Raises `BadConfiguration`.

    A public key does as well: the agent then has the other half.
    """
    usual = [home / ".ssh" / name for name in USUAL]
    tried = [Path(told).expanduser()] if told else [*([identity] if identity is not None else []), *usual]
    found = next((path for path in tried if path.is_file()), None)
    if found is None:
        hint = "--key FILE: a private key, or the .pub of one that ssh-agent holds"
        raise BadConfiguration(str(tried[0]), "there is no such key to sign with", hint)
    return found


def signed(text: str, key: Path, environ: Mapping[str, str], *, terminal: bool) -> str:
    """The signature of `text`, armoured. At a `terminal` a passphrase may be asked for. Raises `BadConfiguration`."""
    given = dict(environ) if terminal else dict(environ) | {"SSH_ASKPASS_REQUIRE": "never"}
    done = output_of(
        ["ssh-keygen", "-Y", "sign", "-n", NAMESPACE, "-f", str(key.absolute())],
        given, folder=Path("/"), what="signature", given=text.encode(),
        seconds=TYPING if terminal else SECONDS, alone=not terminal,
    )  # fmt: skip
    if done.code != 0 or b"SSH SIGNATURE" not in done.output:
        hint = "check --key; a key with a passphrase wants ssh-agent or a terminal"
        raise BadConfiguration(f"signature with {key}", _complaint(done), hint)
    return done.output.decode()


def _complaint(done: Done) -> str:
    lines = [line for line in done.complaint.splitlines() if line.strip() and not line.startswith((b"Signing", b"@@"))]
    return f"ssh-keygen: {first_line(lines[-1]) if lines else f'ended with {done.code}'}"


def signers(allowed: Path) -> list[tuple[str, ...]]:
    """The names on each line of `allowed_signers`. Raises `BadConfiguration`, also when others may write it."""
    text = text_of(allowed, "file of allowed signers")
    found = os.stat(allowed)
    if found.st_mode & (stat.S_IWGRP | stat.S_IWOTH) or found.st_uid not in (os.geteuid(), 0):
        why = "others may write it, so they could add their own key"
        raise BadConfiguration(str(allowed), why, f"chmod go-w {allowed}, and let it belong to root or you")
    lines = (line.strip() for line in text.splitlines())
    return [tuple(_first_word(line).split(",")) for line in lines if line and not line.startswith("#")]


def _first_word(line: str) -> str:
    return line[1:].partition('"')[0] if line.startswith('"') else line.split(None, 1)[0]


def signer(text: str, signature: str, allowed: Path, environ: Mapping[str, str]) -> tuple[str, ...]:
    """The names of the person whose good signature of `text` this is.

    Raises `Refused` when it is nobody's that is allowed, or no good one; `BadConfiguration` when it cannot be checked.
    """
    signers(allowed)
    with tempfile.TemporaryDirectory(prefix="nephoscope-") as folder:
        file = Path(folder) / "signature"
        file.write_text(signature)

        def ssh_keygen(action: str, *more: str) -> Done:
            words = ["ssh-keygen", "-Y", action, "-f", str(allowed.absolute()), "-s", str(file), *more]
            return output_of(
                words, environ, folder=Path(folder), what="signature", given=text.encode(), seconds=SECONDS
            )

        asked = ssh_keygen("find-principals")
        # A pattern names many people, so nobody in particular.
        names = [
            name for name in asked.output.decode(errors="replace").splitlines() if name and not set(name) & {*"*?!"}
        ]
        if asked.code != 0 or not names:
            raise Refused("signature", f"its key is nobody's in {allowed}", "ask who keeps that file to add it")
        checked = ssh_keygen("verify", "-n", NAMESPACE, "-I", names[0])
        if checked.code != 0:
            raise Refused("signature", f"not good for this text ({_complaint(checked)})", "sign the plan again")
    return tuple(names)
