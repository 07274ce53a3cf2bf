"""nephoscope.toml: where it is, what it says, and whether anybody else can read it."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

from collectors.errors import BadConfiguration
from collectors.files import at, text_of
from collectors.shapes import converted
from console.config.places import place
from console.config.schema import File


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """The file that is used; `path` does not exist when there is none and none was asked for."""

    path: Path
    tables: File = field(repr=False)
    exists: bool
    mode: int = 0
    """Permission bits."""
    ours: bool = True
    """Whether it belongs to the user that we run as."""

    @property
    def private(self) -> bool:
        """True when nobody else can read it."""
        return self.ours and not self.mode & 0o077

    def absolute(self, text: str) -> Path:
        """A path of the file: `~` is the home folder, and relative ones start at the file's own folder."""
        return self.path.parent / Path(text).expanduser()

    def may_hold_secrets(self, where: str) -> None:
        """Refuse a password that is written in a file which others can read. Raises `BadConfiguration`."""
        if self.private:
            return
        why = f"a password stands here, but others can read the file (mode {self.mode:04o})"
        if not self.ours:
            why = "a password stands here, but the file belongs to another user"
        hint = f'chmod 600 {self.path}; or name the place: {{file = "…"}}, {{env = "…"}}, {{command = […]}}'
        raise BadConfiguration(f"{self.path}, {where}", why, hint)


def home(environ: Mapping[str, str], variable: str, otherwise: str) -> Path:
    """An XDG base folder; a relative one in the environment is ignored, as the specification wants."""
    told = environ.get(variable, "")
    if told.startswith("/"):
        return Path(told)
    return Path(environ.get("HOME") or os.path.expanduser("~")) / otherwise


def config_path(environ: Mapping[str, str]) -> Path:
    """The file that `environ` means."""
    told = environ.get("NEPHOSCOPE_CONFIG", "")
    if told:
        return Path(told).expanduser().absolute()
    return home(environ, "XDG_CONFIG_HOME", ".config") / "nephoscope" / "nephoscope.toml"


def read_config(environ: Mapping[str, str]) -> ConfigFile:
    """The configuration. Raises `BadConfiguration`; a file that was not asked for may be absent."""
    path = config_path(environ)
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        if environ.get("NEPHOSCOPE_CONFIG"):
            text_of(path, "configuration, which NEPHOSCOPE_CONFIG names")
        return ConfigFile(path, File(), False)
    except OSError as error:
        raise at(path, 0, f"cannot be looked at: {error.strerror}", "check the permissions of its folders") from error
    return _read(path, found.st_mtime_ns, found.st_size, stat.S_IMODE(found.st_mode), found.st_uid == os.geteuid())


@lru_cache(maxsize=4)
def _read(path: Path, mtime: int, size: int, mode: int, ours: bool) -> ConfigFile:
    """Parse once for as long as the file stays the same."""
    from tomllib import TOMLDecodeError, loads

    del mtime, size
    text = text_of(path, "configuration")
    try:
        raw = loads(text.removeprefix("\ufeff"))
    except (TOMLDecodeError, RecursionError) as error:
        why, line = _without_place(str(error))
        raise at(path, line, f"not valid TOML: {why}", _advice(text, line, why)) from error
    try:
        tables = converted(raw, File)
    except msgspec.ValidationError as error:
        from console.config.complaints import complaint

        raise complaint(raw, File, path, error) from error
    config = ConfigFile(path, tables, True, mode, ours)
    for where in _later_secrets(raw):
        config.may_hold_secrets(where)
    return config


def _without_place(message: str) -> tuple[str, int]:
    found = re.search(r" \(at line (\d+), column \d+\)$", message)
    if found is None:
        return message.replace(" (at end of document)", " at the end of the file")[:120], 0
    return message[: found.start()][:120], int(found[1])


def _advice(text: str, line: int, why: str) -> str:
    lines = text.splitlines()
    if not 0 < line <= len(lines):
        return "close the bracket, brace or quote that is still open"
    here = lines[line - 1].strip()
    if "inline table" in why:
        return "an inline table { … } stands on one line; close it there"
    if here.startswith("[") and not re.fullmatch(r"\[{1,2}[\w\s.\"'-]+\]{1,2}\s*(#.*)?", here):
        return 'names with other characters than letters, digits, _ and - go in quotes: [site."prod/RegionOne"]'
    if re.search(r"=\s*(True|False|yes|no|on|off)\s*(#.*)?$", here):
        return "write true or false"
    if re.match(r"[\w.-]+\s*:", here):
        return "TOML is written key = value"
    if re.search(r"=\s*[A-Za-z~/$]", here) or "Illegal character" in why:
        return "put text in double quotes, and close them on the same line"
    return "compare the line with docs/configuration.md"


def _later_secrets(raw: Mapping[str, Any]) -> Iterator[str]:
    """Where a table that is only kept for later holds a literal password."""
    for name, site in raw.get("site", {}).items():
        for table in ("ceph", "haproxy", "prometheus", "alertmanager", "loki", "grafana"):
            found = site.get(table)
            if isinstance(found, dict):
                for key, value in found.items():
                    if isinstance(value, str) and key.lower().endswith(("password", "secret", "token", "secret_key")):
                        yield place(("site", name, table, key))
