"""Kolla's passwords.yml: looked into when a password is first needed, opened by `ansible-vault` where it is encrypted.

We never decrypt anything ourselves: a file that is encrypted as a whole goes through `ansible-vault view`, a single
`!vault` value through `ansible-vault decrypt` from its standard input. The result stays in memory.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from threading import Lock
from typing import Any

from collectors.errors import BadConfiguration
from collectors.files import at, text_of
from collectors.inventory.yaml_text import VAULT_HEAD, Vaulted, variables
from collectors.programs import first_line, output_of
from collectors.site import Secret
from console.config.kolla.variables import Variables


class Passwords:
    """The passwords of one Kolla folder. `vault_password_file` may be None: then only plain ones can be read."""

    def __init__(
        self,
        folder: Path,
        globals_: Mapping[str, Any],
        environ: Mapping[str, str],
        vault_password_file: Path | None = None,
        ansible_vault: str = "ansible-vault",
    ) -> None:
        self.path = folder / "passwords.yml"
        self._globals = globals_
        self._environ = environ
        self._password_file = vault_password_file
        self._program = ansible_vault
        self._lock = Lock()
        self._read: tuple[tuple[int, int, int], dict[str, Any]] | None = None

    def secret(self, name: str) -> Secret:
        """The password `name`, fetched when it is needed."""
        return Secret(lambda: self.get(name), f"{name} in {self.path}")

    def optional(self, name: str) -> Secret:
        """The same; empty where there is none."""

        def fetch() -> str:
            with self._lock:
                known = name in self._all() or name in self._globals
            return self.get(name) if known else ""

        return Secret(fetch, f"{name} in {self.path}")

    def get(self, name: str) -> str:
        """The password `name`. Raises `BadConfiguration`."""
        with self._lock:
            found = self._all()
            # A password may also stand in globals.yml: both are extra variables to kolla-ansible.
            value = found.get(name, self._globals.get(name))
            if isinstance(value, Vaulted):
                value = found[name] = self._opened(value, name)
        if name not in found and value is None:
            from difflib import get_close_matches

            near = get_close_matches(name, found, 1, 0.6)
            hint = f"did you mean {near[0]}?" if near else "set the password in nephoscope.toml instead"
            raise at(self.path, 0, f"has no {name}", hint)
        if value is None or value == "":
            raise at(
                self.path, 0, f"{name} is empty", "kolla-genpwd fills empty passwords; or set it in nephoscope.toml"
            )
        text = Variables({name: value}, found, self._globals).text(name)
        if not text:
            raise at(self.path, 0, f"{name} is not plain text", "set the password in nephoscope.toml instead")
        return text

    def _all(self) -> dict[str, Any]:
        """Every entry; read again when the file changed."""
        try:
            found = self.path.stat()
        except OSError:
            text_of(self.path, "file of passwords")
            raise
        signature = (found.st_mtime_ns, found.st_size, found.st_ino)
        if self._read is None or self._read[0] != signature:
            text = text_of(self.path, "file of passwords")
            if text.startswith(VAULT_HEAD):
                text = self._vault("view", [str(self.path)], None)
            else:
                self._must_be_private(stat.S_IMODE(found.st_mode))
            self._read = (signature, variables(self.path, text, "Kolla's passwords"))
        return self._read[1]

    def _must_be_private(self, mode: int) -> None:
        # A group may share it: deployment hosts are run by several people.
        if mode & 0o007:
            why = f"everybody on this machine can read Kolla's passwords (mode {mode:04o})"
            raise at(self.path, 0, why, f"chmod o-rwx {self.path}; or encrypt it: ansible-vault encrypt {self.path}")

    def _opened(self, value: Vaulted, name: str) -> str:
        ciphertext = "\n".join(line.strip() for line in value.ciphertext.splitlines()) + "\n"
        text = self._vault("decrypt", ["--output", "-", "-"], ciphertext.encode())
        if not text:
            raise at(self.path, 0, f"{name} decrypts to nothing", "set the password in nephoscope.toml instead")
        return text.removesuffix("\n")

    def _vault(self, verb: str, arguments: list[str], given: bytes | None) -> str:
        """What `ansible-vault` prints. Raises `BadConfiguration`."""
        what = f"{self.path}, which is encrypted"
        told = self._password_file or self._environ.get("ANSIBLE_VAULT_PASSWORD_FILE")
        if not told:
            hint = "set vault_password_file in the site, or ANSIBLE_VAULT_PASSWORD_FILE"
            raise BadConfiguration(what, "nobody told us where the vault's password is", hint)
        password_file = Path(told).expanduser()
        try:
            mode = stat.S_IMODE(password_file.stat().st_mode)
        except OSError as error:
            why = f"the vault password file {password_file} cannot be used: {error.strerror}"
            raise BadConfiguration(what, why, "check the path") from error
        if mode & 0o006 and not mode & 0o100:  # an executable one prints the password instead of holding it
            why = f"everybody on this machine can read the vault's password (mode {mode:04o})"
            raise at(password_file, 0, why, f"chmod 600 {password_file}")
        environ = {**self._environ, "ANSIBLE_NOCOLOR": "1", "PAGER": "cat"}
        command = [self._program, verb, "--vault-password-file", str(password_file), *arguments]
        try:
            done = output_of(command, environ, folder=self.path.parent, what=what, given=given, seconds=20.0)
        except BadConfiguration as error:
            if "no program" in error.why:
                hint = (
                    'install ansible-core, or set ansible_vault = "/path/of/kolla/venv/bin/ansible-vault" in the site'
                )
                raise BadConfiguration(what, error.why, hint) from error
            raise
        if done.code != 0:
            why = f"ansible-vault {verb} failed: {first_line(done.complaint) or f'it ended with {done.code}'}"
            raise BadConfiguration(what, why, f"run it by hand: {os.path.basename(self._program)} view {self.path}")
        try:
            return done.output.decode()
        except UnicodeDecodeError as error:
            raise BadConfiguration(what, "what ansible-vault printed is not UTF-8 text", "check the file") from error
