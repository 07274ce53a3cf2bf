"""OpenSSH's client configuration, as far as it says how to reach a host. Pure but for reading the files.

The first value found wins, as ssh_config(5) has it. `Include`, `Host` with negation, and `Match` on host, originalhost,
user and localuser are understood; `Match exec` never matches, because a read starts no program. Unknown keywords are
left alone: they do not concern us.
"""

from __future__ import annotations

import getpass
import re
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import translate
from functools import lru_cache
from glob import glob
from pathlib import Path

import msgspec

from collectors.errors import BadConfiguration

_SEVERAL = frozenset(("identityfile", "certificatefile"))
_DEEPEST_INCLUDE = 16
_WORD = re.compile(r'"((?:[^"\\]|\\.)*)"|((?:[^\s"\\]|\\.)+)')


class Line(msgspec.Struct, frozen=True):
    """One keyword (lower case) with its arguments."""

    keyword: str
    arguments: tuple[str, ...]
    where: str
    """`FILE line N`, for messages."""


class Found(msgspec.Struct):
    """What the configuration says about one host."""

    values: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    several: dict[str, list[str]] = msgspec.field(default_factory=dict)
    by_name: bool = False
    """True when a pattern other than `*` alone named the host."""

    def first(self, keyword: str, default: str = "") -> str:
        """The first argument of `keyword`."""
        return self.values.get(keyword, (default,))[0]


class SshConfig:
    """The lines of one configuration, in the order in which they are looked at."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self._lines = lines

    def lookup(self, host: str, user: str = "") -> Found:
        """Everything that applies to `host` as the user named it. Raises `BadConfiguration` for a broken line."""
        found = Found()
        applies = True
        local = getpass.getuser()
        for line in self._lines:
            if line.keyword == "host":
                applies = matches(host, line.arguments)
                found.by_name = found.by_name or (applies and matches(host, [a for a in line.arguments if a != "*"]))
            elif line.keyword == "match":
                name = found.first("hostname") or host
                remote = user or found.first("user") or local
                applies = _match(line, {"host": name, "originalhost": host, "user": remote, "localuser": local})
            elif applies and line.keyword in _SEVERAL:
                found.several.setdefault(line.keyword, []).append(_one(line))
            elif applies and line.keyword not in found.values:
                _one(line)
                found.values[line.keyword] = line.arguments
        return found


def _one(line: Line) -> str:
    if not line.arguments:
        raise BadConfiguration(line.where, f"{line.keyword} has no value", "see man ssh_config")
    return line.arguments[0]


def _match(line: Line, subject: Mapping[str, str]) -> bool:
    """Every criterion of a `Match` line must hold; what we cannot know does not."""
    words = list(line.arguments)
    holds = True
    while words:
        criterion = words.pop(0).lower()
        negated = criterion.startswith("!")
        criterion = criterion.lstrip("!")
        if criterion in ("all", "canonical", "final"):
            holds = holds and (criterion == "all") != negated
            continue
        if not words:
            raise BadConfiguration(line.where, f"Match {criterion} has no pattern", "see man ssh_config")
        patterns = words.pop(0).split(",")
        known = criterion in subject
        holds = holds and known and (matches(subject.get(criterion, ""), patterns) != negated)
    return holds


@lru_cache(maxsize=4096)
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(translate(text.replace("[", "[[]")), re.IGNORECASE)


def matches(host: str, patterns: Sequence[str]) -> bool:
    """OpenSSH's pattern list: one must match, and no negated one may."""
    found = False
    for pattern in patterns:
        if pattern.startswith("!"):
            if _pattern(pattern[1:]).match(host):
                return False
        elif _pattern(pattern).match(host):
            found = True
    return found


def parse(path: Path, home: Path, depth: int = 0) -> Iterator[Line]:
    """The lines of one file, included ones in their place. Raises `BadConfiguration` when it cannot be read."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise BadConfiguration(str(path), error.strerror or str(error), "check ssh.config of the site") from error
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        keyword, _, rest = _split(line)
        words = tuple(_words(rest))
        if keyword == "include":
            if depth >= _DEEPEST_INCLUDE:
                raise BadConfiguration(f"{path} line {number}", "Include inside Include inside …", "break the circle")
            for pattern in words:
                place = Path(pattern.replace("~", str(home), 1)) if pattern.startswith("~") else Path(pattern)
                base = place if place.is_absolute() else (path.parent / place)
                for name in sorted(glob(str(base))):
                    yield from parse(Path(name), home, depth + 1)
            continue
        yield Line(keyword, words, f"{path} line {number}")


def _split(line: str) -> tuple[str, str, str]:
    """`Keyword value`, `Keyword=value`, `Keyword = value`."""
    found = re.match(r"(\S+?)(\s*=\s*|\s+|$)(.*)", line, re.DOTALL)
    assert found is not None
    return found[1].lower(), found[2], found[3]


def _words(text: str) -> Iterator[str]:
    """Words, some in double quotes; a comment ends the line."""
    for found in _WORD.finditer(text):
        quoted, plain = found.groups()
        if plain is not None and plain.startswith("#"):
            return
        yield re.sub(r"\\([\"\\ ])", r"\1", plain if quoted is None else quoted)


def read(site_config: Path | None, home: Path, system: Path = Path("/etc/ssh/ssh_config")) -> SshConfig:
    """The site's own configuration file if it has one (alone, as with `ssh -F`), else the user's and the system's."""
    if site_config is not None:
        return SshConfig(list(parse(site_config, home)))
    lines: list[Line] = []
    for path in (home / ".ssh" / "config", system):
        if path.is_file():
            lines += [*parse(path, home), Line("host", ("*",), str(path))]  # a file's last block ends with it
    return SshConfig(lines)


def expanded(text: str, tokens: Mapping[str, str]) -> str:
    """`text` with `%h` and its like replaced. Raises `BadConfiguration` for a token that we do not know."""

    def value(found: re.Match[str]) -> str:
        if found[1] not in tokens:
            raise BadConfiguration(
                f"ssh_config value {text}", f"the token %{found[1]} is not known here", "write it out"
            )
        return tokens[found[1]]

    return re.sub(r"%(.)", value, text)
