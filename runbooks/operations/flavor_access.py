"""Who may use a private flavor: one project is let in, or kept out.

Nova looks at the list when a server is built or resized, and not at what runs. A public flavor has no list: Nova
refuses to let anybody in to it (409).
"""

from __future__ import annotations

import shlex
from typing import Any

from collectors.call import RestCall, path
from runbooks.expect import Expect
from runbooks.operation import (
    Asked,
    Guard,
    Inverse,
    Offer,
    Operation,
    Parameter,
    Step,
    Verdict,
    Work,
    is_closed,
    is_open,
    work,
)

ACCESS = "flavor-access"
PROJECT = Parameter("project", "the project: an id or a unique name", of="projects")


def _act(asked: Asked, verb: str) -> RestCall:
    body = {verb: {"tenant": asked.values["project"]}}
    return RestCall("compute", "POST", path("/flavors/{}/action", asked.identity), body, "2.96")


def _command(asked: Asked, verb: str) -> str:
    return f"openstack flavor {verb} --project {shlex.quote(asked.values['project'])} {shlex.quote(asked.identity)}"


def _name(asked: Asked) -> str:
    """What people call the project; its id when Keystone does not list it any more."""
    project = asked.values["project"]
    return next((row.name for row in asked.cloud.rows("projects", id=project)), project)


def _add(asked: Asked) -> Work:
    project = asked.values["project"]
    return work(
        Step(
            f"let {_name(asked)} use {asked.name}",
            _act(asked, "addTenantAccess"),
            _command(asked, "set"),
            Expect(ACCESS, project, parent=asked.identity),
        ),
        stops="nothing",
        inverse=Inverse("flavor.access-remove", asked.identity, {"project": project}, "keeps it out again"),
    )


def _remove(asked: Asked) -> Work:
    project = asked.values["project"]
    found = asked.cloud.rows("servers", flavor=asked.row.name, project_id=project)
    return work(
        Step(
            f"keep {_name(asked)} from using {asked.name}",
            _act(asked, "removeTenantAccess"),
            _command(asked, "unset"),
            Expect(ACCESS, project, absent=True, parent=asked.identity),
        ),
        stops=f"nothing: its {len(found)} servers of this size run on",
        notes=("It can neither build nor resize to this size any more; templates that name it fail.",),
        inverse=Inverse("flavor.access-add", asked.identity, {"project": project}, "lets it in again"),
    )


def _inside(asked: Asked) -> bool:
    return bool(asked.cloud.rows(ACCESS, parent=asked.identity, project_id=asked.values["project"]))


def _outside(asked: Asked) -> Verdict:
    return is_closed("it may use it already") if _inside(asked) else is_open("it may not use it now")


def _has(asked: Asked) -> Verdict:
    return is_open("it may use it now") if _inside(asked) else is_closed("it may not use it anyway")


def _public(row: Any) -> str:
    return "" if row.is_public is False else "is public: every project may use it"


OPERATIONS = (
    Operation(
        name="flavor.access-add",
        kind="flavors",
        title="let {project} use the flavor {name}",
        about="one project more that may use a private size",
        risk="R1",
        offers=(Offer(ACCESS),),
        parameters=(PROJECT,),
        reads=("projects",),
        closed=_public,
        guards=(Guard("sense", _outside, "it may not use it yet"),),
        work=_add,
    ),
    Operation(
        name="flavor.access-remove",
        kind="flavors",
        title="keep {project} from using the flavor {name}",
        about="one project less that may use a private size; what it runs stays",
        risk="R2",
        offers=(Offer(ACCESS, {"project": "project_id"}),),
        parameters=(PROJECT,),
        reads=("projects", "servers"),
        closed=_public,
        guards=(Guard("sense", _has, "it may use it now"),),
        work=_remove,
    ),
)
