"""RabbitMQ: queues, connections, policies, alarms, nodes, membership, partitions."""

from __future__ import annotations

from tests.runbooks.scenario import Closed, Did, Fault, Passed, Scenario

UNREAD = (Fault("queue-without-consumer", {"queue": "notifications.info"}), Passed(300))
DEAD = (Fault("compute-service-dead", {"host": "cmp02"}), Passed(900))
OUT = (Fault("rabbitmq-node-out", {"host": "ctl03"}), Passed(10))
STOPPED = Did("rabbitmq-node.stop", ("rabbit@ctl03",), {"what": "app"})
FORGOTTEN = Did("rabbitmq-node.forget", ("rabbit@ctl03",))
MEMORY = (Fault("rabbitmq-memory-alarm", {"host": "ctl02"}), Passed(10))
PARTED = (Fault("rabbitmq-partition", {"host": "ctl03"}), Passed(120))
SHORTER = {"definition": '{"ha-mode":"all","max-length":5000}'}
LIMIT = {"policy": "short", "pattern": "^notifications", "definition": '{"max-length":5000}'}

QUORUM, ON = ("notifications.info",), {"node": "rabbit@ctl03"}
SHRUNK = (Did("queue.shrink", QUORUM, ON), Passed(10))

SCENARIOS = (
    Scenario(
        "queue.grow",
        QUORUM,
        ON,
        before=SHRUNK,
        closed=(
            Closed("sense", QUORUM, ON),
            Closed("sense", QUORUM, ON, (*SHRUNK, *OUT)),
            Closed("sense", ("compute.cmp01",), ON),
        ),
        restores=("members",),
    ),
    Scenario(
        "queue.shrink",
        QUORUM,
        ON,
        closed=(
            Closed("sense", QUORUM, {"node": "rabbit@ctl09"}),
            Closed("sense", ("compute.cmp01",), ON),
            Closed("replicas", QUORUM, {"node": "rabbit@ctl02"}, OUT),
        ),
        restores=("members", "replicas_online"),
    ),
    Scenario(
        "queue.purge",
        ("notifications.info",),
        before=UNREAD,
        closed=(
            Closed("notifications", ("notifications.info",)),
            Closed("notifications", ("compute.cmp02",), {"reason": "to be rid of it"}, DEAD),
        ),
    ),
    Scenario(
        "queue.delete",
        ("compute.cmp02",),
        {"reason": "cmp02 is gone for good"},
        before=(*MEMORY, *DEAD),  # with publishers blocked, nothing is sent to it
        closed=(
            Closed("sense", ("compute.cmp01",)),
            Closed("empty", ("compute.cmp02",), before=DEAD),
            Closed("quiet", ("compute.cmp02",), before=DEAD),
        ),
    ),
    Scenario("connection.close", ("program=cinder-backup",), {"reason": "hangs since the switch"}),
    Scenario("policy.set", ("ha-all",), SHORTER, closed=(Closed("sense", ("ha-all",)),), restores=("settings",)),
    Scenario("policy.delete", ("ha-all",), restores=("settings", "pattern", "priority", "apply_to")),
    Scenario(
        "rabbitmq-node.create-policy",
        ("rabbit@ctl01",),
        LIMIT,
        closed=(Closed("new", ("rabbit@ctl01",), LIMIT | {"policy": "ha-all"}),),
        restores=("running",),
    ),
    Scenario("broker-alarm.explain", ("rabbit@ctl02/memory",), before=MEMORY),
    Scenario(
        "broker-alarm.set-limit",
        ("rabbit@ctl02/memory",),
        {"limit": "90GiB"},
        closed=(
            Closed("room", ("rabbit@ctl02/memory",), {"limit": "127GiB"}, MEMORY),
            Closed("room", ("rabbit@ctl01/disk",), {"limit": "900TiB"}),
        ),
        restores=("limit",),
    ),
    Scenario(
        "rabbitmq-node.restart",
        ("rabbit@ctl02",),
        closed=(
            Closed("one-at-a-time", ("rabbit@ctl02",), before=OUT),
            Closed("quorum-kept", ("rabbit@ctl02",), before=OUT),
            Closed("replicas", ("rabbit@ctl02",), before=OUT),
            Closed("sense", ("rabbit@ctl03",), before=OUT),
        ),
    ),
    Scenario(
        "rabbitmq-node.stop",
        ("rabbit@ctl02",),
        closed=(Closed("quorum-kept", ("rabbit@ctl01", "rabbit@ctl02")),),
        restores=("running",),
    ),
    Scenario(
        "rabbitmq-node.start",
        ("rabbit@ctl03",),
        {"what": "app"},
        before=(STOPPED,),
        closed=(
            Closed("sense", ("rabbit@ctl01",)),
            Closed("sense", ("rabbit@ctl03",), {"what": "unit"}, (STOPPED,)),
        ),
        restores=("running",),
    ),
    Scenario(
        "rabbitmq-node.drain",
        ("rabbit@ctl02",),
        closed=(
            Closed("maintenance", ("rabbit@ctl02",), before=(Did("rabbitmq-node.drain", ("rabbit@ctl03",)),)),
            Closed("in-service", ("rabbit@ctl02",), before=(Did("rabbitmq-node.drain", ("rabbit@ctl02",)),)),
            Closed("one-at-a-time", ("rabbit@ctl02",), before=OUT),
        ),
        restores=("answers", "running"),
    ),
    Scenario(
        "rabbitmq-node.revive",
        ("rabbit@ctl02",),
        before=(Did("rabbitmq-node.drain", ("rabbit@ctl02",)),),
        closed=(Closed("drained", ("rabbit@ctl01",)),),
        restores=("running",),
    ),
    Scenario(
        "rabbitmq-node.rebalance",
        ("rabbit@ctl01",),
        closed=(Closed("sense", ("rabbit@ctl01",), before=(Did("rabbitmq-node.rebalance", ("rabbit@ctl01",)),)),),
    ),
    Scenario(
        "rabbitmq-node.forget",
        ("rabbit@ctl03",),
        before=(STOPPED,),
        closed=(Closed("stopped", ("rabbit@ctl01",)),),
        restores=("name",),
    ),
    Scenario(
        "rabbitmq-node.join",
        ("rabbit@ctl01",),
        {"node": "rabbit@ctl03"},
        before=(STOPPED, FORGOTTEN),
        closed=(Closed("outside", ("rabbit@ctl01",), {"node": "rabbit@ctl02"}),),
    ),
    Scenario(
        "rabbitmq-node.heal-partition",
        ("rabbit@ctl03",),
        before=PARTED,
        closed=(
            Closed("sense", ("rabbit@ctl01",)),
            Closed("sides", ("rabbit@ctl03",), {"loses": "rabbit@ctl09"}, PARTED),
        ),
    ),
)
