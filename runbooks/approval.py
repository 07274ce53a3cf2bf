"""Approval by a second person: an SSH signature over a plan's hash, that holds for minutes.

What is signed is a short text with the plan's hash, cloud, operation and the moment until which it holds. Approvals are
files beside the locks; they prove themselves, so it does not matter who can write there. Nobody approves what he asks
for: an approval does not count when one of the signer's names in `allowed_signers` is that of the account which this
runs as (or which became it by sudo), or the name that `principals` of the site gives to it; names are the same when
they are, up to an `@`. Where an account is nobody's in that file (`root`, `kolla`), who asks may be any of them, so two
different people must have approved.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from collectors.errors import BadConfiguration, Refused
from collectors.shapes import decoded
from collectors.site import Site
from collectors.values import epoch, iso
from runbooks.lock_dir import made
from runbooks.machine import users
from runbooks.signature import signer, signers

USUAL: Final = 15 * 60.0
"""Seconds that an approval holds, unless it says less or more."""
LONGEST: Final = 60 * 60.0
"""Seconds; one that claims to hold longer does not count."""
AHEAD: Final = 120.0
"""Seconds that the clock of the signer may be ahead of ours."""
LARGEST: Final = 65536
MOST: Final = 1000
"""Files that are looked at, the latest first."""
TITLE: Final = "nephoscope plan approval"
_HASH = re.compile(r"[A-Za-z0-9:+/=_-]{8,128}")


class Statement(msgspec.Struct, frozen=True):
    """What is signed. Times are whole seconds since the epoch."""

    plan_hash: str
    cloud: str
    region: str
    operation: str
    signed: float
    until: float

    def text(self) -> str:
        """The same as the text that is signed. Raises `ValueError` for values that could be read as something else."""
        values = (self.plan_hash, self.cloud, self.region, self.operation)
        if not _HASH.fullmatch(self.plan_hash) or not all(value.isprintable() for value in values):
            raise ValueError("a plan's hash, cloud, region and operation are single lines of plain text")
        return (
            f"{TITLE}\nhash: {self.plan_hash}\ncloud: {self.cloud}\nregion: {self.region}\n"
            f"operation: {self.operation}\nsigned at: {iso(int(self.signed))}\nvalid until: {iso(int(self.until))}\n"
        )


class Approval(msgspec.Struct, frozen=True):
    """An approval that counts."""

    who: str
    """His name in `allowed_signers`."""
    names: tuple[str, ...]
    """All his names there."""
    statement: Statement
    path: Path

    @property
    def until(self) -> float:
        """Seconds since the epoch."""
        return self.statement.until


class _File(msgspec.Struct):
    text: str
    signature: str


def statement_of(text: str) -> Statement:
    """The statement that a text makes. Raises `ValueError` when it is not exactly one."""
    lines = text.split("\n")
    names = ("hash", "cloud", "region", "operation", "signed at", "valid until")
    if len(lines) != 8 or lines[0] != TITLE or lines[7]:
        raise ValueError("no approval of a plan")
    values = []
    for line, name in zip(lines[1:7], names, strict=True):
        key, colon, value = line.partition(": ")
        if key != name or not colon:
            raise ValueError(f"no line “{name}: …”")
        values.append(value)
    plan_hash, cloud, region, operation, signed, until = values
    found = Statement(plan_hash, cloud, region, operation, epoch(signed) or 0.0, epoch(until) or 0.0)
    if found.text() != text:
        raise ValueError("not written as approvals are")
    return found


def folder(site: Site, *, make: bool) -> Path:
    """Where approvals are: beside the locks. Raises `BadConfiguration` when it is to be made and cannot be."""
    found = made(site.lock_dir, make=make) / "approvals"
    if make and not found.is_dir():
        try:
            found.mkdir()
            found.chmod(0o1777)
        except FileExistsError:
            pass
        except OSError as error:
            raise BadConfiguration(str(found), f"cannot be made: {error.strerror}", "use --output FILE") from error
    return found


def keep(statement: Statement, signature: str, path: Path) -> None:
    """Write an approval, whole, readable by all. Raises `BadConfiguration`."""
    spare = path.with_name(f".{secrets.token_hex(8)}.new")
    try:
        with open(spare, "xb") as file:
            os.fchmod(file.fileno(), 0o644)
            file.write(msgspec.json.format(msgspec.json.encode(_File(statement.text(), signature)), indent=1) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        os.replace(spare, path)
    except OSError as error:
        spare.unlink(missing_ok=True)
        raise BadConfiguration(str(path), f"cannot be written: {error.strerror}", "use --output FILE") from error


def approved(site: Site, plan_hash: str, now: float, not_by: str | Collection[str] = ()) -> list[Approval]:
    """The approvals of this plan that count now, one per person, the latest first.

    `not_by` are further names of whoever asks; his account, and who became it by sudo, are known here. Raises
    `BadConfiguration` when the site has no `allowed_signers`, or it cannot be used.
    """
    if site.allowed_signers is None:
        hint = "add allowed_signers to the site in nephoscope.toml (ssh-keygen(1), ALLOWED SIGNERS)"
        raise BadConfiguration(f"site {site.cloud}", "it does not say whose signature approves a plan", hint)
    asker = asking(site, [not_by] if isinstance(not_by, str) else not_by)
    found: list[Approval] = []
    for path, text, signature in _files(site):
        with suppress(ValueError, Refused):
            statement = statement_of(text)
            if not _holds(statement, site, plan_hash, now):
                continue
            names = signer(text, signature, site.allowed_signers, os.environ)
            if not _same(names, asker) and not any(_same(names, other.names) for other in found):
                found.append(Approval(names[0], names, statement, path))
    return found if len(found) > 1 or is_known(site, asker) else []


def asking(site: Site, more: Collection[str] = ()) -> tuple[str, ...]:
    """All names of the person who runs this, as far as we know them."""
    accounts = users(os.environ)
    mapped = (site.principals[name] for name in accounts if name in site.principals)
    return tuple(dict.fromkeys(name for name in (*accounts, *mapped, *more) if name))


def is_known(site: Site, names: Collection[str]) -> bool:
    """Is the person of these names one of `allowed_signers`? Else he may be any of them."""
    return site.allowed_signers is not None and any(_same(line, names) for line in signers(site.allowed_signers))


def _same(names: Collection[str], others: Collection[str]) -> bool:
    """Do two sets of names have a person in common?"""
    return bool({_plain(name) for name in names} & {_plain(name) for name in others})


def _plain(name: str) -> str:
    return name.partition("@")[0].casefold()


def _holds(statement: Statement, site: Site, plan_hash: str, now: float) -> bool:
    return (
        statement.plan_hash == plan_hash
        and statement.cloud == site.cloud
        and statement.signed - AHEAD <= now < statement.until
        and statement.until - statement.signed <= LONGEST
    )


def _files(site: Site) -> Iterator[tuple[Path, str, str]]:
    """(path, text, signature) of each file that may be an approval."""
    places = dict.fromkeys((site.lock_dir / "approvals", folder(site, make=False)))
    found: list[tuple[float, Path]] = []
    for place in places:
        with suppress(OSError):
            found += [(path.lstat().st_mtime, path) for path in place.glob("*.json")]
    for _, path in sorted(found, reverse=True)[:MOST]:
        with suppress(OSError, msgspec.DecodeError, UnicodeDecodeError):
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW)
            try:
                file: _File = decoded(os.read(descriptor, LARGEST), _File)
            finally:
                os.close(descriptor)
            yield path, file.text, file.signature
