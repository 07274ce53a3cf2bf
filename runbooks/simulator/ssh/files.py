"""The few files that a simulated host has: what the kinds and an operator read, computed from the model when read."""

from __future__ import annotations

from collections.abc import Callable

from runbooks.simulator.client_files import ceph_conf
from runbooks.simulator.model.balancers import INSTANCE, ROUTER_ID, front_names
from runbooks.simulator.ssh import cinder_files, galera_files, kolla_logs, neutron_files
from runbooks.simulator.ssh.program import Place, encode

NO_FILE = "No such file or directory"
FOLDER = "Is a directory"
DENIED = "Permission denied"


def read(place: Place, name: str) -> bytes | str:
    """The content of the file `name`, or why it cannot be read (in the system's words)."""
    path = _absolute(place, name)
    if path == "/dev/null":
        return b""
    if path.startswith(f"{kolla_logs.FOLDER}/"):
        unit = kolla_logs.paths(place).get(path)
        if not place.root:
            return DENIED  # the volume of the containers is root's
        return NO_FILE if unit is None else encode(kolla_logs.content(place, unit))
    if path.startswith(f"{galera_files.FOLDER}/"):
        if not place.root:
            return DENIED  # the engine's folder is root's
        return encode(galera_files.content(place, path)) if path in galera_files.names(place) else NO_FILE
    if path in neutron_files.names(place):
        return encode(neutron_files.content(place, path)) if place.root else DENIED
    secret = _secret(place)
    if path in secret:
        return encode(secret[path](place)) if place.root else DENIED
    if path in _FILES and (place.cloud.ceph or not path.startswith("/etc/ceph/")):
        return encode(_FILES[path](place))
    return FOLDER if is_folder(place, path) else NO_FILE


def listed(place: Place, folder: str) -> dict[str, float]:
    """Files below a folder → when they were last written; those in folders that are closed to us are not seen."""
    start = f"{folder.rstrip('/')}/"
    found = {path: place.host.booted for path in (*_FILES, *_secret(place)) if path.startswith(start)}
    found |= {path: neutron_files.written(place, path) for path in neutron_files.names(place) if path.startswith(start)}
    if place.root:
        logs = kolla_logs.paths(place)
        found |= {path: kolla_logs.changed(place, unit) for path, unit in logs.items() if path.startswith(start)}
    return found


def written(place: Place, name: str, since: float) -> bytes:
    """What was added to a log file after that moment; nothing for files that do not grow."""
    unit = kolla_logs.paths(place).get(_absolute(place, name)) if place.root else None
    return b"" if unit is None else encode(kolla_logs.content(place, unit, since))


def closed(place: Place, folder: str) -> list[str]:
    """Folders below it that only root may look into."""
    inside = kolla_logs.FOLDER.startswith(f"{folder.rstrip('/')}/") or folder.startswith(kolla_logs.FOLDER)
    found = [kolla_logs.FOLDER] if inside and not place.root and kolla_logs.paths(place) else []
    return found if place.root or folder.rstrip("/") != "/etc/kolla" else [*found, "/etc/kolla"]


def _secret(place: Place) -> dict[str, Callable[[Place], str]]:
    balances = place.host in place.cloud.balancers.hosts
    found = _SECRET | _BALANCING if balances else _SECRET
    return found | _STORING if "cinder_volume" in place.host.names else found


def is_folder(place: Place, name: str) -> bool:
    path = _absolute(place, name).rstrip("/")
    return path in ("", place.account.home, "/tmp", "/var/log", kolla_logs.FOLDER) or any(
        known.startswith(f"{path}/") for known in (*_FILES, *_secret(place), *neutron_files.names(place))
    )


def _absolute(place: Place, name: str) -> str:
    if name == "~" or name.startswith("~/"):
        return place.account.home + name[1:]
    return name if name.startswith("/") else f"{place.account.home}/{name}"


def _loadavg(place: Place) -> str:
    one, five, fifteen = place.host.load
    threads = 900 + 40 * len(place.host.names)
    return f"{one:.2f} {five:.2f} {fifteen:.2f} 2/{threads} {_process_id(place)}\n"


def _process_id(place: Place) -> int:
    """The number of the newest process: it rises as time goes by."""
    return 1000 + int(place.now - place.host.booted) * 3 % 4_000_000


def memory(place: Place) -> dict[str, int]:
    """/proc/meminfo in KiB."""
    host = place.host
    total = host.memory_kib - host.memory_kib // 64
    available = int(total * (1 - host.memory_used))
    cached = min(available // 2, 24 << 20)
    buffers = min(cached // 8, 512 << 10)
    return {
        "MemTotal": total,
        "MemFree": available - cached - buffers + cached // 16,
        "MemAvailable": available,
        "Buffers": buffers,
        "Cached": cached,
        "SwapCached": 0,
        "Active": cached // 2 + int(total * host.memory_used * 0.7),
        "Inactive": cached // 2,
        "SwapTotal": 8 << 20,
        "SwapFree": 8 << 20,
        "Dirty": 1284,
        "Writeback": 0,
        "Shmem": 131_072,
        "SReclaimable": cached // 10,
    }


def _meminfo(place: Place) -> str:
    lines = [f"{name + ':':<16}{kib:>8} kB\n" for name, kib in memory(place).items()]
    return "".join(
        [*lines, "HugePages_Total:       0\n", "HugePages_Free:        0\n", "Hugepagesize:       2048 kB\n"]
    )


def _uptime(place: Place) -> str:
    up = place.now - place.host.booted
    idle = up * place.host.cpus * max(0.05, 1 - place.host.load[2] / place.host.cpus)
    return f"{up:.2f} {idle:.2f}\n"


def _os_release(place: Place) -> str:
    pretty = place.host.os_release
    name, _, version = pretty.rpartition(" GNU/Linux ")
    number, _, codename = version.partition(" ")
    return (
        f'PRETTY_NAME="{pretty}"\nNAME="{name} GNU/Linux"\nVERSION_ID="{number}"\nVERSION="{version}"\n'
        f'VERSION_CODENAME={codename.strip("()")}\nID={name.lower()}\nHOME_URL="https://www.debian.org/"\n'
        'SUPPORT_URL="https://www.debian.org/support"\nBUG_REPORT_URL="https://bugs.debian.org/"\n'
    )


def _cpuinfo(place: Place) -> str:
    return "\n".join(
        f"processor\t: {number}\nvendor_id\t: GenuineIntel\nmodel name\t: Intel(R) Xeon(R) Gold 6338 CPU @ 2.00GHz\n"
        for number in range(place.host.cpus)
    )


def _stat(place: Place) -> str:
    busy = int((place.now - place.host.booted) * 100)
    processes = _process_id(place)
    return (
        f"cpu  {busy // 9} 0 {busy // 20} {busy * place.host.cpus} 0 0 0 0 0 0\n"
        f"btime {int(place.host.booted)}\nprocesses {processes}\nprocs_running 2\nprocs_blocked 0\n"
    )


def _hosts(place: Place) -> str:
    lines = [f"{host.machine.address} {host.name}\n" for host in place.cloud.hosts]
    return "".join(["127.0.0.1 localhost\n", *lines])


def machine_id(place: Place) -> str:
    """/etc/machine-id: 32 hexadecimal digits, the same for the host's whole life."""
    return place.cloud.seed.hex("machine", place.host.name)


def kernel_version(place: Place) -> str:
    """`uname -v`."""
    return "#1 SMP PREEMPT_DYNAMIC Debian 6.1.119-1 (2024-11-22)"


KEEPALIVED_CONFIG = "/etc/kolla/keepalived/keepalived.conf"


def _keepalived(place: Place) -> str:
    """keepalived.conf as Kolla writes it; empty on a host that is no load balancer."""
    balancers, layout = place.cloud.balancers, place.cloud.layout
    names = [host.name for host in balancers.hosts]
    if place.host.name not in names:
        return ""
    return f"""\
vrrp_script check_alive {{
    script "/check_alive.sh"
    interval 2
    fall 2
    rise 10
}}

vrrp_instance {INSTANCE} {{
    state BACKUP
    nopreempt
    interface eth0
    virtual_router_id {ROUTER_ID}
    priority {names.index(place.host.name) + 1}
    advert_int 1
    virtual_ipaddress {{
        {layout.internal_vip} dev eth0
        {layout.vip} dev eth0
    }}
    authentication {{
        auth_type PASS
        auth_pass {place.cloud.secrets.keepalived}
    }}
    track_script {{
        check_alive
    }}
}}
"""


HAPROXY_CONFIG, HAPROXY_PEM = "/etc/kolla/haproxy/haproxy.cfg", "/etc/kolla/haproxy/haproxy.pem"
HAPROXY_CA = "/etc/kolla/haproxy/ca-certificates/root.crt"


def _haproxy(place: Place) -> str:
    """The TLS front of haproxy.cfg, with the path in the container."""
    vip = place.cloud.layout.vip
    return (
        "global\n    daemon\n    stats socket /var/lib/kolla/haproxy/haproxy.sock group kolla mode 660\n\n"
        "frontend horizon_external_front\n    mode http\n"
        f"    bind {vip}:8443 ssl crt /etc/haproxy/haproxy.pem\n    default_backend horizon_external_back\n"
    )


def _front_certificate(place: Place) -> str:
    return place.cloud.secrets.authority.file(front_names(place.cloud)[0])


_BALANCING: dict[str, Callable[[Place], str]] = {
    HAPROXY_CONFIG: _haproxy,
    HAPROXY_PEM: _front_certificate,
    HAPROXY_CA: lambda place: place.cloud.secrets.authority.pem,
}
"""What only root may read, on the load balancers."""
_STORING: dict[str, Callable[[Place], str]] = {cinder_files.CONFIG: cinder_files.content}
"""The same, where a volume service runs."""
_FILES: dict[str, Callable[[Place], str]] = {
    "/proc/loadavg": _loadavg,
    "/proc/meminfo": _meminfo,
    "/proc/uptime": _uptime,
    "/proc/cpuinfo": _cpuinfo,
    "/proc/stat": _stat,
    "/proc/version": lambda place: f"Linux version {place.host.kernel} {kernel_version(place)}\n",
    "/proc/sys/kernel/hostname": lambda place: f"{place.host.name}\n",
    "/proc/sys/kernel/osrelease": lambda place: f"{place.host.kernel}\n",
    "/proc/sys/kernel/random/boot_id": lambda place: f"{place.host.boot_id}\n",
    "/etc/os-release": _os_release,
    "/usr/lib/os-release": _os_release,
    "/etc/hostname": lambda place: f"{place.host.name}\n",
    "/etc/hosts": _hosts,
    "/etc/machine-id": lambda place: f"{machine_id(place)}\n",
    "/etc/debian_version": lambda place: "12.8\n",
    "/etc/ceph/ceph.conf": lambda place: ceph_conf(place.cloud),
}
_SECRET: dict[str, Callable[[Place], str]] = {
    KEEPALIVED_CONFIG: _keepalived,
    "/etc/shadow": lambda place: "root:*:19700:0:99999:7:::\nkolla:!:19700:0:99999:7:::\n",
}
"""What only root may read."""
