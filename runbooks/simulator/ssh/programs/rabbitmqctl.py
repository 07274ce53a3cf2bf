"""The broker's own commands, version 3.10.8, for the host's node: limits, application, membership, maintenance, memory.

What they say and how they refuse is as recorded from real ones. They talk to the runtime, which answers while its unit
runs; most commands also want the application to run, the ones about membership want it stopped.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from runbooks.simulator.http.rabbitmq.memory import breakdown
from runbooks.simulator.model.hosts import Host
from runbooks.simulator.model.rabbitmq import Node, RabbitMQ
from runbooks.simulator.ssh.program import Call, program

_USAGE, _DATA, _UNAVAILABLE = 64, 65, 69
"""Exit statuses: of wrong words, of wrong values, of what the node refuses."""
_UNITS = {"": 1, "k": 1 << 10, "kib": 1 << 10, "kb": 1000, "m": 1 << 20, "mib": 1 << 20, "mb": 10**6}
_UNITS |= {"g": 1 << 30, "gib": 1 << 30, "gb": 10**9}
_VALUED = ("--vhost", "-p", "--timeout", "-t")
"""Options with a value; there is one virtual host here, and nothing takes long."""
_OPTIONS = "[--node <node>] [--longnames] [--quiet]"


@dataclass(slots=True)
class Ask:
    """One command to the node of this host."""

    call: Call
    rabbitmq: RabbitMQ
    node: Node
    words: list[str]
    quiet: bool

    def say(self, text: str) -> None:
        """What `--quiet` leaves out."""
        if not self.quiet:
            self.call.print(text)

    def refuse(self, reason: str) -> int:
        """The node does not do it."""
        return self.call.fail(f"Error:\n{reason}", _UNAVAILABLE)


Run: TypeAlias = Callable[[Ask], int]


@dataclass(frozen=True, slots=True)
class Command:
    """`app`: whether the application must run (True), must not (False), or need not (None)."""

    run: Run
    usage: str
    words: int
    app: bool | None = True
    by: str = "rabbitmqctl"
    writes: bool = True


COMMANDS: dict[str, Command] = {}


def command(
    name: str, usage: str = "", *, app: bool | None = True, by: str = "rabbitmqctl", writes: bool = True
) -> Callable[[Run], Run]:
    def install(run: Run) -> Run:
        COMMANDS[name] = Command(
            run, usage, len(re.findall(r"<", re.sub(r"\[[^]]*\]", "", usage.partition(" | ")[0]))), app, by, writes
        )
        return run

    return install


def _has_broker(host: Host) -> bool:
    return "rabbitmq" in host.names


@program(
    "rabbitmqctl", "rabbitmq-upgrade", "rabbitmq-queues", "rabbitmq-diagnostics", folder="/usr/sbin", on=_has_broker
)
def _rabbitmqctl(call: Call) -> int:
    place = call.place
    place.cloud.catch_up()
    quiet = any(word in ("-q", "--quiet", "-s", "--silent") for word in call.args)
    given = list(call.args)
    for at in [at for at, word in enumerate(given) if word in _VALUED][::-1]:
        del given[at : at + 2]
    words = [word for word in given if not word.startswith("-")]
    name, words = (words[0], words[1:]) if words else ("help", [])
    found = COMMANDS.get(name)
    if found is None or found.by != call.name:
        return call.fail(f"\nCommand '{name}' not found. \n\nUsage\n\n{call.name} {_OPTIONS} <command>", _USAGE)
    if not place.root:
        return call.fail("Only root or rabbitmq can run rabbitmqctl", 1)
    if len(words) < found.words:
        return _misused(call, found, name, words, "Error (argument validation): not enough arguments.", _USAGE)
    rabbitmq = place.cloud.rabbitmq
    node = rabbitmq.nodes[place.host.name]
    if not place.host.alive("rabbitmq"):
        text = (
            f"Error: unable to perform an operation on node '{node.name}'. Please see diagnostics information and "
            f"suggestions below.\n\nMost common reasons for this are:\n\n * Target node is not running\n"
        )
        return call.fail(text, _UNAVAILABLE)
    runs = node.app and node.phase == "running"
    if found.app is True and not runs:
        said = "running on the target node. Start it with 'rabbitmqctl start_app'."
        return _misused(call, found, name, words, f"Error: this command requires the 'rabbit' app to be {said}", _USAGE)
    if found.app is False and node.app:
        said = "stopped on the target node. Stop it with 'rabbitmqctl stop_app'."
        return _misused(call, found, name, words, f"Error: this command requires the 'rabbit' app to be {said}", _USAGE)
    status = found.run(Ask(call, rabbitmq, node, words, quiet))
    place.cloud.settle()
    if found.writes:
        line = " ".join([call.name, name, *words])
        place.cloud.wrote(f"ssh:{place.host.name}", line, place.account.name, f"exit {status}")
    return status


def _misused(call: Call, command: Command, name: str, words: list[str], why: str, status: int) -> int:
    usage = f"{call.name} {_OPTIONS} {name} {command.usage}".rstrip()
    given = " ".join([name, *words])
    return call.fail(f"{why}\nArguments given:\n\t{given}\n\nUsage\n\n{usage}", status)


def _bytes(text: str) -> int | None:
    """`512MB`, `1GiB` or a number of bytes."""
    found = re.fullmatch(r"(\d+)([a-zA-Z]*)", text)
    if found is None or found[2].lower() not in _UNITS:
        return None
    return int(found[1]) * _UNITS[found[2].lower()]


@command("set_vm_memory_high_watermark", "<fraction> | absolute <value>")
def _memory(ask: Ask) -> int:
    host, words = ask.node.host, ask.words
    if words[0] == "absolute":
        limit = _bytes(words[1]) if len(words) > 1 else None
        if limit is None:
            return _bad(ask, "set_vm_memory_high_watermark", len(words) < 2)
        ask.say(f"Setting memory threshold on {ask.node.name} to {limit} bytes ...")
    else:
        if not re.fullmatch(r"0?\.\d+|1(\.0+)?", words[0]):
            return _bad(ask, "set_vm_memory_high_watermark")
        limit = int(float(words[0]) * ask.rabbitmq.cloud.hosts[host].memory_kib * 1024)
        ask.say(f"Setting memory threshold on {ask.node.name} to {float(words[0])} ...")
    ask.rabbitmq.set_memory_limit(host, limit)
    return 0


@command("set_disk_free_limit", "<disk_limit> | mem_relative <fraction>")
def _disk(ask: Ask) -> int:
    limit = _bytes(ask.words[0])
    if limit is None:
        return _bad(ask, "set_disk_free_limit")
    ask.say(f"Setting disk free limit on {ask.node.name} to {limit} bytes ...")
    ask.rabbitmq.set_disk_limit(ask.node.host, limit)
    return 0


def _bad(ask: Ask, name: str, few: bool = False) -> int:
    why = "not enough arguments." if few else "Bad argument."
    status = _USAGE if few else _DATA
    return _misused(ask.call, COMMANDS[name], name, ask.words, f"Error (argument validation): {why}", status)


@command("stop_app", app=None)
def _stop_app(ask: Ask) -> int:
    ask.say(f"Stopping rabbit application on node {ask.node.name} ...")
    ask.node.app = False
    return 0


@command("start_app", app=None)
def _start_app(ask: Ask) -> int:
    ask.say(f"Starting node {ask.node.name} ...")
    node = ask.node
    if not node.member and not node.blank:
        other = next(each.name for each in ask.rabbitmq.nodes.values() if each.member)
        thinks = f"'Node {node.name} thinks it\\'s clustered with node {other}, but {other} disagrees'"
        return ask.refuse(f"{{:rabbit, {{{{:inconsistent_cluster, {thinks}}}, {{:rabbit, :start, [:normal, []]}}}}}}")
    if not node.app and node.blank:  # its configuration names its peers: it joins them by itself
        node.member, node.blank = True, False
    node.app = True
    return 0


@command("reset", app=False)
def _reset(ask: Ask) -> int:
    ask.say(f"Resetting node {ask.node.name} ...")
    ask.node.member, ask.node.blank = False, True
    return 0


@command("force_reset", app=False)
def _force_reset(ask: Ask) -> int:
    ask.say(f"Forcefully resetting node {ask.node.name} ...")
    ask.node.blank = True
    return 0


@command("join_cluster", "<existing_cluster_member>", app=False)
def _join(ask: Ask) -> int:
    ask.say(f"Clustering node {ask.node.name} with {ask.words[0]}")
    other = next((each for each in ask.rabbitmq.nodes.values() if each.name == ask.words[0]), None)
    if other is None or other.phase != "running" or other is ask.node:
        return ask.refuse("{:badrpc_multi, :nodedown, [:" + f"'{ask.words[0]}']}}")
    if ask.node.member and ask.node.blank:
        thinks = f"'Node {other.name} thinks it\\'s clustered with node {ask.node.name}, but {ask.node.name} disagrees'"
        return ask.refuse(f"{{:inconsistent_cluster, {thinks}}}")
    if ask.node.member:
        ask.say(f"The node is already a member of this cluster: {ask.node.name}")
    ask.node.member, ask.node.blank = True, False
    return 0


@command("forget_cluster_node", "<existing_cluster_member_node>")
def _forget(ask: Ask) -> int:
    ask.say(f"Removing node {ask.words[0]} from the cluster")
    gone = next((each for each in ask.rabbitmq.nodes.values() if each.name == ask.words[0] and each.member), None)
    if gone is None:
        return ask.refuse("{:not_a_cluster_node, 'The node selected is not in the cluster.'}")
    if gone.phase != "down":
        text = f"RabbitMQ on node {gone.name} must be stopped with 'rabbitmqctl -n {gone.name} stop_app' before it can"
        return ask.call.fail(f"Error: {text} be removed", _UNAVAILABLE)
    gone.member = False
    return 0


@command("drain", by="rabbitmq-upgrade")
def _drain(ask: Ask) -> int:
    what = "into maintenance mode. The node will no longer serve any client traffic!"
    ask.say(f"Will put node {ask.node.name} {what}")
    ask.node.drained = True
    return 0


@command("revive", by="rabbitmq-upgrade")
def _revive(ask: Ask) -> int:
    what = "back into regular operating mode. The node will again serve client traffic and host primary queue replicas."
    ask.say(f"Will put node {ask.node.name} {what}")
    ask.node.drained = False
    return 0


@command("ping", app=None, writes=False)
def _ping(ask: Ask) -> int:
    ask.say(f"Will ping {ask.node.name}. This only checks if the OS process is running and registered with epmd.")
    ask.call.print("Ping succeeded")
    return 0


@command("memory_breakdown", by="rabbitmq-diagnostics", writes=False)
def _breakdown(ask: Ask) -> int:
    """Categories in gigabytes of a thousand, the greatest first."""
    ask.say(f"Reporting memory breakdown on node {ask.node.name}...")
    found = breakdown(ask.rabbitmq.cloud, ask.node)
    used = found["total"]["rss"]
    parts = {name: value for name, value in found.items() if isinstance(value, int)}
    for name, value in sorted(parts.items(), key=lambda part: -part[1]):
        ask.call.print(f"{name}: {round(value / 1e9, 4)} gb ({round(100 * value / used, 2)}%)")
    return 0
