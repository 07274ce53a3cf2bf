"""What `doctor` says about each load balancer: how it is asked, which version, how fast, what is refused."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from collectors.deadline import Deadline
from collectors.errors import Refused, SourceError
from collectors.sources.base import Fact

if TYPE_CHECKING:
    from collectors.sources.haproxy import HaproxySource

LONGEST = 8.0


def facts(source: HaproxySource, deadline: Deadline) -> Iterator[Fact]:
    """One fact per host, in the site's order; hosts are asked side by side."""
    hosts = source.haproxy.hosts
    with ThreadPoolExecutor(max(len(hosts), 1), "doctor-haproxy") as pool:
        yield from pool.map(lambda host: _fact(source, host, deadline), hosts)


def _fact(source: HaproxySource, host: str, deadline: Deadline) -> Fact:
    address = host if source.web is None else f"{host} {source.web.url(host)}"
    own = Deadline(min(LONGEST, deadline.remaining()))
    key = deadline.guard(own.end)
    began = time.perf_counter()
    try:
        process, rows, _ = source.stats(host, own)
    except SourceError as error:
        refused = error.why if isinstance(error, Refused) else ""
        detail = "" if refused else f"{error.what}: {error.why}"
        return Fact("haproxy", address, "critical", refused=refused, detail=detail, next_step=error.hint)
    finally:
        deadline.release(key)
    return Fact(
        "haproxy",
        address,
        "ok",
        identity="its socket, over SSH" if source.haproxy.pages is None else source.haproxy.pages.user or "no account",
        version=str(process.get("version") or ""),
        round_trip=time.perf_counter() - began,
        detail=f"{sum(1 for row in rows if row.get('type') == 'server')} servers",
    )
