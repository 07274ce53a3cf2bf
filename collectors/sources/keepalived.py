"""Keepalived: which hosts may hold the virtual addresses, and which of them have them at this moment.

All hosts are asked at the same time, and what they say is joined by address: during a split two kernels have the same
address, and neither knows of the other. Keepalived itself is not asked, since it would have to write a file for that;
what it said last of its state is read from its log. That the configurations contain a password does not concern us:
the line stays on the host.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

from collectors.deadline import Deadline
from collectors.errors import BadConfiguration, NotUnderstood, SourceError, UsageError
from collectors.kind import Scope
from collectors.request import Request, VirtualAddresses
from collectors.site import KeepalivedSite, Site
from collectors.sources.base import Fact, Page, Where
from collectors.sources.entries import command
from collectors.sources.findings import Findings

if TYPE_CHECKING:
    from collectors.connections import Connections

WHOLE: Final = "keepalived"
"""The target: all hosts together."""
LONGEST: Final = 8.0
"""Seconds that one host may take: a dead one must not hold up what the others know."""


class KeepalivedSource:
    """The hosts of one site that share virtual addresses."""

    system = "keepalived"
    workers = 2

    def __init__(self, site: Site, connections: Connections | None = None) -> None:
        if site.keepalived is None:
            raise BadConfiguration("keepalived", "the site says nothing about it", "add [site.NAME.keepalived]")
        self.site = site
        self.keepalived: KeepalivedSite = site.keepalived
        self._ways = connections

    def targets(self, scope: Scope, where: Where) -> Sequence[str]:
        """All hosts are one target."""
        if where.targets:
            raise UsageError("a virtual address is looked for on all hosts at once", "leave the host out")
        return (WHOLE,)

    def read(self, request: Request, target: str, deadline: Deadline, where: Where) -> Iterator[Page]:
        """One page: an item per virtual address. Raises the first host's error when none answers."""
        assert isinstance(request, VirtualAddresses)
        told, silent = self.asked(deadline)
        if not told:
            raise next(iter(silent.values()))
        items = list(joined(self.keepalived, told, silent))
        if not items:
            raise self._nothing(told)
        yield Page(items=items, calls=len(self.keepalived.hosts))

    def asked(self, deadline: Deadline) -> tuple[dict[str, Findings], dict[str, SourceError]]:
        """(what each host says, why the others say nothing), side by side."""
        if self._ways is None:
            raise BadConfiguration("keepalived", "hosts are asked over SSH, and no SSH is at hand", "nephoscope doctor")
        ssh, hosts = self._ways.ssh(), self.keepalived.hosts
        texts = (
            "clock",
            "host-addresses",
            "host-neighbours",
            "balancer-processes",
            f"keepalived-config path={self.keepalived.config}",
            "keepalived-journal",
            "keepalived-container",
        )
        commands = [command(text) for text in texts]

        def ask(host: str) -> Findings | SourceError:
            own = Deadline(min(LONGEST, deadline.remaining() * 0.9))
            key = deadline.guard(own.end)
            try:
                found, _ = ssh.findings(host, commands, own)
            except SourceError as error:
                return error
            finally:
                deadline.release(key)
            return found if "addresses" in found.facts else found.errors[0]

        with ThreadPoolExecutor(max(len(hosts), 1), "keepalived") as pool:
            found = dict(zip(hosts, pool.map(ask, hosts), strict=True))
        told = {host: each for host, each in found.items() if isinstance(each, Findings)}
        return told, {host: each for host, each in found.items() if isinstance(each, SourceError)}

    def _nothing(self, told: Mapping[str, Findings]) -> SourceError:
        """Why no virtual address is known."""
        for found in told.values():
            if found.errors:
                return found.errors[0]
        host, found = next(iter(told.items()))
        why = f"{self.keepalived.config} on {host} names no virtual address"
        if found.facts.get("includes"):
            why += ", and the files that it includes are not read"
        return NotUnderstood("keepalived", why, "set addresses in [site.NAME.keepalived]")

    def doctor(self, deadline: Deadline) -> Iterator[Fact]:
        """One fact per host: whether its addresses and its configuration can be read."""
        try:
            told, silent = self.asked(deadline)
        except SourceError as error:
            yield Fact("keepalived", "", "critical", detail=error.why, next_step=error.hint)
            return
        for host in self.keepalived.hosts:
            if host in silent:
                detail = f"{silent[host].what}: {silent[host].why}"
                yield Fact("keepalived", host, "critical", detail=detail, next_step=silent[host].hint)
                continue
            found = told[host]
            blind = found.errors[0] if found.errors else None
            yield Fact(
                "keepalived",
                host,
                "warning" if blind else "ok",
                identity="its configuration and addresses, over SSH",
                refused=found.refusal.why if found.refusal else "",
                detail="" if blind is None or found.refusal else f"{blind.what}: {blind.why}",
                next_step=blind.hint if blind else "",
            )

    def close(self) -> None:
        """Its connections belong to the hosts."""


def joined(
    site: KeepalivedSite, told: Mapping[str, Findings], silent: Mapping[str, SourceError]
) -> Iterator[dict[str, Any]]:
    """One item per virtual address: who may hold it, who has it, who could not be asked."""
    known: dict[str, list[dict[str, Any]]] = {address: [] for address in site.addresses}
    for host, found in told.items():
        for instance in found.facts.get("vrrp") or ():
            for address in instance["addresses"]:
                entry = {name: value for name, value in instance.items() if name != "addresses"}
                known.setdefault(address, []).append({"host": host, **entry})
    common = {
        "hosts": list(site.hosts),
        "running": [host for host, found in told.items() if found.facts.get("keepalived")],
        "stopped": [host for host, found in told.items() if found.facts.get("keepalived") is False],
        "balancing": [host for host, found in told.items() if found.facts.get("haproxy")],
        "silent": {host: error.why for host, error in silent.items()},
        "blind": {
            h: found.failed["keepalived-config"] for h, found in told.items() if "keepalived-config" in found.failed
        },
    }
    macs = {mac for found in told.values() for mac in found.facts.get("macs") or ()}
    for address, configured in known.items():
        heard = {host: (found.facts.get("neighbours") or {}).get(address) for host, found in told.items()}
        strangers = {host: mac for host, mac in heard.items() if mac is not None and mac not in macs}
        holders = [host for host, found in told.items() if address in found.facts["addresses"]]
        yield {
            "address": address,
            "holders": holders,
            "configured": configured,
            "states": list(_states(configured, told)),
            "strangers": strangers if not silent else {},
            "shared_ids": _shared_ids(address, configured, known),
            **common,
        }


def _states(configured: Sequence[Mapping[str, Any]], told: Mapping[str, Findings]) -> Iterator[dict[str, Any]]:
    """What each Keepalived that runs said last of its instance; moments are by our clock."""
    for each in configured:
        facts = told[each["host"]].facts
        said = [facts[log].get(each["instance"], {}) for log in ("in_journal", "in_container") if log in facts]
        known = max((one for one in said if "state" in one), key=lambda one: float(one["since"]), default=None)
        if facts.get("keepalived") and known is not None:
            ahead = facts["clock"] - facts["heard"] if "clock" in facts and facts.get("heard") else 0.0
            yield {"host": each["host"], **known, "since": known["since"] - ahead}


def _shared_ids(
    address: str, configured: Sequence[Mapping[str, Any]], known: Mapping[str, Sequence[Mapping[str, Any]]]
) -> list[str]:
    """Other virtual addresses with our router id on our interface, but of another instance: they are taken for ours."""

    def places(entries: Sequence[Mapping[str, Any]]) -> dict[tuple[Any, Any], str]:
        return {(e.get("interface"), e.get("virtual_router_id")): str(e.get("instance")) for e in entries}

    mine = places(configured)
    return sorted(
        other
        for other, entries in known.items()
        if other != address
        and any(place in mine and mine[place] != name for place, name in places(entries).items() if place[1])
    )
