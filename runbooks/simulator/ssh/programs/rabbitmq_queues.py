"""rabbitmq-queues, version 3.10.8: which nodes have a replica of a quorum queue. Both commands do nothing twice."""

from __future__ import annotations

from runbooks.simulator.ssh.programs.rabbitmqctl import Ask, command


@command("add_member", "[--vhost <vhost>] <queue> <node>", by="rabbitmq-queues")
def _add_member(ask: Ask) -> int:
    name, node = ask.words[0], ask.words[1]
    ask.say(f"Adding a replica for queue {name} on node {node}...")
    if refused := _no_quorum_queue(ask, name):
        return refused
    host, replicas = node.partition("@")[2], ask.rabbitmq.replicas(name)
    if host not in ask.rabbitmq.running(ask.node.host):
        return ask.refuse("node_not_running")
    return _replicate(ask, name, [*replicas, *([] if host in replicas else [host])])


@command("delete_member", "[--vhost <vhost>] <queue> <node>", by="rabbitmq-queues")
def _delete_member(ask: Ask) -> int:
    name, node = ask.words[0], ask.words[1]
    ask.say(f"Removing a replica of queue {name} on node {node}...")
    if refused := _no_quorum_queue(ask, name):
        return refused
    replicas = ask.rabbitmq.replicas(name)
    left = [host for host in replicas if f"rabbit@{host}" != node]
    return _replicate(ask, name, left) if left else ask.refuse("last_node")


def _no_quorum_queue(ask: Ask, name: str) -> int:
    """0 when it is one; both commands speak of adding where it is not."""
    queue = next((each for each in ask.rabbitmq.messaging.queues() if each.name == name), None)
    if queue is None:
        return ask.refuse(f'{{:not_found, :queue, "/", "{name}"}}')
    return 0 if queue.shape == "quorum" else ask.refuse("Cannot add members to a classic queue")


def _replicate(ask: Ask, name: str, hosts: list[str]) -> int:
    """Changing who has replicas is agreed upon by a majority of those that have one; what is so already is done."""
    replicas, running = ask.rabbitmq.replicas(name), set(ask.rabbitmq.running(ask.node.host))
    if set(hosts) == set(replicas):
        return 0
    if 2 * len(running & set(replicas)) <= len(replicas):
        return ask.refuse("timeout")
    ask.rabbitmq.moved[name] = tuple(hosts)
    return 0
