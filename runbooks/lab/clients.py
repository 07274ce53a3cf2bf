"""What clients of the lab read: clouds.yaml, nephoscope.toml, ssh_config, known_hosts, my.cnf, rabbitmqadmin.conf.

They are written again by each `up`, all 0600. Passwords are in files of their own, which nephoscope.toml names.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from getpass import getuser

from runbooks.lab.hosts import known_hosts
from runbooks.lab.lab import KIND, Lab, write
from runbooks.lab.services.alertmanager import PORT as ALERTMANAGER_PORT
from runbooks.lab.services.ceph_client import managers
from runbooks.lab.services.ceph_seed import TRUSTED
from runbooks.lab.services.ceph_text import DASHBOARD_PORT
from runbooks.lab.services.options import REGION
from runbooks.lab.services.prometheus import PORT as PROMETHEUS_PORT

SSH_USER = "root"


def install(lab: Lab) -> None:
    """Write all of them."""
    files = {
        "clouds.yaml": clouds_yaml(lab),
        "nephoscope.toml": nephoscope_toml(lab),
        "ssh_config": ssh_config(lab),
        "known_hosts": known_hosts(lab),
        "allowed_signers": allowed_signers(lab),
        "galera.secret": lab.secrets["galera_monitor"] + "\n",
        "rabbitmq.secret": lab.secrets["rabbitmq_monitor"] + "\n",
        "galera-operator.secret": lab.secrets["galera_operator"] + "\n",
        "rabbitmq-operator.secret": lab.secrets["rabbitmq_operator"] + "\n",
        "my.cnf": my_cnf(lab),
        "rabbitmqadmin.conf": rabbitmqadmin_conf(lab),
    }
    for name, text in files.items():
        write(lab.state / name, text)


def clouds_yaml(lab: Lab) -> str:
    """The administrator in the project admin, the same with the whole system as scope, and a user of the cloud."""

    def entry(name: str, user: str, scope: str) -> str:
        return f"""\
  {name}:
    auth_type: v3password
    auth:
      auth_url: http://{lab.layout.vip}:5000/v3
      username: {user}
      user_domain_name: Default
      password: {lab.secrets[f"keystone_{user}"]}
{scope}    region_name: {REGION}
    interface: public
    identity_api_version: "3"
"""

    def project(name: str) -> str:
        return f"      project_domain_name: Default\n      project_name: {name}\n"

    return (
        "clouds:\n"
        + entry(KIND, "admin", project("admin"))
        + entry(f"{KIND}-system", "admin", "      system_scope: all\n")
        + entry(f"{KIND}-demo", "demo", project("demo"))
    )


def ssh_config(lab: Lab) -> str:
    """Every host by its name; host keys are known and never learned."""
    hosts = "".join(f"Host {machine.name}\n  HostName {machine.address}\n" for machine in lab.machines.values())
    return hosts + (
        "Host *\n"
        f"  User {SSH_USER}\n"
        f"  IdentityFile {lab.state / 'id_ed25519'}\n"
        "  IdentitiesOnly yes\n"
        f"  UserKnownHostsFile {lab.state / 'known_hosts'}\n"
        "  StrictHostKeyChecking yes\n"
        "  BatchMode yes\n"
    )


def my_cnf(lab: Lab) -> str:
    """For `mariadb --defaults-file`: the monitoring account on the first member."""
    address, password = lab.control[0].address, lab.secrets["galera_monitor"]
    return f"[client]\nuser = monitor\npassword = {password}\nhost = {address}\nport = 3306\nskip-ssl\n"


def rabbitmqadmin_conf(lab: Lab) -> str:
    """For `rabbitmqadmin --config`: the monitoring account on the first node."""
    address, password = lab.control[0].address, lab.secrets["rabbitmq_monitor"]
    return f"[default]\nhostname = {address}\nport = 15672\nusername = monitor\npassword = {password}\n"


def allowed_signers(lab: Lab) -> str:
    """Whose signatures approve, as in ssh-keygen(1): the operator's, whom his own do not help, and a colleague's."""
    operator = ",".join(dict.fromkeys(name for name in (getuser(), os.environ.get("SUDO_USER", "")) if name))
    people = {operator: "id_ed25519", "colleague": "colleague_ed25519"}
    keys = {name: (lab.state / f"{file}.pub").read_text().split() for name, file in people.items()}
    return "".join(f"{name} {kind} {key}\n" for name, (kind, key, *_) in keys.items())


def nephoscope_toml(lab: Lab) -> str:
    """Where the hosts, the database and the broker are."""
    return "".join(f"{line}\n" for line in _site(lab))


def _site(lab: Lab) -> Iterator[str]:
    site = f"site.{KIND}"
    yield f'cloud = "{KIND}"'
    yield f"[{site}]"
    yield 'protection = "normal"'
    yield "notifications = true"
    yield 'lock_dir = "locks"'
    yield 'allowed_signers = "allowed_signers"'
    files = 'config = "ssh_config", known_hosts = "known_hosts", identity = "id_ed25519"'
    yield f'ssh = {{{files}, user = "{SSH_USER}"}}'
    for machine in lab.machines.values():
        yield f"[{site}.hosts.{machine.name}]"
        yield f'address = "{machine.address}"'
        yield f"roles = {json.dumps(list(machine.roles))}"
    yield f"[{site}.galera]"
    yield 'user = "monitor"'
    yield 'password = {file = "galera.secret"}'
    yield 'admin_user = "operator"'
    yield 'admin_password = {file = "galera-operator.secret"}'
    yield "members = ["
    for machine in lab.control:
        yield f'  {{host = "{machine.name}", address = "{machine.address}", port = 3306}},'
    yield "]"
    yield f"[{site}.rabbitmq]"
    yield 'user = "monitor"'
    yield 'password = {file = "rabbitmq.secret"}'
    yield 'admin_user = "operator"'
    yield 'admin_password = {file = "rabbitmq-operator.secret"}'
    yield "nodes = ["
    for machine in lab.control:
        name = machine.name
        yield f'  {{host = "{name}", name = "rabbit@{name}", url = "http://{machine.address}:15672"}},'
    yield "]"
    yield from _balancers(site, lab)
    if lab.with_role("storage"):
        yield from _ceph(lab, f"{site}.ceph")


def _balancers(site: str, lab: Lab) -> Iterator[str]:
    """HAProxy, Keepalived and memcached on every controller, where their packages put socket and configuration."""
    names = json.dumps([machine.name for machine in lab.control])
    for machine in lab.with_role("monitoring"):
        yield f"[{site}.prometheus]"
        yield f'url = "http://{machine.address}:{PROMETHEUS_PORT}"'
        yield f"[{site}.alertmanager]"
        yield f'url = "http://{machine.address}:{ALERTMANAGER_PORT}"'
    yield f"[{site}.memcached]"
    yield f"servers = {names}"
    yield f"[{site}.haproxy]"
    yield f"hosts = {names}"
    yield f"[{site}.keepalived]"
    yield f"hosts = {names}"
    yield f'addresses = ["{lab.layout.vip}"]'


def _ceph(lab: Lab, table: str) -> Iterator[str]:
    yield f"[{table}]"
    yield f"mons = {json.dumps([machine.name for machine in lab.with_role('storage')])}"
    yield 'user = "viewer"'
    yield f"[{table}.dashboard]"
    yield f"urls = {json.dumps([f'https://{node.address}:{DASHBOARD_PORT}' for node in managers(lab)])}"
    yield 'user = "viewer"'
    yield 'password = {file = "ceph.secret"}'
    yield f'ca = "{TRUSTED}"'
