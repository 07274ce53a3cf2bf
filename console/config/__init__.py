"""Configuration: nephoscope.toml, the environment, and the Kolla folder that a site names.

`load_site` makes the value that the sources read, `load_settings` what holds for the person at the keyboard; both raise
`BadConfiguration` naming the file, the table and the key.
"""

from __future__ import annotations

from console.config.settings import Settings, journal_path, load_settings, state_dir
from console.config.site import LoadedSite, load, load_site

__all__ = ["LoadedSite", "Settings", "journal_path", "load", "load_settings", "load_site", "state_dir"]
