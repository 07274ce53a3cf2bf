"""Modules that a library imports at once and hardly ever uses: imported when something of them is used, after all.

Only for modules of which the library takes nothing while it is itself being imported, but a version. Start-up time is
a feature: each of these costs a twentieth of a short command.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class Later(types.ModuleType):
    """Stands for a module that is imported when something of it is used."""

    def __getattr__(self, name: str) -> Any:
        if name == "__version__" and (version := _version(self.__name__)) is not None:
            return version
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(importlib.import_module(self.__name__), name)


@contextmanager
def postponed(*names: str) -> Iterator[None]:
    """What is imported in here gets stand-ins for the modules `names`; everybody else gets the modules themselves."""
    held = {}
    for name in names:
        if name not in sys.modules and (spec := importlib.util.find_spec(name)) is not None:
            held[name] = sys.modules[name] = Later(name)
            if spec.submodule_search_locations is not None:  # other threads import meanwhile: it is a package to them
                held[name].__path__ = spec.submodule_search_locations
    try:
        yield
    finally:
        for name, later in held.items():
            if sys.modules.get(name) is later:
                del sys.modules[name]


def _version(name: str) -> str | None:
    """Of a distribution that is called as its module is: its file is not parsed for that, which takes a millisecond."""
    from importlib.metadata import PackageNotFoundError, distribution

    try:
        said = distribution(name).read_text("METADATA") or ""
    except PackageNotFoundError:
        return None
    _, found, rest = said.partition("\nVersion: ")
    return rest.partition("\n")[0].strip() if found else None
