"""Alertmanager on the monitoring host: groups what Prometheus' rules say, and tells nobody."""

from __future__ import annotations

from runbooks.lab.lab import Lab

PACKAGES = ("prometheus-alertmanager",)
PORT = 9093

UNIT = "prometheus-alertmanager"
FILE = "/etc/prometheus/alertmanager.yml"

CONFIGURATION = """\
route:
  receiver: nobody
  group_by: [alertname]
  group_wait: 2s
  group_interval: 10s
  repeat_interval: 1h
receivers:
  - name: nobody
inhibit_rules:
  # what runs on a dead host need not be told
  - source_matchers: [alertname = HostDown]
    target_matchers: [alertname != HostDown]
    equal: [host]
"""


def arguments(address: str) -> str:
    """The line of /etc/default that the unit reads; a cluster of one has no cluster port."""
    return f'ARGS="--web.listen-address={address}:{PORT} --cluster.listen-address="\n'


def install(lab: Lab) -> None:
    """Its files."""
    for machine in lab.with_role("monitoring"):
        machine.write(FILE, CONFIGURATION)
        machine.write(f"/etc/default/{UNIT}", arguments(machine.address))
        machine.enable(UNIT)


def start(lab: Lab) -> None:
    """Start it."""
    for machine in lab.with_role("monitoring"):
        machine.start(UNIT)
        machine.wait_port(PORT)
