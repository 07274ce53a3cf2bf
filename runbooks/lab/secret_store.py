"""The passwords of one lab: random, made when they are first asked for, kept in STATE/secrets.json (0600).

Two processes may ask at the same time (`up` and the control socket's server), so a new one is made under a lock, after
another look at the file.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import threading
from pathlib import Path


class Secrets:
    """`secrets["keystone_admin"]`: the password of that name, the same for ever."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._known: dict[str, str] = {}

    def __getitem__(self, name: str) -> str:
        with self._lock:
            if name not in self._known:
                self._make(name)
            return self._known[name]

    def _make(self, name: str) -> None:
        lock = os.open(self._path.with_name("secrets.lock"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if self._path.exists():
                self._known = json.loads(self._path.read_text())
            if name not in self._known:
                self._known[name] = secrets.token_hex(20)  # letters and digits only: safe in every URL and file
                self._write()
        finally:
            os.close(lock)

    def _write(self) -> None:
        partial = self._path.with_name(self._path.name + ".new")
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(self._known, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(self._path)
