"""Certificate files of a host: which there are, which of them configurations name, and what is in each.

Of configurations only the path behind a word like `ssl_cert` leaves the host, of files only the certificate.
"""

from __future__ import annotations

import re
from typing import Any, Final

from collectors.sources.x509 import described_pem

_LISTED: Final = re.compile(r"(\d+(?:\.\d+)?) (\d+) (/.+)")
_NAMED: Final = re.compile(r"(/[^:]+):([\w-]+)[=: ,\"']+(/[\w./@+:-]+)", re.ASCII)
_COUNTED: Final = re.compile(r"(/.+):(\d+)")
_SECRET: Final = re.compile(r"(?:key\.(?:pem|crt|cert)|\.key)$", re.IGNORECASE)


def files(output: bytes) -> list[dict[str, Any]]:
    """`find -printf '%T@ %s %p\\n'`: path, when it was written; private keys' files are passed over."""
    found = []
    for line in output.decode("utf-8", "replace").splitlines():
        match = _LISTED.fullmatch(line)
        if match is None:
            raise ValueError(f"a line that find was not asked for: {line[:80]!r}")
        if _SECRET.search(match[3]) is None:
            found.append({"path": match[3], "written": float(match[1])})
    return found


def names(output: bytes) -> list[dict[str, Any]]:
    """`grep -o`: path, and the service whose configuration names it."""
    found = []
    for line in output.decode("utf-8", "replace").splitlines():
        match = _NAMED.fullmatch(line)
        if match is None:
            raise ValueError(f"a line that grep was not asked for: {line[:80]!r}")
        if _SECRET.search(match[3]) is None:
            found.append({"path": _on_host(match[1], match[3]), "service": service(match[1])})
    return found


def _on_host(config: str, path: str) -> str:
    """In Kolla's configurations paths are those in the container, whose files come from beside the configuration."""
    own = f"/etc/{service(config)}/"
    if config.startswith("/etc/kolla/") and path.startswith(own):
        return f"/etc/kolla/{service(config)}/{path.removeprefix(own)}"
    return path


def service(path: str) -> str:
    """`/etc/kolla/haproxy/haproxy.cfg`, `/etc/haproxy/haproxy.cfg` → `haproxy`."""
    words = path.removeprefix("/etc/").removeprefix("kolla/").split("/")
    return words[0] if len(words) > 1 else words[0].partition(".")[0]


def pem(output: bytes) -> list[dict[str, Any]]:
    """`openssl x509 -in FILE`: the first certificate of the file."""
    return [described_pem(output)]


def chain(output: bytes) -> list[dict[str, Any]]:
    """`grep -c`: how many certificates each file holds."""
    found = []
    for line in output.decode("utf-8", "replace").splitlines():
        match = _COUNTED.fullmatch(line)
        if match is None:
            raise ValueError(f"a line that grep was not asked for: {line[:80]!r}")
        found.append({"path": match[1], "chain": int(match[2])})
    return found
