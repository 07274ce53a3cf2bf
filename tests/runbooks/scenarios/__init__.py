"""The scenarios, one file per file of operations; each has a tuple SCENARIOS."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from tests.runbooks.scenario import Scenario


def all_scenarios() -> list[Scenario]:
    """Every scenario."""
    found: list[Scenario] = []
    for module in iter_modules(__path__):
        found += import_module(f"{__name__}.{module.name}").SCENARIOS
    return found
