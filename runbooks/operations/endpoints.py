"""Keystone's endpoints: where the catalogue sends the clients of each service.

A wrong URL takes a service away from everybody who asks the catalogue, at the next token, while the service itself is
well. So a new URL is asked for its versions before it is written, and the one through which this console itself would
take the change back is never switched off.
"""

from __future__ import annotations

import shlex

from collectors.call import RestCall, path
from runbooks.expect import Expect, exactly
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
    is_unknown,
    work,
)

URL = r"https?://[A-Za-z0-9._~:\[\]-]+(/[A-Za-z0-9._~%$()/-]*)?"
"""A base URL of an API; `%(project_id)s` and `$(project_id)s` may be in it."""
LATER = "Tokens that were issued before keep their old catalogue until they end."


def _set(asked: Asked, text: str, options: str, expected: str, **fields: object) -> Step:
    return Step(
        text,
        RestCall("identity", "PATCH", path("/endpoints/{}", asked.identity), {"endpoint": fields}),
        f"openstack endpoint set {options} {shlex.quote(asked.identity)}",
        Expect("endpoints", asked.identity, expected),
    )


def _enable(asked: Asked) -> Work:
    return work(
        _set(asked, f"enable {asked.name}", "--enable", "enabled=true", enabled=True),
        stops="nothing",
        inverse=Inverse("endpoint.disable", asked.identity, words="leaves it out of the catalogue again"),
    )


def _disable(asked: Asked) -> Work:
    return work(
        _set(asked, f"disable {asked.name}", "--disable", "enabled=false", enabled=False),
        stops=f"clients that look for {asked.name} in {asked.row.region_id} find none; the service runs on",
        less=_left(asked),
        notes=(LATER,),
        inverse=Inverse("endpoint.enable", asked.identity, words="puts it into the catalogue again"),
    )


def _url(asked: Asked) -> Work:
    url = asked.values["url"]
    return work(
        _set(
            asked,
            f"send clients of {asked.name} to {url}",
            f"--url {shlex.quote(url)}",
            exactly("url", url),
            url=url,
        ),
        stops=f"nothing, if {url} serves what {asked.row.url} served",
        notes=(LATER, "The services' own configuration files may name the old URL as well."),
        inverse=Inverse(
            "endpoint.set-url",
            asked.identity,
            {"url": asked.row.url, "answers": "it was there before"},
            f"sends them to {asked.row.url} again",
        ),
    )


def _region(asked: Asked) -> Work:
    region = asked.values["region"]
    return work(
        _set(
            asked, f"move {asked.name} to {region}", f"--region {shlex.quote(region)}",
            exactly("region_id", region), region_id=region,
        ),
        stops=f"clients in {asked.row.region_id} find it no more",
        less=_left(asked),
        notes=(LATER,),
        inverse=Inverse("endpoint.set-region", asked.identity, {"region": asked.row.region_id or ""}, "moves it back"),
    )  # fmt: skip


def _interface(asked: Asked) -> Work:
    interface = asked.values["interface"]
    return work(
        _set(
            asked, f"make {asked.name} {interface}", f"--interface {interface}",
            f"interface={interface}", interface=interface,
        ),
        stops=f"clients that ask for {asked.row.interface} find it no more",
        less=_left(asked),
        notes=(LATER,),
        inverse=Inverse(
            "endpoint.set-interface", asked.identity, {"interface": asked.row.interface or ""}, "changes it back"
        ),
    )  # fmt: skip


def _delete(asked: Asked) -> Work:
    row = asked.row
    values = {"interface": row.interface or "", "region": row.region_id or "", "url": row.url, "enabled": "false"}
    return work(
        Step(
            f"delete {asked.name} in {row.region_id}",
            RestCall("identity", "DELETE", path("/endpoints/{}", asked.identity)),
            f"openstack endpoint delete {shlex.quote(asked.identity)}",
            Expect("endpoints", asked.identity, absent=True),
        ),
        stops="nothing: it is disabled already",
        inverse=Inverse(
            "service.add-endpoint",
            row.service_id or "",
            values | {"answers": "it was there before"},
            "makes it again, disabled, with another id",
        )
        if row.service_id
        else None,
    )


def _same(asked: Asked) -> list[object]:
    """Other enabled endpoints of its service, region and interface."""
    row = asked.row
    found = asked.cloud.rows(
        "endpoints", service_id=row.service_id, region_id=row.region_id, interface=row.interface, enabled=True
    )
    return [each for each in found if each.id not in {asked.identity, *asked.also}]


def _left(asked: Asked) -> str:
    count = len(_same(asked))
    return f"{count} other enabled endpoints for it stay" if count else "no other endpoint for it stays"


def way_back(asked: Asked) -> Verdict:
    """Keystone's own endpoint that this console uses is how a change of the catalogue is taken back."""
    if asked.row.type != "identity":
        return is_open("Keystone's own endpoints stay: it can be taken back")
    if not asked.row.ours:
        return is_open("it is not the one of Keystone that is used here: it can be taken back")
    if _same(asked):
        return is_open("Keystone has another endpoint like it: it can be taken back")
    return is_closed(
        "it is Keystone's, and the one used here: nobody could take it back; work through another interface"
    )


def answers(asked: Asked) -> Verdict:
    """The new URL answers as a service would; what cannot be reached from here somebody must have seen."""
    url, stated = asked.values["url"], asked.values["answers"].strip()
    found = asked.cloud.probed(url)
    if found.answer == "answers":
        version = f", version {found.version}" if found.version else ""
        return is_open(f"{url} answers with {found.status or 'its versions'}{version}")
    seen = f"{url}: {found.detail or found.answer}"
    if stated:
        return is_open(f"{seen}; stated: {stated}")
    if found.answer == "unreachable":
        return is_unknown(f"{seen}; if it answers where its clients are, say how you know: answers=…")
    return is_closed(f"{seen}; mend the service behind it first, or say why it is right: answers=…")


def _unlike_before(name: str) -> Guard:
    def check(asked: Asked) -> Verdict:
        before, new = getattr(asked.row, "region_id" if name == "region" else name), asked.values[name]
        return is_closed(f"its {name} is {new} already") if before == new else is_open(f"its {name} is {before}")

    return Guard("sense", check, "it is something else now")


ANSWERS = Guard("answers", answers, "the new URL answers a request for its versions, or somebody states that it does")
WAY_BACK = Guard("way-back", way_back, "it is not the endpoint of Keystone through which this is taken back")
STATED = Parameter("answers", "how you know that the URL answers, where it cannot be asked from here", "")

OPERATIONS = (
    Operation(
        name="endpoint.enable",
        kind="endpoints",
        title="enable {name} in {region_id}",
        about="put it into the catalogue again",
        risk="R1",
        closed=lambda row: "is enabled already" if row.enabled else "",
        work=_enable,
    ),
    Operation(
        name="endpoint.disable",
        kind="endpoints",
        title="disable {name} in {region_id}",
        about="leave it out of the catalogue: clients find it no more, what they have goes on",
        risk="R2",
        closed=lambda row: "is disabled already" if row.enabled is False else "",
        guards=(WAY_BACK,),
        work=_disable,
    ),
    Operation(
        name="endpoint.set-url",
        kind="endpoints",
        title="set the URL of {name} in {region_id} to {url}",
        about="send the clients of a service to another URL",
        risk="R2",
        parameters=(Parameter("url", "http or https, as clients are to use it", pattern=URL), STATED),
        guards=(_unlike_before("url"), ANSWERS),
        work=_url,
    ),
    Operation(
        name="endpoint.set-region",
        kind="endpoints",
        title="move {name} from {region_id} to {region}",
        about="list it in another region",
        risk="R2",
        parameters=(Parameter("region", "where it belongs", of="regions"),),
        guards=(_unlike_before("region"), WAY_BACK),
        work=_region,
    ),
    Operation(
        name="endpoint.set-interface",
        kind="endpoints",
        title="make {name} in {region_id} {interface}",
        about="list it as public, internal or admin",
        risk="R2",
        parameters=(Parameter("interface", "for whom it is", choices=("public", "internal", "admin")),),
        guards=(_unlike_before("interface"), WAY_BACK),
        work=_interface,
    ),
    Operation(
        name="endpoint.delete",
        kind="endpoints",
        title="delete {name} in {region_id}",
        about="remove one that was disabled, and that nobody missed",
        risk="R3",
        closed=lambda row: "" if row.enabled is False else "is enabled: disable it first and see who misses it",
        work=_delete,
    ),
)
