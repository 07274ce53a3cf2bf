"""nephoscope.toml of the simulated cloud: where the hosts, the database, the broker and the storage of each region are.

The second region's table replaces the first one's hosts and systems. Long rows of computes are written as ranges.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import groupby

from runbooks.simulator.balancers.page import PORT as HAPROXY_PORT
from runbooks.simulator.balancers.page import USER as HAPROXY_USER
from runbooks.simulator.client_files import KIND, SSH_USER
from runbooks.simulator.http.horizon import PORT as HORIZON
from runbooks.simulator.layout import Machine
from runbooks.simulator.model.ceph.managers import DASHBOARD_PORT
from runbooks.simulator.model.cloud import Cloud
from runbooks.simulator.monitoring.alertmanager import PORT as ALERTMANAGER_PORT
from runbooks.simulator.monitoring.loki import PORT as LOKI_PORT
from runbooks.simulator.monitoring.loki import TENANT as LOKI_TENANT
from runbooks.simulator.monitoring.prometheus import PORT as PROMETHEUS_PORT
from runbooks.simulator.monitoring.prometheus import USER as PROMETHEUS_USER
from runbooks.simulator.ssh.files import KEEPALIVED_CONFIG

ROW = 16
"""Fewer computes in a row are written one by one."""


def nephoscope_toml(clouds: Sequence[Cloud]) -> str:
    """The whole file, for all regions, the main one first."""
    return "".join(f"{line}\n" for line in _file(clouds))


def _file(clouds: Sequence[Cloud]) -> Iterator[str]:
    yield f'cloud = "{KIND}"'
    yield f'region = "{clouds[0].layout.region}"'
    for place, cloud in enumerate(clouds):
        name = f'"{KIND}/{cloud.layout.region}"' if place else KIND
        yield ""
        yield f"[site.{name}]"
        if not place:
            yield 'protection = "normal"'
            yield "notifications = true"
            yield 'lock_dir = "locks"'
            yield 'allowed_signers = "allowed_signers"'
            files = 'config = "ssh_config", known_hosts = "known_hosts", identity = "id_ed25519"'
            yield f'ssh = {{{files}, user = "{SSH_USER}"}}'
        yield f'certificates = {{addresses = ["{cloud.layout.vip}:{HORIZON}"], ca = "ca.pem"}}'
        yield from _hosts(f"site.{name}", cloud)
        yield from _systems(f"site.{name}", cloud)
        yield from _front_and_cache(f"site.{name}", cloud, pages=not place)
        if cloud.ovn is not None:
            yield f"[site.{name}.ovn]"
            yield f"hosts = {json.dumps(list(cloud.ovn.members))}"
        yield from _of_the_region(f'site."{KIND}/{cloud.layout.region}"', cloud)


def _hosts(site: str, cloud: Cloud) -> Iterator[str]:
    machines = [host.machine for host in cloud.hosts]
    for _, group in groupby(enumerate(machines), key=lambda item: _row(*item)):
        row = [machine for _, machine in group]
        if len(row) < ROW:
            for machine in row:
                yield from _host(site, machine.name, machine.address, machine.roles)
            continue
        first, last = row[0], row[-1]
        stem, digits = _split(first.name)
        net, _, low = first.address.rpartition(".")
        name = f"{stem}[{digits}:{_split(last.name)[1]}]"
        yield from _host(site, name, f"{net}.[{low}:{last.address.rpartition('.')[2]}]", first.roles)


def _split(name: str) -> tuple[str, str]:
    stem = name.rstrip("0123456789")
    return stem, name[len(stem) :]


def _row(place: int, machine: Machine) -> tuple[object, ...]:
    """What the machines of one row share: numbers and addresses that count together."""
    stem, digits = _split(machine.name)
    net, _, low = machine.address.rpartition(".")
    return stem, len(digits), machine.roles, net, int(low) - int(digits or 0)


def _host(site: str, name: str, address: str, roles: tuple[str, ...]) -> Iterator[str]:
    yield f"[{site}.hosts.{json.dumps(name) if '[' in name else name}]"
    yield f"address = {json.dumps(address)}"
    yield f"roles = {json.dumps(list(roles))}"


def _systems(site: str, cloud: Cloud) -> Iterator[str]:
    controllers = [(host.name, host.machine.address) for host in cloud.hosts.with_role("control")]
    yield f"[{site}.galera]"
    yield 'user = "monitor"'
    yield 'password = {file = "galera.secret"}'
    yield 'admin_user = "root"'
    yield 'admin_password = {file = "galera-operator.secret"}'
    yield "members = ["
    for name, address in controllers:
        yield f'  {{host = "{name}", address = "{address}", port = 3306}},'
    yield "]"
    yield f"[{site}.rabbitmq]"
    yield 'user = "monitor"'
    yield 'password = {file = "rabbitmq.secret"}'
    yield 'admin_user = "openstack"'
    yield 'admin_password = {file = "rabbitmq-operator.secret"}'
    yield "nodes = ["
    for name, address in controllers:
        yield f'  {{host = "{name}", name = "rabbit@{name}", url = "http://{address}:15672"}},'
    yield "]"


def _front_and_cache(site: str, cloud: Cloud, *, pages: bool) -> Iterator[str]:
    """HAProxy of the main region is asked by its pages, as Kolla has them, the other one's by its socket."""
    controllers = [(host.name, host.machine.address) for host in cloud.balancers.hosts]
    names = json.dumps([name for name, _ in controllers])
    yield f"[{site}.haproxy]"
    if pages:
        yield f"urls = {json.dumps([f'http://{address}:{HAPROXY_PORT}' for _, address in controllers])}"
        yield f'user = "{HAPROXY_USER}"'
        yield 'password = {file = "haproxy.secret"}'
    else:
        yield f"hosts = {names}"
    yield f"[{site}.memcached]"
    yield f"servers = {names}"
    yield f"[{site}.keepalived]"
    yield f"hosts = {names}"
    yield f'config = "{KEEPALIVED_CONFIG}"'
    yield f"addresses = {json.dumps(list(cloud.balancers.addresses()))}"


def _of_the_region(site: str, cloud: Cloud) -> Iterator[str]:
    """What one region has and another has not: what stands in the cloud's own table holds for all of them."""
    if (host := cloud.monitoring.host) is not None:
        yield f"[{site}.prometheus]"
        yield f'url = "http://{host.machine.address}:{PROMETHEUS_PORT}"'
        yield f'user = "{PROMETHEUS_USER}"'
        yield 'password = {file = "prometheus.secret"}'
        yield f"[{site}.alertmanager]"
        yield f'url = "http://{host.machine.address}:{ALERTMANAGER_PORT}"'
        yield f"[{site}.loki]"
        yield f'url = "http://{host.machine.address}:{LOKI_PORT}"'
        yield f'tenant = "{LOKI_TENANT}"'
    if cloud.ceph:
        yield from _ceph(site, cloud)


def _ceph(site: str, cloud: Cloud) -> Iterator[str]:
    addresses = [cloud.hosts[name].machine.address for name in cloud.ceph.managers.names]
    yield f"[{site}.ceph]"
    yield f"mons = {json.dumps(list(cloud.ceph.monitors.names))}"
    yield 'user = "viewer"'
    yield f"[{site}.ceph.dashboard]"
    yield f"urls = {json.dumps([f'https://{address}:{DASHBOARD_PORT}' for address in addresses])}"
    yield 'user = "viewer"'
    yield 'password = {file = "ceph.secret"}'
    yield 'ca = "ca.pem"'
