"""A healthy Galera cluster to begin with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runbooks.simulator.model.galera import Galera
from runbooks.simulator.model.galera_member import Member, View

if TYPE_CHECKING:
    from runbooks.simulator.model.cloud import Cloud


def build_galera(cloud: Cloud) -> Galera:
    """A healthy cluster that has run since its hosts were booted."""
    now, seed = cloud.now(), cloud.seed
    names = tuple(host.name for host in cloud.hosts.with_role("control"))
    rate = 6.0 + len(cloud.hosts) * 0.4 + cloud.servers / 2000
    conf_id = len(names) + seed.number(20, "galera", "conf")
    view = View(names, primary=True, conf_id=conf_id)
    galera = Galera(
        cloud=cloud,
        members={name: Member(name, view=view, together=names) for name in names},
        cluster_id=seed.uuid("galera", cloud.layout.region),
        conf_id=conf_id,
        seqno=float(2_000_000_000 + seed.number(900_000_000, "galera", "seqno")),
        rate=rate,
        born=now - 400 * 86400,
        component=names,
        last_component=frozenset(names),
        counted=now,
    )
    for member in galera.members.values():
        member.started = member.flushed = cloud.hosts[member.name].booted + 30
        sent = (now - member.started) * rate
        member.replicated, member.received = (sent, 0.0) if member.name == names[0] else (0.0, sent)
    cloud.reactions.append(galera.settle)
    return galera
