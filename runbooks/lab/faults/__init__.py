"""The faults of the lab by their names in runbooks/faults.yaml. `active.Faults` is what the control socket uses."""

from __future__ import annotations

from collections.abc import Mapping

from runbooks.lab.faults import ceph_daemons, ceph_data, clock, galera, hosts, links, rabbitmq, traffic, units, vip
from runbooks.lab.faults.fault import Fault

_FILES = (units, hosts, links, traffic, clock, galera, rabbitmq, vip, ceph_daemons, ceph_data)

FAULTS: Mapping[str, Fault] = {name: fault for file in _FILES for name, fault in file.FAULTS.items()}
"""Every fault that this ground can do."""
