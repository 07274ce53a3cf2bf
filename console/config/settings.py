"""Settings of the person at the keyboard: everything of nephoscope.toml that is not about one cloud."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from collectors.errors import BadConfiguration
from collectors.values import quantity
from console.config.file import ConfigFile, home, read_config

FASTEST: Final = 2.0
"""Seconds: nobody reads a screen faster, and services should not have to answer more often."""


class Settings(msgspec.Struct, frozen=True):
    """What holds for every cloud."""

    cloud: str = ""
    """The cloud to open when nothing else says."""
    region: str = ""
    read_only: bool = False
    """Nothing may be changed; it cannot be lifted from inside."""
    theme: str = ""
    """Empty is the console's own choice."""
    ascii: bool = False
    refresh: float = 0.0
    """Seconds between two reads of what is on screen; 0 is as each kind says."""
    keys: Mapping[str, Any] = msgspec.field(default_factory=dict)
    """Overrides of the key map, as `[keys]` stands in the file."""
    state_dir: Path = Path()
    """Where journal, acknowledgements and recordings are kept."""
    origin: str = ""
    """The file that this came from; empty when there is none."""


def load_settings(environ: Mapping[str, str]) -> Settings:
    """Settings of the file and the environment (NEPHOSCOPE_READ_ONLY). Raises `BadConfiguration`."""
    config = read_config(environ)
    told = config.tables
    return Settings(
        told.cloud,
        told.region,
        told.read_only or _flag(environ, "NEPHOSCOPE_READ_ONLY"),
        told.theme,
        told.ascii,
        _refresh(config),
        told.keys,
        state_dir(environ),
        str(config.path) if config.exists else "",
    )


def state_dir(environ: Mapping[str, str]) -> Path:
    """Where state is kept; it need not exist yet."""
    return home(environ, "XDG_STATE_HOME", ".local/state") / "nephoscope"


def journal_path(environ: Mapping[str, str]) -> Path:
    """The journal of this person on this machine; it need not exist yet."""
    return state_dir(environ) / "journal.jsonl"


def _refresh(config: ConfigFile) -> float:
    told = config.tables.refresh
    seconds = quantity(told) if isinstance(told, str) else told
    if seconds is None or (seconds != 0 and not FASTEST <= seconds <= 86400):
        why = f"“{str(told)[:40]}” is no duration from {FASTEST:g} s to a day"
        raise BadConfiguration(f"{config.path}, refresh", why, 'write seconds, or "30s", "2m"')
    return float(seconds)


def _flag(environ: Mapping[str, str], name: str) -> bool:
    """Anything but nothing and a plain no counts as yes: who sets it wants safety."""
    return environ.get(name, "").strip().lower() not in ("", "0", "no", "false", "off")
