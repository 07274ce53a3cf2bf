"""Keepalived on every controller: the virtual address is on one whose HAProxy lives.

No preemption: the address stays where it is when a better host comes back, as most clouds have it.
"""

from __future__ import annotations

import json

from runbooks.lab.lab import Lab
from runbooks.lab.machine import Machine
from runbooks.lab.shell import LabError, wait_until

PACKAGES = ("keepalived",)


def install(lab: Lab) -> None:
    """Its configuration."""
    for index, machine in enumerate(lab.control):
        machine.write("/etc/keepalived/keepalived.conf", config(machine.name, lab.layout.vip, 150 - index))
        machine.enable("keepalived")


def config(name: str, vip: str, priority: int) -> str:
    """keepalived.conf."""
    return f"""\
global_defs {{
  router_id {name}
  script_user root
  enable_script_security
}}
vrrp_script check_haproxy {{
  script "/usr/bin/systemctl -q is-active haproxy"
  interval 2
  fall 2
  rise 2
}}
vrrp_instance api {{
  state BACKUP
  nopreempt
  interface eth0
  virtual_router_id 51
  priority {priority}
  advert_int 1
  virtual_ipaddress {{
    {vip}/24 dev eth0
  }}
  track_script {{
    check_haproxy
  }}
}}
"""


def start(lab: Lab) -> None:
    """Start it, and wait until exactly one host has the address."""
    lab.each(lab.control, lambda machine: machine.start("keepalived"))
    if not wait_until(lambda: len(holders(lab)) == 1, 30):
        raise LabError(
            "the virtual address", f"is on {', '.join(holders(lab)) or 'no host'}", "journalctl -u keepalived"
        )


def holders(lab: Lab) -> list[str]:
    """The hosts that have the virtual address (more than one: split brain)."""
    return [machine.name for machine in lab.control if machine.running and has(machine, lab.layout.vip)]


def has(machine: Machine, address: str) -> bool:
    """True when the host's eth0 has the address."""
    links = json.loads(machine.run("ip", "-j", "-4", "address", "show", "dev", "eth0").out or "[]")
    return any(each.get("local") == address for link in links for each in link.get("addr_info", []))
