"""Queues: what /api/queues says about each, mirrored classic ones and quorum ones."""

from __future__ import annotations

import re
from collections.abc import Mapping

from runbooks.simulator.http.rabbitmq.ask import VHOST, Object
from runbooks.simulator.http.rabbitmq.clients import collection, consumer_object, stamp, with_queues
from runbooks.simulator.model.cloud import Cloud
from runbooks.simulator.model.messaging import INDEX, MESSAGE, Queue

_CLASSIC_ONLY = frozenset({"ha-mode", "ha-params", "ha-sync-mode", "queue-mode", "queue-master-locator"})
"""What a quorum queue cannot do: a policy that asks for it does not apply to one."""


def policy_of(known: Mapping[str, Object], queue: Queue) -> Object | None:
    """The policy that applies to a queue: of those that match and can, that of the highest priority."""
    matching = [
        policy
        for policy in known.values()
        if policy["apply-to"] in ("all", "queues")
        and (queue.shape != "quorum" or not set(policy["definition"]) & _CLASSIC_ONLY)
        and re.search(str(policy["pattern"]), queue.name)
    ]
    return max(matching, key=lambda policy: int(str(policy["priority"])), default=None)


def placed(cloud: Cloud, queue: Queue, running: list[str]) -> list[str]:
    """The nodes of a queue, its leader first: by the queue's name, among those that run.

    A replicated one is led where its leader was moved to, and by no node in maintenance where another one can.
    """
    rabbitmq = cloud.rabbitmq
    if (only := rabbitmq.messaging.forgotten.get(queue.name)) is not None:
        return [host for host in running if host == only]
    hosts = list(rabbitmq.members())
    if queue.shape == "quorum":
        hosts = [host for host in rabbitmq.replicas(queue.name) if host in hosts] or hosts
    first = cloud.seed.number(len(rabbitmq.nodes), "leader", queue.name) % len(hosts)
    order = hosts[first:] + hosts[:first]
    if replicated(cloud, queue):
        order.sort(key=lambda host: (rabbitmq.nodes[host].drained, host != rabbitmq.led_by.get(queue.name)))
    return [host for host in order if host in running]


def replicated(cloud: Cloud, queue: Queue) -> bool:
    """A quorum queue, or a mirrored one: any of the nodes can lead it."""
    if queue.shape == "quorum":
        return True
    policy = policy_of(cloud.rabbitmq.policies, queue)
    return policy is not None and "ha-mode" in policy["definition"]


def rebalance(cloud: Cloud) -> None:
    """Move leaders of replicated queues from nodes that lead more than their share to the one that leads least."""
    rabbitmq = cloud.rabbitmq
    able = [host for host in rabbitmq.members() if rabbitmq.takes_clients(host)]
    led: dict[str, list[str]] = {host: [] for host in able}
    for queue in rabbitmq.messaging.queues():
        if replicated(cloud, queue) and (nodes := placed(cloud, queue, able)):
            led[nodes[0]].append(queue.name)
    share = -(-sum(map(len, led.values())) // max(len(able), 1))
    for names in led.values():
        while len(names) > share:
            least = min(able, key=lambda host: len(led[host]))
            rabbitmq.led_by[names[-1]] = least
            led[least].append(names.pop())


def _stats(queue: Queue, count: int, published: float, *, consumed: bool) -> Object:
    names = ["publish"]
    if consumed:
        names = [
            "ack",
            "deliver",
            "deliver_get",
            "deliver_no_ack",
            "get",
            "get_empty",
            "get_no_ack",
            "publish",
            "redeliver",
        ]
    found: Object = {}
    for name in names:
        moves = name in ("ack", "deliver", "deliver_get", "publish")
        found[name] = count if moves else 0
        found[f"{name}_details"] = {"rate": round(published, 1) if moves else 0.0}
    return found


def queue_object(cloud: Cloud, queue: Queue, seen_from: str) -> Object:
    """One of /api/queues."""
    messaging, now = cloud.rabbitmq.messaging, cloud.now()
    running = cloud.rabbitmq.running(seen_from)
    nodes = placed(cloud, queue, running) or running
    consumers = len(messaging.consumers(queue))
    ready = messaging.messages(queue.name)
    flowing = not cloud.rabbitmq.alarms()
    published = queue.rate if flowing else 0.0
    age = now - min((node.started for node in cloud.rabbitmq.nodes.values()), default=now)
    count = int(queue.rate * age)
    lonely = messaging.lonely(queue.name)
    idle = lonely if lonely is not None and not ready else None
    if queue.rate < 0.1 and idle is None and consumers:
        period = 1 / queue.rate
        idle = now - (now + cloud.seed.number(997, "idle", queue.name)) % period
    common: Object = {
        "arguments": {"x-expires": 1800000} if queue.expires else {},
        "auto_delete": False,
        "consumer_capacity": 1.0 if consumers else 0,
        "consumer_utilisation": 1.0 if consumers else 0,
        "consumers": consumers,
        "durable": queue.shape == "quorum",
        "exclusive": False,
        "garbage_collection": collection(14),
        "memory": 13480 + ready * INDEX,
        "message_bytes": ready * MESSAGE,
        "message_bytes_persistent": 0,
        "message_bytes_ram": ready * MESSAGE,
        "message_bytes_ready": ready * MESSAGE,
        "message_bytes_unacknowledged": 0,
        "messages": ready,
        "messages_details": {"rate": round(0.0 if consumers else published, 1)},
        "messages_persistent": 0,
        "messages_ram": ready,
        "messages_ready": ready,
        "messages_ready_details": {"rate": round(0.0 if consumers else published, 1)},
        "messages_unacknowledged": 0,
        "messages_unacknowledged_details": {"rate": 0.0},
        "name": queue.name,
        "node": f"rabbit@{nodes[0]}",
        **_policies(cloud, queue),
        "reductions": 12757 + count * 900,
        "reductions_details": {"rate": round(published * 900, 1)},
        "state": "running",
        "type": "classic",
        "vhost": VHOST,
    }
    if count or ready:
        common["message_stats"] = _stats(queue, count, published, consumed=bool(consumers))
    if idle is not None:
        common["idle_since"] = stamp(idle)
    special = _quorum(cloud, queue, nodes) if queue.shape == "quorum" else _classic(cloud, queue, nodes, ready, count)
    return dict(sorted({**common, **special}.items()))


def _policies(cloud: Cloud, queue: Queue) -> Object:
    """Which policies apply, and what they come to: an operator's limits can only tighten."""
    policy = policy_of(cloud.rabbitmq.policies, queue)
    operator = policy_of(cloud.rabbitmq.operator_policies, queue)
    effective: Object = dict(policy["definition"]) if policy is not None else {}
    for name, limit in (operator["definition"] if operator is not None else {}).items():
        both = isinstance(limit, int) and isinstance(effective.get(name), int)
        effective[name] = min(limit, effective[name]) if both else limit
    return {
        "effective_policy_definition": effective,
        "operator_policy": operator["name"] if operator is not None else None,
        "policy": policy["name"] if policy is not None else None,
    }


def _quorum(cloud: Cloud, queue: Queue, nodes: list[str]) -> Object:
    hosts = cloud.rabbitmq.replicas(queue.name)
    return {
        "arguments": {"x-queue-type": "quorum"},
        "leader": f"rabbit@{nodes[0]}",
        "members": [f"rabbit@{host}" for host in hosts],
        "message_bytes_dlx": 0,
        "messages_dlx": 0,
        "online": [f"rabbit@{host}" for host in hosts if host in nodes],
        "open_files": {f"rabbit@{host}": 0 for host in hosts if host in nodes},
        "single_active_consumer_ctag": None,
        "type": "quorum",
    }


def _classic(cloud: Cloud, queue: Queue, nodes: list[str], ready: int, count: int) -> Object:
    mirrored = replicated(cloud, queue)
    backing: Object = {
        "avg_ack_egress_rate": 0.0,
        "avg_ack_ingress_rate": 0.0,
        "avg_egress_rate": 0.0,
        "avg_ingress_rate": round(queue.rate, 6),
        "delta": ["delta", "undefined", 0, 0, "undefined"],
        "len": ready,
        "mode": "default",
        "next_deliver_seq_id": count,
        "next_seq_id": count + ready,
        "q1": 0,
        "q2": 0,
        "q3": 0,
        "q4": ready,
        "target_ram_count": "infinity",
        "version": 1,
    }
    if mirrored:
        backing |= {"mirror_seen": 0, "mirror_senders": 1}
    found: Object = {
        "backing_queue_status": dict(sorted(backing.items())),
        "exclusive_consumer_tag": None,
        "head_message_timestamp": None,
        "message_bytes_paged_out": 0,
        "messages_paged_out": 0,
        "messages_ready_ram": ready,
        "messages_unacknowledged_ram": 0,
        "recoverable_slaves": None,
        "single_active_consumer_tag": None,
    }
    if mirrored:
        slaves = [f"rabbit@{host}" for host in reversed(nodes[1:])]
        everyone = [f"rabbit@{host}" for host in reversed(list(cloud.rabbitmq.members())) if host != nodes[0]]
        found |= {"slave_nodes": slaves, "synchronised_slave_nodes": slaves, "recoverable_slaves": everyone}
    return found


def detailed(cloud: Cloud, queue: Queue, seen_from: str) -> Object:
    """One of /api/queues/VHOST/NAME: also who consumes."""
    consumers = [
        consumer_object(connection, queue, tag)
        for connection, queues in with_queues(cloud)
        for tag, found in enumerate(queues, 1)
        if found.name == queue.name
    ]
    return {"consumer_details": consumers, **queue_object(cloud, queue, seen_from), "deliveries": [], "incoming": []}


_BASIC = ("arguments", "auto_delete", "durable", "exclusive", "leader", "members", "name", "node", "online", "policy")
_TOTALS = ("messages", "messages_ready", "messages_unacknowledged")
_ALWAYS = ("slave_nodes", "state", "synchronised_slave_nodes", "type", "vhost")


def without_stats(found: Object, *, totals: bool) -> Object:
    """A queue as `disable_stats=true` shows it, with or without message counts."""
    keep = {*_BASIC, *_ALWAYS, *(_TOTALS if totals else ())}
    return {key: value for key, value in found.items() if key in keep and not (key == "policy" and value is None)}
