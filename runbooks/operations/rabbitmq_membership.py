"""Who is a member of the broker's cluster: forget a node that is gone, let one join, set policies for all.

A forgotten node still believes that it is a member, and does not start its application before it was reset; so joining
resets it. What only it had is lost with that.
"""

from __future__ import annotations

from typing import Any

from collectors.errors import SourceError, UsageError
from runbooks.broker import ALONE, KIND, WELL, ctl_step, listens, node_is, unit_of
from runbooks.expect import Expect
from runbooks.operation import Asked, Guard, Inverse, Operation, Parameter, Verdict, Work, is_closed, is_open, work
from runbooks.operations.policies import APPLY_TO, PRIORITY, identity, losses, put_step, settings

NAME = r"[A-Za-z0-9_-]+@[A-Za-z0-9_.-]+"
_STOPPED = ("inactive", "failed", "exited", "dead", "stopped")


def _other(asked: Asked) -> Any:
    """A node that runs, besides the target. Raises `UsageError`."""
    for row in sorted(asked.cloud.rows(KIND, running=True), key=lambda each: str(each.name)):
        if row.name != asked.identity:
            return row
    raise UsageError("no other node runs", "`nephoscope get rabbitmq-nodes`")


def _forget(asked: Asked) -> Work:
    other = _other(asked)
    text = f"forget {asked.identity}, by way of {other.name}"
    return work(
        ctl_step(
            asked.cloud,
            other.host,
            text,
            Expect(KIND, asked.identity, absent=True),
            "rabbitmq-forget",
            node=asked.identity,
        ),
        stops="nothing: it does not run",
        less="the cluster counts one member less; replicas that were on it are gone",
        notes=(
            "Queues without replicas that were on it are lost.",
            "Quorum queues and streams keep naming it as a member: queue.shrink takes it out of a quorum queue.",
        ),
        inverse=Inverse(
            "rabbitmq-node.join",
            other.name,
            {"node": asked.identity},
            "it joins as a new member: what only it had does not come back",
        ),
    )


def _join(asked: Asked) -> Work:
    node, host = asked.values["node"], asked.values["node"].partition("@")[2].partition(".")[0]
    cloud = asked.cloud
    if host not in cloud.site.hosts:
        raise UsageError(f"the site has no host {host}", "a node is called rabbit@HOST")
    return work(
        ctl_step(cloud, host, f"stop the application of {node}", None, "rabbitmq-stop-app"),
        ctl_step(cloud, host, f"reset {node}: it forgets what it has", None, "rabbitmq-reset"),
        ctl_step(cloud, host, f"join {asked.identity}", None, "rabbitmq-join", node=asked.identity),
        ctl_step(
            cloud, host, f"start the application of {node}", node_is(node, WELL), "rabbitmq-start-app", seconds=300.0
        ),
        stops=f"nothing: {node} is no member",
        notes=(
            f"What {node} has (queues, users, policies of a cluster of its own) is lost; it gets the cluster's.",
            "Replicas of quorum queues are not made on it by themselves: queue.grow.",
        ),
    )


def _create_policy(asked: Asked) -> Work:
    values, operator = asked.values, asked.values["operator"] == "yes"
    vhost, name = values["vhost"], values["policy"]
    return work(
        put_step(vhost, name, operator, values),
        stops="nothing; it takes effect at once on the queues that match",
        notes=losses(settings(values["definition"])),
        inverse=Inverse("policy.delete", identity(vhost, name, operator), words="removes it again"),
    )


# -- guards -----------------------------------------------------------------------------------------------------------


def _stopped(asked: Asked) -> Verdict:
    """Not only unseen: its unit has stopped, or its host's own command says that the application has."""
    row = asked.row
    if row.running or row.running_for:
        return is_closed(f"{row.running_for or 'some node'} counts it as running: stop it first")
    unseen = [each.name for each in asked.cloud.rows(KIND, running=True) if each.answers is not True]
    if unseen:
        return Verdict("unknown", f"{unseen[0]} does not answer: whether it sees {asked.identity} is not known")
    try:
        unit = unit_of(asked.cloud, row.host)
    except SourceError as error:
        told = asked.values["gone"].strip()
        if told:
            return is_open(f"no node sees it; stated: {told}")
        return Verdict("unknown", f"whether it has stopped is not known ({error}); say how you know: gone=…")
    if unit.state in _STOPPED:
        return is_open(f"no node sees it, and {unit.name} on {row.host} is {unit.state}")
    if row.answers is False and not listens(asked.cloud, row.host):
        return is_open(f"no node sees it; {unit.name} on {row.host} runs, and its application serves nobody")
    return is_closed(f"{unit.name} on {row.host} is {unit.state}, and it answers: stop it first")


def _majority(asked: Asked) -> Verdict:
    """More than half of the members run: what they decide is what the cluster is."""
    found = asked.cloud.rows(KIND)
    well = [row for row in found if row.running and row.name != asked.identity]
    words = f"{len(well)} of {len(found)} members run, a majority is {len(found) // 2 + 1}"
    return is_open(words) if 2 * len(well) > len(found) else is_closed(words)


def _outside(asked: Asked) -> Verdict:
    """It is no member yet; its unit runs, so that it can be commanded."""
    node = asked.values["node"]
    row = next((row for row in asked.cloud.rows(KIND) if row.name == node), None)
    alone = row is not None and asked.identity in (row.unknown_to or "").split(", ")
    if row is not None and not alone:
        return is_closed(f"{node} is a member already: start it, or let it be forgotten first")
    unit = unit_of(asked.cloud, node.partition("@")[2].partition(".")[0])
    if unit.state in ("active", "running"):
        where = "runs as a cluster of its own" if alone else f"is no member, and {unit.name} runs there"
        return is_open(f"{node} {where}")
    return is_closed(
        f"{unit.name} is {unit.state}: start it (a forgotten node starts only with its old data set aside)"
    )


def _new(asked: Asked) -> Verdict:
    wanted = identity(asked.values["vhost"], asked.values["policy"], asked.values["operator"] == "yes")
    if any(row.id == wanted for row in asked.cloud.rows("policies")):
        return is_closed(f"{wanted} is there: change it with policy.set")
    return is_open("no policy is called so")


OPERATIONS = (
    Operation(
        name="rabbitmq-node.forget",
        kind=KIND,
        title="forget {name}",
        about="remove a node that has really stopped from the cluster's members",
        risk="R3",
        account="ssh",
        scope="rabbitmq",
        reads=(KIND,),
        parameters=(Parameter("gone", "how you know that it has stopped, where its host does not answer", ""),),
        closed=lambda row: "runs: stop it first" if row.running else "",
        guards=(
            Guard("stopped", _stopped, "no node sees it, and its unit or application has stopped"),
            Guard("quorum-kept", _majority, "a majority of the members runs without it"),
            ALONE,
        ),
        work=_forget,
    ),
    Operation(
        name="rabbitmq-node.join",
        kind=KIND,
        title="let {node} join {name}",
        about="reset a node that is no member, and let it join this one's cluster",
        risk="R3",
        account="ssh",
        scope="rabbitmq",
        reads=(KIND,),
        parameters=(Parameter("node", "the node that joins: rabbit@HOST", pattern=NAME),),
        closed=lambda row: "" if row.running else "is not running",
        guards=(Guard("outside", _outside, "the node that joins is no member, and can be commanded"),),
        work=_join,
        irreversible=True,
    ),
    Operation(
        name="rabbitmq-node.create-policy",
        kind=KIND,
        title="create policy {policy}",
        about="lay settings over queues and exchanges by their names; any node does it for all",
        risk="R2",
        account="rabbitmq",
        reads=("policies",),
        parameters=(
            Parameter("policy", "what it is called", pattern=r".{1,200}"),
            Parameter("pattern", "a regular expression over names", pattern=r".{1,500}"),
            Parameter("definition", 'what it sets, as JSON: {"max-length":1000}', pattern=r"\{.*\}"),
            Parameter("priority", "of those that match, the highest applies", "0", (), PRIORITY),
            Parameter("apply_to", "queues, exchanges, all …", "queues", APPLY_TO),
            Parameter("vhost", "the virtual host", "/"),
            Parameter("operator", "yes: an operator policy, laid over the others", "no", ("yes", "no")),
        ),
        closed=lambda row: "" if row.running else "is not running",
        guards=(Guard("new", _new, "no policy is called so"),),
        work=_create_policy,
    ),
)
