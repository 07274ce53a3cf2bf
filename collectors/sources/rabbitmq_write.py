"""A request that changes something, to RabbitMQ's management API: sent once, to one node, as the site's admin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collectors.call import Answer, ManagementCall, as_header
from collectors.deadline import Deadline, working
from collectors.errors import BadConfiguration, SourceError
from collectors.sources import rabbitmq_failures as failures
from collectors.sources.base import Source
from collectors.sources.own_session import own_session
from collectors.sources.rabbitmq import PROBE, RabbitmqSource

if TYPE_CHECKING:
    from requests import Session


def written(source: Source, call: ManagementCall, deadline: Deadline) -> Answer:
    """Send it. Raises `SourceError`; `BadConfiguration` when the site names no admin account."""
    assert isinstance(source, RabbitmqSource)
    node = call.node or _answering(source, deadline)
    what, url = source.title(node), f"{source.url(node)}/api/{call.path.lstrip('/')}"
    session = _session(source)
    try:
        with session, working(deadline):
            headers = {"X-Reason": as_header(call.reason)} if call.reason else {}
            response = session.request(call.method, url, json=call.body, headers=headers, allow_redirects=False)
    except Exception as error:
        raise failures.understood(error, what, node, deadline, deadline) from error
    if response.status_code >= 300:
        assert source.rabbitmq.admin is not None
        raise failures.of_status(response, what, source.rabbitmq.admin.user)
    return Answer(response.status_code)


def _session(source: RabbitmqSource) -> Session:
    from requests.auth import HTTPBasicAuth

    admin = source.rabbitmq.admin
    if admin is None:
        hint = "add admin_user and admin_password to [site.NAME.rabbitmq]"
        raise BadConfiguration("rabbitmq", "the site names no account that may change anything", hint)
    made = own_session("rabbitmq", source.rabbitmq.via, source.rabbitmq.ca, source.ways)
    made.auth = HTTPBasicAuth(admin.user.encode(), admin.password.reveal().encode())
    made.headers["Accept"] = "*/*"  # purging a queue is 406 for who wants JSON
    return made


def _answering(source: RabbitmqSource, deadline: Deadline) -> str:
    """The first node that answers for itself: a write goes to one node only. Raises the first one's error."""
    first: SourceError | None = None
    for host, _ in source.rabbitmq.urls:
        try:
            source.get(host, "whoami", {}, deadline, PROBE)
        except SourceError as error:
            first = first or error
        else:
            return host
    raise first or BadConfiguration("rabbitmq", "the site names no management URL", "set nodes in [site.NAME.rabbitmq]")
