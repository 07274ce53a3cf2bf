"""RabbitMQ on the three controllers: one cluster, the management API, the Prometheus metrics.

Accounts come from a definitions file with salted hashes, so no password is ever an argument of a program.
"""

from __future__ import annotations

import base64
import hashlib
import json

from runbooks.lab.lab import Lab
from runbooks.lab.machine import Machine

PACKAGES = ("rabbitmq-server",)
PORT = 5672
MANAGEMENT = 15672
UNIT = "rabbitmq-server"


def install(lab: Lab) -> None:
    """Its configuration, accounts and the cookie that the nodes know each other by."""
    nodes = [machine.name for machine in lab.control]
    for machine in lab.control:
        machine.write("/etc/rabbitmq/rabbitmq-env.conf", environment(machine.name, machine.address))
        machine.write("/etc/rabbitmq/rabbitmq.conf", config(machine.address, nodes))
        machine.write("/etc/rabbitmq/enabled_plugins", "[rabbitmq_management,rabbitmq_prometheus].\n")
        machine.write("/etc/rabbitmq/definitions.json", definitions(lab), 0o640, "root:rabbitmq")
        cookie = lab.secrets["rabbitmq_cookie"]
        machine.write("/var/lib/rabbitmq/.erlang.cookie", cookie, 0o400, "rabbitmq:rabbitmq")
        # A node's own port mapper serves; systemd's would listen on the wrong addresses.
        machine.systemctl("mask", "--quiet", "epmd.socket", "epmd.service")
        # A node that comes back before the others noticed its end can wait for them for ever: then it starts again.
        machine.unit(f"{UNIT}.service.d/lab.conf", "[Service]\nTimeoutStartSec=120\n")
        machine.enable(UNIT)


def environment(name: str, address: str) -> str:
    """rabbitmq-env.conf."""
    return f"NODENAME=rabbit@{name}\nERL_EPMD_ADDRESS={address},127.0.0.1\n"


def config(address: str, nodes: list[str]) -> str:
    """rabbitmq.conf. A lost node is noticed after 15 s rather than a minute; a minority pauses."""
    lines = [
        f"listeners.tcp.default = {address}:{PORT}",
        f"management.tcp.ip = {address}",
        f"management.tcp.port = {MANAGEMENT}",
        f"prometheus.tcp.ip = {address}",
        "prometheus.tcp.port = 15692",
        "load_definitions = /etc/rabbitmq/definitions.json",
        "log.console = true",
        "log.console.level = info",
        "log.file = false",
        "cluster_name = openstack",
        "cluster_partition_handling = pause_minority",
        "net_ticktime = 15",
        "vm_memory_high_watermark.absolute = 512MB",
        "disk_free_limit.absolute = 200MB",
        "cluster_formation.peer_discovery_backend = classic_config",
        *(f"cluster_formation.classic_config.nodes.{index} = rabbit@{node}" for index, node in enumerate(nodes, 1)),
    ]
    return "\n".join(lines) + "\n"


OWN = r"^nephoscope\."
HEARD = (
    r"^(nephoscope\..*|nova|neutron|cinder|glance|keystone|heat|openstack|ironic|octavia|designate|manila|magnum"
    r"|barbican|swift|trove|masakari|aodh|mistral|zaqar|sahara)$"
)


def definitions(lab: Lab) -> str:
    """Accounts and what they may: OpenStack's works with queues; the monitoring one sees all and hears notifications.

    For those it may make queues of its own (`nephoscope.…`) and bind them to the services' exchanges, nothing else.
    """
    found = {
        "users": [
            _user("openstack", lab.secrets["rabbitmq_openstack"], ""),
            _user("monitor", lab.secrets["rabbitmq_monitor"], "monitoring"),
            _user("operator", lab.secrets["rabbitmq_operator"], "administrator"),
        ],
        "vhosts": [{"name": "/"}],
        "permissions": [
            {"user": "openstack", "vhost": "/", "configure": ".*", "write": ".*", "read": ".*"},
            {"user": "monitor", "vhost": "/", "configure": OWN, "write": OWN, "read": HEARD},
            {"user": "operator", "vhost": "/", "configure": ".*", "write": ".*", "read": ".*"},
        ],
    }
    return json.dumps(found, indent=1) + "\n"


def _user(name: str, password: str, tags: str) -> dict[str, str]:
    return {
        "name": name,
        "password_hash": password_hash(password),
        "hashing_algorithm": "rabbit_password_hashing_sha256",
        "tags": tags,
    }


def password_hash(password: str) -> str:
    """RabbitMQ's form: four bytes of salt, SHA-256 of salt and password. The same password gives the same hash."""
    salt = hashlib.sha256(b"salt" + password.encode()).digest()[:4]
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()


def start(lab: Lab) -> None:
    """All at once, so that they find each other; then until each sees all of them."""
    lab.each(lab.control, lambda machine: machine.start(UNIT, seconds=240))
    for machine in lab.control:
        machine.wait_port(PORT)
        machine.wait_port(MANAGEMENT)
    lab.control[0].run("rabbitmqctl", "-q", "await_online_nodes", str(len(lab.control)), seconds=120)


def ctl(machine: Machine, *words: str) -> str:
    """`rabbitmqctl` on a node."""
    return machine.run("rabbitmqctl", "-q", *words, seconds=60).out
