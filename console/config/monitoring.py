"""Prometheus, Alertmanager and Loki of a site: what nephoscope.toml says, laid over what Kolla says."""

from __future__ import annotations

import re
from typing import Final, Literal

from collectors.site import LokiSite, Secret, WebSite
from console.config.schema_systems import LokiTable, WebTable
from console.config.systems import Around
from console.config.web import placed, url_at

_EXAMPLES: Final = {"prometheus": "http://mon01:9090", "alertmanager": "http://mon01:9093", "loki": "http://mon01:3100"}
System = Literal["prometheus", "alertmanager", "loki"]


def prometheus(told: WebTable | None, around: Around) -> WebSite | None:
    """Prometheus, or None when nothing is known of it. Raises `BadConfiguration`."""
    return _web(told, around, "prometheus")


def alertmanager(told: WebTable | None, around: Around) -> WebSite | None:
    """Alertmanager, or None when nothing is known of it. Raises `BadConfiguration`."""
    return _web(told, around, "alertmanager")


def loki(told: LokiTable | None, around: Around) -> LokiSite | None:
    """Loki, or None when nothing is known of it: Kolla does not run one. Raises `BadConfiguration`."""
    web = _web(told, around, "loki")
    if told is None or web is None:
        return None
    for key in ("host_label", "service_label"):
        if not re.fullmatch(r"[A-Za-z_]\w*|", getattr(told, key), re.ASCII):
            raise around.wrong("is no name of a label", f'{key} = "{key.partition("_")[0]}"', "loki", key)
    if not re.fullmatch(r"[\w!.*'()|-]*", told.tenant, re.ASCII):
        raise around.wrong("is no tenant", "letters, digits and !-_.*'()", "loki", "tenant")
    return LokiSite(web, told.tenant, bool(told.prefer), told.host_label, told.service_label)


def _web(told: WebTable | None, around: Around, system: System) -> WebSite | None:
    found = around.kolla.monitoring(system) if around.kolla is not None and system != "loki" else ()
    if told is None and not found:
        return None
    told = told or WebTable()
    if told.url is not None and told.urls is not None:
        raise around.wrong("url and urls are both given", "keep one of them", system, "urls")
    if told.url is not None or told.urls is not None:
        key = "url" if told.url is not None else "urls"
        given = [told.url] if told.url is not None else told.urls or []
        urls = placed(given, around, system, key, _EXAMPLES[system])
    else:
        urls = tuple((at.host, url_at(at.address or around.address(at.host), at.port, False)) for at in found)
    if not urls:
        raise around.wrong("is missing", f'add url = "{_EXAMPLES[system]}"', system, "url")
    user, password, token = _account(told, around, system)
    ca = around.config.absolute(told.ca) if told.ca else None
    return WebSite(urls, user, password, token, around.via(told.via, system), ca)


def _account(told: WebTable, around: Around, system: System) -> tuple[str, Secret | None, Secret | None]:
    """(user, password, token) as told, else Kolla's where its own addresses are used."""
    if told.token is not None and (told.password is not None or told.user):
        raise around.wrong("user or password are given as well", "keep either", system, "token")
    if told.token is not None:
        return "", None, around.told_secret(told.token, system, "token")
    if told.password is not None and not told.user:
        raise around.wrong("is missing", "add user = …", system, "user")
    if told.user and told.password is None:
        hint = 'add password = {file = "…"}, {env = "…"}, {command = […]} or {keyring = "…"}'
        raise around.wrong(f"the password of {told.user} is missing", hint, system, "password")
    if told.password is not None:
        return told.user, around.told_secret(told.password, system, "password"), None
    if told.url is None and told.urls is None and around.kolla is not None and system == "prometheus":
        user, password = around.kolla.metrics_account()
        return user, password, None
    return "", None, None
