"""Nova's notifications, in both formats, when something happens to a server or a service: sent to whoever listens.

They go the way of oslo.messaging: in its envelope, to the exchange `nova`, by topic and severity. Without a broker that
takes messages they are lost, as in life.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from runbooks.simulator.model import notification_payloads as payloads
from runbooks.simulator.model.actions import Action, Event
from runbooks.simulator.model.guests import Message
from runbooks.simulator.model.services import Service

if TYPE_CHECKING:
    from runbooks.simulator.model.cloud import Cloud

EXCHANGE = "nova"
CALLED = {
    "create": "create",
    "delete": "delete",
    "start": "power_on",
    "stop": "power_off",
    "reboot": "reboot",
    "pause": "pause",
    "unpause": "unpause",
    "suspend": "suspend",
    "resume": "resume",
    "rescue": "rescue",
    "unrescue": "unrescue",
    "shelve": "shelve",
    "unshelve": "unshelve",
    "rebuild": "rebuild",
}
"""Action → what its notifications call it."""


def of_action(cloud: Cloud, action: Action, event: Event, at: float) -> None:
    """A step of an action has begun or ended on a compute host."""
    word = CALLED.get(action.action)
    server = cloud.compute.servers.get(action.server_id) or cloud.compute.deleted.get(action.server_id)
    if word is None or server is None or not event.name.startswith("compute_"):
        return
    phase = "start" if event.finish is None else "error" if event.result == "Error" else "end"
    severity = "ERROR" if phase == "error" else "INFO"
    context = _context(cloud, action.user_id, action.project_id, action.request_id, at)
    old = payloads.older(cloud, server)
    if event.details:
        old |= {"code": 500, "message": event.details, "exception": event.details}
    _send(
        cloud, "notifications", severity, f"compute.instance.{word}.{phase}", f"compute.{event.host}", old, context, at
    )
    new = payloads.versioned(cloud, server, action.request_id, event.details)
    _send(
        *(cloud, "versioned_notifications", severity, f"instance.{word}.{phase}", f"nova-compute:{event.host}"),
        *(new, context, at),
    )


def of_service(cloud: Cloud, service: Service, user_id: str, project_id: str, request_id: str) -> None:
    """A service was enabled, disabled or forced down: only in the newer format."""
    now = cloud.now()
    payload = payloads.of_service(service, cloud.compute.services.heartbeat(service, now))
    publisher = f"{service.binary}:{service.host}"
    context = _context(cloud, user_id, project_id, request_id, now)
    _send(cloud, "versioned_notifications", "INFO", "service.update", publisher, payload, context, now)


def _send(
    cloud: Cloud,
    topic: str,
    severity: str,
    event_type: str,
    publisher: str,
    payload: dict[str, Any],
    context: dict[str, Any],
    at: float,
) -> None:
    if not cloud.rabbitmq.serving():
        return
    message = {
        "message_id": str(uuid4()),
        "publisher_id": publisher,
        "event_type": event_type,
        "priority": severity,
        "payload": payload,
        "timestamp": payloads.moment(at, "%Y-%m-%d %H:%M:%S.%f"),
        "_unique_id": uuid4().hex,
        **context,
    }
    body = json.dumps({"oslo.version": "2.0", "oslo.message": json.dumps(message)}).encode()
    cloud.rabbitmq.guests.publish(Message(EXCHANGE, f"{topic}.{severity.lower()}", body))


def _context(cloud: Cloud, user_id: str, project_id: str, request_id: str, at: float) -> dict[str, Any]:
    """The request's context as oslo.messaging flattens it; the token is what a listener must not keep."""
    found = {
        "user": user_id,
        "project_id": project_id,
        "system_scope": None,
        "project": project_id,
        "domain": None,
        "user_domain": "default",
        "project_domain": "default",
        "is_admin": True,
        "read_only": False,
        "show_deleted": False,
        "auth_token": f"gAAAAA{cloud.seed.hex('notified token', request_id)}",
        "request_id": request_id,
        "global_request_id": None,
        "resource_uuid": None,
        "roles": ["reader", "admin", "member", "manager"],
        "user_identity": f"{user_id} {project_id} - default default",
        "is_admin_project": True,
        "user_id": user_id,
        "read_deleted": "no",
        "remote_address": None,
        "timestamp": payloads.moment(at, "%Y-%m-%dT%H:%M:%S.%f"),
        "quota_class": None,
        "user_name": cloud.identity.user_name(user_id),
        "service_catalog": [],
        "project_name": None,
    }
    return {f"_context_{name}": value for name, value in found.items()}
