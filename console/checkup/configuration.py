"""What there is to say about the configuration: which files are in use, who can read them, what is odd."""

from __future__ import annotations

import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from collectors.errors import BadConfiguration
from collectors.sources.base import Fact
from console.checkup.systems import from_error
from console.config import LoadedSite


def facts(loaded: LoadedSite, environ: Mapping[str, str]) -> Iterator[Fact]:
    """One fact per file and per remark."""
    yield _our_file(loaded, environ)
    for note in loaded.notes:
        yield Fact("site", note.subject, note.level, detail=note.text, next_step=note.next_step)
    yield from _clouds(loaded)


def _our_file(loaded: LoadedSite, environ: Mapping[str, str]) -> Fact:
    config = loaded.config
    if not config.exists:
        detail = "not there: only the APIs of a cloud are known"
        return Fact("nephoscope.toml", str(config.path), "ok", detail=detail, next_step="see docs/configuration.md")
    why = "named by NEPHOSCOPE_CONFIG" if environ.get("NEPHOSCOPE_CONFIG") else ""
    if config.mode & 0o022:
        detail = f"others can change it (mode {config.mode:04o}), and it names programs that we run"
        return Fact(
            "nephoscope.toml", str(config.path), "warning", detail=detail, next_step=f"chmod go-w {config.path}"
        )
    return Fact("nephoscope.toml", str(config.path), "ok", detail=why)


def _clouds(loaded: LoadedSite) -> Iterator[Fact]:
    """clouds.yaml: where it is, whether others read its passwords, and whether it has the clouds of our file."""
    from collectors.sources.clouds import cloud_names, file_in_use

    try:
        path, names = file_in_use(), cloud_names()
    except BadConfiguration as error:
        yield from_error("clouds.yaml", error)
        return
    if path:
        yield _cloud_file(Path(path))
    told = dict.fromkeys(name.partition("/")[0] for name in loaded.config.tables.site)
    missing = [cloud for cloud in told if cloud not in names]
    if missing:
        known = ", ".join(sorted(names)) or "none"
        detail = f"{', '.join(missing)}: no such cloud in {path or 'any clouds.yaml'}, which has: {known}"
        step = "name the site like the cloud, or set OS_CLIENT_CONFIG_FILE"
        yield Fact("site", str(loaded.config.path), "warning", detail=detail, next_step=step)


def _cloud_file(path: Path) -> Fact:
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        secrets = any(word in path.read_text(errors="replace") for word in ("password:", "secret:", "token:"))
    except OSError as error:
        return Fact("clouds.yaml", str(path), "warning", detail=f"cannot be looked at: {error.strerror}")
    if mode & 0o077 and secrets:
        detail = f"others can read it (mode {mode:04o}), and passwords stand in it"
        step = f"chmod 600 {path}, or move them to a secure.yaml"
        return Fact("clouds.yaml", str(path), "warning", detail=detail, next_step=step)
    return Fact("clouds.yaml", str(path), "ok")
