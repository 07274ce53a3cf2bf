"""systemd units and uwsgi files of OpenStack's services, as they are on a real cloud.

Everything runs from the lab's environment (read-only in the hosts) and logs to journald. The APIs are uwsgi, one
process with few threads each; all else are the services' own programs with one worker.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from runbooks.lab.lab import Lab
from runbooks.lab.machine import Machine

LOG_FORMAT = '%(method) %(uri) "%(proto)" %(status) %(rsize) bytes %(msecs) ms req=%(var.HTTP_X_OPENSTACK_REQUEST_ID)'


CONTROLLER = "memcached.service haproxy.service keepalived.service"
"""What comes before OpenStack when a controller boots; elsewhere these units do not exist.

Not the database and the broker: they may wait for other hosts, and OpenStack's services wait for them by themselves.
"""


@dataclass(frozen=True, slots=True)
class Api:
    """One API: its unit, its port, the module that holds it, and how it finds its configuration."""

    unit: str
    title: str
    port: int
    module: str
    folder: str
    """Its folder in /etc."""
    environment: Mapping[str, str] = field(default_factory=dict)
    arguments: str = ""
    """Options for APIs that read them from the command line; never a program's name, or they end at once, for ever."""
    threads: int = 4

    @property
    def ini_path(self) -> str:
        """Its uwsgi file."""
        return f"/etc/{self.folder}/{self.unit}-uwsgi.ini"


def daemon(
    lab: Lab,
    title: str,
    command: str,
    *,
    environment: Mapping[str, str] | None = None,
    after: str = CONTROLLER,
    leave_children: bool = False,
    stop_seconds: int = 10,
) -> str:
    """The unit of a program of the environment that runs as root and is started again when it ends.

    `leave_children` is for agents whose dnsmasq, haproxy and keepalived must outlive them.
    """
    settings = {
        "PATH": f"{lab.venv}/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "PYTHONDONTWRITEBYTECODE": "1",
        "MALLOC_ARENA_MAX": "1",  # many threads that mostly wait: arenas of their own only cost memory
        **(environment or {}),
    }
    lines = [
        "[Unit]",
        f"Description={title}",
        f"After={after}",
        "",
        "[Service]",
        "Type=exec",
        *(f'Environment="{name}={value}"' for name, value in settings.items()),
        f"ExecStart={lab.venv}/bin/{command}",
        "Restart=always",
        "RestartSec=5",
        f"TimeoutStopSec={stop_seconds}",
        f"KillMode={'process' if leave_children else 'mixed'}",
        "LimitNOFILE=16384",
        "",
        "[Install]",
        "WantedBy=multi-user.target",
    ]
    return "\n".join(lines) + "\n"


def install_daemon(lab: Lab, machine: Machine, unit: str, title: str, config: str) -> None:
    """Write the unit of a program that is called like it on a host, and let it start whenever the host boots."""
    machine.unit(unit, daemon(lab, title, f"{unit} --config-file {config}"))
    machine.enable(unit)


def uwsgi(lab: Lab, api: Api, address: str) -> str:
    """The uwsgi file of an API that listens on this address."""
    values = {
        "http-socket": f"{address}:{api.port}",
        "module": f"{api.module}:application",
        "virtualenv": str(lab.venv),
        "master": "true",
        "processes": "1",
        "threads": str(api.threads),
        "enable-threads": "true",
        "lazy-apps": "true",
        "need-app": "true",
        "die-on-term": "true",
        "buffer-size": "65535",
        "add-header": "Connection: close",
        "procname-prefix": f"{api.unit} ",
        "log-format": LOG_FORMAT,
    }
    if api.arguments:
        values["pyargv"] = api.arguments
    return "[uwsgi]\n" + "".join(f"{name} = {value}\n" for name, value in values.items())


def install_api(lab: Lab, machine: Machine, api: Api) -> None:
    """Write an API's uwsgi file and unit on a host, and let it start whenever the host boots."""
    machine.write(api.ini_path, uwsgi(lab, api, machine.address))
    machine.unit(api.unit, daemon(lab, api.title, f"uwsgi --ini {api.ini_path}", environment=api.environment))
    machine.enable(api.unit)


def start_api(machine: Machine, api: Api, seconds: float = 120) -> None:
    """Start an API and wait until its port is open."""
    machine.start(api.unit)
    machine.wait_port(api.port, seconds)
