"""Prometheus, Alertmanager and Loki on the monitoring host."""

from runbooks.simulator.monitoring.alertmanager import listeners as alertmanager_listeners
from runbooks.simulator.monitoring.loki import listeners as loki_listeners
from runbooks.simulator.monitoring.prometheus import listeners as prometheus_listeners

__all__ = ["alertmanager_listeners", "loki_listeners", "prometheus_listeners"]
