"""nova-compute with the lab's driver, and the unit that runs a server's programs in its namespace."""

from __future__ import annotations

from pathlib import Path

from runbooks.lab import nova_driver
from runbooks.lab.lab import Lab
from runbooks.lab.services.nova import nova_manage
from runbooks.lab.services.nova_options import CONFIG, STATE, compute
from runbooks.lab.services.units import daemon
from runbooks.lab.shell import LabError

PACKAGES: tuple[str, ...] = ("busybox", "curl", "ethtool", "iproute2")

UNIT = "nova-compute"
PROGRAMS = {"guest.sh": "/usr/local/libexec/guest", "lease.sh": "/usr/local/libexec/guest-lease"}
GUEST = """\
[Unit]
Description=Server %i
After=network.target

[Service]
NetworkNamespacePath=/run/netns/%i
EnvironmentFile=/run/guests/%i.env
RuntimeDirectory=guest-%i
ExecStart=/usr/local/libexec/guest
ExecReload=/bin/kill -HUP $MAINPID
# However it ends, a dead server does not answer.
ExecStopPost=-/sbin/ip address flush scope global
SyslogIdentifier=%i
TimeoutStopSec=3
"""


def install(lab: Lab) -> None:
    """Configuration, units, and the programs of the servers."""
    folder = Path(nova_driver.__file__).parent
    for machine in lab.with_role("compute"):
        machine.write(CONFIG, compute(lab, machine), mode=0o640)
        machine.write(f"{STATE}/tmp/.keep", "")
        for source, target in PROGRAMS.items():
            machine.write(target, (folder / source).read_text(), mode=0o755)
        machine.unit("guest@", GUEST)
        machine.unit(UNIT, daemon(lab, "OpenStack Nova compute", f"{UNIT} --config-file {CONFIG}"))
        machine.enable(UNIT)


def start(lab: Lab) -> None:
    """Start them all, and tell the cell about hosts that it does not know yet."""
    lab.each(lab.with_role("compute"), lambda machine: machine.start(UNIT))
    lab.once("nova-hosts", lambda: _discover(lab))


def _discover(lab: Lab) -> None:
    wanted = len(lab.with_role("compute"))
    first = lab.control[0]

    def registered() -> bool:
        sql = "SELECT COUNT(*) FROM nova.compute_nodes WHERE deleted = 0"
        done = first.run("mariadb", "--connect-timeout=5", "-Nse", sql, check=False)
        return done.ok and int(done.out or 0) >= wanted

    try:
        first.wait(f"{wanted} computes have registered", registered, 180)
    except LabError as error:
        said = lab.with_role("compute")[0].last_words(UNIT)
        raise LabError(error.what, said, "journalctl -u nova-compute on the computes") from error
    nova_manage(lab, "cell_v2", "discover_hosts")
