"""Services whose project OpenStack has given up, by service type: they still answer, but nobody mends them.

From the governance repository (reference/legacy.yaml, August 2026); the catalogue tells the service type.
"""

from __future__ import annotations

from typing import Final

_RETIRED: Final[dict[str, tuple[str, int]]] = {
    "application-catalog": ("Murano", 2024),
    "application-deployment": ("Solum", 2024),
    "clustering": ("Senlin", 2024),
    "data-processing": ("Sahara", 2024),
    "data-protection-orchestration": ("Karbor", 2020),
    "ec2-api": ("EC2 API", 2024),
    "event": ("Panko", 2022),
    "function-engine": ("Qinling", 2020),
    "log-management": ("Venus", 2026),
    "monitoring": ("Monasca", 2025),
    "monitoring-events": ("Monasca", 2025),
    "monitoring-logging": ("Monasca", 2025),
    "multi-region-network-automation": ("Tricircle", 2020),
    "operator-policy": ("Congress", 2020),
    "search": ("Searchlight", 2020),
}

_ALIASES: Final[dict[str, str]] = {
    "application_deployment": "application-deployment",
    "cluster": "clustering",
    "ec2": "ec2-api",
    "events": "event",
    "monitoring-log-api": "monitoring-logging",
    "policy": "operator-policy",
    "resource-cluster": "clustering",
    "tricircle": "multi-region-network-automation",
}
"""Spellings that catalogues use, as in the service types authority."""


def retired(service_type: str) -> str | None:
    """`Panko was retired upstream in 2022`, or None for a service whose project lives."""
    found = _RETIRED.get(_ALIASES.get(service_type, service_type))
    return f"{found[0]} was retired upstream in {found[1]}" if found else None
