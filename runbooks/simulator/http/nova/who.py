"""Who asks, for the model; and what happens to a request whose message finds no broker."""

from __future__ import annotations

from runbooks.simulator.http.call import Call, Reply
from runbooks.simulator.model.rpc import Who

RPC_TIMEOUT = 60.0
"""`rpc_response_timeout`: how long an API call waits for RabbitMQ before it gives up, seconds."""


def who(call: Call) -> Who:
    """The caller, as operations want to know it."""
    return Who(call.user.user_id, call.user.project, call.request_id, call.user.is_admin)


def messages(call: Call, reply: Reply) -> Reply:
    """The answer to a request that sends a message: late, and a 500, while RabbitMQ takes none.

    What the request has begun stays begun: a client that tries again makes a second server.
    """
    if call.cloud.rabbitmq.serving():
        return reply
    words = call.api.internal_error
    return Reply({"computeFault": {"code": 500, "message": words}}, 500, {}, delay=RPC_TIMEOUT)
