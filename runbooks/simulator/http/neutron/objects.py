"""The operations that every resource has: list, show, create, update, delete, each over the resource's declaration."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from runbooks.simulator.http.api import Route
from runbooks.simulator.http.call import ApiError, Call, Reply
from runbooks.simulator.http.neutron import bodies, query
from runbooks.simulator.http.neutron.access import may_see, seen
from runbooks.simulator.http.neutron.attributes import Resource
from runbooks.simulator.http.neutron.errors import bad_request, malformed, not_found
from runbooks.simulator.http.neutron.query import Row, Source
from runbooks.simulator.http.pipeline import forbid
from runbooks.simulator.model.cloud import Cloud

Given = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Objects:
    """One resource with what can be done to it; an operation that is None does not exist (405)."""

    resource: Resource
    source: Callable[[Cloud], Source]
    create: Callable[[Call, Given], str] | None = None
    """Make one of the values given; its id."""
    update: Callable[[Call, str, Given], None] | None = None
    delete: Callable[[Call, str], None] | None = None
    writer: str = "member"
    """The role that may write."""
    admin_fields: frozenset[str] = frozenset()
    """Fields that only an admin may set."""

    def routes(self) -> Iterator[Route]:
        """Its operations."""
        path = f"/v2.0/{self.resource.path}"
        name = self.resource.name
        yield Route("GET", path, self.list, rule=f"get_{name}")
        yield Route("GET", path + "/{id}", self.show, rule=f"get_{name}")
        if self.create is not None:
            yield Route("POST", path, self.post, rule=f"create_{name}")
        if self.update is not None:
            yield Route("PUT", path + "/{id}", self.put, rule=f"update_{name}")
        if self.delete is not None:
            yield Route("DELETE", path + "/{id}", self.remove, rule=f"delete_{name}")

    def list(self, call: Call) -> Reply:
        """`GET /networks`: what fits the query and the caller may see."""
        resource = self.resource
        wanted = query.read(call, resource)
        rows = query.run(wanted, self.source(call.cloud), resource, lambda row: may_see(call, resource.name, row))
        # Row by row: a list of hundreds of thousands is never held as objects and text at once.
        parts = [msgspec.json.encode(query.cut(wanted, seen(call, resource.name, row))) for row in rows]
        found = query.links(call, wanted, rows) if resource.paged else []
        tail = b',"%s_links":%s' % (resource.collection.encode(), msgspec.json.encode(found)) if found else b""
        return Reply(b'{"%s":[%s]%s}' % (resource.collection.encode(), b",".join(parts), tail))

    def show(self, call: Call) -> Reply:
        """`GET /networks/ID`."""
        wanted = query.read(call, self.resource)
        row = self.find(call, call.args["id"])
        return Reply({self.resource.name: query.cut(wanted, seen(call, self.resource.name, row))})

    def post(self, call: Call) -> Reply:
        """`POST /networks`: one, or several of which all are made or none."""
        if self.create is None:
            raise malformed("Create is not supported")
        self._may_write(call, "create")
        bulk, items = bodies.read_create(self.resource, _body(call), call.user.project)
        for item in items:
            self._may_set(call, "create", item)
        made: list[str] = []
        try:
            for item in items:
                made.append(self.create(call, item))
        except ApiError:
            if self.delete is not None:  # all of them or none
                for identity in made:
                    self.delete(call, identity)
            raise
        rows = [query.cut(_ALL, seen(call, self.resource.name, self.find(call, identity))) for identity in made]
        return Reply({self.resource.collection: rows} if bulk else {self.resource.name: rows[0]}, 201)

    def put(self, call: Call) -> Reply:
        """`PUT /networks/ID`."""
        if self.update is None:
            raise malformed("Update is not supported")
        self._check_revision(call, self.find(call, call.args["id"]))
        self._may_write(call, "update")
        changes = bodies.read_update(self.resource, _body(call))
        self._may_set(call, "update", changes)
        self.update(call, call.args["id"], changes)
        row = self.find(call, call.args["id"])
        return Reply({self.resource.name: query.cut(_ALL, seen(call, self.resource.name, row))})

    def remove(self, call: Call) -> Reply:
        """`DELETE /networks/ID`."""
        if self.delete is None:
            raise malformed("Delete is not supported")
        if call.data:
            raise malformed("Request body is not supported in DELETE.")
        self._check_revision(call, self.find(call, call.args["id"]))
        self._may_write(call, "delete")
        self.delete(call, call.args["id"])
        return Reply(None, 204)

    def find(self, call: Call, identity: str) -> Row:
        """The row with this id. Raises ApiError 404 when there is none that the caller may see."""
        source = self.source(call.cloud)
        if source.knows(identity):
            found = source.narrowed({"id": [identity]})
            for _, row in found if found is not None else source.ascending(""):
                if row.get("id", identity) == identity and may_see(call, self.resource.name, row):
                    return row
        raise not_found(self.resource.name, identity)

    def _check_revision(self, call: Call, row: Row) -> None:
        """`If-Match: revision_number=N`: nothing is done to an object that somebody else has changed since."""
        for tag in call.headers.get("If-Match", "").split(","):
            name, _, wanted = tag.strip().strip('"').partition("=")
            if name != "revision_number":
                continue
            if not wanted.isdecimal():
                raise bad_request("if-match", "Revision number etag must be in the format of revision_number=<int>")
            if int(wanted) != row.get("revision_number"):
                words = f"Constrained to {wanted}, but current revision is {row.get('revision_number')}"
                raise ApiError(412, words, kind="RevisionNumberConstraintFailed")

    def _may_write(self, call: Call, verb: str) -> None:
        if self.writer not in call.user.roles:
            raise forbid(call, f"{verb}_{self.resource.name}")

    def _may_set(self, call: Call, verb: str, given: Given) -> None:
        """Refuse values of fields that only an admin may set, and objects for another project."""
        if call.user.is_admin:
            return
        for name in sorted(self.admin_fields):
            attribute = self.resource.attributes[name]
            if name in given and given[name] != attribute.default:
                rule = f"{verb}_{self.resource.name}"
                raise forbid(call, f"{rule} and rule:{rule}:{name}")
        if given.get("project_id", call.user.project) != call.user.project:
            raise forbid(call, f"{verb}_{self.resource.name}")


_ALL = query.Query({}, frozenset(), (), 0, "", False)


def _body(call: Call) -> Any:
    try:
        return msgspec.json.decode(call.data) if call.data else {}
    except msgspec.DecodeError:
        raise malformed("Body contains invalid data") from None
