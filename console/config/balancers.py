"""HAProxy and Keepalived of a site: what nephoscope.toml says, laid over what Kolla says."""

from __future__ import annotations

import re
from collections.abc import Sequence
from ipaddress import ip_address
from typing import Final

from collectors.site import HaproxySite, KeepalivedSite, Secret, WebSite
from console.config.schema_systems import HaproxyTable, KeepalivedTable
from console.config.systems import Around
from console.config.web import placed, url_at

CONFIG: Final = "/etc/keepalived/keepalived.conf"
KOLLA_CONFIG: Final = "/etc/kolla/keepalived/keepalived.conf"
_PATH: Final = re.compile(r"/[A-Za-z0-9_./@+-]{1,198}")


def haproxy(told: HaproxyTable | None, around: Around) -> HaproxySite | None:
    """The load balancers, or None when nothing is known of them. Raises `BadConfiguration`."""
    found = around.kolla.balancers() if around.kolla is not None else ()
    if told is None and not found:
        return None
    told = told or HaproxyTable()
    if told.socket and told.urls is not None:
        raise around.wrong("socket and urls are both given", "keep one of them", "haproxy", "urls")
    if told.urls is not None and told.hosts is not None:
        raise around.wrong("hosts and urls are both given", "the URLs name the hosts: keep them", "haproxy", "urls")
    urls: tuple[tuple[str, str], ...] = ()
    if told.urls is not None:
        urls = placed(told.urls, around, "haproxy", "urls", "http://HOST:1984")
    elif told.hosts is None and not told.socket:
        # Kolla's socket is inside a volume of the container, its page on the host's own address.
        urls = tuple((at.host, url_at(at.address or around.address(at.host), at.port, False)) for at in found)
    hosts = tuple(host for host, _ in urls) or _hosts(told.hosts or [at.host for at in found], around, "haproxy")
    if told.socket:
        _path(told.socket, around, "haproxy", "socket")
    return HaproxySite(hosts, told.socket, _pages(urls, told, around) if urls else None)


def _pages(urls: tuple[tuple[str, str], ...], told: HaproxyTable, around: Around) -> WebSite:
    user, password = told.user, None
    if told.password is not None:
        password = around.told_secret(told.password, "haproxy", "password")
    elif told.urls is None or user:
        user, password = _kolla_account(user, around)
    if user and password is None:
        hint = 'add password = {file = "…"}, {env = "…"}, {command = […]} or {keyring = "…"}'
        raise around.wrong(f"the password of {user} is missing", hint, "haproxy", "password")
    if password is not None and not user:
        raise around.wrong("is missing", "add user = … (of `stats auth`)", "haproxy", "user")
    ca = around.config.absolute(told.ca) if told.ca else None
    return WebSite(urls, user, password, via=around.via(told.via, "haproxy"), ca=ca)


def _kolla_account(user: str, around: Around) -> tuple[str, Secret | None]:
    """Kolla's account, when it is the one that is asked for."""
    if around.kolla is None:
        return user, None
    name, password = around.kolla.balancer_account()
    return (name, password) if user in ("", name) else (user, None)


def keepalived(told: KeepalivedTable | None, balancers: HaproxySite | None, around: Around) -> KeepalivedSite | None:
    """The hosts that share the virtual addresses, or None when nothing is known of them. Raises `BadConfiguration`."""
    found = around.kolla.virtual_addresses() if around.kolla is not None and balancers is not None else None
    if told is None and found is None:
        return None
    told = told or KeepalivedTable()
    names = told.hosts if told.hosts is not None else list(balancers.hosts) if balancers is not None else []
    hosts = _hosts(names, around, "keepalived")
    config = told.config or (CONFIG if found is None else KOLLA_CONFIG)
    _path(config, around, "keepalived", "config")
    for address in told.addresses or ():
        try:
            ip_address(address)
        except ValueError as error:
            hint = "write the address alone, as in 10.0.0.10"
            raise around.wrong(f"“{address[:40]}” is no address", hint, "keepalived", "addresses") from error
    return KeepalivedSite(hosts, config, tuple(dict.fromkeys([*(told.addresses or ()), *(found or ())])))


def _hosts(names: Sequence[str], around: Around, system: str) -> tuple[str, ...]:
    """Hosts of the site. Raises `BadConfiguration` for none, and for one that the site does not have."""
    if not names:
        raise around.wrong("no host is named", 'add hosts = ["ctl01", "ctl02"]', system, "hosts")
    for name in names:
        if name not in around.hosts:
            raise around.wrong(f"the site has no host {name}", around.like(name), system, "hosts")
    return tuple(dict.fromkeys(names))


def _path(text: str, around: Around, system: str, key: str) -> None:
    if not _PATH.fullmatch(text):
        raise around.wrong(f"“{text[:60]}” is no path", 'write "/run/haproxy/admin.sock"', system, key)
