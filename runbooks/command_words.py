"""A call as somebody would make it by hand: what is shown and copied beside each step, and exported from the journal.

Operations give the field's own command where there is one (`openstack compute service set …`); for every other call
these are the plain tools: curl with a token, mariadb, rabbitmqadmin's API by curl, ssh. No secret is ever in them.
"""

from __future__ import annotations

import json
import re
import shlex

from collectors.call import Call, HostCall, ManagementCall, RestCall, SqlCall, as_header
from runbooks.operation import Step
from runbooks.operations.entries import as_typed


def equivalent(step: Step) -> str:
    """The command line of a step: its own, else made from its call; empty for one that only waits."""
    return step.command or (by_hand(step.call) if step.call is not None else "")


def by_hand(call: Call) -> str:
    """A command line that does what `call` does."""
    match call:
        case RestCall():
            token = '-H "X-Auth-Token: $(openstack token issue -f value -c id)"'
            public = f"openstack endpoint list --service {shlex.quote(call.service)} --interface public -f value -c URL"
            return f'curl -sS -X {call.method} {token}{_data(call.body)} "$({public})"{shlex.quote(call.path)}'
        case ManagementCall():
            node = call.node or "NODE"
            why = f" -H {shlex.quote(f'X-Reason: {as_header(call.reason)}')}" if call.reason else ""
            return f"curl -sS -u USER -X {call.method}{why}{_data(call.body)} {shlex.quote(f'http://{node}:15672/api/{call.path}')}"
        case SqlCall():
            return f"mariadb -h {shlex.quote(call.member)} -u ADMIN -p -e {shlex.quote(_with_values(call))}"
        case HostCall():
            return as_typed(call)


def exact(call: Call) -> str:
    """The call itself in words: `PUT compute /os-services/5e1f {"status": "disabled"}`."""
    match call:
        case RestCall():
            body = "" if call.body is None else f" {json.dumps(call.body, ensure_ascii=False)}"
            return f"{call.method} {call.service} {call.path}{body}"
        case ManagementCall():
            body = "" if call.body is None else f" {json.dumps(call.body, ensure_ascii=False)}"
            return f"{call.method} rabbitmq /api/{call.path}{body}"
        case SqlCall():
            return f"SQL on {call.member}: {_with_values(call)}"
        case HostCall():
            told = f" < {shlex.quote(call.input)}" if call.input else ""
            return f"on {call.host}: {'sudo ' if call.root else ''}{shlex.join(call.words)}{told}"


def _data(body: object) -> str:
    return "" if body is None else f" -H 'Content-Type: application/json' -d {shlex.quote(json.dumps(body))}"


def _with_values(call: SqlCall) -> str:
    """The statement with its values in place, for reading and for a shell; what is sent has them bound."""

    def value(place: re.Match[str]) -> str:
        found = call.values[place[1]]
        return str(found) if isinstance(found, int) else "'" + found.replace("'", "''") + "'"

    return re.sub(r"%\((\w+)\)s", value, call.sql)
