"""Ceph of a site: what nephoscope.toml says, complete or refused."""

from __future__ import annotations

from urllib.parse import urlsplit

from collectors.site import CephDashboard, CephSite, Mon
from console.config.schema_systems import CephTable, DashboardTable, MonTable
from console.config.secrets import secret_of
from console.config.systems import Around


def ceph(told: CephTable | None, around: Around) -> CephSite | None:
    """The cluster, or None when nothing is known of one. Raises `BadConfiguration`."""
    if told is None:
        return None
    mons = tuple(_mon(each, around) for each in told.mons or ())
    dashboard = _dashboard(told.dashboard, around) if told.dashboard is not None else None
    local = around.config.absolute(told.local) if told.local else None
    if not mons and dashboard is None and local is None:
        said = "names neither monitors nor a dashboard nor a ceph.conf here"
        raise around.wrong(said, 'add mons = ["ceph01"]', "ceph", "mons")
    names = [mon.name for mon in mons]
    for name in names:
        if names.count(name) > 1:
            raise around.wrong(f"{name} is named {names.count(name)} times", "keep one", "ceph", "mons")
    if not told.user:
        raise around.wrong("is empty", 'add user = "viewer"', "ceph", "user")
    if not told.conf.startswith("/"):
        raise around.wrong("is a file on the monitors' hosts", 'write it from the root: "/etc/ceph/…"', "ceph", "conf")
    admin = told.admin.removeprefix("client.")
    return CephSite(mons, told.user.removeprefix("client."), told.conf, dashboard, local, admin)


def _mon(told: str | MonTable, around: Around) -> Mon:
    entry = MonTable(host=told) if isinstance(told, str) else told
    if entry.host not in around.hosts:
        raise around.wrong(f"the site has no host {entry.host}", around.like(entry.host), "ceph", "mons")
    return Mon(entry.name or entry.host.partition(".")[0], entry.host)


def _dashboard(told: DashboardTable, around: Around) -> CephDashboard:
    if not told.urls:
        raise around.wrong("no address is named", 'add urls = ["https://ceph01:8443"]', "ceph", "dashboard", "urls")
    urls = tuple(_url(url, around) for url in told.urls)
    passwords = around.kolla.passwords if around.kolla is not None else None
    where = around.where("ceph", "dashboard", "password")
    password = secret_of(told.password, where, around.config, around.environ, passwords)
    ca = around.config.absolute(told.ca) if told.ca else None
    return CephDashboard(urls, told.user, password, around.via(told.via, "ceph"), ca)


def _url(text: str, around: Around) -> str:
    """`text` without slashes at its end. Raises `BadConfiguration` when it is no URL of a dashboard."""
    where, hint = ("ceph", "dashboard", "urls"), 'write "https://HOST:8443"'
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018 - a malformed port is told only when it is asked for
    except ValueError as error:
        raise around.wrong(f"no URL: {error}", hint, *where) from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise around.wrong("no http or https URL", hint, *where)
    if parts.username or parts.password:
        raise around.wrong("the URL holds a user or a password", "use user and password instead", *where)
    if parts.query or parts.fragment:
        raise around.wrong("the URL has a query or a fragment", hint, *where)
    return text.rstrip("/")
