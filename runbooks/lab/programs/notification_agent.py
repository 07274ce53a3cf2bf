"""Reads the notifications of all services and says one line for each: what metering does on a cloud.

Without a reader, notifications pile up in the broker. Run as `notification_agent.py CONFIG_FILE`.
"""

from __future__ import annotations

import sys
import time
from typing import Any

import oslo_messaging
from oslo_config import cfg

EXCHANGES = ("nova", "neutron", "glance", "cinder", "keystone", "openstack")
TOPICS = ("notifications", "versioned_notifications")


class Journal:
    """An endpoint that prints; nothing of a payload but ids, because some carry tokens."""

    def info(self, context: Any, publisher: str, event: str, payload: Any, metadata: Any) -> None:
        """A notification of priority info."""
        print(event, publisher, _id_of(payload), flush=True)

    audit = debug = warn = error = critical = info


def _id_of(payload: Any) -> str:
    """The id of what it is about, where it has one at the usual places."""
    data = payload.get("nova_object.data", payload) if isinstance(payload, dict) else {}
    for name in ("uuid", "instance_id", "volume_id", "resource_info", "id"):
        if isinstance(data.get(name), str):
            return str(data[name])
    return "-"


def main(path: str) -> None:
    """Listen until killed."""
    conf = cfg.ConfigOpts()
    conf(["--config-file", path], project="notification-agent")
    transport = oslo_messaging.get_notification_transport(conf)
    targets = [oslo_messaging.Target(topic=topic, exchange=name) for name in EXCHANGES for topic in TOPICS]
    listener = oslo_messaging.get_notification_listener(transport, targets, [Journal()], executor="threading")
    listener.start()
    while True:
        time.sleep(3600)


if __name__ == "__main__":
    main(sys.argv[1])
