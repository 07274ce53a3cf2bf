"""The state folder of one run: everything that a client needs to reach the simulated cloud, and nothing else has.

All files are 0600 in a 0700 folder. Passwords are random per run; nephoscope.toml names the files that hold them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

from runbooks.simulator.layout import Layout
from runbooks.simulator.model.cloud import Cloud
from runbooks.simulator.ssh.keys import Keys

KIND = "simulator"
SSH_USER = "kolla"
SSH_PORT = 2222


class StateError(Exception):
    """The state folder cannot be used."""


def claim(folder: Path) -> None:
    """Make the folder ours. Raises StateError when another run lives there, or it holds something else.

    A file `log` does not count: whoever starts us may keep our words there.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    ground = folder / "ground.json"
    if not ground.exists() and any(each.name != "log" for each in folder.iterdir()):
        raise StateError(f"{folder} is not empty and holds no simulator: choose another folder")
    if ground.exists() and json.loads(ground.read_text()).get("kind") != KIND:
        raise StateError(f"{folder} belongs to another ground: choose another folder")
    pid = folder / "pid"
    if pid.exists() and _alive(int(pid.read_text())):
        raise StateError(f"a simulator already runs in {folder} (process {pid.read_text().strip()})")
    folder.chmod(0o700)
    write(folder / "ground.json", json.dumps({"kind": KIND}) + "\n")
    write(pid, f"{os.getpid()}\n")


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def release(folder: Path) -> None:
    """The run is over: what would mislead the next one goes."""
    for name in ("pid", "control.sock"):
        (folder / name).unlink(missing_ok=True)


def write(path: Path, text: str) -> None:
    """Write a 0600 file at once: readers see the old one or the new one."""
    partial = path.with_name(path.name + ".new")
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text)
    partial.replace(path)


def write_all(folder: Path, cloud: Cloud, keys: Keys, run: str) -> None:
    """Write every file for clients of `cloud`; `run` is the run's id."""
    layout, secrets = cloud.layout, cloud.secrets
    machines = ((host.name, host.machine.address) for host in cloud.hosts)
    files = {
        "ground.json": json.dumps({"kind": KIND, "run": run, "net": layout.net, "vip": layout.vip}) + "\n",
        "clouds.yaml": "\n".join(_clouds(cloud)) + "\n",
        "nephoscope.toml": "\n".join(_site(cloud)) + "\n",
        "ssh_config": "\n".join(_ssh_config(folder, cloud)) + "\n",
        "known_hosts": "".join(keys.known_hosts(machines, SSH_PORT)),
        "id_ed25519": keys.login.private.decode(),
        "id_ed25519.pub": f"{keys.login.public} {SSH_USER}@{KIND}\n",
        "galera.secret": secrets.galera_monitor + "\n",
        "rabbitmq.secret": secrets.rabbitmq_monitor + "\n",
        "my.cnf": _my_cnf(cloud),
        "rabbitmqadmin.conf": _rabbitmqadmin(cloud),
    }
    for name, text in files.items():
        write(folder / name, text)


def environment(folder: Path) -> dict[str, str]:
    """What a client exports."""
    return {
        "OS_CLIENT_CONFIG_FILE": str(folder / "clouds.yaml"),
        "NEPHOSCOPE_CONFIG": str(folder / "nephoscope.toml"),
        "OS_CLOUD": "simulator",
    }


def _clouds(cloud: Cloud) -> Iterator[str]:
    """clouds.yaml: an admin of the project admin, one of the system, a reader, an application credential."""
    secrets, identity = cloud.secrets, cloud.identity
    url = f"http://{cloud.layout.vip}:5000/v3"

    def entry(name: str, *auth: str, kind: str = "password") -> Iterator[str]:
        yield f"  {name}:"
        yield f"    auth_type: v3{kind}"
        yield "    auth:"
        yield f"      auth_url: {url}"
        for line in auth:
            yield f"      {line}"
        yield "    region_name: RegionOne"
        yield "    interface: public"
        yield '    identity_api_version: "3"'

    user = ("username: {}", "user_domain_name: Default", "password: {}")

    def person(name: str, password: str) -> tuple[str, ...]:
        return (user[0].format(name), user[1], user[2].format(json.dumps(password)))

    project = ("project_domain_name: Default", "project_name: {}")
    credential = next(iter(identity.credentials.values()))
    yield "clouds:"
    yield from entry(KIND, *person("admin", secrets.admin), project[0], project[1].format("admin"))
    yield from entry(f"{KIND}-system", *person("admin", secrets.admin), "system_scope: all")
    tenant = cloud.tenants[0].name
    yield from entry(f"{KIND}-reader", *person("reader", secrets.reader), project[0], project[1].format(tenant))
    yield from entry(
        f"{KIND}-credential",
        f"application_credential_id: {credential.id}",
        f"application_credential_secret: {json.dumps(credential.secret)}",
        kind="applicationcredential",
    )


def _site(cloud: Cloud) -> Iterator[str]:
    """nephoscope.toml."""
    controllers = cloud.hosts.with_role("control")
    yield f"[site.{KIND}]"
    yield 'protection = "normal"'
    yield f'ssh = {{config = "ssh_config", known_hosts = "known_hosts", identity = "id_ed25519", user = "{SSH_USER}"}}'
    for host in cloud.hosts:
        yield f"[site.{KIND}.hosts.{host.name}]"
        yield f"address = {json.dumps(host.machine.address)}"
        yield f"roles = {json.dumps(list(host.machine.roles))}"
    yield f"[site.{KIND}.galera]"
    yield 'user = "monitor"'
    yield 'password = {file = "galera.secret"}'
    yield "members = ["
    for host in controllers:
        yield f'  {{host = "{host.name}", address = "{host.machine.address}", port = 3306}},'
    yield "]"
    yield f"[site.{KIND}.rabbitmq]"
    yield 'user = "monitor"'
    yield 'password = {file = "rabbitmq.secret"}'
    yield "nodes = ["
    for host in controllers:
        yield (f'  {{host = "{host.name}", name = "rabbit@{host.name}", url = "http://{host.machine.address}:15672"}},')
    yield "]"


def _ssh_config(folder: Path, cloud: Cloud) -> Iterator[str]:
    jump = next(iter(cloud.hosts)).name
    for host in cloud.hosts:
        yield f"Host {host.name}"
        yield f"  HostName {host.machine.address}"
        if not host.machine.listens:
            yield f"  ProxyJump {jump}"
    yield "Host *"
    yield f"  User {SSH_USER}"
    yield f"  Port {SSH_PORT}"
    yield f"  IdentityFile {_quoted(folder / 'id_ed25519')}"
    yield "  IdentitiesOnly yes"
    yield f"  UserKnownHostsFile {_quoted(folder / 'known_hosts')}"
    yield "  StrictHostKeyChecking yes"
    yield "  BatchMode yes"


def _quoted(path: Path) -> str:
    text = str(path)
    return f'"{text}"' if " " in text else text


def _my_cnf(cloud: Cloud) -> str:
    first = next(iter(cloud.hosts))
    return (
        "[client]\nuser = monitor\n"
        f'password = "{cloud.secrets.galera_monitor}"\nhost = {first.machine.address}\nport = 3306\nskip-ssl\n'
    )


def _rabbitmqadmin(cloud: Cloud) -> str:
    first = next(iter(cloud.hosts))
    return (
        f"[default]\nhostname = {first.machine.address}\nport = 15672\n"
        f"username = monitor\npassword = {cloud.secrets.rabbitmq_monitor}\n"
    )


def layout_of(folder: Path) -> Layout:
    """The network of the run that lives in `folder`, for tests and tools. Raises FileNotFoundError without one."""
    return Layout(json.loads((folder / "ground.json").read_text())["net"])
