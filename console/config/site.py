"""From nephoscope.toml and the Kolla folder it names to one `Site`.

A cloud name alone is enough: everything that is not told stays unknown, and the sources that need it are absent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from msgspec.structs import replace

from collectors.notes import Note
from collectors.site import Site
from console.config.accounts import admin
from console.config.amqp import amqp
from console.config.balancers import haproxy, keepalived
from console.config.file import ConfigFile, read_config
from console.config.machines import machines_of, oddities
from console.config.monitoring import alertmanager, loki, prometheus
from console.config.ovn import ovn
from console.config.schema import SiteTable
from console.config.storage import ceph
from console.config.systems import Around, certificates, galera, memcached, rabbitmq

LATER = ("grafana",)
"""Tables that are kept for what will read them."""


@dataclass(frozen=True, slots=True)
class LoadedSite:
    """A site with what `doctor` tells about how we know it."""

    site: Site
    config: ConfigFile
    notes: tuple[Note, ...] = ()
    later: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """Tables for later, by name, as they stand in the file."""


def load_site(cloud: str, region: str, environ: Mapping[str, str]) -> Site:
    """The site of `cloud` and `region`. Raises `BadConfiguration`.

    An empty `cloud` is OS_CLOUD, the variables OS_* (then it is called `envvars`, as openstacksdk does), `cloud` of the
    file, or the only site in it; an empty `region` is OS_REGION_NAME, `region` of the file, or the only one in it.
    """
    return load(cloud, region, environ).site


def load(cloud: str, region: str, environ: Mapping[str, str]) -> LoadedSite:
    """As `load_site`, with all that `doctor` wants to know."""
    config = read_config(environ)
    cloud = cloud or _default_cloud(config, environ)
    region = region or environ.get("OS_REGION_NAME", "") or (config.tables.region if _is_default(cloud, config) else "")
    name, table, region, notes = _table_of(cloud, region, config)
    if table is None:
        return LoadedSite(Site(cloud, region, origin=str(config.path) if config.exists else ""), config, tuple(notes))
    machines = machines_of(table, name, config, environ)
    around = Around(config, name, environ, machines.hosts, machines.kolla)
    balancers = haproxy(table.haproxy, around)
    database, broker = galera(table.galera, around), rabbitmq(table.rabbitmq, around)
    if database is not None:
        database = replace(database, admin=admin(table.galera, "galera", around))
    if broker is not None:
        broker = replace(broker, admin=admin(table.rabbitmq, "rabbitmq", around))
    site = Site(
        cloud,
        region,
        table.protection or "normal",
        machines.hosts,
        machines.ssh,
        galera=database,
        rabbitmq=broker,
        amqp=amqp(table.rabbitmq, broker, around),
        notifications=bool(table.notifications),
        haproxy=balancers,
        keepalived=keepalived(table.keepalived, balancers, around),
        ovn=ovn(table.ovn, around),
        memcached=memcached(table.memcached, around),
        ceph=ceph(table.ceph, around),
        prometheus=prometheus(table.prometheus, around),
        alertmanager=alertmanager(table.alertmanager, around),
        loki=loki(table.loki, around),
        origin=str(config.path),
    )
    if table.certificates is not None:
        site = replace(site, certificates=certificates(table.certificates, around))
    if table.admin_cloud:
        site = replace(site, admin_cloud=table.admin_cloud)
    if table.roles is not None:
        site = replace(site, role_map={role: tuple(patterns) for role, patterns in table.roles.items()})
    if table.lock_dir:
        site = replace(site, lock_dir=config.absolute(table.lock_dir))
    if table.allowed_signers:
        site = replace(site, allowed_signers=config.absolute(table.allowed_signers))
    if table.principals:
        site = replace(site, principals=table.principals)
    later = {key: value for key in LATER if (value := getattr(table, key)) is not None}
    return LoadedSite(site, config, (*notes, *machines.notes, *oddities(site)), later)


def _is_default(cloud: str, config: ConfigFile) -> bool:
    return not config.tables.cloud or cloud == config.tables.cloud


def _default_cloud(config: ConfigFile, environ: Mapping[str, str]) -> str:
    if found := environ.get("OS_CLOUD", ""):
        return found
    if environ.get("OS_AUTH_URL"):
        return environ.get("OS_CLOUD_NAME") or "envvars"
    if config.tables.cloud:
        return config.tables.cloud
    clouds = {name.partition("/")[0] for name in config.tables.site}
    return clouds.pop() if len(clouds) == 1 else ""


def _table_of(cloud: str, region: str, config: ConfigFile) -> tuple[str, SiteTable | None, str, list[Note]]:
    """Name and content of the table for `cloud` and `region`, the region, and what is odd about it."""
    sites = config.tables.site
    regions = sorted(name.partition("/")[2] for name in sites if name.startswith(f"{cloud}/"))
    common = sites.get(cloud)
    if not region and len(regions) == 1 and common is None:
        region = regions[0]
    own = sites.get(f"{cloud}/{region}") if region else None
    if own is not None:
        name = f"{cloud}/{region}"
        return name, own if common is None else _laid_over(own, common), region, []
    notes = []
    if common is None and regions:
        text = f"has sites of {cloud} for {', '.join(regions)}, none for {region or 'its default region'}"
        notes.append(Note("warning", str(config.path), text, "choose one with --region"))
    elif common is None and cloud and sites:
        text = f"says nothing about {cloud}: only its APIs are known"
        notes.append(Note("ok", str(config.path), text, f"add [site.{cloud}]"))
    return cloud, common, region, notes


def _laid_over(own: SiteTable, common: SiteTable) -> SiteTable:
    """Keys and sub-tables of the region replace those of the cloud, each as a whole."""
    told = {name: value for name in SiteTable.__struct_fields__ if (value := getattr(own, name)) is not None}
    return SiteTable(**{name: told.get(name, getattr(common, name)) for name in SiteTable.__struct_fields__})
