"""The files of the Ceph cluster as text: ceph.conf, keys and keyrings, and what the managers are told. Pure.

Keys are made from the lab's secrets instead of being asked from a monitor, so that every step of the installation
can be repeated: an interrupted first start finds the same keys, the same OSD ids, the same cluster again.
"""

from __future__ import annotations

import base64
import hashlib
import struct
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

DASHBOARD_PORT = 8443
PROMETHEUS_PORT = 9283
OSD_GIB = 3
"""Size of an OSD's block file: small enough to be filled in earnest."""

POOLS: tuple[tuple[str, int, int], ...] = (("images", 8, 3), ("vms", 16, 3), ("volumes", 16, 3))
"""Name, placement groups, copies."""

CAPS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "client.admin": (("mon", "allow *"), ("osd", "allow *"), ("mds", "allow *"), ("mgr", "allow *")),
    "client.viewer": (("mon", "allow r"), ("mgr", "allow r")),
    "client.crash": (("mon", "profile crash"), ("mgr", "profile crash")),
    "client.glance": (("mon", "profile rbd"), ("osd", "profile rbd pool=images"), ("mgr", "profile rbd pool=images")),
    "client.cinder": (
        ("mon", "profile rbd"),
        ("osd", "profile rbd pool=volumes, profile rbd pool=vms, profile rbd-read-only pool=images"),
        ("mgr", "profile rbd pool=volumes, profile rbd pool=vms"),
    ),
}
"""Who may do what; client.viewer is what a console gets."""

MGR_CAPS = (("mon", "allow profile mgr"), ("osd", "allow *"), ("mds", "allow *"))

HEALTH_LOOK = 10
"""Seconds after which silence of an OSD counts (Ceph's own default is 20)."""


@dataclass(frozen=True, slots=True)
class Node:
    """One host of the cluster: its name, address, and the number of its OSD."""

    name: str
    address: str
    osd: int


def fsid(secret: str) -> str:
    """The cluster's id."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{secret}/cluster"))


def osd_uuid(secret: str, osd: int) -> str:
    """The id that OSD number `osd` is made with."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{secret}/osd.{osd}"))


def key(secret: str, entity: str) -> str:
    """A cephx key: type 1 (AES), the time it was made (here none), the length, 16 bytes."""
    raw = hashlib.sha256(f"{secret}/{entity}".encode()).digest()[:16]
    return base64.b64encode(struct.pack("<HIIH", 1, 0, 0, len(raw)) + raw).decode()


def keyring(secret: str, entities: Mapping[str, Sequence[tuple[str, str]]]) -> str:
    """A keyring with these entities; capabilities are written where there are some."""
    lines: list[str] = []
    for entity, caps in entities.items():
        lines += [f"[{entity}]", f"\tkey = {key(secret, entity)}"]
        lines += [f'\tcaps {system} = "{words}"' for system, words in caps]
    return "\n".join(lines) + "\n"


def first_keyring(secret: str, managers: Sequence[Node]) -> str:
    """What the monitors are made with: everybody but the OSDs, which are entered when they are made."""
    entities: dict[str, Sequence[tuple[str, str]]] = {"mon.": (("mon", "allow *"),)}
    entities.update(CAPS)
    entities.update({f"mgr.{node.name}": MGR_CAPS for node in managers})
    return keyring(secret, entities)


def addresses(nodes: Sequence[Node]) -> str:
    """The monitors' addresses, both protocols each."""
    return ",".join(f"[v2:{node.address}:3300,v1:{node.address}:6789]" for node in nodes)


def client_conf(secret: str, nodes: Sequence[Node], keyrings: str) -> str:
    """ceph.conf of a client outside of the hosts; `keyrings` is the folder of the keyrings, where `$name` is one."""
    return (
        "[global]\n"
        f"fsid = {fsid(secret)}\n"
        f"mon host = {addresses(nodes)}\n"
        "auth cluster required = cephx\nauth service required = cephx\nauth client required = cephx\n"
        "ms bind ipv6 = false\n"
        "[client]\n"
        f"keyring = {keyrings}/ceph.$name.keyring\n"
        "log file =\nadmin socket =\n"
    )


def conf(secret: str, nodes: Sequence[Node], network: str) -> str:
    """/etc/ceph/ceph.conf of the hosts. What makes faults visible sooner than on a real cloud is marked."""
    return _HOSTS_CONF.format(
        fsid=fsid(secret),
        addresses=addresses(nodes),
        names=",".join(node.name for node in nodes),
        network=network,
        look=HEALTH_LOOK,
        rocksdb=_ROCKSDB,
        block=OSD_GIB << 30,
    )


def manager_settings(managers: Sequence[Node]) -> dict[str, str]:
    """Options of the managers' modules, kept by the monitors."""
    found = {
        "mgr/dashboard/ssl_server_port": str(DASHBOARD_PORT),
        "mgr/prometheus/server_port": str(PROMETHEUS_PORT),
        "mgr/prometheus/scrape_interval": "5",
        "mgr/pg_autoscaler/sleep_interval": "3600",
    }
    for node in managers:
        found[f"mgr/dashboard/{node.name}/server_addr"] = node.address
        found[f"mgr/prometheus/{node.name}/server_addr"] = node.address
    return found


_ROCKSDB = (
    "compression=kNoCompression,max_write_buffer_number=3,min_write_buffer_number_to_merge=1,recycle_log_file_num=1,"
    "write_buffer_size=8388608,writable_file_max_buffer_size=0,max_background_compactions=2,max_total_wal_size=33554432"
)
"""Small logs: by default they take 290 MiB of every OSD, and up to a GiB under load."""

_HOSTS_CONF = """\
[global]
fsid = {fsid}
mon host = {addresses}
mon initial members = {names}
public network = {network}
auth cluster required = cephx
auth service required = cephx
auth client required = cephx
ms bind ipv6 = false
osd pool default size = 3
osd pool default min size = 2
osd pool default pg num = 8
osd pool default pg autoscale mode = off
mon allow pool delete = true
mon max pg per osd = 500
# sooner than by default (20); mons and OSDs both use it
osd heartbeat grace = {look}
# as by default, though the grace is shorter: a busy machine is no slow network
mon warn on slow ping time = 1000

[mon]
# to the journal, not to files
log to file = false
log to stderr = true
err to stderr = true
mon cluster log to file = false
mon cluster log to stderr = true
auth allow insecure global id reclaim = false
mgr initial modules = dashboard prometheus iostat
mon data avail warn = 15
# sooner than by default (300, 30, 5)
mon timecheck interval = 15
mon timecheck skew interval = 10
mon election timeout = 2
# a change is agreed upon at once, not after a second
paxos propose interval = 0.1
# a small machine
mon memory target = 1073741824
rocksdb cache size = 16777216

[mgr]
log to file = false
log to stderr = true
err to stderr = true
mgr tick period = 2
mgr stats period = 2

[osd]
log to file = false
log to stderr = true
err to stderr = true
osd objectstore = bluestore
bluestore block create = true
bluestore block size = {block}
bluestore block db create = false
bluestore block wal create = false
bluestore fsck on mount = false
# a small machine
osd memory target = 939524096
bluestore cache autotune = false
bluestore cache size = 33554432
bluestore rocksdb options = {rocksdb}
# with this, data is not written twice, and what an OSD uses is what it holds
bluestore prefer deferred size hdd = 0
osd op num shards = 2
osd op num threads per shard = 1
osd max pg log entries = 500
osd min pg log entries = 100
# sooner than by default (6, 30, 5)
osd heartbeat interval = 3
osd op complaint time = 5
osd mon report interval = 3
# no scrub begins by itself in the middle of a fault
osd scrub sleep = 0
osd scrub min interval = 864000
osd scrub max interval = 1728000
osd deep scrub interval = 1728000
"""
