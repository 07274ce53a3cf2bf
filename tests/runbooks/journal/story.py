"""A journal with runs of every end, written as the performer writes them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.runbooks.journal.written import NOW, journal

WHO = {
    "user": "ana", "sudo_user": "", "host": "ops01", "from": "10.1.2.3", "cloud_user": "admin", "project": "admin",
    "roles": ["admin"],
}  # fmt: skip


def began(operation: str, names: list[str], **more: Any) -> dict[str, Any]:
    """What `began` says."""
    parts = [{"target": f"id-{name}", "name": name, "title": f"do it to {name}"} for name in names]
    return {
        "operation": operation, "plan": {"targets": names, "parts": parts}, "plan_hash": "ab" * 32, "cloud": "prod",
        "region": "RegionOne", "who": WHO, "reason": "disks are swapped",
        "guards": [{"name": "quorum-kept", "state": "open", "words": "2 of 3 stay", "at": NOW}], "approved_by": ["eve"],
    } | more  # fmt: skip


def about(name: str, step: str = "1.1", command: str = "") -> dict[str, Any]:
    """What `about` says."""
    return {
        "target": f"id-{name}", "step": step, "text": f"disable {name}", "call": {"method": "PUT"},
        "command": command or f"openstack compute service set --disable --disable-reason 'a b' {name} nova-compute",
    }  # fmt: skip


def did(name: str, outcome: str, step: str = "1.1", **more: Any) -> dict[str, Any]:
    """What `did` says."""
    found: dict[str, Any] = {"target": f"id-{name}", "step": step, "outcome": outcome, "status": 200, "took": 0.25}
    return found | {"request_id": "req-1", "words": f"status is {outcome}"} | more


INVERSE = {
    "operation": "compute-service.enable", "targets": ["id-cmp01"], "parameters": {}, "until": NOW + 3600,
    "words": "moves nothing back",
}  # fmt: skip


def story(path: Path) -> None:
    """Five runs: done, failed, lost, in flight, settled; and what belongs to none."""
    now = [NOW]
    own = journal(path, clock=lambda: now[0])

    def add(event: str, run: str, data: dict[str, Any], seconds: float = 1.0) -> None:
        own.append(event, run, data)
        now[0] += seconds

    add("armed", "", {"reason": "maintenance", "until": NOW + 600})
    add("began", "aaaa1111", began("compute-service.disable", ["cmp01", "cmp02"]))
    for name in ("cmp01", "cmp02"):
        add("about", "aaaa1111", about(name))
        add("did", "aaaa1111", did(name, "done"))
        add("verified", "aaaa1111", {"target": f"id-{name}", "ok": True, "words": "status is disabled"})
    add("ended", "aaaa1111", {"outcome": "done", "words": "2 disabled", "inverse": [INVERSE]})
    add("began", "bbbb2222", began("server.reboot", ["web|1`<b>"], reason="it | hangs\nfor `days`"))
    add("about", "bbbb2222", about("web|1`<b>", command="openstack server reboot 'web|1`<b>'"))
    add("did", "bbbb2222", did("web|1`<b>", "refused", status=409))
    add("ended", "bbbb2222", {"outcome": "failed", "words": "409: it is locked", "inverse": []})
    add("began", "cccc3333", began("queue.purge", ["q1"]), 7200)
    add("about", "cccc3333", about("q1", command="rabbitmqctl purge_queue q1"))
    add("did", "cccc3333", did("q1", "lost", status=0, request_id=""))
    add("verified", "cccc3333", {"target": "id-q1", "ok": None, "words": "the broker does not answer"})
    add("ended", "cccc3333", {"outcome": "not-verified", "words": "not known", "inverse": None})
    add("began", "dddd4444", began("osd.out", ["osd.3"]))
    add("about", "dddd4444", about("osd.3", command="ceph osd out osd.3"))
    add("began", "eeee5555", began("osd.in", ["osd.4"]))
    add("about", "eeee5555", about("osd.4", command="ceph osd in osd.4"))
    add("settled", "eeee5555", {"outcome": "interrupted", "words": "it was done", "inverse": []})
    add("approved", "", {"plan_hash": "cd" * 32, "who": "eve", "until": NOW + 900})
