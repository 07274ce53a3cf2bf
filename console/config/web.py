"""Addresses of web services of a site: URLs that are some, without secrets in them, and whose machine they are on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from collectors.site import SiteHost

if TYPE_CHECKING:
    from console.config.systems import Around


def url_at(address: str, port: int, tls: bool) -> str:
    """`http://10.0.0.11:15672`."""
    host = f"[{address}]" if ":" in address else address
    return f"{'https' if tls else 'http'}://{host}:{port}"


def checked_url(text: str, around: Around, system: str, key: str, example: str) -> str:
    """`text` without slashes at its end. Raises `BadConfiguration` when it is no URL, or says too much."""
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018 - a malformed port is told only when it is asked for
    except ValueError as error:
        raise around.wrong(f"no URL: {error}", f'write "{example}"', system, key) from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise around.wrong("no http or https URL", f'write "{example}"', system, key)
    if parts.username or parts.password:
        raise around.wrong("the URL holds a user or a password", "use user and password instead", system, key)
    if parts.query or parts.fragment:
        raise around.wrong("the URL has a query or a fragment", f'write "{example}"', system, key)
    return text.rstrip("/")


def host_of(url: str, hosts: Mapping[str, SiteHost]) -> str:
    """The site's name for the machine of a URL."""
    name = urlsplit(url).hostname or ""
    return next((host.name for host in hosts.values() if name in (host.name.lower(), host.address)), name)


def placed(urls: Sequence[str], around: Around, system: str, key: str, example: str) -> tuple[tuple[str, str], ...]:
    """(host, URL) of each. Raises `BadConfiguration`, also where two are on one host."""
    found = [checked_url(url, around, system, key, example) for url in urls]
    hosts = [host_of(url, around.hosts) for url in found]
    for host in hosts:
        if hosts.count(host) > 1:
            raise around.wrong(f"{host} is named {hosts.count(host)} times", "keep one", system, key)
    return tuple(zip(hosts, found, strict=True))
