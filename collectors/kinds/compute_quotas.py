"""Nova's quotas of one project: servers, virtual CPUs, memory, and how much of them is used."""

from __future__ import annotations

from collectors.kind import Kind
from collectors.kinds import _quota
from collectors.request import Rest
from collectors.rollup import Count

KIND = Kind(
    name="compute-quotas",
    title="Compute quotas",
    aliases=("compute-quota", "quotas", "limits"),
    about="one row per thing that a project may have in Nova: limit, used, reserved",
    system="compute",
    scope=_quota.SCOPE,
    read=Rest("compute", "/os-quota-sets/{parent}/detail", "quota_set", microversion="2.96", members=True),
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
    list_command="openstack quota show --compute --usage PROJECT",
)
