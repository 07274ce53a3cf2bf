"""What clients of the simulated cloud read: clouds.yaml, ssh_config, my.cnf, rabbitmqadmin.conf, ceph.conf."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from runbooks.simulator.model.cloud import Cloud

KIND = "simulator"
SSH_USER = "kolla"
SSH_PORT = 2222


def clouds_yaml(cloud: Cloud) -> str:
    """An admin of the project admin, one of the system, a reader, an application credential; two regions each."""
    return "clouds:\n" + "".join(f"  {line}\n" for line in _clouds(cloud))


def _clouds(cloud: Cloud) -> Iterator[str]:
    secrets, tenant = cloud.secrets, cloud.tenants[0].name
    credential = next(iter(cloud.identity.credentials.values()))

    def entry(name: str, kind: str, *auth: str) -> Iterator[str]:
        yield f"{name}:"
        yield f"  auth_type: {kind}"
        yield "  auth:"
        yield f"    auth_url: http://{cloud.layout.vip}:5000/v3"
        yield from (f"    {line}" for line in auth)
        yield f"  regions: [{', '.join(cloud.identity.catalog.regions)}]"
        yield "  interface: public"
        yield '  identity_api_version: "3"'

    def person(name: str, password: str, *scope: str) -> tuple[str, ...]:
        return (f"username: {name}", "user_domain_name: Default", f"password: {json.dumps(password)}", *scope)

    def project(name: str) -> tuple[str, str]:
        return "project_domain_name: Default", f"project_name: {name}"

    yield from entry(KIND, "v3password", *person("admin", secrets.admin, *project("admin")))
    yield from entry(f"{KIND}-system", "v3password", *person("admin", secrets.admin, "system_scope: all"))
    yield from entry(f"{KIND}-reader", "v3password", *person("reader", secrets.reader, *project(tenant)))
    yield from entry(
        f"{KIND}-credential",
        "v3applicationcredential",
        f"application_credential_id: {credential.id}",
        f"application_credential_secret: {json.dumps(credential.secret)}",
    )


def ssh_config(folder: Path, clouds: Sequence[Cloud]) -> str:
    """Hosts with an address of their own by address; further computes by name, through the first controller."""
    return "".join(f"{line}\n" for line in _ssh(folder, clouds))


def _ssh(folder: Path, clouds: Sequence[Cloud]) -> Iterator[str]:
    hosts = [host for cloud in clouds for host in cloud.hosts]
    far = any(not host.machine.listens for host in hosts)
    for host in hosts:
        if host.machine.listens:
            yield f"Host {host.name}"
            yield f"  HostName {host.machine.address}"
            if far:
                yield "  ProxyJump none"
    if far:
        yield "Host cmp* 10.77.*"
        yield f"  ProxyJump {hosts[0].name}"
    yield "Host *"
    yield f"  User {SSH_USER}"
    yield f"  Port {SSH_PORT}"
    yield f"  IdentityFile {_quoted(folder / 'id_ed25519')}"
    yield "  IdentitiesOnly yes"
    yield f"  UserKnownHostsFile {_quoted(folder / 'known_hosts')}"
    yield "  StrictHostKeyChecking yes"
    yield "  BatchMode yes"


def _quoted(path: Path) -> str:
    return f'"{path}"' if " " in str(path) else str(path)


def my_cnf(cloud: Cloud) -> str:
    """For `mariadb --defaults-file`: the monitoring account on the first member."""
    address = next(iter(cloud.hosts)).machine.address
    password = cloud.secrets.galera_monitor
    return f'[client]\nuser = monitor\npassword = "{password}"\nhost = {address}\nport = 3306\nskip-ssl\n'


def rabbitmqadmin_conf(cloud: Cloud) -> str:
    """For `rabbitmqadmin --config`: the monitoring account on the first node."""
    address = next(iter(cloud.hosts)).machine.address
    password = cloud.secrets.rabbitmq_monitor
    return f"[default]\nhostname = {address}\nport = 15672\nusername = monitor\npassword = {password}\n"


def ceph_conf(cloud: Cloud, folder: Path | None = None) -> str:
    """ceph.conf of a client; `folder` is where its keyrings are, /etc/ceph without."""
    addresses = ",".join(cloud.ceph.mon_address(name).replace("/0", "") for name in cloud.ceph.monitors.names)
    return (
        f"[global]\nfsid = {cloud.ceph.fsid}\nmon host = {addresses}\n"
        "auth cluster required = cephx\nauth service required = cephx\nauth client required = cephx\n"
        f"[client]\nkeyring = {folder or '/etc/ceph'}/ceph.$name.keyring\nlog file =\nadmin socket =\n"
    )
