"""broker-alarm.explain: it names what fills a broker on a cloud whose faults have a cause, and survives what is odd."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from msgspec.structs import replace

from collectors.errors import Unreachable
from runbooks.broker_disk import disk
from runbooks.broker_fill import descriptors, memory
from runbooks.operation import Asked
from runbooks.plan import Plan
from runbooks.registry import operation
from tests.runbooks.scenario import Fault, Passed
from tests.runbooks.trial import Trial

EXPLAIN = operation("broker-alarm.explain")
GIB = 1 << 30
DUMP = "volumes/mariadb_backup/_data/before-upgrade.sql"


def answer(plan: Plan) -> str:
    return "\n".join(plan.parts[0].answer)


def test_a_full_disk_is_told_with_the_file_that_fills_it(trial: Trial) -> None:
    """And who removes that file has mended it: publishers go on."""
    trial.prepare((Fault("rabbitmq-disk-alarm", {"host": "ctl01"}), Passed(10)))
    plan, outcome = trial.do(EXPLAIN, ("rabbit@ctl01/disk",), {})
    assert not plan.closed
    assert (outcome.result, outcome.parts[0].shown) == ("done", answer(plan))
    told = plan.parts[0].answer
    assert told[0].endswith("must be free: publishers are blocked")
    assert told[1].endswith("used on ctl01, /var/lib/docker (/dev/sdb1, ext4):")
    assert any(line.endswith("volumes/rabbitmq/_data: RabbitMQ's own") for line in told)
    fullest = max((line for line in told if "%  " in line), key=lambda line: int(line.partition(" %")[0].split()[-1]))
    assert fullest.endswith(DUMP)
    assert f"  {DUMP}: whose is it? move it away or remove it" in told
    assert "  it is not RabbitMQ that fills it: to purge queues makes no room" in told
    assert "du -axk --threshold=100M /var/lib/docker" in plan.parts[0].stages[0].steps[0].command
    assert trial.by_hand([f"ssh ctl01 sudo rm /var/lib/docker/{DUMP}"])[0] == 0
    assert trial.row("broker-alarms", "rabbit@ctl01/disk")["alarm"] is False


def test_a_full_memory_is_told_with_the_queue_that_fills_it(trial: Trial) -> None:
    """And to purge it, as it is told, ends the alarm."""
    trial.prepare((Fault("rabbitmq-memory-alarm", {"host": "ctl02"}), Passed(10)))
    plan, _ = trial.do(EXPLAIN, ("rabbit@ctl02/memory",), {})
    told = answer(plan)
    assert "bodies of messages (binary)" in told
    assert "notifications.sample: " in told
    assert "queue.purge notifications.sample: nobody reads these notifications" in told
    _, outcome = trial.do(operation("queue.purge"), ("notifications.sample",), {})
    assert outcome.result == "done", outcome.words
    assert trial.row("broker-alarms", "rabbit@ctl02/memory")["alarm"] is False


def test_without_ssh_the_api_tells_what_it_knows(trial: Trial) -> None:
    trial.prepare((Fault("rabbitmq-disk-alarm", {"host": "ctl01"}), Passed(10)))
    trial.doing.connections.site = replace(trial.doing.connections.site, hosts={})
    plan = trial.plan(EXPLAIN, ("rabbit@ctl01/disk",), {})
    assert not plan.closed
    told = answer(plan)
    assert "must be free: publishers are blocked" in told
    assert "its disk: not read: " in told
    assert "queues with most on disk: " in told
    assert "look at the file systems of ctl01 by hand: `ssh ctl01 " in told


def test_who_only_watches_may_ask(trial: Trial) -> None:
    site = trial.doing.connections.site
    assert site.rabbitmq is not None
    watched = replace(site, rabbitmq=replace(site.rabbitmq, admin=None), protection="read-only")
    trial.doing.connections.site = watched
    assert not trial.plan(EXPLAIN, ("rabbit@ctl01/memory",), {}).closed
    closed = trial.plan(operation("broker-alarm.set-limit"), ("rabbit@ctl01/memory",), {"limit": "90GiB"}).closed
    assert "read-only" in {guard.name for guard in closed}


def test_the_clients_of_each_node_are_told(trial: Trial) -> None:
    plan = trial.plan(EXPLAIN, ("resource=file-descriptors", "node=rabbit@ctl0*"), {})
    assert [part.name for part in plan.parts] == ["rabbit@ctl01", "rabbit@ctl02", "rabbit@ctl03"]
    assert not plan.closed
    assert all("connections to it:" in part.answer for part in plan.parts)


def test_an_explanation_changes_no_hash(trial: Trial) -> None:
    plan = trial.plan(EXPLAIN, ("rabbit@ctl01/memory",), {})
    part = replace(plan.parts[0], answer=("something else",))
    assert replace(plan, parts=(part,)).hash == plan.hash


# -- odd answers ------------------------------------------------------------------------------------------------------


class Told:
    """A cloud of which only some kinds can be read; `rows` by kind, or what is raised."""

    def __init__(self, rows: Mapping[str, Sequence[Any] | Exception], ssh: bool = True) -> None:
        self._rows, self._ssh = rows, ssh

    def can_ask(self, kind: str) -> bool:
        return self._ssh

    def snapshot(self, kind: str, **more: str) -> Any:
        return SimpleNamespace(rows=self.rows(kind, **more), errors=[])

    def rows(self, kind: str, parent: str = "", target: str = "", **equal: Any) -> list[Any]:
        found = self._rows.get(f"{kind} {parent}".strip(), [])
        if isinstance(found, Exception):
            raise found
        return [row for row in found if all(getattr(row, name) == value for name, value in equal.items())]


def asked(resource: str, rows: Mapping[str, Sequence[Any] | Exception], **more: Any) -> Asked:
    row = SimpleNamespace(
        **{"node": "rabbit@ctl01", "host": "ctl01", "resource": resource, "used": 90 * GIB, "limit": 80 * GIB,
           "alarm": True, "share": 110.0} | more
    )  # fmt: skip
    cloud: Any = Told(rows)
    return Asked(row, f"rabbit@ctl01/{resource}", "rabbit@ctl01", {}, cloud, 0.0)


def queue(name: str, **more: Any) -> Any:
    fields = {"type": "classic", "node": "rabbit@ctl01", "members": None, "memory": 0, "message_bytes": None,
              "bytes_on_disk": None, "messages": None, "consumers": None, "role": "rpc"}  # fmt: skip
    return SimpleNamespace(**fields | {"name": name} | more)


def part(category: str, size: int | None) -> Any:
    return SimpleNamespace(category=category, holds=category, bytes=size)


MEMORY = "broker-memory-parts rabbit@ctl01"


def test_nothing_can_be_read() -> None:
    gone = Unreachable("rabbitmq ctl01", "no route to host")
    told = list(memory(asked("memory", {MEMORY: gone, "queues": gone, "broker-alarms": gone}, used=None, limit=None)))
    assert told[0] == "rabbit@ctl01 does not say how much memory it uses"
    assert sum("not read: rabbitmq ctl01" in line for line in told) == 2
    assert told[-1].startswith("  until then")
    told = list(descriptors(asked("file-descriptors", {"connections": gone}, used=None, alarm=None, share=None)))
    assert "RabbitMQ 4 does not" in told[0]
    assert any("connections to it: not read" in line for line in told)


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (queue("reply_1", message_bytes=60 * GIB, consumers=0, messages=5), "do not purge it"),
        (
            queue("notifications.info", message_bytes=60 * GIB, consumers=2, role="notifications"),
            "its 2 readers cannot",
        ),
        (queue("q", message_bytes=60 * GIB, consumers=0, role="notifications"), "queue.purge q: nobody reads"),
        (queue("q", memory=60 * GIB), "who reads it is not told"),
        (queue("compute", memory=60 * GIB, consumers=0), "start the service that reads it"),
        (queue("q", node="rabbit@ctl09", message_bytes=60 * GIB), "nothing stands out"),
        (queue("q", type="quorum", message_bytes=60 * GIB), "nothing stands out"),
    ],
)
def test_what_is_done_with_a_full_queue(found: Any, words: str) -> None:
    assert any(words in line for line in memory(asked("memory", {"queues": [found]})))


@pytest.mark.parametrize(
    ("category", "words"),
    [("connection_other", "connection.close"), ("allocated_unused", "slowly"), ("mgmt_db", "too many queues")],
)
def test_what_is_done_about_other_memory(category: str, words: str) -> None:
    told = list(memory(asked("memory", {MEMORY: [part(category, 50 * GIB), part("code", None), part("atom", 0)]})))
    assert any(words in line for line in told)
    assert sum("%  " in line for line in told) == 1, "what holds nothing is not told"


@pytest.mark.parametrize(
    ("resource", "limit", "other", "odd"),
    [("memory", 20, 512, True), ("memory", 512, 20, False), ("memory", 512, 600, False), ("disk", 900, 50, True),
     ("disk", 50, 900, False), ("disk", 50, None, False)],
)  # fmt: skip
def test_a_limit_that_is_tighter_than_the_others(resource: str, limit: int, other: int | None, odd: bool) -> None:
    rows = [SimpleNamespace(node=f"rabbit@ctl0{n}", resource=resource, limit=size)
            for n, size in ((1, limit), (2, other))]  # fmt: skip
    answered = memory if resource == "memory" else disk
    told = list(answered(asked(resource, {"broker-alarms": rows}, limit=limit)))
    assert any("another node's" in line for line in told) is odd


FOLDER, MOUNT = "/var/lib/rabbitmq", "/var"


def on_disk(entries: Sequence[Any], used: int = 100 * GIB) -> dict[str, Any]:
    unit = SimpleNamespace(name="rabbitmq-server", engine="systemd", load="loaded", host="ctl01")
    system = entry(MOUNT, used, None, what="file-system", left=GIB)
    return {"units": [unit], f"disk-usages ctl01/{FOLDER}": [system], f"disk-usages ctl01/{MOUNT}": [system, *entries]}


def entry(path: str, size: int, own: int | None, **more: Any) -> Any:
    fields = {"what": "entry", "unseen": 0, "device": "/dev/vda", "type": "xfs", "left": None}
    return SimpleNamespace(**fields | {"path": path, "bytes": size, "own": own} | more)


def test_files_that_were_removed_and_are_still_open() -> None:
    told = list(disk(asked("disk", on_disk([entry(MOUNT, 40 * GIB, 40 * GIB)]))))
    assert any("60.0 GiB are in no folder" in line and "lsof +L1" in line for line in told)
    assert "  40.0 GiB   40 %  many small files" in told


def test_rabbitmq_itself_fills_it() -> None:
    own = entry(f"{FOLDER}/mnesia/rabbit@ctl01/quorum", 80 * GIB, 80 * GIB)
    rows = on_disk([own, entry(MOUNT, 100 * GIB, 20 * GIB)])
    rows[f"disk-usages ctl01/{FOLDER}"].append(entry(FOLDER, 80 * GIB, 0))
    rows["queues"] = [
        queue("notifications.info", type="quorum", bytes_on_disk=70 * GIB, role="notifications", consumers=0)
    ]
    told = list(disk(asked("disk", rows)))
    assert any(line.endswith("80 %  lib/rabbitmq: RabbitMQ's own") for line in told)
    assert any("queue.purge notifications.info" in line for line in told)
    assert any("it goes as its queues are emptied" in line for line in told)
    assert not any("it is not RabbitMQ" in line for line in told)


def test_it_was_not_gone_through_to_the_end() -> None:
    told = list(disk(asked("disk", on_disk([entry("/var/log", 50 * GIB, 50 * GIB)]))))
    assert any("not gone through to the end" in line for line in told)
    assert any("logs: does logrotate run" in line for line in told)
    assert not any("in no folder" in line or "it is not RabbitMQ" in line for line in told), "nobody knows"
    told = list(disk(asked("disk", on_disk([entry(MOUNT, 9 * GIB, 9 * GIB, unseen=3)]))))
    assert any("3 folders could not be looked into" in line for line in told)
    assert not any("in no folder" in line for line in told), "it may be in those"


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/var/lib/containers/storage/volumes/mariadb/_data", "the database's own"),
        ("/var/lib/containers/storage/volumes/kolla_logs/_data/nova", "does logrotate run"),
        ("/var/lib/containers/storage/volumes/x/_data/dump.sql", "whose is it?"),
        ("/var/lib/docker/containers", "log-opts"),
        ("/var/lib/docker/overlay2", "docker system df"),
        ("/var/lib/mysql/ibdata1", "the database's own"),
    ],
)
def test_what_is_known_of_a_path(path: str, words: str) -> None:
    rows = on_disk([entry(path, 90 * GIB, 90 * GIB), entry(MOUNT, 99 * GIB, 9 * GIB)])
    (line,) = [line for line in disk(asked("disk", rows)) if line.startswith(f"  {path.removeprefix('/var/')}: ")]
    assert words in line


def test_the_broker_has_a_disk_of_its_own() -> None:
    system = entry(FOLDER, 100 * GIB, None, what="file-system", left=GIB)
    segments = entry(f"{FOLDER}/mnesia/quorum", 90 * GIB, 90 * GIB)
    rows = on_disk([])
    rows[f"disk-usages ctl01/{FOLDER}"] = [system, segments, entry(FOLDER, 99 * GIB, 9 * GIB)]
    told = list(disk(asked("disk", rows)))
    assert f"  99.0 GiB   99 %  {FOLDER}: RabbitMQ's own" in told
    assert "  90.0 GiB   90 %  mnesia/quorum" in told
    assert "  mnesia/quorum: RabbitMQ's own, it goes as its queues are emptied" in told


def test_a_host_that_is_not_reached_closes_nothing() -> None:
    rows: dict[str, Sequence[Any] | Exception] = {
        "units": Unreachable("ssh ctl01", "no route to host"),
        "queues": [queue("q", bytes_on_disk=GIB, consumers=1)],
    }
    told = list(disk(asked("disk", rows)))
    assert "its disk: not read: ssh ctl01: no route to host" in told
    assert any("1.0 GiB  q: messages not counted, 1 reader" in line for line in told)


def test_the_broker_has_its_data_elsewhere() -> None:
    rows = on_disk([])
    rows["rabbitmq-nodes"] = [SimpleNamespace(name="rabbit@ctl01", db_dir="/srv/mq")]
    told = list(disk(asked("disk", rows)))
    assert any("ctl01 has no /srv/mq" in line for line in told)
    assert any("by hand" in line for line in told)
