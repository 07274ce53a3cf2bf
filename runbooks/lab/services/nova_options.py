"""nova.conf of the controllers and of the computes."""

from __future__ import annotations

from runbooks.lab.lab import Lab
from runbooks.lab.machine import Machine
from runbooks.lab.services.options import (
    DOWN_TIME,
    REGION,
    REPORT_INTERVAL,
    Options,
    credentials,
    database,
    ini,
    locks,
    messaging,
    pool,
    service,
)

CONFIG = "/etc/nova/nova.conf"
STATE = "/var/lib/nova"


def _common(lab: Lab, machine: Machine) -> Options:
    return {
        "DEFAULT": {
            "host": machine.name,
            "my_ip": machine.address,
            "state_path": STATE,
            "report_interval": REPORT_INTERVAL,
            "service_down_time": DOWN_TIME,
        },
        "service_user": {"send_service_user_token": True, **credentials(lab, "nova")},
        "placement": credentials(lab, "nova"),
        "neutron": {
            **credentials(lab, "nova"),
            "service_metadata_proxy": True,
            "metadata_proxy_shared_secret": lab.secrets["metadata_proxy"],
        },
        "glance": credentials(lab, "nova"),
        "cinder": {"os_region_name": REGION, **credentials(lab, "nova")},
        "notifications": {"notification_format": "both", "notify_on_state_change": "vm_and_task_state"},
        # Nova hands out addresses and tokens; there are no screens, so no proxy runs.
        "vnc": {"novncproxy_base_url": f"http://{lab.layout.vip}:6080/vnc_lite.html"},
    }


def controller(lab: Lab, machine: Machine) -> str:
    """For the APIs, the conductor and the scheduler."""
    own: Options = {
        "DEFAULT": {"enabled_apis": "osapi_compute,metadata"},
        "api": {"auth_strategy": "keystone"},
        "api_database": {"connection": database(lab, "nova", "nova_api"), **pool()},
        "database": {"connection": database(lab, "nova"), **pool()},
        "scheduler": {"discover_hosts_in_cells_interval": 30, "workers": 1},
        "conductor": {"workers": 1},
    }
    return ini(_common(lab, machine), own, service(lab, "nova"))


def compute(lab: Lab, machine: Machine) -> str:
    """For nova-compute with the lab's driver; it knows no database."""
    own: Options = {
        "DEFAULT": {
            "compute_driver": "lab.LabDriver",
            "instances_path": f"{STATE}/instances",
            "resume_guests_state_on_host_boot": True,
            "sync_power_state_interval": 60,
            "vif_plugging_timeout": 60,
            "vif_plugging_is_fatal": True,
            "resize_confirm_window": 0,
            "reserved_host_memory_mb": 512,
        },
    }
    return ini(_common(lab, machine), own, messaging(lab), locks("nova"))
