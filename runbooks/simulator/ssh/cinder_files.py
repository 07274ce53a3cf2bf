"""cinder.conf of the volume services, as Kolla gives it to the container: an operator may add `replication_device`."""

from __future__ import annotations

from runbooks.simulator.model.storage.records import Service
from runbooks.simulator.model.storage.replication import configure
from runbooks.simulator.model.storage.services import VOLUME
from runbooks.simulator.ssh.program import Place

CONFIG = "/etc/kolla/cinder-volume/cinder.conf"


def service_of(place: Place) -> Service | None:
    """The volume service of this host."""
    return next(
        (one for one in place.cloud.storage.services if (one.binary, one.machine) == (VOLUME, place.host.name)), None
    )


def content(place: Place) -> str:
    """The file; without what is secret in it."""
    service = service_of(place)
    if service is None:
        return ""
    name = service.host.partition("@")[2]
    devices = "".join(f"replication_device = backend_id:{each}\n" for each in service.replicas)
    return (
        f"[DEFAULT]\nenabled_backends = {name}\nlog_dir = /var/log/kolla/cinder\n\n"
        f"[{name}]\nvolume_driver = cinder.volume.drivers.rbd.RBDDriver\nvolume_backend_name = {name}\n"
        f"rbd_pool = volumes\nrbd_ceph_conf = /etc/ceph/ceph.conf\nrbd_user = cinder\n{devices}"
    )


def write(place: Place, text: str) -> None:
    """The file with another text: only `replication_device` means anything."""
    service = service_of(place)
    if service is not None:
        configure(service, text, place.now)
        place.cloud.wrote(f"ssh:{place.host.name}", f"wrote {CONFIG}", place.account.name, "exit 0")
