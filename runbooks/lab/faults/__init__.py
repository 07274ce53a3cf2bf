"""The faults of the lab by their names in runbooks/faults.yaml. `active.Faults` is what the control socket uses."""

from __future__ import annotations

from collections.abc import Mapping

from runbooks.lab.faults import (
    ceph_daemons,
    ceph_data,
    certificates,
    clock,
    fernet_keys,
    galera,
    galera_flow,
    heartbeats,
    hosts,
    links,
    misconfigured,
    openstack_apis,
    openstack_data,
    queues,
    rabbitmq,
    routers,
    security_groups,
    slow_answers,
    traffic,
    units,
    vip,
    virtual_network,
)
from runbooks.lab.faults.fault import Fault

_FILES = (
    units,
    hosts,
    links,
    traffic,
    clock,
    misconfigured,
    galera,
    galera_flow,
    heartbeats,
    rabbitmq,
    queues,
    vip,
    openstack_apis,
    slow_answers,
    openstack_data,
    fernet_keys,
    virtual_network,
    routers,
    security_groups,
    ceph_daemons,
    ceph_data,
    certificates,
)

FAULTS: Mapping[str, Fault] = {name: fault for file in _FILES for name, fault in file.FAULTS.items()}
"""Every fault that this ground can do."""
