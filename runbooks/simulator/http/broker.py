"""Operations that end in a message: while RabbitMQ takes none they are done, but their answer comes too late.

So it was seen on real services: with the broker stopped, reads went on, and a POST of a network or a volume got no
answer within 40 s although the object was there afterwards. Who tries again makes a second one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from runbooks.simulator.http.api import Handler, Route
from runbooks.simulator.http.call import ApiError, Call, Reply

RPC_TIMEOUT = 60.0
"""`rpc_response_timeout`: how long an API waits for RabbitMQ before it gives up, seconds."""


def through_broker(routes: Iterable[Route]) -> Iterator[Route]:
    """The routes, with those that change something waiting for the broker."""
    for route in routes:
        yield route if route.method == "GET" else replace(route, handle=_waiting(route.handle))


def _waiting(handle: Handler) -> Handler:
    def answer(call: Call) -> Reply:
        reply = handle(call)
        return reply if call.cloud.rabbitmq.serving() else too_late(call)

    return answer


def too_late(call: Call) -> Reply:
    """The 500 of an API that has waited in vain for an answer to its message."""
    return replace(call.api.error(call, ApiError(500, call.api.internal_error)), delay=RPC_TIMEOUT)
