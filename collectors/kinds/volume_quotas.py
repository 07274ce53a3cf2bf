"""Cinder's quotas of one project: volumes, space, snapshots, backups, each also by volume type."""

from __future__ import annotations

from collectors.kind import Kind
from collectors.kinds import _quota
from collectors.request import Rest
from collectors.rollup import Count

KIND = Kind(
    name="volume-quotas",
    title="Volume quotas",
    aliases=("volume-quota",),
    about="one row per thing that a project may have in Cinder: limit, used, reserved",
    system="block-storage",
    scope=_quota.SCOPE,
    read=Rest("block-storage", "/os-quota-sets/{parent}", "quota_set", (("usage", "true"),), "3.70", members=True),
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
    list_command="openstack quota show --volume --usage PROJECT",
)
