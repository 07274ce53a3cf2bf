"""Kolla's variables as text, numbers and flags: globals.yml beats the inventory, which beats Kolla's own defaults.

Values are Jinja templates. The plain ones, `{{ name }}` alone or inside text, are followed; anything that computes
(filters, conditions) is unknown to us, never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from collectors.inventory.yaml_text import Untemplated, Vaulted

_REFERENCE: Final = re.compile(r"\{\{\s*([A-Za-z_]\w*)\s*(?:\|\s*(?:bool|string|int|trim)\s*)?\}\}")
_DEEPEST: Final = 10

DEFAULTS: Final[Mapping[str, Any]] = {
    "database_port": "3306",
    "mariadb_port": "{{ database_port }}",
    "mariadb_default_database_shard_id": 0,
    "mariadb_shard_id": "{{ mariadb_default_database_shard_id }}",
    "enable_mariadb": True,
    "enable_rabbitmq": True,
    "enable_prometheus": False,
    "enable_prometheus_mysqld_exporter": "{{ enable_mariadb }}",
    "kolla_enable_tls_backend": False,
    "rabbitmq_user": "openstack",
    "rabbitmq_monitoring_user": "",
    "rabbitmq_enable_tls": False,
    "rabbitmq_port": "",
    "rabbitmq_management_port": "15672",
    "enable_memcached": True,
    "memcached_port": "11211",
    "enable_prometheus_server": "{{ enable_prometheus }}",
    "enable_prometheus_alertmanager": "{{ enable_prometheus }}",
    "prometheus_port": "9091",
    "prometheus_alertmanager_port": "9093",
    "enable_haproxy": True,
    "enable_keepalived": "{{ enable_haproxy }}",
    "haproxy_user": "openstack",
    "haproxy_stats_port": "1984",
    "kolla_external_vip_address": "{{ kolla_internal_vip_address }}",
    "kolla_internal_fqdn": "{{ kolla_internal_vip_address }}",
}
"""What Kolla says about the variables that we use (openstack/kolla-ansible, ansible/group_vars/all)."""

_TRUE: Final = ("yes", "true", "on", "1", "y", "t")
_FALSE: Final = ("no", "false", "off", "0", "n", "f")


class Variables:
    """Layers of variables, the first one wins."""

    def __init__(self, *layers: Mapping[str, Any]) -> None:
        self._layers = (*layers, DEFAULTS)

    def told(self, name: str) -> bool:
        """True when the operator says something about `name`, in globals.yml or the inventory."""
        return any(name in layer for layer in self._layers[:-1])

    def raw(self, name: str) -> Any:
        """The value as it is written; None when there is none."""
        return next((layer[name] for layer in self._layers if name in layer), None)

    def text(self, name: str) -> str:
        """The value as text; empty when there is none, or when it takes Ansible to compute it."""
        return self._expanded(self.raw(name), 0) or ""

    def flag(self, name: str) -> bool:
        """The value as Ansible's `bool` filter reads it; what takes Ansible to compute is False."""
        return self.text(name).strip().lower() in _TRUE

    def denied(self, name: str) -> bool:
        """True only for a plain no."""
        return self.text(name).strip().lower() in _FALSE

    def number(self, name: str) -> int:
        """The value as a whole number; 0 when it is none."""
        text = self.text(name).strip()
        return int(text) if text.isascii() and text.isdigit() else 0

    def _expanded(self, value: Any, depth: int) -> str | None:
        if value is None or isinstance(value, Vaulted | dict | list) or depth > _DEEPEST:
            return None
        text = str(value)
        if isinstance(value, Untemplated) or "{" not in text:
            return text
        missing = False

        def follow(found: re.Match[str]) -> str:
            nonlocal missing
            inner = self._expanded(self.raw(found[1]), depth + 1)
            missing = missing or inner is None
            return inner or ""

        text = _REFERENCE.sub(follow, text)
        return None if missing or "{{" in text or "{%" in text else text
