"""Queues of the message bus: purge what nobody reads, delete what nobody uses.

The messages of a purged queue are lost. In a queue of notifications without a reader that is what one wants; in one
that carries calls between services it never is: each lost call is a request that somebody waits for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from collectors.call import ManagementCall, path
from collectors.kinds.exchanges import DEFAULT
from collectors.values import age, count, size
from runbooks.expect import Expect
from runbooks.operation import Asked, Guard, Operation, Parameter, Step, Verdict, Work, is_closed, is_open, work

QUIET: Final = 600.0
"""Seconds without anything being sent, before a queue counts as unused."""


def _purge(asked: Asked) -> Work:
    row = asked.row
    return work(
        Step(
            f"purge {row.name}",
            ManagementCall("DELETE", path("queues/{}/{}/contents", row.vhost, row.name)),
            expect=Expect(
                "queues", asked.identity, f"messages_ready<{_fewer(row.messages_ready or row.messages or 0)}"
            ),
        ),
        stops="nothing; its messages are lost",
        notes=("Messages that a consumer has taken and not confirmed are not purged.",)
        if row.messages_unacknowledged
        else (),
    )


def _fewer(messages: int) -> int:
    """Fewer than so many are there only once it was purged; it changes seldom while the queue grows."""
    return int(10 ** (len(str(max(messages, 1))) - 1))


def _delete(asked: Asked) -> Work:
    row = asked.row
    where = path("queues/{}/{}", row.vhost, row.name)
    if row.type == "classic":  # the others know no conditions
        where += "?if-unused=true" + ("" if asked.values["reason"] else "&if-empty=true")
    return work(
        Step(
            f"delete {row.name}",
            ManagementCall("DELETE", where),
            expect=Expect("queues", asked.identity, absent=True),
        ),
        stops="nothing that uses it: it has no consumers",
        notes=("Its bindings go with it; what is sent to it afterwards is dropped, or returned to the sender.",),
    )


# -- guards -----------------------------------------------------------------------------------------------------------


def _carries_calls(row: Any) -> str:
    """Never to be purged, for what its name says."""
    if row.role == "reply":
        return "carries answers that a service waits for: never purge it"
    if row.role == "fanout":
        return "carries calls to a service's workers: never purge it"
    return ""


def _exchanges(asked: Asked) -> list[str]:
    """The exchanges that it is bound to, besides the default one that every queue is bound to."""
    found = asked.cloud.rows("bindings", destination=asked.row.name, vhost=asked.row.vhost)
    return sorted({row.source for row in found if row.source != DEFAULT})


def _notifications(asked: Asked) -> Verdict:
    """A notification queue that nobody reads, or one that somebody has given a reason for; calls are never lost."""
    row, reason = asked.row, asked.values["reason"].strip()
    if row.role == "notifications" and row.consumers == 0:
        return is_open(f"{row.name} carries notifications, and nobody reads it")
    if row.role != "notifications" and (exchanges := _exchanges(asked)):
        return is_closed(f"it is bound to {', '.join(exchanges[:3])}: it carries calls between services")
    if not reason:
        what = f"{row.consumers} read it" if row.role == "notifications" else "it is no queue of notifications"
        return is_closed(f"{what}: say why all the same: reason=…")
    return is_open(f"stated: {reason}")


def _content(asked: Asked) -> Verdict:
    """How much would be lost, and how old it is; it closes nothing."""
    return is_open(content(asked.row, asked.now))


def content(row: Any, now: float) -> str:
    """`19,855 messages (9.9 MB) wait, idle for 3 h`."""
    waiting = row.messages_ready if row.messages_ready is not None else row.messages
    if waiting is None:
        return "how many messages wait is not told"
    told = f"{count(waiting)} message{'' if waiting == 1 else 's'}"
    told += f" ({size(row.message_bytes)})" if row.message_bytes else ""
    if row.idle_since is not None:
        return f"{told}, idle for {age(max(now - row.idle_since, 0.0))}"
    return f"{told}, {row.publish_rate:.1f} more each second" if row.publish_rate else f"{told}, its age is not told"


def _unread(asked: Asked) -> Verdict:
    row = asked.row
    if row.consumers is None:
        return Verdict("unknown", "how many consumers it has is not told")
    if row.consumers:
        return is_closed(f"{row.consumers} consumer{'' if row.consumers == 1 else 's'} listen: stop them first")
    return is_open("nobody listens")


def _empty(asked: Asked) -> Verdict:
    waiting, reason = asked.row.messages, asked.values["reason"].strip()
    if waiting is None:
        return Verdict("unknown", "how many messages it has is not told")
    if not waiting:
        return is_open("it is empty")
    if not reason:
        return is_closed(f"{content(asked.row, asked.now)} would be lost: purge it first, or say why: reason=…")
    return is_open(f"{content(asked.row, asked.now)} will be lost; stated: {reason}")


def _quiet(asked: Asked) -> Verdict:
    """Nothing was sent to it for ten minutes: its own service sends no more either.

    That a broker has no statistics of it proves nothing: they are gone with the connection of a sender that was short,
    and with a node that was restarted. So an empty queue without them takes a reason while it may be new or in use.
    """
    row, reason = asked.row, asked.values["reason"].strip()
    if row.publish_rate:
        return is_closed(f"{row.publish_rate:.1f} messages a second are sent to it: somebody uses it")
    idle = 0.0 if row.idle_since is None else asked.now - row.idle_since
    if idle >= QUIET:
        return is_open(f"idle for {age(idle)}")
    when = f"{age(idle)} ago" if idle >= 1 else "just now"
    if row.publish_rate is not None or row.messages:
        return is_closed(f"it was used {when}: wait until it was idle for 10 min")
    if not reason:
        return is_closed(f"it was declared or used {when}: wait until it was idle for 10 min, or say why: reason=…")
    return is_open(f"the broker knows of nothing that was sent to it; stated: {reason}")


def _served_by(topic: str) -> tuple[str, Callable[[Any], bool]]:
    """(the kind whose rows are the services that listen to a topic, whether one of them lives)."""
    if topic.startswith("cinder"):
        return "volume-services", lambda row: row.state == "up"
    if topic.startswith(("q-", "neutron", "dhcp_agent", "l3_agent", "trunk")):
        return "agents", lambda row: bool(row.alive)
    return "compute-services", lambda row: row.state == "up"


def _orphaned(asked: Asked) -> Verdict:
    """The service whose queue it is does not run: one that does would declare it again, and miss what was sent."""
    row, reason = asked.row, asked.values["reason"].strip()
    if row.host:
        kind, lives = _served_by(str(row.topic or ""))
        for each in asked.cloud.rows(kind):
            if str(each.host or "").partition("@")[0] == row.host and lives(each):
                return is_closed(f"{each.binary} on {row.host} is up: its services declare their queues themselves")
        return is_open(f"none of the {kind} on {row.host} reports")
    if row.role == "rpc" and (exchanges := _exchanges(asked)) and not reason:
        return is_closed(f"all instances of a service share it ({', '.join(exchanges[:3])}): say why: reason=…")
    return is_open("it belongs to no host")


REASON = Parameter("reason", "why, where it is no queue of notifications that nobody reads", "", pattern=r".{0,255}")
WHY = Parameter("reason", "why its messages may be lost, or a shared queue may go", "", pattern=r".{0,255}")

OPERATIONS = (
    Operation(
        name="queue.purge",
        kind="queues",
        title="purge queue {name}",
        about="throw away what waits in it: right for notifications that nobody reads",
        risk="R2",
        account="rabbitmq",
        parameters=(REASON,),
        reads=("bindings",),
        closed=lambda row: _carries_calls(row) or ("" if row.messages else "it is empty"),
        guards=(
            Guard("notifications", _notifications, "notifications that nobody reads, or a reason; never calls"),
            Guard("content", _content, "how many messages would be lost, and how old they are"),
        ),
        work=_purge,
        irreversible=True,
    ),
    Operation(
        name="queue.delete",
        kind="queues",
        title="delete queue {name}",
        about="remove a queue that nobody uses: a fanout of a host that is gone",
        risk="R3",
        account="rabbitmq",
        parameters=(WHY,),
        reads=("bindings",),
        closed=lambda row: "has consumers" if row.consumers else "",
        guards=(
            Guard("unread", _unread, "it has no consumers"),
            Guard("empty", _empty, "it is empty, or somebody says why its messages may be lost"),
            Guard("quiet", _quiet, "nothing was sent to it for ten minutes"),
            Guard("orphaned", _orphaned, "no service of its host reports"),
        ),
        work=_delete,
        irreversible=True,
    ),
)
