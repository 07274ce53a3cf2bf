"""The alerting rules of the simulated Prometheus, and which alerts they give now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b

from runbooks.simulator.model.monitoring import Monitoring, Sample
from runbooks.simulator.monitoring.promql import evaluate


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule."""

    name: str
    query: str
    lasting: float
    """`for`, seconds."""
    severity: str
    summary: str
    """With `{label}` for the labels of a series."""


RULES = (
    Rule("HostDown", 'up{job="node"} == 0', 60.0, "critical", "node_exporter on {instance} does not answer"),
    Rule("TargetDown", 'up{job!="node"} == 0', 60.0, "warning", "{job} at {instance} cannot be scraped"),
    Rule(
        "HaproxyBackendDown",
        "haproxy_backend_active_servers + haproxy_backend_backup_servers == 0",
        30.0,
        "critical",
        "no server of {proxy} is up, {instance} says",
    ),
    Rule(
        "GaleraMemberMissing",
        "mysql_global_status_wsrep_cluster_size < 3",
        60.0,
        "warning",
        "the database cluster that {instance} sees is too small",
    ),
    Rule(
        "RabbitMQMemoryAlarm",
        "rabbitmq_alarms_memory_used_watermark == 1",
        30.0,
        "critical",
        "memory alarm on {instance}: publishers are blocked",
    ),
)


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert, pending or firing."""

    rule: Rule
    sample: Sample
    since: float

    @property
    def labels(self) -> dict[str, str]:
        own = {name: value for name, value in self.sample.labels.items() if name != "__name__"}
        return dict(sorted({"alertname": self.rule.name, **own, "severity": self.rule.severity}.items()))

    @property
    def summary(self) -> str:
        return self.rule.summary.format(**self.sample.labels)

    @property
    def fingerprint(self) -> str:
        text = "\0".join(f"{name}\1{value}" for name, value in self.labels.items())
        return blake2b(text.encode(), digest_size=8).hexdigest()

    def firing(self, now: float) -> bool:
        return now - self.since >= self.rule.lasting

    @property
    def started(self) -> float:
        """When it began to fire."""
        return self.since + self.rule.lasting


def alerts(monitoring: Monitoring) -> Iterator[Alert]:
    """All of them, rule by rule; what is over is forgotten."""
    now, seen = monitoring.cloud.now(), set()
    for rule in RULES:
        found = evaluate(monitoring, rule.query, now)
        assert isinstance(found, list)
        for sample in found:
            key = (rule.name, *sorted(f"{name}={value}" for name, value in sample.labels.items()))
            seen.add(key)
            since = sample.since
            yield Alert(rule, sample, monitoring.noticed.setdefault(key, now) if since is None else since)
    for key in set(monitoring.noticed) - seen:
        del monitoring.noticed[key]
