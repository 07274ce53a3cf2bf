"""What `doctor` says of a cloud's APIs: who we are, what each service answers, what we may not do, what to do next.

Identity comes first, because nothing works without it. Then every service of the catalogue that we use is asked for its
version document and for one small list that only administrators and readers get, all at the same time and each within
its own limit.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec
from msgspec.structs import replace

from collectors.deadline import Deadline, working
from collectors.errors import BadConfiguration, NotOffered, Refused, SourceError, TooLate
from collectors.sources.base import Fact
from collectors.sources.http import address_of
from collectors.sources.side_by_side import side_by_side
from collectors.sources.version_probe import Answer, probe
from collectors.values import age

if TYPE_CHECKING:
    from collectors.sources.openstack import OpenStackSource

SECONDS: Final = 8.0
"""For one service: its version document and one list."""

SKEW: Final = 5.0
"""Seconds of difference between a service's clock and ours that somebody should know of: tokens and heartbeats."""


_SEES_NONE: Final = "sees no network agents: there are none, or it may not list them (role reader or admin)"
_MORE_ROLES: Final = "use a cloud entry with the reader or admin role"


class Trial(NamedTuple):
    """A cheap list that shows whether we may see what an operator must see."""

    service: str
    path: str
    query: dict[str, str]
    what: str
    filtered: str = ""
    """The member of the answer that is empty, instead of a 403, for those who may not see it (Neutron)."""
    optional: bool = False
    """Many clouds do not have it: without it in the catalogue there is nothing to say."""


TRIALS: Final = (
    Trial("identity", "/endpoints", {"interface": "public"}, "list endpoints"),
    Trial("compute", "/os-services", {"binary": "nova-scheduler"}, "list compute services"),
    Trial("placement", "/resource_providers", {"name": "-"}, "list resource providers"),
    Trial("network", "/agents", {"fields": "id", "limit": "1"}, "list network agents", "agents"),
    Trial("block-storage", "/os-services", {"binary": "cinder-scheduler"}, "list volume services"),
    Trial("image", "/images", {"limit": "1"}, "list images"),
    Trial("shared-file-system", "/shares", {"limit": "1"}, "list shares", optional=True),
    Trial("orchestration", "/services", {}, "list Heat's engines", optional=True),
    Trial("load-balancer", "/octavia/amphorae", {"limit": "1"}, "list amphorae", optional=True),
    Trial("dns", "/service_statuses", {"limit": "1"}, "list DNS services", optional=True),
    Trial("key-manager", "/secrets", {"limit": "1"}, "list secrets", optional=True),
    Trial("baremetal", "/nodes", {"limit": "1"}, "list bare metal nodes", optional=True),
    Trial("container-infrastructure-management", "/clusters", {"limit": "1"}, "list clusters", optional=True),
)


def _offered(source: OpenStackSource, service: str) -> bool:
    """False only when the catalogue is known to lack it."""
    try:
        source.endpoint(service)
    except NotOffered:
        return False
    except SourceError:
        return True
    return True


def facts(source: OpenStackSource, deadline: Deadline) -> Iterator[Fact]:
    """One fact about identity, then one for each service that we use."""
    try:
        first = _identity(source, deadline)
    except SourceError as error:
        yield _failed("openstack", error)
        return
    yield first
    if first.level == "critical":
        return
    seconds = min(SECONDS, deadline.remaining())

    trials = [trial for trial in TRIALS if not trial.optional or _offered(source, trial.service)]

    def ask(trial: Trial) -> Fact:
        return _service(source, trial, seconds, deadline)

    found = dict(side_by_side(range(len(trials)), lambda place: ask(trials[place]), seconds=seconds + 1, threads=16))
    for place, trial in enumerate(trials):
        yield found[place] or Fact(trial.service, "", "critical", detail=f"did not finish within {seconds:g} s")


def _failed(system: str, error: SourceError, address: str = "") -> Fact:
    why = f"{error.why} (request {error.request_id})" if error.request_id else error.why
    return Fact(
        system=system,
        address=address or error.what,
        level="critical",
        refused=why if isinstance(error, Refused) else "",
        detail="" if isinstance(error, Refused) else why,
        next_step=error.hint,
    )


def _identity(source: OpenStackSource, deadline: Deadline) -> Fact:
    """Who we are: the token itself says it. Raises `BadConfiguration` when there is nothing to ask."""
    address = source.auth_url
    answer = probe(address, source.bare_session, min(SECONDS, deadline.remaining()) / 2, deadline)
    with working(deadline):
        try:
            access = source.access()
        except BadConfiguration:
            raise
        except SourceError as error:
            return _failed("identity", error, address)
    remarks, step = [], ""
    left = (access.expires - datetime.now(UTC)).total_seconds() if access.expires else None
    if left is not None:
        remarks.append(f"the token lasts {age(left)}")
    if not source.verifies:
        remarks.append("certificates are not verified")
        step = "set verify and cacert for this cloud in clouds.yaml: anybody on the way can read our token"
    if not access.role_names:
        remarks.append("no role")
    return Fact(
        system="identity",
        address=address,
        level="ok" if source.verifies and access.role_names else "warning",
        identity=_who(access),
        version=_versions(answer),
        round_trip=answer.round_trip,
        detail="; ".join(remarks),
        next_step=step,
    )


def _who(access: Any) -> str:
    """`admin (Default) in project admin (Default): admin, reader`."""
    user = f"{access.username} ({access.user_domain_name or access.user_domain_id})"
    roles = ", ".join(sorted(access.role_names)) or "no role"
    if getattr(access, "system_scoped", False):
        where = "in the system"
    elif access.project_id:
        where = f"in project {access.project_name} ({access.project_domain_name or access.project_domain_id})"
    elif access.domain_id:
        where = f"in domain {access.domain_name}"
    else:
        where = "in no project"
    return f"{user} {where}: {roles}"


def _service(source: OpenStackSource, trial: Trial, seconds: float, outer: Deadline) -> Fact:
    """One service: is it alive, which versions, and may we see what an operator must see?"""
    held = Deadline(seconds)
    key = outer.guard(held.end)
    try:
        with working(held):
            try:
                url = source.endpoint(trial.service)
            except SourceError as error:
                absent = isinstance(error, BadConfiguration)
                return _absent(trial.service, error) if absent else _failed(trial.service, error)
            answer = probe(url, source.bare_session, seconds / 2, held)
            if answer.answer != "answers":
                return _answered(trial.service, url, answer, None)
            began = time.monotonic()
            try:
                response = source.get(trial.service, trial.path, trial.query, "", held)
            except SourceError as error:
                return _refused(trial, url, answer, error)
            fact = _answered(trial.service, url, answer, time.monotonic() - began)
            if trial.filtered and _is_empty(response.content, trial.filtered):
                return replace(fact, level="warning", refused=_SEES_NONE, next_step=_MORE_ROLES)
            return fact
    finally:
        outer.release(key)


def _is_empty(body: bytes, member: str) -> bool:
    try:
        return bool(msgspec.json.decode(body).get(member) == [])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, AttributeError):
        return False


def _absent(service: str, error: SourceError) -> Fact:
    return Fact(service, "", "warning", detail=error.why, next_step=error.hint)


def _versions(answer: Answer) -> str:
    if answer.max_version and answer.min_version and answer.max_version != answer.min_version:
        return f"{answer.version or ''} ({answer.min_version} to {answer.max_version})".strip()
    return answer.version or answer.max_version or ""


def _answered(service: str, url: str, answer: Answer, took: float | None) -> Fact:
    well = answer.answer == "answers"
    skew = answer.server_time - time.time() if answer.server_time is not None else 0.0
    late = well and abs(skew) > SKEW
    direction = "ahead of" if skew > 0 else "behind"
    return Fact(
        system=service,
        address=address_of(url),
        level="critical" if not well else "warning" if late else "ok",
        version=_versions(answer),
        round_trip=took if took is not None else answer.round_trip,
        detail=f"its clock is {age(abs(skew))} {direction} ours" if late else "" if well else answer.detail,
        next_step="" if well else "is it running? see `nephoscope get endpoints`",
    )


def _refused(trial: Trial, url: str, answer: Answer, error: SourceError) -> Fact:
    """It is alive, but the list was not given."""
    fact = _answered(trial.service, url, answer, None)
    needs = "a token of a project" if "system_scope" in error.hint else "role reader or admin"
    refused = f"may not {trial.what}: needs {needs}" if error.status == 403 else ""
    request = f" (request {error.request_id})" if error.request_id else ""
    return Fact(
        system=trial.service,
        address=fact.address,
        level="warning" if refused else "critical",
        version=fact.version,
        round_trip=fact.round_trip,
        refused=refused,
        detail="" if refused else f"{'too slow: ' if isinstance(error, TooLate) else ''}{error.why}{request}",
        next_step=error.hint,
    )
