"""Health checks: 200 `{"status": "ok"}`, else 503 with the reason."""

from __future__ import annotations

from runbooks.simulator.http.rabbitmq.ask import VHOST, Answer, Ask, Object, bad_request

_OK: Object = {"status": "ok"}
_PORTS = {"http": 15672, "http/prometheus": 15692, "clustering": 25672, "amqp": 5672}
_RESOURCE = {"memory": "memory", "disk": "disk space"}


def _failed(reason: str, **more: object) -> Answer:
    return Answer({"status": "failed", "reason": reason, **more}, 503)


def alarms(ask: Ask) -> Answer:
    """/api/health/checks/alarms: any node of the cluster."""
    found = [{"node": node, "resource": _RESOURCE[what]} for node, what in ask.rabbitmq.alarms()]
    body = {"alarms": found, "reason": "There are alarms in effect in the cluster", "status": "failed"}
    return Answer(body, 503) if found else Answer(_OK)


def local_alarms(ask: Ask) -> Answer:
    """/api/health/checks/local-alarms: only the node that is asked."""
    here = f"rabbit@{ask.host}"
    found = [{"node": node, "resource": _RESOURCE[what]} for node, what in ask.rabbitmq.alarms() if node == here]
    body = {"alarms": found, "reason": "There are alarms in effect on the node", "status": "failed"}
    return Answer(body, 503) if found else Answer(_OK)


def _stops(replicas: list[str], host: str, left: set[str]) -> bool:
    """True when a quorum queue needs its replica on `host`."""
    return host in replicas and 2 * len(left & set(replicas)) <= len(replicas)


def quorum_critical(ask: Ask) -> Answer:
    """/api/health/checks/node-is-quorum-critical: would stopping this node stop a quorum queue?"""
    nodes = ask.rabbitmq.members()
    if len(nodes) == 1:
        return Answer({"status": "ok", "reason": "single node cluster"})
    left = set(ask.rabbitmq.running(ask.host)) - {ask.host}
    queues = [
        {
            "name": queue.name,
            "readable_name": f"queue '{queue.name}' in vhost '{VHOST}'",
            "type": "quorum",
            "virtual_host": VHOST,
        }
        for queue in ask.rabbitmq.messaging.queues()
        if queue.shape == "quorum" and _stops(ask.rabbitmq.replicas(queue.name), ask.host, left)
    ]
    reason = "There are quorum queues that would lose their quorum if the target node is shut down"
    return _failed(reason, queues=queues) if queues else Answer(_OK)


def mirror_critical(ask: Ask) -> Answer:
    """/api/health/checks/node-is-mirror-sync-critical: mirrors here are always synchronised."""
    if len(ask.rabbitmq.members()) == 1:
        return Answer({"status": "ok", "reason": "single node cluster"})
    return Answer(_OK)


def fine(ask: Ask) -> Answer:
    """Checks that nothing in the model can fail."""
    return Answer(_OK)


def port_listener(ask: Ask) -> Answer:
    """/api/health/checks/port-listener/PORT."""
    if not ask.args["port"].isdigit():
        raise bad_request("Invalid port")
    port = int(ask.args["port"])
    if port in _PORTS.values():
        return Answer({"status": "ok", "port": port})
    return _failed("No active listener", missing=port, ports=list(_PORTS.values()))


def protocol_listener(ask: Ask) -> Answer:
    """/api/health/checks/protocol-listener/PROTOCOL."""
    protocol = ask.args["protocol"]
    if protocol in _PORTS:
        return Answer({"status": "ok", "protocol": protocol})
    return _failed("No active listener", missing=protocol, protocols=list(_PORTS))
