"""Keystone's catalog: regions, services, endpoints of the simulated cloud."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from runbooks.simulator.ids import Seed
from runbooks.simulator.layout import Layout


@dataclass(slots=True)
class Region:
    """A region; its id is its name."""

    id: str
    description: str = ""
    parent_id: str | None = None


@dataclass(slots=True)
class CatalogService:
    """A service of the catalog."""

    id: str
    name: str
    type: str
    enabled: bool = True
    description: str | None = None


@dataclass(slots=True)
class Endpoint:
    """One interface of a service in a region."""

    id: str
    service_id: str
    region_id: str
    interface: str
    url: str
    """May hold `%(project_id)s`."""
    enabled: bool = True


@dataclass(slots=True)
class Catalog:
    """Everything by id."""

    regions: dict[str, Region] = field(default_factory=dict)
    services: dict[str, CatalogService] = field(default_factory=dict)
    endpoints: dict[str, Endpoint] = field(default_factory=dict)

    def of(self, project_id: str) -> Iterator[tuple[CatalogService, list[tuple[Endpoint, str]]]]:
        """Enabled services with enabled endpoints and their URLs; without a project, not those that need one."""
        for service in self.services.values():
            found = []
            for endpoint in self.endpoints.values():
                if endpoint.service_id != service.id or not endpoint.enabled:
                    continue
                url = endpoint.url
                if "%(" in url or "$(" in url:
                    if not project_id:
                        continue
                    for word in ("%(project_id)s", "%(tenant_id)s", "$(project_id)s", "$(tenant_id)s"):
                        url = url.replace(word, project_id)
                found.append((endpoint, url))
            if service.enabled:
                yield service, found


_SERVICES = (
    ("keystone", "identity", 5000, "/v3"),
    ("nova", "compute", 8774, "/v2.1"),
    ("placement", "placement", 8778, ""),
    ("neutron", "network", 9696, ""),
    ("glance", "image", 9292, ""),
    ("cinder", "block-storage", 8776, "/v3"),
    ("cinderv3", "volumev3", 8776, "/v3/%(project_id)s"),
    ("heat", "orchestration", 8004, "/v1/%(project_id)s"),
)
_FURTHER = (
    ("octavia", "load-balancer", 9876, ""),
    ("designate", "dns", 9001, ""),
    ("manilav2", "sharev2", 8786, "/v2"),
    ("barbican", "key-manager", 9311, ""),
)
_FIRST_ONLY = ("cinder", "cinderv3", "heat", *(name for name, *_ in _FURTHER))
"""What the second region does without."""


def build_catalog(seed: Seed, layout: Layout) -> Catalog:
    """Two regions with one Keystone; the second has none of the services that are optional."""
    catalog = Catalog()
    second = layout.second()
    for region in (layout, second):
        catalog.regions[region.region] = Region(region.region)
    for name, kind, port, path in (*_SERVICES, *(_FURTHER if layout.further else ())):
        service = CatalogService(seed.hex("catalog service", name), name, kind)
        catalog.services[service.id] = service
        for region in (layout, second):
            if region is second and name in _FIRST_ONLY:
                continue
            home = layout if name == "keystone" else region
            for interface in ("admin", "internal", "public"):
                address = home.vip if interface == "public" else home.internal_vip
                endpoint_id = seed.hex("endpoint", region.region, name, interface)
                catalog.endpoints[endpoint_id] = Endpoint(
                    endpoint_id, service.id, region.region, interface, f"http://{address}:{port}{path}"
                )
    catalog.services = dict(sorted(catalog.services.items()))
    catalog.endpoints = dict(sorted(catalog.endpoints.items()))
    return catalog
