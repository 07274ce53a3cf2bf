"""Cinder: the API, the scheduler, and a volume service with two backends.

There is no device mapper in a host, so volumes are sparse files, by the lab's own driver (cinder_driver). Where there
is a Ceph cluster, the first backend's are RBD images in it.
"""

from __future__ import annotations

from runbooks.lab.lab import Lab
from runbooks.lab.machine import Machine
from runbooks.lab.services.databases import databases, manage
from runbooks.lab.services.options import (
    DOWN_TIME,
    REPORT_INTERVAL,
    Options,
    Value,
    credentials,
    database,
    ini,
    pool,
    service,
)
from runbooks.lab.services.units import Api, install_api, install_daemon, start_api

PACKAGES: tuple[str, ...] = ()

CONFIG = "/etc/cinder/cinder.conf"
BACKENDS = ("standard", "fast")
REPLICATED, REPLICA = "fast", "second-site"
"""The back-end that can fail over, and what cinder.conf calls the storage that it replicates to."""
API = Api("cinder-api", "OpenStack Cinder API", 8776, "cinder.wsgi.api", "cinder", arguments=f"--config-file {CONFIG}")
SCHEDULER, VOLUME = "cinder-scheduler", "cinder-volume"


def configuration(lab: Lab, machine: Machine) -> str:
    """cinder.conf."""
    own: Options = {
        "DEFAULT": {
            "host": machine.name,
            "my_ip": machine.address,
            "state_path": "/var/lib/cinder",
            "auth_strategy": "keystone",
            "api_paste_config": f"{lab.venv}/etc/cinder/api-paste.ini",
            "resource_query_filters_file": f"{lab.venv}/etc/cinder/resource_filters.json",
            "enabled_backends": ",".join(BACKENDS),
            "default_volume_type": BACKENDS[0],
            "glance_api_servers": f"http://{lab.layout.vip}:9292",
            "report_interval": REPORT_INTERVAL,
            "service_down_time": DOWN_TIME,
        },
        "database": {"connection": database(lab, "cinder"), **pool()},
        "nova": credentials(lab, "cinder"),
        "service_user": {"send_service_user_token": True, **credentials(lab, "cinder")},
        "privsep": {"helper_command": f"{lab.venv}/bin/privsep-helper --config-file {CONFIG}"},
    }
    backends = {name: _backend(lab, name) for name in BACKENDS}
    return ini(own, backends, service(lab, "cinder"))


def _backend(lab: Lab, name: str) -> dict[str, Value]:
    if lab.with_role("storage") and name == BACKENDS[0]:
        return {
            "volume_driver": "cinder.volume.drivers.rbd.RBDDriver",
            "volume_backend_name": name,
            "rbd_pool": "volumes",
            "rbd_user": "cinder",
            "rbd_ceph_conf": "/etc/ceph/ceph.conf",
        }
    replicates: dict[str, Value] = {"replication_device": f"backend_id:{REPLICA}"} if name == REPLICATED else {}
    own: dict[str, Value] = {"volume_driver": "cinder.volume.drivers.lab.LabVolumeDriver", "volume_backend_name": name}
    return own | replicates


def install(lab: Lab) -> None:
    """Configuration and units; one volume service for all, because its volumes are files of its host."""
    for machine in lab.api:
        machine.write(CONFIG, configuration(lab, machine), mode=0o640)
        machine.write("/var/lib/cinder/tmp/.keep", "")
        install_api(lab, machine, API)
        install_daemon(lab, machine, SCHEDULER, "OpenStack Cinder scheduler", CONFIG)
    install_daemon(lab, lab.api[0], VOLUME, "OpenStack Cinder volume service", CONFIG)


def tables(lab: Lab) -> None:
    """The database and its tables, once."""
    lab.once("cinder-tables", lambda: _tables(lab))


def _tables(lab: Lab) -> None:
    databases(lab, "cinder")
    manage(lab, lab.api[0], "cinder-manage", "--config-file", CONFIG, "db", "sync")


def start(lab: Lab) -> None:
    """Tables, then the services."""
    tables(lab)
    lab.each(lab.api, lambda machine: machine.start(SCHEDULER))
    lab.api[0].start(VOLUME)
    lab.each(lab.api, lambda machine: start_api(machine, API))
