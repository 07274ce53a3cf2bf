"""Glance's images: keep one from being used, protect it from being deleted, delete it when nobody needs it.

What was made from an image may need it still: a server is rebuilt, rescued and resized from it, and with Ceph its disk
is a copy-on-write clone of it. So an image that a server or a volume names is kept.
"""

from __future__ import annotations

import shlex

from collectors.call import RestCall, path
from runbooks.expect import Expect
from runbooks.operation import (
    Asked,
    Guard,
    Inverse,
    Operation,
    Step,
    Verdict,
    Work,
    is_closed,
    is_open,
    work,
)

PATCH = {"Content-Type": "application/openstack-images-v2.1-json-patch"}


def _switch(asked: Asked, verb: str, option: str, status: str) -> Step:
    return Step(
        f"{verb} {asked.name}",
        RestCall("image", "POST", path(f"/images/{{}}/actions/{verb}", asked.identity)),
        f"openstack image set --{option} {shlex.quote(asked.identity)}",
        Expect("images", asked.identity, f"status={status}"),
    )


def _deactivate(asked: Asked) -> Work:
    return work(
        _switch(asked, "deactivate", "deactivate", "deactivated"),
        stops="nobody but administrators can build, rebuild or resize from it where it must be downloaded",
        less=_users(asked)[1],
        inverse=Inverse("image.reactivate", asked.identity, words="lets it be used again"),
    )


def _reactivate(asked: Asked) -> Work:
    return work(
        _switch(asked, "reactivate", "activate", "active"),
        stops="nothing",
        inverse=Inverse("image.deactivate", asked.identity, words="keeps it from being used again"),
    )


def _protection(asked: Asked, protected: bool) -> Work:
    verb = "protect" if protected else "unprotect"
    body = [{"op": "replace", "path": "/protected", "value": protected}]
    return work(
        Step(
            f"{verb} {asked.name}",
            RestCall("image", "PATCH", path("/images/{}", asked.identity), body, headers=PATCH),
            f"openstack image set --{verb}ed {shlex.quote(asked.identity)}",
            Expect("images", asked.identity, f"protected={str(protected).lower()}"),
        ),
        stops="nothing",
        inverse=Inverse("image.unprotect" if protected else "image.protect", asked.identity),
    )


def _delete(asked: Asked) -> Work:
    return work(
        Step(
            f"delete {asked.name}",
            RestCall("image", "DELETE", path("/images/{}", asked.identity)),
            f"openstack image delete {shlex.quote(asked.identity)}",
            Expect("images", asked.identity, absent=True),
            300.0,
        ),
        stops="nothing: no server and no volume was made from it",
        notes=("Its data is gone for good; where it was made from a snapshot of a server, that too.",),
    )


def _users(asked: Asked) -> tuple[int, str]:
    """(How many servers and volumes were made from it, in words)."""
    servers = asked.cloud.rows("servers", image=asked.identity)
    volumes = asked.cloud.rows("volumes", image=asked.identity) if asked.cloud.can_ask("volumes") else []
    return len(servers) + len(volumes), f"{len(servers)} servers and {len(volumes)} volumes were made from it"


def _unused(asked: Asked) -> Verdict:
    """A part of the list is no proof that nobody is in the rest."""
    for kind in ("servers", "volumes"):
        if asked.cloud.can_ask(kind) and (errors := asked.cloud.snapshot(kind).errors):
            raise errors[0]
    count, words = _users(asked)
    return is_closed(f"{words}: image.deactivate keeps new ones away") if count else is_open(words)


OPERATIONS = (
    Operation(
        name="image.deactivate",
        kind="images",
        title="deactivate {name}",
        about="keep it from being downloaded and booted, without deleting it",
        risk="R2",
        reads=("servers", "volumes"),
        closed=lambda row: "" if row.status == "active" else f"is {row.status}, not active",
        work=_deactivate,
        at_once=4,
    ),
    Operation(
        name="image.reactivate",
        kind="images",
        title="reactivate {name}",
        about="let it be downloaded and booted again",
        risk="R1",
        closed=lambda row: "" if row.status == "deactivated" else f"is {row.status}, not deactivated",
        work=_reactivate,
        at_once=4,
    ),
    Operation(
        name="image.protect",
        kind="images",
        title="protect {name}",
        about="have Glance refuse to delete it",
        risk="R1",
        closed=lambda row: "is protected already" if row.protected else "",
        work=lambda asked: _protection(asked, True),
        at_once=4,
    ),
    Operation(
        name="image.unprotect",
        kind="images",
        title="unprotect {name}",
        about="let it be deleted",
        risk="R2",
        closed=lambda row: "" if row.protected else "is not protected",
        work=lambda asked: _protection(asked, False),
    ),
    Operation(
        name="image.delete",
        kind="images",
        title="delete the image {name}",
        about="remove it and its data; nobody may have been made from it",
        risk="R3",
        reads=("servers", "volumes"),
        closed=lambda row: "is protected: image.unprotect first" if row.protected else "",
        guards=(Guard("unused", _unused, "no server and no volume was made from it"),),
        work=_delete,
        irreversible=True,
    ),
)
