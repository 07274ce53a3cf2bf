"""Cinder's services: enable, disable with a reason, and freeze a back-end's management while its data goes on.

Cinder gives services no id; binary and host name them. Freezing (for a switch to a replica, or work on the storage)
disables the service as well, and thawing enables it: an enabled but frozen one cannot be told from outside.
"""

from __future__ import annotations

import shlex
from typing import Any

from collectors.call import RestCall
from runbooks.expect import Expect
from runbooks.operation import (
    Asked,
    Guard,
    Inverse,
    Operation,
    Parameter,
    Step,
    Verdict,
    Work,
    is_closed,
    is_open,
    work,
)

DEAF = "Cinder 29.0.0 answers 200 to enabling and changes nothing; there, freezing and thawing a cinder-volume does it."
"""Seen on a real one: `enable` of cinder/api/v3/services.py saves the service without having set anything."""


def _put(action: str, body: dict[str, Any]) -> RestCall:
    return RestCall("block-storage", "PUT", f"/os-services/{action}", body, "3.70")


def _enable(asked: Asked) -> Work:
    row = asked.row
    return work(
        Step(
            f"enable {row.binary} on {row.host}",
            _put("enable", {"binary": row.binary, "host": row.host}),
            f"openstack volume service set --enable {shlex.quote(row.host)} {shlex.quote(row.binary)}",
            Expect("volume-services", asked.identity, "status=enabled"),
            15.0,
        ),
        stops="nothing",
        notes=(DEAF,),
        inverse=Inverse(
            "volume-service.disable", asked.identity, {"reason": row.disabled_reason or "disabled again"}
        ),
    )  # fmt: skip


def _disable(asked: Asked) -> Work:
    row, reason = asked.row, asked.values["reason"]
    body = {"binary": row.binary, "host": row.host, "disabled_reason": reason}
    return work(
        Step(
            f"disable {row.binary} on {row.host}",
            _put("disable-log-reason", body),
            f"openstack volume service set --disable --disable-reason {shlex.quote(reason)}"
            f" {shlex.quote(row.host)} {shlex.quote(row.binary)}",
            Expect("volume-services", asked.identity, "status=disabled"),
        ),
        stops="nothing; its volumes can be attached, detached and deleted as before",
        less=f"{len(_others(asked))} other {row.binary} stay enabled and up",
        notes=(DEAF,),
        inverse=Inverse("volume-service.enable", asked.identity, words="enables it again"),
    )


def _freeze(asked: Asked) -> Work:
    host = asked.row.host
    return work(
        Step(
            f"freeze {host}",
            _put("freeze", {"host": host}),
            f"openstack volume host set --disable {shlex.quote(host)}",
            Expect("volume-services", asked.identity, "frozen=true status=disabled"),
        ),
        stops="volumes there can be neither created nor deleted nor extended; what is attached works on",
        less=f"{len(_others(asked))} other back-ends stay enabled and up",
        notes=("Thawing enables it again, also if it was disabled before.",),
        inverse=Inverse("volume-service.thaw", asked.identity, words="thaws and enables it"),
    )


def _thaw(asked: Asked) -> Work:
    host = asked.row.host
    return work(
        Step(
            f"thaw {host}",
            _put("thaw", {"host": host}),
            f"openstack volume host set --enable {shlex.quote(host)}",
            Expect("volume-services", asked.identity, "frozen=false status=enabled"),
        ),
        stops="nothing",
        notes=("The driver is asked: where it refuses, Cinder answers 400 and the service stays disabled.",),
        inverse=Inverse("volume-service.freeze", asked.identity, words="freezes it again"),
    )


def _others(asked: Asked) -> list[Any]:
    found = asked.cloud.rows("volume-services", binary=asked.row.binary, status="enabled", state="up")
    return [each for each in found if each.id not in {asked.identity, *asked.also}]


def _some_stay(asked: Asked) -> Verdict:
    count = len(_others(asked))
    if not count:
        return is_closed(f"no other {asked.row.binary} is enabled and up: enable another one first")
    return is_open(f"{count} other {asked.row.binary} stay enabled and up")


def _up(asked: Asked) -> Verdict:
    """The service itself carries it out: asked while it is dead, Cinder has marked it and the call is lost."""
    if asked.row.state == "up":
        return is_open("it is up and can carry it out")
    return is_closed(f"it does not report: start {asked.row.binary} on {asked.row.machine} first")


OTHERS = Guard("capacity", _some_stay, "another service of the same binary is enabled and up")
UP = Guard("reports", _up, "the service is up")

OPERATIONS = (
    Operation(
        name="volume-service.enable",
        kind="volume-services",
        title="enable {binary} on {host}",
        about="let the scheduler place volumes there again",
        risk="R1",
        closed=lambda row: (
            "is frozen: thaw it" if row.frozen else "is enabled already" if row.status == "enabled" else ""
        ),
        work=_enable,
        at_once=4,
    ),
    Operation(
        name="volume-service.disable",
        kind="volume-services",
        title="disable {binary} on {host}",
        about="keep new volumes away from it; those that are there are served",
        risk="R1",
        parameters=(Parameter("reason", "why; Cinder keeps it beside the service", pattern=r".{1,255}"),),
        closed=lambda row: "is disabled already" if row.status == "disabled" else "",
        guards=(OTHERS,),
        work=_disable,
    ),
    Operation(
        name="volume-service.freeze",
        kind="volume-services",
        title="freeze {host}",
        about="no changes to its volumes while their data is served: for work on the storage",
        risk="R2",
        rows="binary=cinder-volume",
        closed=lambda row: "is frozen already" if row.frozen else "",
        guards=(UP, OTHERS),
        work=_freeze,
    ),
    Operation(
        name="volume-service.thaw",
        kind="volume-services",
        title="thaw {host}",
        about="let its volumes be changed again",
        risk="R2",
        rows="binary=cinder-volume",
        closed=lambda row: "" if row.frozen else "is not frozen",
        guards=(UP,),
        work=_thaw,
    ),
)
