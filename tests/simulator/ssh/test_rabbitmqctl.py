"""rabbitmqctl: what a real 3.10.8 says (recorded in the lab), and what its commands do to the cluster."""

from __future__ import annotations

import pytest

from runbooks.simulator.model.cloud import Cloud
from tests.simulator.ssh.conftest import Run

NOT_RUNNING = (
    "Error: this command requires the 'rabbit' app to be running on the target node. Start it with 'rabbitmqctl"
)


def later(cloud: Cloud, seconds: float = 30) -> None:
    cloud.clock.advance(seconds)
    cloud.catch_up()


@pytest.mark.parametrize(
    ("line", "out"),
    [
        ("set_vm_memory_high_watermark absolute 512000001", "Setting memory threshold on {} to 512000001 bytes ...\n"),
        ("set_disk_free_limit 200000001", "Setting disk free limit on {} to 200000001 bytes ...\n"),
        ("-q set_disk_free_limit 200000001", ""),
        ("stop_app", "Stopping rabbit application on node {} ...\n"),
        ("start_app", "Starting node {} ...\n"),
    ],
)
def test_what_it_says(run: Run, line: str, out: str) -> None:
    found = run(f"sudo rabbitmqctl {line}")
    assert (found.status, found.out) == (0, out.format("rabbit@ctl01"))


@pytest.mark.parametrize(
    ("line", "status", "begins"),
    [
        ("set_disk_free_limit abc", 65, "Error (argument validation): Bad argument.\nArguments given:\n\tset_disk_fr"),
        ("set_vm_memory_high_watermark absolute", 64, "Error (argument validation): not enough arguments.\nArgume"),
        ("no_such", 64, "\nCommand 'no_such' not found. \n"),
        ("forget_cluster_node rabbit@no", 69, "Error:\n{:not_a_cluster_node, 'The node selected is not in the clus"),
        ("force_reset", 64, "Error: this command requires the 'rabbit' app to be stopped on the target node. Stop it"),
        ("forget_cluster_node rabbit@ctl02", 69, "Error: RabbitMQ on node rabbit@ctl02 must be stopped with"),
    ],
)
def test_how_it_refuses(run: Run, line: str, status: int, begins: str) -> None:
    found = run(f"sudo rabbitmqctl {line}")
    assert found.status == status
    assert found.err.startswith(begins)


def test_limits_want_the_application(run: Run) -> None:
    run("sudo rabbitmqctl stop_app")
    found = run("sudo rabbitmqctl set_disk_free_limit 5")
    assert (found.status, found.err.startswith(NOT_RUNNING)) == (64, True)


def test_a_node_leaves_and_joins(run: Run, cloud: Cloud) -> None:
    rabbitmq = cloud.rabbitmq
    run("sudo rabbitmqctl stop_app")
    rabbitmq.nodes["ctl01"].member = False  # another node has forgotten it
    assert list(rabbitmq.members("ctl02")) == ["ctl02", "ctl03"]
    found = run("sudo rabbitmqctl start_app")
    assert (found.status, "inconsistent_cluster" in found.err) == (69, True)
    assert run("sudo rabbitmqctl reset").status == 0
    assert run("sudo rabbitmqctl join_cluster rabbit@ctl02").out == "Clustering node rabbit@ctl01 with rabbit@ctl02\n"
    run("sudo rabbitmqctl start_app")
    later(cloud)
    assert rabbitmq.running("ctl02") == ["ctl01", "ctl02", "ctl03"]


def test_in_maintenance_it_takes_nobody(run: Run, cloud: Cloud) -> None:
    assert "maintenance mode" in run("sudo rabbitmq-upgrade drain").out
    assert not cloud.rabbitmq.takes_clients("ctl01")
    assert cloud.rabbitmq.running("ctl02") == ["ctl01", "ctl02", "ctl03"]
    run("sudo rabbitmq-upgrade revive")
    assert cloud.rabbitmq.takes_clients("ctl01")


def test_limits_are_forgotten_by_a_start(run: Run, cloud: Cloud) -> None:
    run("sudo rabbitmqctl set_vm_memory_high_watermark absolute 1MiB")
    assert cloud.rabbitmq.alarms() == [("rabbit@ctl01", "memory")]
    run("sudo docker stop rabbitmq; sudo docker start rabbitmq")
    later(cloud)
    assert cloud.rabbitmq.alarms() == []
    assert cloud.rabbitmq.nodes["ctl01"].memory_limit is None


def test_replicas_of_a_quorum_queue_come_and_go(run: Run, cloud: Cloud) -> None:
    queue, rabbitmq = "notifications.info", cloud.rabbitmq
    gone = run(f"sudo rabbitmq-queues delete_member --vhost / {queue} rabbit@ctl03")
    assert (gone.status, gone.out) == (0, f"Removing a replica of queue {queue} on node rabbit@ctl03...\n")
    assert rabbitmq.replicas(queue) == ["ctl01", "ctl02"]
    assert run(f"sudo rabbitmq-queues -q delete_member {queue} rabbit@ctl03").status == 0, "nothing is done twice"
    there = run(f"sudo rabbitmq-queues add_member -p / {queue} rabbit@ctl03")
    assert (there.status, there.out) == (0, f"Adding a replica for queue {queue} on node rabbit@ctl03...\n")
    assert rabbitmq.replicas(queue) == ["ctl01", "ctl02", "ctl03"]
    for host in ("ctl02", "ctl03"):
        run(f"sudo rabbitmq-queues delete_member {queue} rabbit@{host}")
    assert run(f"sudo rabbitmq-queues delete_member {queue} rabbit@ctl01").err.startswith("Error:\nlast_node")


@pytest.mark.parametrize(
    ("line", "status", "words"),
    [
        ("add_member notifications.info rabbit@ctl09", 69, "node_not_running"),
        ("add_member compute rabbit@ctl02", 69, "Cannot add members to a classic queue"),
        ("delete_member nobodys rabbit@ctl02", 69, '{:not_found, :queue, "/", "nobodys"}'),
        ("delete_member --vhost / notifications.info", 64, "not enough arguments"),
    ],
)
def test_replicas_are_refused_in_its_words(run: Run, line: str, status: int, words: str) -> None:
    found = run(f"sudo rabbitmq-queues {line}")
    assert (found.status, words in found.err) == (status, True), found.err


def test_without_a_majority_nobody_agrees(run: Run, cloud: Cloud) -> None:
    for host in ("ctl02", "ctl03"):
        cloud.hosts.set_unit(host, "rabbitmq", "stopped", cloud.now())
    cloud.rabbitmq.handling = "ignore"
    cloud.settle()
    later(cloud)
    found = run("sudo rabbitmq-queues delete_member notifications.info rabbit@ctl03")
    assert (found.status, "timeout" in found.err) == (69, True), found.err
