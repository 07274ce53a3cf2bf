"""The state folder of one run: everything that a client needs to reach the simulated cloud, and nothing else has.

All files are 0600 in a 0700 folder. Passwords are random per run; nephoscope.toml names the files that hold them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from getpass import getuser
from pathlib import Path

from runbooks.simulator.client_files import (
    KIND,
    SSH_PORT,
    SSH_USER,
    ceph_conf,
    clouds_yaml,
    my_cnf,
    rabbitmqadmin_conf,
    ssh_config,
)
from runbooks.simulator.layout import Layout
from runbooks.simulator.model.cloud import Cloud
from runbooks.simulator.site_file import nephoscope_toml
from runbooks.simulator.ssh.keys import Keys


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


def write_all(folder: Path, clouds: Sequence[Cloud], keys: Keys, run: str) -> None:
    """Write every file for clients of the regions `clouds`, the main one first; `run` is the run's id."""
    first = clouds[0]
    layout, secrets = first.layout, first.secrets
    machines = [(host.name, host.machine.address) for cloud in clouds for host in cloud.hosts]
    files = {
        "ground.json": json.dumps({"kind": KIND, "run": run, "net": layout.net, "vip": layout.vip}) + "\n",
        "clouds.yaml": clouds_yaml(first),
        "nephoscope.toml": nephoscope_toml(clouds),
        "ssh_config": ssh_config(folder, clouds),
        "known_hosts": "".join(keys.known_hosts(machines, SSH_PORT)),
        "id_ed25519": keys.login.private.decode(),
        "id_ed25519.pub": f"{keys.login.public} {SSH_USER}@{KIND}\n",
        "colleague_ed25519": keys.colleague.private.decode(),
        "allowed_signers": keys.allowed_signers(getuser()),
        "galera.secret": secrets.galera_monitor + "\n",
        "prometheus.secret": secrets.prometheus + "\n",
        "haproxy.secret": secrets.haproxy + "\n",
        "rabbitmq.secret": secrets.rabbitmq_monitor + "\n",
        "galera-operator.secret": secrets.galera_root + "\n",
        "rabbitmq-operator.secret": secrets.rabbitmq_admin + "\n",
        "ca.pem": secrets.authority.pem,
        "ceph.secret": secrets.ceph_viewer + "\n",
        "ceph.conf": ceph_conf(first, folder),
        "my.cnf": my_cnf(first),
        "rabbitmqadmin.conf": rabbitmqadmin_conf(first),
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


def layout_of(folder: Path) -> Layout:
    """The network of the run that lives in `folder`, for tests and tools. Raises FileNotFoundError without one."""
    return Layout(json.loads((folder / "ground.json").read_text())["net"])
