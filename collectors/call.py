"""What can be done to a system: frozen values, the counterpart of `collectors/request.py`. Only operations make them.

A call is complete: nothing is filled in later, so that what a plan shows is what is sent, what the journal keeps is
what was sent, and a call that was read back from the journal is the same call. How to connect is the source's business.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias
from urllib.parse import quote

import msgspec

Json: TypeAlias = Any
"""What JSON can carry."""


def path(pattern: str, *values: str) -> str:
    """`pattern` with each `{}` replaced by a value, quoted as one segment of a path."""
    return pattern.format(*(quote(value, safe="") for value in values))


def as_header(text: str) -> str:
    """`text` as the value of a header: plain where it is printable ASCII, the rest (and `%`) in percent signs."""
    return quote(text, safe=" !\"#$&'()*+,-./:;<=>?@[\\]^_`{|}~")


class RestCall(msgspec.Struct, frozen=True, tag="rest", omit_defaults=True):
    """A request to an OpenStack service that changes something; `path` below the service's endpoint, filled."""

    service: str
    method: Literal["POST", "PUT", "PATCH", "DELETE"]
    path: str
    body: Json = None
    microversion: str = ""
    """The newest that the operation understands; an older cloud gets its own newest."""
    headers: Mapping[str, str] = {}
    show: str = ""
    """Dotted path of a text in the answer that the operator asked for (`remote_console.url`): shown, never kept."""


class ManagementCall(msgspec.Struct, frozen=True, tag="management", omit_defaults=True):
    """A request to RabbitMQ's management API; `path` without `/api/`, filled."""

    method: Literal["POST", "PUT", "DELETE"]
    path: str
    body: Json = None
    node: str = ""
    """The host whose API is asked; empty: the first that answers."""
    reason: str = ""
    """What RabbitMQ writes into its log about it (`X-Reason`: closing a connection)."""


class SqlCall(msgspec.Struct, frozen=True, tag="sql", omit_defaults=True):
    """An entry of `runbooks/operations/statements.yaml`, on one database member; `values` are bound, never pasted."""

    member: str
    """The member's host."""
    statement: str
    sql: str
    values: Mapping[str, str | int] = {}


class HostCall(msgspec.Struct, frozen=True, tag="host", omit_defaults=True):
    """An entry of `runbooks/operations/commands.yaml`, on one host: words, each of which is quoted when sent."""

    host: str
    entry: str
    words: tuple[str, ...]
    root: bool = True
    """It is run by `sudo -n` where we do not log in as root."""
    container: str = ""
    """Where the host has no such program, it is run in this container of docker or podman."""
    accept: tuple[int, ...] = (0,)
    """Exit statuses that mean it was done."""
    input: str = ""
    """What it is given on its standard input, a line."""


Call: TypeAlias = RestCall | ManagementCall | SqlCall | HostCall


class Answer(msgspec.Struct, frozen=True):
    """What a system said to a call that it carried out (or took on)."""

    status: int = 0
    """HTTP status, or exit status."""
    request_id: str = ""
    words: str = ""
    """What it said, one neutral line, at most 300 characters; never a whole body."""
    identity: str = ""
    """Id of what was created, where the answer names one."""
    shown: str = ""
    """What the call was made for, if it was to be shown; not for the journal."""
