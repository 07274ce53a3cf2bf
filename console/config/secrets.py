"""Passwords by where they come from: each becomes a `Secret` that fetches itself when it is first needed.

A secret is read from a file or a program of the operator's; it never stands in an argument, an error or a log. What
can be told wrong without fetching (two places at once, a literal in a readable file) is told when the configuration is
read.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from queue import Empty, Queue
from threading import Lock, Thread
from typing import TYPE_CHECKING

from collectors.errors import BadConfiguration
from collectors.files import at
from collectors.site import Secret
from console.config.file import ConfigFile
from console.config.table import Password, SecretTable

if TYPE_CHECKING:
    from console.config.kolla.passwords import Passwords

LARGEST = 65536
"""Bytes of a secret."""


class Once:
    """Fetches at the first call and remembers; a failure is not remembered."""

    def __init__(self, fetch: Callable[[], str]) -> None:
        self._fetch = fetch
        self._lock = Lock()
        self._found: str | None = None

    def __call__(self) -> str:
        with self._lock:
            if self._found is None:
                self._found = self._fetch()
            return self._found


def secret_of(
    told: Password, where: str, config: ConfigFile, environ: Mapping[str, str], kolla: Passwords | None
) -> Secret:
    """The `Secret` that a `password` key means; `where` is the key's place. Raises `BadConfiguration`."""
    if isinstance(told, str):
        config.may_hold_secrets(where)
        return Secret(lambda: told, config.path.name)
    place = _only_place(told, where, config)
    if told.file is not None:
        path = config.absolute(told.file)
        return Secret(lambda: file_secret(path), f"file {told.file}")
    if told.env is not None:
        name = told.env
        return Secret(lambda: _from_environment(name, environ), f"variable {name}")
    if told.command is not None:
        command, folder = told.command, config.path.parent
        return Secret(Once(lambda: _from_command(command, folder, environ, place)), f"command {command[0]}")
    if told.keyring is not None:
        entry = told.keyring
        return Secret(Once(lambda: _from_keyring(entry, place)), f"keyring {entry}")
    name = told.kolla or ""
    if kolla is None:
        raise BadConfiguration(place, "{kolla = …} needs Kolla's folder", 'add kolla = "/etc/kolla" to the site')
    return kolla.secret(name)


def _only_place(told: SecretTable, where: str, config: ConfigFile) -> str:
    ways = [name for name in told.__struct_fields__ if getattr(told, name) is not None]
    place = f"{config.path}, {where}"
    if len(ways) != 1:
        why = f"{' and '.join(ways)} are given, one is wanted" if ways else "says not where the password is"
        raise BadConfiguration(place, why, f"keep one of: {', '.join(told.__struct_fields__)}")
    return place


def file_secret(path: Path) -> str:
    """What a secret file holds, without the last line end. Raises `BadConfiguration` when others can read it."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError as error:
        raise at(path, 0, "there is no such secret file", f"put the password there and chmod 600 {path}") from error
    except OSError as error:
        raise at(path, 0, f"the secret file cannot be opened: {error.strerror}", "run as its owner") from error
    try:
        _must_be_private(os.fstat(handle), path)
        data = os.read(handle, LARGEST + 1)
    finally:
        os.close(handle)
    return clean(data, str(path))


def _must_be_private(found: os.stat_result, path: Path) -> None:
    mode = stat.S_IMODE(found.st_mode)
    if not stat.S_ISREG(found.st_mode):
        raise at(path, 0, "no plain file, so no secret file", "name a file that holds the password")
    if mode & 0o077:
        raise at(path, 0, f"others can read this secret (mode {mode:04o})", f"chmod 600 {path}")
    if found.st_uid not in (os.geteuid(), 0):
        why = f"this secret belongs to another user (uid {found.st_uid}), who can change it"
        raise at(path, 0, why, f"chown {os.geteuid()} {path}")


def clean(data: bytes, what: str) -> str:
    """The text of a secret, without the last line end. Raises `BadConfiguration` when it is none."""
    if len(data) > LARGEST:
        raise BadConfiguration(what, f"more than {LARGEST} bytes, so no password", "check what it holds")
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise BadConfiguration(what, "the secret is not UTF-8 text", "save it as UTF-8") from error
    text = text.removesuffix("\n").removesuffix("\r")
    if not text:
        raise BadConfiguration(what, "the secret is empty", "put the password there")
    return text


def _from_environment(name: str, environ: Mapping[str, str]) -> str:
    found = environ.get(name, "")
    if not found:
        state = "empty" if name in environ else "not set"
        raise BadConfiguration(f"variable {name}", f"holds the password, but is {state}", f"export {name}")
    return found


def _from_command(command: list[str], folder: Path, environ: Mapping[str, str], place: str) -> str:
    from collectors.programs import first_line, output_of

    done = output_of(command, environ, folder=folder, what=place)
    if done.code != 0:
        why = f"{command[0]} ended with {done.code}: {first_line(done.complaint) or 'it said nothing'}"
        raise BadConfiguration(place, why, "run the command by hand")
    return clean(done.output, f"{place}: what {command[0]} printed")


def _from_keyring(entry: str, place: str) -> str:
    from collectors.programs import SECONDS

    try:
        keyring = import_module("keyring")
    except ImportError as error:
        hint = "pip install keyring beside nephoscope, or use file, env or command"
        raise BadConfiguration(place, "the package keyring is not installed", hint) from error
    service, slash, user = entry.rpartition("/")
    service, user = (service, user) if slash else ("nephoscope", entry)
    answers: Queue[str | Exception | None] = Queue()

    def ask() -> None:
        try:
            answers.put(keyring.get_password(service, user))
        except Exception as error:  # noqa: BLE001 - backends raise what they like; it is told below
            answers.put(error)

    # A keyring may wait for a dialogue that nobody sees, and has no time limit of its own.
    Thread(target=ask, name="keyring", daemon=True).start()
    try:
        found = answers.get(timeout=SECONDS)
    except Empty:
        why = f"the keyring did not answer within {SECONDS:g} s"
        raise BadConfiguration(place, why, "unlock it, or use file, env or command") from None
    if isinstance(found, Exception):
        why = f"the keyring cannot be read: {type(found).__name__}"
        raise BadConfiguration(place, why, "unlock it, or use file, env or command") from found
    if not found:
        why = f"the keyring has no password of {user} for {service}"
        raise BadConfiguration(place, why, f"keyring set {service} {user}")
    return found
