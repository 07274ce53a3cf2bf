"""known_hosts: which key a host showed before. Strict: a key that is not there, or is another one, is refused.

Read into a table once per change of the file; hashed lines are compared one by one. Certificates of hosts are not
understood, revoked keys are refused.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import threading
from collections.abc import Sequence
from pathlib import Path

import msgspec

from collectors.errors import Refused
from collectors.sources.ssh_config import matches


class KnownKey(msgspec.Struct, frozen=True):
    """One line of a known_hosts file."""

    kind: str
    """`ssh-ed25519`, `ecdsa-sha2-nistp256`, `ssh-rsa` …"""
    blob: bytes
    where: str
    """`FILE line N`."""


class _Table(msgspec.Struct):
    """One file, read."""

    exact: dict[str, list[KnownKey]] = msgspec.field(default_factory=dict)
    patterns: list[tuple[tuple[str, ...], KnownKey]] = msgspec.field(default_factory=list)
    hashed: list[tuple[bytes, bytes, KnownKey]] = msgspec.field(default_factory=list)
    revoked: set[bytes] = msgspec.field(default_factory=set)
    stamp: tuple[int, int] = (0, 0)

    def keys(self, name: str) -> list[KnownKey]:
        found = list(self.exact.get(name, ()))
        found += [key for patterns, key in self.patterns if matches(name, patterns)]
        found += [key for salt, digest, key in self.hashed if _hash(salt, name) == digest]
        return found


def _hash(salt: bytes, name: str) -> bytes:
    return hmac.new(salt, name.encode(), hashlib.sha1).digest()


def _read(path: Path, stamp: tuple[int, int]) -> _Table:
    """Broken lines are passed over, as OpenSSH does."""
    table = _Table(stamp=stamp)
    for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
        words = line.split()
        marker = words.pop(0) if words and words[0].startswith("@") else ""
        if len(words) < 3 or words[0].startswith("#") or marker == "@cert-authority":
            continue
        names, kind, text = words[:3]
        try:
            blob = base64.b64decode(text, validate=True)
        except ValueError:
            continue
        key = KnownKey(kind, blob, f"{path} line {number}")
        if marker == "@revoked":
            table.revoked.add(blob)
        elif names.startswith("|1|"):
            salt, _, digest = names[3:].partition("|")
            try:
                table.hashed.append((base64.b64decode(salt), base64.b64decode(digest), key))
            except ValueError:
                continue
        elif any(letter in names for letter in "*?!"):
            table.patterns.append((tuple(names.split(",")), key))
        else:
            for name in names.split(","):
                table.exact.setdefault(name.lower(), []).append(key)
    return table


class HostKeys:
    """All known_hosts files that a site's hosts name, each read again when it has changed."""

    def __init__(self) -> None:
        self._tables: dict[Path, _Table] = {}
        self._lock = threading.Lock()

    def _table(self, path: Path) -> _Table:
        try:
            found = path.stat()
        except OSError:
            return _Table()
        stamp = (found.st_mtime_ns, found.st_size)
        with self._lock:
            table = self._tables.get(path)
            if table is None or table.stamp != stamp:
                try:
                    table = self._tables[path] = _read(path, stamp)
                except OSError:
                    return _Table()
            return table

    def known(self, name: str, files: Sequence[Path]) -> list[KnownKey]:
        """Every key that the files have for `name` (`host` or `[host]:port`)."""
        return [key for path in files for key in self._table(path).keys(name.lower())]

    def check(self, title: str, name: str, files: Sequence[Path], kind: str, blob: bytes) -> None:
        """Raises `Refused` unless the files have exactly this key for `name`. `title` is for the message."""
        shown = f"{_short(kind)} {fingerprint(blob)}"
        if any(blob in self._table(path).revoked for path in files):
            raise Refused(f"host key of {title}", f"{shown} is marked as revoked", "do not connect; ask who revoked it")
        known = self.known(name, files)
        if any(key.blob == blob for key in known):
            return
        file = next((str(path) for path in files), "~/.ssh/known_hosts")
        same = [key for key in known if key.kind == kind]
        if same:
            raise Refused(
                f"host key of {title}",
                f"has changed: {same[0].where} has {fingerprint(same[0].blob)}, the host shows {shown}",
                f"if it was reinstalled: ssh-keygen -R '{name}' -f {file}, then add the new key; "
                "if not, somebody may sit in between",
            )
        raise Refused(
            f"host key of {title}",
            f"is not known: the host shows {shown}",
            f"compare it with `ssh-keygen -lf /etc/ssh/ssh_host_{_short(kind).lower()}_key.pub` on the host's console, "
            f"then: ssh-keyscan {_scan(name)} >> {file}",
        )


def fingerprint(blob: bytes) -> str:
    """`SHA256:…` as `ssh-keygen -l` prints it."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")


def _short(kind: str) -> str:
    """`ED25519`, `ECDSA`, `RSA`."""
    return kind.removeprefix("ssh-").partition("-")[0].upper()


def _scan(name: str) -> str:
    """Arguments of ssh-keyscan for `host` or `[host]:port`."""
    if not name.startswith("["):
        return name
    host, _, port = name[1:].partition("]:")
    return f"-p {port} {host}"
