"""Neutron's quotas of one project: networks, ports, routers, floating IPs, security groups."""

from __future__ import annotations

from collectors.kind import Kind
from collectors.kinds import _quota
from collectors.request import Rest
from collectors.rollup import Count

KIND = Kind(
    name="network-quotas",
    title="Network quotas",
    aliases=("network-quota",),
    about="one row per thing that a project may have in Neutron: limit, used, reserved",
    system="network",
    scope=_quota.SCOPE,
    read=Rest("network", "/quotas/{parent}/details", "quota", members=True),
    wire=_quota.QuotaWire,
    row=_quota.row,
    fields=_quota.Quota,
    key="name",
    columns=_quota.COLUMNS,
    sort=("name",),
    health=_quota.health,
    rollup=Count("quotas"),
    links=_quota.LINKS,
    period=30.0,
    list_command="openstack quota show --network --usage PROJECT",
)
