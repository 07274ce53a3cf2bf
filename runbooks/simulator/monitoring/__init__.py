"""Prometheus and Alertmanager on the monitoring host, as Kolla deploys them."""

from runbooks.simulator.monitoring.alertmanager import listeners as alertmanager_listeners
from runbooks.simulator.monitoring.prometheus import listeners as prometheus_listeners

__all__ = ["alertmanager_listeners", "prometheus_listeners"]
