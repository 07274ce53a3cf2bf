"""Keystone's services, the endpoints made for them, and the account as which each talks to the others.

A service of the catalogue is a name and a type; what it serves is behind its endpoints. Its account (a user with the
roles `service` or `admin` on the project `service`) is not tied to it by anything but custom: it has the same name.
"""

from __future__ import annotations

import shlex

from collectors.call import RestCall, path
from collectors.errors import UsageError
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
    work,
)
from runbooks.operations.endpoints import ANSWERS, LATER, STATED, URL

NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}"


def _switched(asked: Asked, enabled: bool) -> Step:
    verb = "enable" if enabled else "disable"
    return Step(
        f"{verb} {asked.name}",
        RestCall("identity", "PATCH", path("/services/{}", asked.identity), {"service": {"enabled": enabled}}),
        f"openstack service set --{verb} {shlex.quote(asked.identity)}",
        Expect("services", asked.identity, f"enabled={str(enabled).lower()}"),
    )


def _enable(asked: Asked) -> Work:
    return work(
        _switched(asked, True),
        stops="nothing",
        inverse=Inverse("service.disable", asked.identity, words="leaves it out of the catalogue again"),
    )


def _disable(asked: Asked) -> Work:
    count = len(asked.cloud.rows("endpoints", service_id=asked.identity, enabled=True))
    return work(
        _switched(asked, False),
        stops=f"clients find none of its {count} endpoints any more; the service runs on",
        notes=(LATER,),
        inverse=Inverse("service.enable", asked.identity, words="puts it into the catalogue again"),
    )


def _create(asked: Asked) -> Work:
    name, kind, about = asked.values["name"], asked.values["type"], asked.values["description"]
    values = {"name": name, "type": kind} | ({"description": about} if about else {})
    made = Expect("services", "", f"{exactly('name', name)} {exactly('type', kind)}")
    told = f" --description {shlex.quote(about)}" if about else ""
    return work(
        Step(
            f"create the service {name}",
            RestCall("identity", "POST", "/services", {"service": values}),
            f"openstack service create --name {shlex.quote(name)}{told} {shlex.quote(kind)}",
            made,
        ),
        stops="nothing",
        notes=("It is found by nobody until it has endpoints: service.add-endpoint.",),
        inverse=Inverse("service.delete", words="deletes it again"),
    )


def _delete(asked: Asked) -> Work:
    keystone = asked.cloud.rows("services", type="identity")
    values = {"name": asked.row.name, "type": asked.row.type or "", "description": asked.row.description or ""}
    return work(
        Step(
            f"delete {asked.name}",
            RestCall("identity", "DELETE", path("/services/{}", asked.identity)),
            f"openstack service delete {shlex.quote(asked.identity)}",
            Expect("services", asked.identity, absent=True),
        ),
        stops="nothing: it has no endpoints",
        inverse=Inverse("service.create", keystone[0].id, values, "makes it again, with another id")
        if keystone
        else None,
    )


def _add_endpoint(asked: Asked) -> Work:
    interface, region, url = asked.values["interface"], asked.values["region"], asked.values["url"]
    enabled = asked.values["enabled"] == "true"
    body = {"service_id": asked.identity, "interface": interface, "region_id": region, "url": url, "enabled": enabled}
    made = Expect(
        "endpoints", "",
        f"service_id={asked.identity} interface={interface} {exactly('region_id', region)} {exactly('url', url)}",
    )  # fmt: skip
    return work(
        Step(
            f"create the {interface} endpoint of {asked.name} in {region}",
            RestCall("identity", "POST", "/endpoints", {"endpoint": body}),
            f"openstack endpoint create --region {shlex.quote(region)} --{'enable' if enabled else 'disable'}"
            f" {shlex.quote(asked.identity)} {interface} {shlex.quote(url)}",
            made,
        ),
        stops="nothing",
        notes=(LATER,),
        # Deleting wants it disabled first; that alone takes its effect back.
        inverse=Inverse("endpoint.disable" if enabled else "endpoint.delete", words="takes it out of the catalogue"),
    )


def _check(asked: Asked) -> Work:
    user, project = _user(asked), asked.values["project"]
    found = asked.cloud.rows("users", name=user)
    if not found:
        raise UsageError(f"there is no user called {user}", "say which account the service has: user=…")
    role = f"role~^({'|'.join(asked.values['roles'].split(','))})$"
    return work(
        Step(
            f"the user {user} is enabled",
            None,
            f"openstack user show {shlex.quote(found[0].id)}",
            Expect("users", found[0].id, "enabled=true", "enabled=false"),
            1.0,
        ),
        Step(
            f"{user} may act on {project}",
            None,
            f"openstack role assignment list --names --user {shlex.quote(found[0].id)}",
            Expect("role-assignments", "", f"user_id={found[0].id} {exactly('project', project)} {role}"),
            1.0,
        ),
        stops="nothing: it only looks",
    )


def _user(asked: Asked) -> str:
    """Two entries of Cinder's in the catalogue have one account: `cinderv3` acts as `cinder`."""
    return asked.values["user"] or asked.row.name.removesuffix("v2").removesuffix("v3")


def _account(asked: Asked) -> Verdict:
    user = _user(asked)
    found = asked.cloud.rows("users", name=user)
    if not found:
        return is_closed(f"there is no user called {user}: create it, or say which account it has: user=…")
    if found[0].enabled is False:
        return is_closed(f"the user {user} is disabled: every call of {asked.name} to others fails; enable it")
    expires = found[0].password_expires_at
    if expires is not None and expires <= asked.now:
        return is_closed(f"the password of {user} has ended: give it a new one, also in the service's files")
    return is_open(f"the user {user} is there and enabled")


def _role(asked: Asked) -> Verdict:
    user, project, wanted = _user(asked), asked.values["project"], asked.values["roles"].split(",")
    found = asked.cloud.rows("role-assignments", user=user, project=project)
    roles = sorted({each.role for each in found if not each.inherited})
    if any(role in wanted for role in roles):
        return is_open(f"{user} is {', '.join(roles)} on {project}")
    has = f"is only {', '.join(roles)}" if roles else "has no role"
    return is_closed(f"{user} {has} on {project}: openstack role add --user {user} --project {project} {wanted[0]}")


def _unused(asked: Asked) -> Verdict:
    found = asked.cloud.rows("endpoints", service_id=asked.identity)
    if found:
        return is_closed(f"it has {len(found)} endpoints, which would go with it: disable and delete them first")
    return is_open("it has no endpoints")


def _not_keystone(asked: Asked) -> Verdict:
    if asked.row.type == "identity":
        return is_closed("it is Keystone: nobody could take it back through the catalogue")
    return is_open("Keystone stays in the catalogue: it can be taken back")


def _new(asked: Asked) -> Verdict:
    name, kind = asked.values["name"], asked.values["type"]
    if asked.cloud.rows("services", name=name, type=kind):
        return is_closed(f"there is a service {name} of type {kind} already")
    return is_open(f"there is no service {name} of type {kind}")


def _new_endpoint(asked: Asked) -> Verdict:
    interface, region = asked.values["interface"], asked.values["region"]
    if asked.cloud.rows("endpoints", service_id=asked.identity, interface=interface, region_id=region):
        return is_closed(f"it has an {interface} endpoint in {region}: clients take either; endpoint.set-url instead")
    return is_open(f"it has no {interface} endpoint in {region}")


OPERATIONS = (
    Operation(
        name="service.check",
        kind="services",
        title="check the account of {name}",
        about="its user exists, is enabled and has its role on the services' project",
        risk="R0",
        parameters=(
            Parameter("user", "its account; empty: the service's own name", "", pattern=NAME),
            Parameter("project", "the services' project", "service", pattern=NAME),
            Parameter("roles", "any of these will do", "service,admin", pattern=r"[A-Za-z0-9_,-]+"),
        ),
        reads=("users", "role-assignments"),
        guards=(
            Guard("service-user", _account, "the service's user exists and is enabled"),
            Guard("service-role", _role, "it has one of the roles on the services' project"),
        ),
        work=_check,
        roles=("admin", "reader"),
        at_once=4,
    ),
    Operation(
        name="service.enable",
        kind="services",
        title="enable {name}",
        about="put it and its endpoints into the catalogue again",
        risk="R1",
        closed=lambda row: "is enabled already" if row.enabled else "",
        work=_enable,
    ),
    Operation(
        name="service.disable",
        kind="services",
        title="disable {name}",
        about="leave it and its endpoints out of the catalogue; it runs on",
        risk="R2",
        reads=("endpoints",),
        closed=lambda row: "is disabled already" if row.enabled is False else "",
        guards=(Guard("way-back", _not_keystone, "it is not Keystone itself"),),
        work=_disable,
    ),
    Operation(
        name="service.create",
        kind="services",
        title="create the service {name} of type {type}",
        about="add a service to the catalogue that Keystone keeps (the target is Keystone)",
        risk="R2",
        rows="type=identity",
        parameters=(
            Parameter("name", "what people call it: nova", pattern=NAME),
            Parameter("type", "what clients look for: compute", pattern=NAME),
            Parameter("description", "a line about it", "", pattern=r"[^\r\n]{0,200}"),
        ),
        guards=(Guard("sense", _new, "there is none of that name and type"),),
        work=_create,
    ),
    Operation(
        name="service.delete",
        kind="services",
        title="delete the service {name}",
        about="remove one that has no endpoints any more",
        risk="R3",
        reads=("endpoints",),
        guards=(
            Guard("unused", _unused, "it has no endpoints"),
            Guard("way-back", _not_keystone, "it is not Keystone itself"),
        ),
        work=_delete,
    ),
    Operation(
        name="service.add-endpoint",
        kind="services",
        title="create the {interface} endpoint of {name} in {region}",
        about="a URL under which clients find it, as public, internal or admin",
        risk="R2",
        parameters=(
            Parameter("interface", "for whom it is", choices=("public", "internal", "admin")),
            Parameter("region", "where it belongs", of="regions"),
            Parameter("url", "http or https, as clients are to use it", pattern=URL),
            Parameter("enabled", "whether clients find it at once", "true", choices=("true", "false")),
            STATED,
        ),
        reads=("endpoints",),
        guards=(Guard("sense", _new_endpoint, "it has none like it"), ANSWERS),
        work=_add_endpoint,
    ),
)
