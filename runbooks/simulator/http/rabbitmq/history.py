"""What a node remembers of its memory and disk, when `node_stats_age` and `node_stats_incr` ask for it.

Samples come newest first, on multiples of the step; those from before the node began to count are 0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from runbooks.simulator.http.rabbitmq.ask import Object, bad_request
from runbooks.simulator.http.rabbitmq.nodes import disk_free, memory
from runbooks.simulator.model.cloud import Cloud

LONGEST = 86_400


def with_history(cloud: Cloud, found: Object, query: Mapping[str, str]) -> Object:
    """The object of a running node with samples in its details, when they are asked for. Raises RefusalError."""
    if "node_stats_age" not in query or not found.get("running"):
        return found
    try:
        age, step = int(query["node_stats_age"]), int(query["node_stats_incr"])
    except (KeyError, ValueError):
        raise bad_request("{error,not_integer}") from None
    if not 0 < step <= age <= LONGEST:
        raise bad_request("{error,out_of_range}")
    node = next(each for each in cloud.rabbitmq.nodes.values() if each.name == found["name"])
    sockets = int(found["sockets_used"])
    last = int(cloud.now()) // step * step
    moments = [last - step * place for place in range(age // step + 1)]

    def details(at: Callable[[float], int], name: str) -> Object:
        samples = [
            {"sample": at(moment) if moment >= node.started else 0, "timestamp": moment * 1000} for moment in moments
        ]
        values = [int(sample["sample"]) for sample in samples]
        known: Object = found[name]
        return {**known, "samples": samples, "avg_rate": 0.0, "avg": sum(values) / len(values)}

    return {
        **found,
        "mem_used_details": details(lambda at: memory(cloud, node, sockets, at)[0], "mem_used_details"),
        "disk_free_details": details(lambda at: disk_free(cloud, node, at), "disk_free_details"),
    }
