"""Glance: images, in Ceph where there is one, else in files of the first controller."""

from __future__ import annotations

from runbooks.lab.lab import Lab
from runbooks.lab.machine import Machine
from runbooks.lab.services.databases import databases, manage
from runbooks.lab.services.options import Options, database, ini, pool, service
from runbooks.lab.services.units import Api, install_api, start_api

PACKAGES: tuple[str, ...] = ()

CONFIG = "/etc/glance/glance-api.conf"
FOLDER = "/var/lib/glance"
API = Api(
    "glance-api",
    "OpenStack Glance API",
    9292,
    "glance.wsgi.api",
    "glance",
    environment={"OS_GLANCE_CONFIG_DIR": "/etc/glance"},
)


def configuration(lab: Lab, machine: Machine) -> str:
    """glance-api.conf."""
    own: Options = {
        "DEFAULT": {"worker_self_reference_url": f"http://{machine.address}:9292"},
        "os_glance_staging_store": {"filesystem_store_datadir": f"{FOLDER}/staging"},
        "os_glance_tasks_store": {"filesystem_store_datadir": f"{FOLDER}/tasks"},
        "database": {"connection": database(lab, "glance"), **pool()},
        "paste_deploy": {"flavor": "keystone", "config_file": f"{lab.venv}/etc/glance/glance-api-paste.ini"},
    }
    return ini(own, _store(lab), service(lab, "glance"))


def _store(lab: Lab) -> Options:
    if lab.with_role("storage"):
        name = "rbd"
        ceph = {"rbd_store_pool": "images", "rbd_store_user": "glance", "rbd_store_ceph_conf": "/etc/ceph/ceph.conf"}
        store: Options = {name: ceph}
    else:
        name = "file"
        store = {name: {"filesystem_store_datadir": f"{FOLDER}/images"}}
    return {"DEFAULT": {"enabled_backends": f"{name}:{name}"}, "glance_store": {"default_backend": name}, **store}


def places(lab: Lab) -> list[Machine]:
    """The controllers that run it: one where images are its files."""
    return lab.api if lab.with_role("storage") else lab.api[:1]


def install(lab: Lab) -> None:
    """Configuration and unit."""
    for machine in places(lab):
        machine.write(CONFIG, configuration(lab, machine), mode=0o640)
        machine.write(f"{FOLDER}/images/.keep", "")
        install_api(lab, machine, API)


def tables(lab: Lab) -> None:
    """The database and its tables, once."""
    lab.once("glance-tables", lambda: _tables(lab))


def _tables(lab: Lab) -> None:
    databases(lab, "glance")
    manage(lab, places(lab)[0], "glance-manage", "--config-file", CONFIG, "db_sync")


def start(lab: Lab) -> None:
    """Tables, then the API."""
    tables(lab)
    lab.each(places(lab), lambda machine: start_api(machine, API))
