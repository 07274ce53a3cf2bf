"""Files for the tests of the configuration: a nephoscope.toml and a Kolla folder, written where a test wants them."""

from __future__ import annotations

from pathlib import Path

from collectors.errors import BadConfiguration

INVENTORY = """\
[control]
ctl[01:03]

[network]
net01 ansible_host=10.0.0.21

[compute]
cmp01 ansible_host=10.0.0.31 ansible_port=2222 ansible_user=nova
cmp02 ansible_host=10.0.0.32

[storage]
ceph01

[monitoring]
mon01

[deployment]
localhost ansible_connection=local

[control:vars]
ansible_user=kolla

[baremetal:children]
control
network
compute
storage
monitoring

[loadbalancer:children]
network

[mariadb:children]
control

[rabbitmq:children]
control
"""

PASSWORDS = """\
---
database_password: root-secret
mariadb_monitor_password: monitor-secret
mariadb_backup_database_password: backup-secret
prometheus_mysql_exporter_database_password: exporter-secret
rabbitmq_password: rabbit-secret
rabbitmq_monitoring_password: rabbit-monitor-secret
keystone_admin_password:
numeric: 12345
"""


def toml(folder: Path, text: str, mode: int = 0o644) -> dict[str, str]:
    """Write a nephoscope.toml; the environment that names it."""
    path = folder / "nephoscope.toml"
    path.write_text(text)
    path.chmod(mode)
    return {"NEPHOSCOPE_CONFIG": str(path), "HOME": str(folder), "PATH": "/usr/bin:/bin"}


def kolla(
    folder: Path, *, globals_: str = "---\n", passwords: str = PASSWORDS, inventory: str | None = INVENTORY
) -> Path:
    """Write a Kolla folder."""
    path = folder / "kolla"
    path.mkdir()
    (path / "globals.yml").write_text(globals_)
    (path / "passwords.yml").write_text(passwords)
    (path / "passwords.yml").chmod(0o640)
    if inventory is not None:
        (path / "multinode").write_text(inventory)
    return path


def program(path: Path, text: str) -> Path:
    """Write an executable shell script."""
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def said(error: BadConfiguration) -> str:
    """The whole message, as it is printed."""
    assert error.hint, "an error without a next step"
    return str(error)
